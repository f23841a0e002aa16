"""A change as a person reads it: the plan to be approved, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from batchcert.plan.changing.plan import ChangePlan
from batchcert.plan.changing.ways import Way
from batchcert.render.groups import counted
from batchcert.render.safe import code, prose
from batchcert.spec.change import ChangeSpec, JobsChoice, OldPoolChoice

_FIRST = "Vault, certificates, identity and access are brought to what is asked for, as provision does."
_PROVE = "Every node is visited, and each certificate on it compared with Key Vault."


def plan_markdown(plan: ChangePlan, asked: ChangeSpec) -> str:
    """The plan: each difference with its way and why, what will happen, and what should be known before."""
    parts = _head(plan)
    if plan.way is not None:
        parts += ["## What will happen", _numbered(steps(plan, asked))]
    if known := list(_notes(plan)):
        parts += ["## Good to know", "\n".join(f"- {note}" for note in known)]
    return "\n\n".join(parts) + "\n"


def outcome_markdown(plan: ChangePlan, done: Sequence[str], left: Sequence[str], stopped: str = "") -> str:
    """What came of it: what was done, what is left, and, where it stopped, why and how to go on."""
    parts = [f"# {prose(headline(plan))}: {'stopped' if stopped else 'done'}"]
    if stopped:
        parts += ["## Why it stopped", prose(stopped), _go_on(plan)]
    for title, lines in (("Done", done), ("Left", left)):
        if lines:
            parts += [f"## {title}", "\n".join(f"- {prose(line)}" for line in lines)]
    return "\n\n".join(parts) + "\n"


def headline(plan: ChangePlan) -> str:
    """The plan in one line."""
    way = plan.way.value if plan.way else "nothing to change"
    return f"Change of pool {plan.pool}: {way}" + (f", {plan.new_pool}" if plan.new_pool else "")


def steps(plan: ChangePlan, asked: ChangeSpec) -> list[str]:
    """What the change does, step by step, as Markdown."""
    pool, nodes = code(plan.pool), counted(plan.nodes, "node")
    if plan.way is Way.IN_PLACE:
        return [_FIRST, f"Pool {pool} is updated under its {nodes}.", _PROVE]
    if plan.way is Way.AT_ZERO:
        return [
            _FIRST,
            f"If no task runs on it, all {nodes} of pool {pool} go; else the run stops, and nothing is changed.",
            "The pool is updated. Where Azure refuses that, it gets back the nodes it had.",
            "It gets the nodes that are asked for.",
            _PROVE,
        ]
    return [_FIRST, *_beside(plan, asked)]


def _head(plan: ChangePlan) -> list[str]:
    if plan.way is None:
        return [f"# Pool {prose(plan.pool)} is as it is asked for", "Nothing of it has to be changed."]
    count = len(plan.differences)
    told = f"{counted(count, 'field')} {'differs' if count == 1 else 'differ'}."
    return [f"# {prose(headline(plan))}", told, *([_table(plan)] if count else [])]


def _beside(plan: ChangePlan, asked: ChangeSpec) -> Iterator[str]:
    old, new = code(plan.pool), code(plan.new_pool)
    yield f"Pool {new} is made beside {old}, or found as a run before has made it. {old} stays as it is."
    yield f"{_PROVE} Nothing else happens until all certificates on all nodes of {new} are current."
    if asked.jobs is JobsChoice.MOVE:
        yield f"Jobs of {old} of which no task runs go over to {new}. A job with running tasks stays."
    if asked.old_pool is OldPoolChoice.EMPTY:
        yield f"Where no job needs {old} any more and no task runs on it, its nodes go. The pool itself stays."


def _table(plan: ChangePlan) -> str:
    lines = ["| Field | Now | Asked for | Way | Why |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {code(one.path)} | {code(one.before or '(none)')} | {code(one.after or '(none)')} "
        f"| {one.way.value} | {prose(one.why)} |"
        for one in plan.differences
    ]
    return "\n".join(lines)


def _notes(plan: ChangePlan) -> Iterator[str]:
    stays = "the new pool does not have it" if plan.way is Way.BESIDE else "it stays, unless change.way is new-pool"
    for identity in plan.unwanted:
        yield (
            f"Identity {code(identity)} is on the pool and nobody asked for it; {stays}: an update adds identities and "
            "takes none away."
        )
    for what in plan.lost:
        yield f"**Does not come along:** {prose(what)}."
    if not plan.ours:
        yield f"batchcert did not make pool {code(plan.pool)}."


def _go_on(plan: ChangePlan) -> str:
    again = "Remove the cause and run change again with the same parameters: it goes on where this run stopped."
    if plan.way is Way.BESIDE:
        return f"{again} Pool {code(plan.pool)} has not been changed unless that is said below."
    return again


def _numbered(lines: Sequence[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
