"""What provision and validate have in common: visit every node, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from batchcert.arm_ids import parse_arm_id
from batchcert.changes import Change
from batchcert.forecast.checks import forecast
from batchcert.outcomes import Visited, Watched
from batchcert.render.groups import counted
from batchcert.render.headline import counts
from batchcert.render.report import RunReport, portal_link
from batchcert.repair.old_files import OldFiles, old_files
from batchcert.repair.steps import Repairs
from batchcert.spec import Target, ValidationSpec
from batchcert.verdict.finding import Row
from batchcert.verdict.judging import judge_all
from batchcert.verdict.looked import Looked
from batchcert.verdict.reasons import Reason
from batchcert.verdict.rollup import PoolVerdict, roll_up
from tasks.hooking import lacking
from tasks.hooks import hook_up
from tasks.report import publish
from tasks.visit import visit_nodes
from tasks.watch import read_watched

_MAY_BE_NEW = {Reason.WRONG_CERTIFICATE.value, Reason.CHANNELS_DISAGREE.value}
"""What a version that was issued meanwhile looks like."""


@dataclass(frozen=True)
class Proof:
    """What is true of each certificate on each node.

    *watched*: what it was held against. *now*: the service's time of the newest verdicts, UTC. *repairs*: what was done
    about stale nodes. *old*: the old files that lie on nodes. *looked*: how all nodes were looked at.
    """

    watched: Watched
    rows: tuple[Row, ...]
    now: datetime
    repairs: Repairs = field(default_factory=Repairs)
    old: OldFiles = field(default_factory=OldFiles)
    looked: Looked = field(default_factory=Looked)

    def again(self, watched: Watched, visited: Visited, rows: Iterable[Row], nodes: Collection[str]) -> Proof:
        """The same, but for these *nodes*, which were *visited* again and have these *rows* now.

        The others keep the verdicts that they were given when they were visited.
        """
        others = (row for row in self.rows if row.node not in nodes)
        there = old_files(watched.expected, visited.visits, visited.now)
        old = self.old.on(nodes, there)
        return replace(self, watched=watched, rows=(*others, *rows), now=visited.now, old=old)


def prove(target: Target, pool: str, validation: ValidationSpec, changes: Sequence[Change] = ()) -> PoolVerdict:
    """Say what is true of each certificate on each node, and publish it. *changes*: what the run did before."""
    return publish_proof(target, look(target, pool, validation), changes)


def look(target: Target, pool: str, validation: ValidationSpec) -> Proof:
    """Visit every node and judge each certificate on it.

    Nodes that lack a command for new versions, which nothing but a run of ours puts there, get it first.
    """
    watched = read_watched(target, pool, validation.services)
    visited = visit_nodes(target, watched, validation.visit)
    if without := lacking(watched, visited):
        hook_up(target, watched, without, validation.visit)
        visited = visit_nodes(target, watched, validation.visit)
    look_again = partial(read_watched, target, pool, validation.services)
    watched, rows = judged(watched, visited, validation, look_again=look_again)
    old = OldFiles(old_files(watched.expected, visited.visits, visited.now))
    return Proof(watched, rows, visited.now, old=old, looked=visited.looked)


def publish_proof(target: Target, proof: Proof, changes: Sequence[Change] = ()) -> PoolVerdict:
    """Publish it, and say what it comes to."""
    publish(target, _report(target, proof, changes))
    return roll_up(proof.rows)


def judged(
    watched: Watched, visited: Visited, validation: ValidationSpec, *, look_again: Callable[[], Watched]
) -> tuple[Watched, tuple[Row, ...]]:
    """What is true of each certificate on each node, and the reading of Key Vault that it was held against.

    Key Vault may issue a version after it was read and before a node is visited. So a leaf that Key Vault did not
    have, or that one channel saw alone, is looked for once more before a node is blamed for it.
    """
    rows = rows_of(watched, visited, validation)
    if any(row.finding.reason in _MAY_BE_NEW for row in rows):
        watched = look_again()
        rows = rows_of(watched, visited, validation)
    return watched, rows


def in_one_line(verdict: PoolVerdict) -> str:
    """The verdict in one line: how many nodes, and how many have which verdict."""
    return f"{counted(len(verdict.nodes), 'node')}: {counts(verdict) or 'none to be judged'}"


def rows_of(watched: Watched, visited: Visited, validation: ValidationSpec) -> tuple[Row, ...]:
    """What is true of each certificate on each node, given what was seen."""
    tolerance = tolerance_of(watched, validation)
    visits = {visit.node_id: visit for visit in visited.visits}
    second = {visit.node_id: visit for visit in visited.second}
    return judge_all(
        watched.expected,
        visited.nodes,
        visits,
        tolerance=tolerance,
        now=visited.now,
        pool=watched.view,
        second=second,
    )


def tolerance_of(watched: Watched, validation: ValidationSpec) -> timedelta:
    """How long a node may lag behind a new version."""
    return timedelta(seconds=watched.polling_interval_seconds, minutes=validation.grace_minutes)


def _report(target: Target, proof: Proof, changes: Sequence[Change]) -> RunReport:
    watched = proof.watched
    return RunReport(
        pool=watched.pool,
        place=f"Batch account {target.batch_account}, {target.region}",
        ran_at=proof.now,
        rows=proof.rows,
        changes=changes,
        certificates=watched.certificates,
        ahead=forecast(watched.outlook, proof.now),
        looked=proof.looked,
        repairs=proof.repairs,
        old=proof.old,
        links=[portal_link(target.endpoints, parse_arm_id(watched.arm_id))],
    )
