"""Commands for new versions, put on the nodes of a pool whose own start task does not do so; no Prefect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from batchcert.hook.script import LONGEST_COMMAND_SECONDS, install_script
from batchcert.outcomes import Visited, Watched
from batchcert.problems import Problem
from batchcert.spec import VisitSpec
from batchcert.verdict.in_service import lacks_hook
from tasks.azure_api.clients import Azure
from tasks.channels.elevated import run_elevated
from tasks.channels.leftovers import JOB_PREFIX
from tasks.channels.values import Bounds, Work

SYSTEMD_SECONDS = 60.0  # for systemd to be told of some units
MOST_BYTES = 64 * 1024  # of what it prints, which is little


@dataclass(frozen=True)
class Hooked:
    """The nodes that were given the commands, and why others were not."""

    nodes: tuple[str, ...]
    failures: tuple[Problem, ...] = ()


def lacking(watched: Watched, visited: Visited) -> tuple[str, ...]:
    """The nodes that lack a command, of a pool whose own start task does not put it there."""
    if watched.puts_hooks:
        return ()
    return tuple(one.node_id for one in visited.visits if one.report and lacks_hook(one.report, watched.expected))


def put_hooks(azure: Azure, watched: Watched, nodes: Iterable[str], limits: VisitSpec) -> Hooked:
    """Put the commands for new versions on *nodes*, by an elevated task of Batch on each, and await their first runs.

    Raises: Problem where Batch takes no such job.
    """
    hooks = [one.hook for one in watched.expected if one.hook]
    work = Work(watched.pool, JOB_PREFIX, install_script(hooks, wait=True))
    bounds = Bounds(
        limits.slot_timeout, SYSTEMD_SECONDS + LONGEST_COMMAND_SECONDS * len(hooks), MOST_BYTES, limits.in_flight
    )
    with azure.nodes(watched.endpoint, threads=limits.in_flight) as api:
        ran = run_elevated(api, azure.clock, work, nodes, bounds, tell=azure.tell)
    return Hooked(
        tuple(one.node_id for one in ran.values() if not one.failure),
        tuple(one.failure for one in ran.values() if one.failure),
    )
