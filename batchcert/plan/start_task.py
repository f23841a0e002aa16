"""The pool's start task: it tells the host keys, and puts the hooks on the node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from batchcert.hook.hook import Hook
from batchcert.hook.script import install_script
from batchcert.plan.json_path import at, objects
from batchcert.visit.host_keys import START_TASK_COMMAND, start_task_command

HOOKS_VARIABLE = "BATCHCERT_ROTATION"
"""The start task's environment variable that holds the script which puts the hooks on a node."""

_WITH_HOOKS = start_task_command(f'printf %s "${HOOKS_VARIABLE}" | /bin/sh -s')
Json = dict[str, object]


def start_task(hooks: Sequence[Hook]) -> Json:
    """The start task in ARM's form. Nodes wait for it, so a node that is idle has printed its host keys.

    The script is a variable's value and no part of the command line: there it would have to be quoted, and nobody
    could read it.
    """
    task: Json = {
        "commandLine": _WITH_HOOKS if hooks else START_TASK_COMMAND,
        "userIdentity": {"autoUser": {"scope": "Pool", "elevationLevel": "Admin"}},
        "maxTaskRetryCount": 0,
        "waitForSuccess": True,
    }
    if hooks:
        task["environmentSettings"] = [{"name": HOOKS_VARIABLE, "value": install_script(hooks)}]
    return task


def hooks_text(start_task: object) -> str:
    """The script with which a *start_task*, in ARM's form, puts hooks on nodes; "" where it puts none."""
    settings = objects(at(start_task, "environmentSettings"))
    return next((str(one.get("value") or "") for one in settings if one.get("name") == HOOKS_VARIABLE), "")


def merged_start_task(wanted: Mapping[str, object], old: Mapping[str, object]) -> Json:
    """*wanted*, and what *old* has beyond that; of the variables, those that are not ours stay."""
    others = [one for one in objects(old.get("environmentSettings")) if one.get("name") != HOOKS_VARIABLE]
    settings = [*others, *objects(wanted.get("environmentSettings"))]
    merged = {**old, **wanted, "environmentSettings": settings}
    return merged if settings else {key: value for key, value in merged.items() if key != "environmentSettings"}


def puts_hooks(start_task: object, hooks: Sequence[Hook]) -> bool:
    """Whether a *start_task*, in ARM's form, puts exactly these *hooks* on each node."""
    return hooks_text(start_task) == (install_script(hooks) if hooks else "")
