"""Stale nodes are given a new start, one after the other, as far as that is wanted; each is visited again after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from batchcert.outcomes import Watched
from batchcert.problems import Problem
from batchcert.repair.choice import Choice
from batchcert.repair.overdue import majority_stale, overdue
from batchcert.repair.steps import Attempt, Outcome, Repair, Repairs, outcome_of
from batchcert.spec import RepairSpec, Target, ValidationSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.finding import Row
from flows.proof import Proof, judged, rows_of, tolerance_of
from tasks.repair.choosing import choose_repair
from tasks.repair.pruning import prune_files
from tasks.repair.restarting import restart_node
from tasks.repair.revisiting import visit_again
from tasks.watch import read_watched

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between two visits of a node that is up again


def repair_stale(target: Target, proof: Proof, validation: ValidationSpec, asked: RepairSpec) -> Proof:
    """What is true of the pool once its stale nodes have had a new start, and what was done and left for it.

    Where nothing is wanted, it is told all the same that most nodes are stale.
    """
    repairing = Repairing(target, validation, asked, proof)
    if not asked.wanted:
        return replace(proof, repairs=Repairs(stopped=repairing.majority))
    choice = repairing.until_none_is_next()
    return replace(repairing.proof, repairs=Repairs(tuple(repairing.attempts), choice.left, choice.stopped))


def prune_expired(target: Target, proof: Proof, validation: ValidationSpec, asked: RepairSpec) -> Proof:
    """What is true of the pool once expired files were removed from its nodes, if that is wanted; by a visit after it.

    A node that is not reached keeps its files and its verdict.
    """
    wanted = proof.old.removable
    if not (asked.remove_expired and wanted):
        return proof
    try:
        visited = prune_files(target, proof.watched, wanted, validation.visit)
    except Problem:
        return proof  # the step's state says why; the files are told, as they are still there
    reached = {visit.node_id for visit in visited.visits if visit.report}
    rows = [row for row in rows_of(proof.watched, visited, validation) if row.node in reached]
    after = proof.again(proof.watched, visited, rows, reached)
    removed = tuple(file for file in wanted if file not in after.old.there)
    return replace(after, old=replace(after.old, removed=removed))


@dataclass
class Repairing:
    """Repairs that are under way. *proof* is what is known of all nodes by now, *attempts* what was done."""

    target: Target
    validation: ValidationSpec
    asked: RepairSpec
    proof: Proof
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def majority(self) -> Problem | None:
        """Why it is not for the nodes to be mended, or None."""
        behind = overdue(self.proof.rows, self.proof.watched.expected, tolerance=self.tolerance, now=self.proof.now)
        return majority_stale(self.proof.rows, behind, self.proof.watched.view)

    @property
    def tolerance(self) -> timedelta:
        """How long a node may lag."""
        return tolerance_of(self.proof.watched, self.validation)

    def until_none_is_next(self) -> Choice:
        """Repair node after node; the last choice, which has a reason for each node that is left.

        What keeps a choice from being made ends the repair and not the run, which has a report to write.
        """
        try:
            while (choice := self._choose()).next:
                self._repair(choice.next)
        except Problem as problem:
            return Choice(None, stopped=problem)
        return choice

    def _choose(self) -> Choice:
        proof = self.proof
        return choose_repair(self.target, proof.watched, proof.rows, self.attempts, self.asked, self.tolerance)

    def _repair(self, repair: Repair) -> None:
        """Visit the node once more; where it is still stale, take the step, and see what comes of it."""
        try:
            node = self._visit(repair.node)
            if node is None or not self._is_behind(repair.node):
                return  # it is so no more, by itself: what it is now stands in its row
            restart_node(self.target, self.proof.watched, repair, node, self.asked)
            self.attempts.append(
                Attempt(repair, *until_current(lambda: self._seen(repair), self.asked.current_minutes))
            )
        except Problem as problem:
            self.attempts.append(Attempt(repair, Outcome.UNDONE, problem.what, problem))
            with suppress(Problem):
                self._visit(repair.node)

    def _seen(self, repair: Repair) -> tuple[Outcome, str]:
        self._visit(repair.node)
        return outcome_of(repair, self._rows(repair.node), behind=self._is_behind(repair.node))

    def _visit(self, node: str) -> NodeView | None:
        """What is true of this one node now; the others' verdicts stay, which were given when they were visited."""
        visited = visit_again(self.target, self.proof.watched, node, self.validation.visit)
        watched, rows = judged(self.proof.watched, visited, self.validation, look_again=self._watch)
        self.proof = self.proof.again(watched, visited, rows, {node})
        return visited.nodes[0] if visited.nodes else None

    def _watch(self) -> Watched:
        return read_watched(self.target, self.proof.watched.pool, self.validation.services)

    def _rows(self, node: str) -> Sequence[Row]:
        return [row for row in self.proof.rows if row.node == node]

    def _is_behind(self, node: str) -> bool:
        expected = self.proof.watched.expected
        return bool(overdue(self._rows(node), expected, tolerance=self.tolerance, now=self.proof.now))


def until_current(
    look: Callable[[], tuple[Outcome, str]],
    minutes: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[Outcome, str]:
    """*look* at a node that is up again and again, until it is current or *minutes* have passed; what was seen last."""
    deadline, pause = monotonic() + minutes * 60, FIRST_PAUSE
    while (seen := look())[0] is not Outcome.CURRENT and monotonic() + pause <= deadline:
        sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.5)
    return seen
