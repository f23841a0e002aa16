"""Runs that are interrupted in mid-visit, since one node of their pool never answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batchcert.spec import ValidationSpec, VisitSpec
from demo.prefect_api import Run
from flows.validate import validate
from local_azure.nodes.machine import Machine

from .line import Line

HUNG = "/root/hung"  # where a node's shell that hangs says that it has begun to


@dataclass(frozen=True)
class Interrupted:
    """What was seen of runs of validate that a worker ran, and that did not get to their end by themselves.

    Attributes:
        side_by_side: the states of both runs when both were visiting.
        visiting: the users on the nodes of both pools then.
        waiting: the steps that a third run, for the pool of the one to be cancelled, had made until it was.
        cancelled, left_by_cancelled: the run, and the users on its pool's nodes once it had ended.
        waited: the third run, which went on afterwards.
        killed, left_by_killed: the other run, and the users on its pool's nodes once it had ended.
    """

    side_by_side: tuple[str, str]
    visiting: tuple[set[str], set[str]]
    waiting: dict[str, Any]
    cancelled: Run
    left_by_cancelled: set[str]
    waited: Run
    killed: Run
    left_by_killed: set[str]


def interrupt(line: Line, *, to_cancel: str, to_kill: str) -> Interrupted:
    """Have the worker validate two pools, cancel one run as a person does in the page, and kill the other."""
    pools = (to_cancel, to_kill)
    hanging = [next(iter(line.machines(pool).values())) for pool in pools]
    for machine in hanging:
        hang(machine)
    try:
        doomed, dying = _start(line, *pools)
        for machine in hanging:
            line.until("a visit", machine.disk.host(HUNG).exists, 120)
        side_by_side = (line.api.run(doomed).state, line.api.run(dying).state)
        visiting = (line.users(to_cancel), line.users(to_kill))
        line.kill(dying)
        with line.beside(validate, target=line.target, pool=to_cancel) as third:
            waiting = line.steps(line.until("the wait for the lease", lambda: _waiting(line, doomed), 60))
            for machine in hanging:
                repair(machine)
            line.cancel(doomed)
            cancelled, left = line.ended(doomed, 120), line.users(to_cancel)
            waited = third.result(60)
        killed = line.ended(dying)
    finally:
        for machine in hanging:
            repair(machine)
    return Interrupted(side_by_side, visiting, waiting, cancelled, left, waited, killed, line.users(to_kill))


def _start(line: Line, *pools: str) -> list[str]:
    """A run of validate for each pool, by the worker; their ids."""
    deployment = line.deploy("validate")
    common: Mapping[str, Any] = {
        "target": line.target.model_dump(mode="json"),
        "validation": ValidationSpec(visit=VisitSpec(command_timeout=600)).model_dump(mode="json"),
    }
    return [line.start(deployment, {**common, "pool": pool}) for pool in pools]


def _waiting(line: Line, holder: str) -> str | None:
    """The id of a running run of the same name as *holder* that waits for the lease which that one has."""
    others = [run for run in line.running(line.api.run(holder).name) if run != holder]
    return next((run for run in others if "taking the lease" in line.log(run)), None)


def hang(machine: Machine) -> None:
    """From now on root's shell on the node never ends; it leaves a mark when it begins."""
    machine.disk.write("/usr/local/bin/sh", '#!/bin/sh\n: >"$HOME/hung"\nexec sleep 3600\n', 0o755)


def repair(machine: Machine) -> None:
    """The usual shell again, for those who come after."""
    machine.disk.remove("/usr/local/bin/sh")
    machine.disk.remove(HUNG)
