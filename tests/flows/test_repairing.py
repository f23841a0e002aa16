"""What a repair makes of what its steps tell; the steps are told in tests/tasks, the whole in test_repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.outcomes import Visited, Watched
from batchcert.problems import Problem
from batchcert.repair.choice import Choice, Situation, choose
from batchcert.repair.old_files import OldFile, OldFiles
from batchcert.repair.overdue import majority_stale, overdue
from batchcert.repair.steps import Attempt, Outcome, Repair, Step
from batchcert.spec import DEFAULT_STORE, RepairChoice, RepairSpec, Target, ValidationSpec
from batchcert.verdict.evidence import Expected, NodeView
from batchcert.verdict.finding import Row, Verdict
from batchcert.verdict.judging import NodeVisit
from batchcert.visit.report import Certificate, Handler, NodeReport, Status, Store, StoreFile
from flows import repairing
from flows.proof import Proof, rows_of
from flows.repairing import prune_expired, repair_stale, until_current

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD, NEW = "a" * 64, "b" * 64
LONG_AGO, ISSUED = NOW - timedelta(days=9), NOW - timedelta(hours=9)
POOL = "/subscriptions/0/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/a/pools/p"
EXPECTED = Expected("v", "c", DEFAULT_STORE, "", "", "1", NEW, ISSUED, ISSUED, NOW + timedelta(days=365), (OLD,))
WATCHED = Watched(POOL, "a.example", "3.0", 300, (EXPECTED,), (), NOW)
TARGET = Target(
    subscription_id="11111111-2222-4333-8444-555555555555",
    resource_group="g",
    region="westus2",
    batch_account="abc",
)
WANTED = RepairSpec(stale_nodes=RepairChoice.REIMAGE, most_nodes=9, current_minutes=0.001)


@dataclass
class Farm:
    """Nodes with the leaf that each has; *cures* is what a step makes of a node's leaf, or raises."""

    leaves: dict[str, str]
    cures: Callable[[Repair], str] = lambda _: NEW
    taken: list[tuple[str, Step]] = field(default_factory=list)
    refuses: Problem | None = None

    def visited(self, *nodes: str) -> Visited:
        known = {node: leaf for node, leaf in self.leaves.items() if node in nodes}
        views = tuple(NodeView(node, "idle", LONG_AGO, LONG_AGO, booted_at=LONG_AGO) for node in known)
        return Visited(views, tuple(NodeVisit(node, report_of(leaf)) for node, leaf in known.items()), NOW)

    def proof(self) -> Proof:
        return Proof(WATCHED, rows_of(WATCHED, self.visited(*self.leaves), ValidationSpec()), NOW)

    def choose(
        self,
        _: Target,
        watched: Watched,
        rows: tuple[Row, ...],
        attempts: list[Attempt],
        asked: RepairSpec,
        t: timedelta,
    ) -> Choice:
        if self.refuses:
            raise self.refuses
        behind = overdue(rows, watched.expected, tolerance=t, now=NOW)
        majority = majority_stale(rows, behind, watched.view)
        return choose(Situation(behind, majority, self.visited(*self.leaves).nodes, {}, attempts, NOW), asked)

    def restart(self, _target: Target, _watched: Watched, repair: Repair, *_: object) -> None:
        self.taken.append((repair.node, repair.step))
        self.leaves[repair.node] = self.cures(repair)


def report_of(leaf: str) -> NodeReport:
    chain = (Certificate(leaf, "CN=c", "CN=c", (), LONG_AGO, NOW + timedelta(days=365)),)
    file = StoreFile(f"{DEFAULT_STORE}/v.c", "", "root", "root", "600", chain)
    handler = Handler("3.0.1.0", "Enabled", 0, Status("success", "Service start.", "started", NOW.isoformat()))
    return NodeReport(NOW, (handler,), (Store(DEFAULT_STORE, True, (file,)),))


@pytest.fixture
def farm(monkeypatch: pytest.MonkeyPatch) -> Farm:
    """Two of five nodes are stale."""
    made = Farm({"a": OLD, "b": OLD, "c": NEW, "d": NEW, "e": NEW})
    monkeypatch.setattr(repairing, "choose_repair", made.choose)
    monkeypatch.setattr(repairing, "restart_node", made.restart)
    monkeypatch.setattr(repairing, "visit_again", lambda _t, _w, node, _l: made.visited(node))
    return made


def repaired(farm: Farm, asked: RepairSpec = WANTED, proof: Proof | None = None) -> Proof:
    return repair_stale(TARGET, proof or farm.proof(), ValidationSpec(), asked)


def verdicts(proof: Proof) -> dict[str, Verdict]:
    return {row.node: row.finding.verdict for row in proof.rows}


def test_node_after_node_until_none_is_stale(farm: Farm) -> None:
    """What is true in the end is what the run is judged by."""
    proof = repaired(farm)
    assert farm.taken == [("a", Step.REBOOT), ("b", Step.REBOOT)]
    assert set(verdicts(proof).values()) == {Verdict.CURRENT}
    assert [attempt.outcome for attempt in proof.repairs.attempts] == [Outcome.CURRENT] * 2


def test_what_a_reboot_does_not_help_is_reimaged(farm: Farm) -> None:
    """Before another node is touched."""
    farm.cures = lambda repair: NEW if repair.step is Step.REIMAGE else OLD
    repaired(farm)
    assert farm.taken == [(node, step) for node in "ab" for step in Step]


def test_a_node_that_became_current_by_itself_is_not_touched(farm: Farm) -> None:
    """It is visited once more before anything is done to it: the others' repair may have taken long."""
    before = farm.proof()
    farm.leaves["a"] = NEW
    proof = repaired(farm, proof=before)
    assert farm.taken == [("b", Step.REBOOT)]
    assert set(verdicts(proof).values()) == {Verdict.CURRENT}


def test_a_step_that_fails_ends_the_repair_and_is_told(farm: Farm) -> None:
    """The run goes on to its report: what was true before it, and what kept it."""

    def refuse(_: Repair) -> str:
        raise Problem("azure-forbidden", what="403", cure="ask")

    farm.cures = refuse
    proof = repaired(farm)
    (attempt,) = proof.repairs.attempts
    assert (attempt.outcome, attempt.told) == (Outcome.UNDONE, "403")
    assert proof.repairs.stopped is not None
    assert (proof.repairs.stopped.code, proof.repairs.stopped.cure) == ("repair-went-wrong", "ask")
    assert proof.repairs.stopped.cause
    assert [left.node for left in proof.repairs.left] == ["a", "b"]
    assert verdicts(proof)["a"] is Verdict.STALE


def test_a_pool_that_cannot_be_looked_at_ends_the_repair_alone(farm: Farm) -> None:
    """The verdicts are there already, and are told."""
    farm.refuses = Problem("azure-unreachable", what="no answer", cure="check the network", passes=True)
    proof = repaired(farm)
    assert proof.repairs.stopped is farm.refuses
    assert len(proof.rows) == 5


def test_other_nodes_keep_the_verdict_of_when_they_were_visited(farm: Farm) -> None:
    """One that was pending then is not called stale, since a repair took long."""
    proof = farm.proof()
    rows = tuple(replace(row, leaf_sha256="kept") if row.node == "c" else row for row in proof.rows)
    after = repaired(farm, proof=replace(proof, rows=rows))
    assert [row.leaf_sha256 for row in after.rows if row.node == "c"] == ["kept"]


def test_off_tells_of_a_majority_and_does_nothing(farm: Farm) -> None:
    """To know that it is the vault is worth a line to everyone."""
    assert repaired(farm, RepairSpec()).repairs.stopped is None
    farm.leaves |= {"c": OLD, "d": OLD}
    proof = repaired(farm, RepairSpec())
    assert proof.repairs.stopped is not None
    assert proof.repairs.stopped.code == "repair-majority-stale"
    assert farm.taken == []
    assert proof.repairs.left == ()


def with_old_files(farm: Farm, monkeypatch: pytest.MonkeyPatch, prune: Callable[[], Visited]) -> Proof:
    """Two nodes have a file that may be removed."""
    monkeypatch.setattr(repairing, "prune_files", lambda *_: prune())
    there = tuple(OldFile(node, "v/c", "/s", "/s/1", OLD, expired=True, removable=True) for node in "ab")
    return replace(farm.proof(), old=OldFiles(there))


def test_expired_files_go_where_that_is_wanted(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that was not reached keeps its file and its verdict."""

    def prune() -> Visited:
        visited = farm.visited("a", "b")
        silent = NodeVisit("b", failure=Problem("ssh-dropped", what="x"))
        return replace(visited, visits=(visited.visits[0], silent))

    proof = with_old_files(farm, monkeypatch, prune)
    wanted = RepairSpec(remove_expired=True)
    after = prune_expired(TARGET, proof, ValidationSpec(), wanted)
    assert [file.node for file in after.old.removed] == ["a"]
    assert [file.node for file in after.old.there] == ["b"]
    assert verdicts(after) == verdicts(proof)
    assert prune_expired(TARGET, proof, ValidationSpec(), WANTED) is proof


def test_files_that_cannot_be_removed_are_no_reason_to_fail(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are told as they were, beside the verdicts."""

    def prune() -> Visited:
        raise Problem("azure-unreachable", what="no answer")

    proof = with_old_files(farm, monkeypatch, prune)
    assert prune_expired(TARGET, proof, ValidationSpec(), RepairSpec(remove_expired=True)) is proof


@pytest.mark.parametrize(
    ("seen", "minutes", "looks", "outcome"),
    [
        ([Outcome.CURRENT], 10, 1, Outcome.CURRENT),
        ([Outcome.STALE, Outcome.OTHER, Outcome.CURRENT], 10, 3, Outcome.CURRENT),
        ([Outcome.STALE], 0.01, 1, Outcome.STALE),
    ],
)
def test_a_node_has_its_time_to_be_current(seen: list[Outcome], minutes: float, looks: int, outcome: Outcome) -> None:
    """It is looked at once at least, and no longer than it takes."""
    now, count = [0.0], 0

    def look() -> tuple[Outcome, str]:
        nonlocal count
        count += 1
        return seen[min(count, len(seen)) - 1], ""

    def sleep(seconds: float) -> None:
        now[0] += seconds

    assert until_current(look, minutes, sleep=sleep, monotonic=lambda: now[0])[0] is outcome
    assert count == looks


def test_a_node_that_stays_stale_is_not_looked_at_for_ever() -> None:
    """Ten minutes are ten minutes."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    until_current(lambda: (Outcome.STALE, ""), 10, sleep=sleep, monotonic=lambda: now[0])
    assert 9 * 60 < now[0] <= 10 * 60
