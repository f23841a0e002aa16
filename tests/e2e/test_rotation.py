"""Key Vault renews; the nodes follow, or do not, and a validation says so. Time passes by moving the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from batchcert.drill.history import DrillRecord, Trend, trend, with_drill
from batchcert.drill.rollout import Rollout, Stage
from batchcert.drill.statistics import lag_statistics
from batchcert.spec import DEFAULT_STORE, CertificateSpec, Renewal, RenewalTrigger
from batchcert.verdict.finding import Row, Verdict
from batchcert.verdict.rollup import roll_up
from local_azure.nodes.machine import Machine

from .farm import CERTIFICATE, VALIDATION, VAULT, Farm, farm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

POLLING = timedelta(hours=1)
TOLERANCE = POLLING + timedelta(minutes=VALIDATION.grace_minutes)
DAYS_BEFORE_EXPIRY = 30
MOMENT = timedelta(seconds=5)
NODES = 3
MONTHS, QUARTERS = 12, 4
YEARS_POLLING = timedelta(hours=6)
LOOK = timedelta(hours=3)


@pytest.fixture
def pool() -> Iterator[Farm]:
    """Three nodes with a certificate of a year that renews itself 30 days before its end."""
    certificate = CertificateSpec(
        name=CERTIFICATE,
        subject="CN=render.example.com",
        validity_months=12,
        renewal=Renewal(trigger=RenewalTrigger.DAYS_BEFORE_EXPIRY, value=DAYS_BEFORE_EXPIRY),
    )
    with farm(nodes=NODES, certificate=certificate, polling=POLLING) as made:
        yield made


def test_a_renewal_is_followed_from_key_vault_to_every_node(pool: Farm) -> None:
    """Current, pending until the nodes have polled, then current: but stale where the extension stands still.

    What Key Vault holds is asked of it by Microsoft's client; what a node holds is read from its disk.
    """
    first = pool.held()
    assert verdicts(pool.validate()) == {"current": NODES}
    assert on_disk(pool) == {first.sha256}

    pool.move_to(first.not_after - timedelta(days=DAYS_BEFORE_EXPIRY) + MOMENT)
    second = pool.held()
    assert (second.version, second.sha256) != (first.version, first.sha256)
    rows = pool.validate()
    assert verdicts(rows) == {"rotation-pending": NODES}
    assert roll_up(rows).fine
    assert {row.leaf_sha256 for row in rows} == {first.sha256}
    assert second.sha256[:16] in rows[0].finding.message

    stopped, machine = next(iter(pool.machines.items()))
    pool.azure.call(lambda _: machine.agent.stop())
    pool.azure.advance(POLLING)
    rows = pool.validate()
    assert verdicts(rows) == {"current": NODES - 1, "rotation-pending": 1}
    assert {row.leaf_sha256 for row in rows if row.node != stopped} == {second.sha256}

    pool.azure.advance(TOLERANCE - POLLING)
    rows = pool.validate()
    assert verdicts(rows) == {"current": NODES - 1, "rotation-overdue": 1}
    verdict = roll_up(rows)
    assert (verdict.verdict, verdict.fine, verdict.nodes[0].node) == (Verdict.STALE, False, stopped)

    pool.move_to(first.not_after + MOMENT)
    overdue = next(row for row in pool.validate() if row.node == stopped)
    assert (overdue.finding.verdict, overdue.finding.reason) == (Verdict.EXPIRED, "leaf-expired")

    pool.azure.run(machine.agent.resume())
    assert verdicts(pool.validate()) == {"current": NODES}
    assert on_disk(pool) == {second.sha256}


@pytest.fixture
def monthly() -> Iterator[Farm]:
    """Three nodes with a certificate that renews itself each month, at the half of its validity."""
    certificate = CertificateSpec(
        name=CERTIFICATE,
        subject="CN=render.example.com",
        validity_months=2,
        renewal=Renewal(trigger=RenewalTrigger.LIFETIME_PERCENTAGE, value=50),
    )
    with farm(nodes=NODES, certificate=certificate, polling=YEARS_POLLING) as made:
        yield made


def test_a_year_of_renewals_each_month(monthly: Farm) -> None:
    """Each reaches every node at its next poll and is validated; no node ever holds a certificate that has ended.

    A node changes its file at a poll alone, so it is enough to look before each version ends.
    """
    pool = monthly
    begun, seen = pool.now, [pool.held()]
    for _ in range(MONTHS):
        pool.move_to(seen[-1].half_time + MOMENT)
        seen.append(pool.held())
        pool.azure.advance(YEARS_POLLING)
        rows = pool.validate()
        assert verdicts(rows) == {"current": NODES}
        assert {row.leaf_sha256 for row in rows} == on_disk(pool) == {seen[-1].sha256}
        assert pool.now < seen[-2].not_after
        assert pool.forecast() == ()
    assert pool.now - begun > timedelta(days=360)
    assert len({held.sha256 for held in seen}) == len(seen)


def test_a_year_of_drills(monthly: Farm) -> None:
    """In each quarter a version is issued, followed to every node, measured, and compared with those before.

    Key Vault renews by itself in between. A lag is a polling interval at most, and seen at most the time between two
    looks too late. At the end a node has stopped: it is the laggard.
    """
    pool = monthly
    history: tuple[DrillRecord, ...] = ()
    for _ in range(QUARTERS):
        pool.azure.advance(timedelta(weeks=13))
        rollout = pool.drill(LOOK)
        assert (rollout.done, rollout.nodes) == (True, NODES)
        assert on_disk(pool) == {rollout.issued[0].sha256} == {pool.held().sha256}
        history = with_drill(history, record(rollout))
    assert verdicts(pool.validate()) == {"current": NODES}
    found = lag_statistics(
        [lag for lags in (one.lags for one in history) if lags for lag in (lags.shortest, lags.longest)]
    )
    assert found is not None
    assert timedelta(0) < found.shortest <= found.longest <= YEARS_POLLING + LOOK + MOMENT
    assert trend(history).trend is Trend.STEADY

    stopped, machine = next(iter(pool.machines.items()))
    pool.azure.call(lambda _: machine.agent.stop())
    rollout = pool.drill(LOOK)
    assert (rollout.done, rollout.laggards) == (False, (stopped,))
    assert (rollout.seen_at or pool.now) - rollout.issued_at >= YEARS_POLLING
    assert len(rollout.lags(Stage.NODE)) == NODES - 1


def record(rollout: Rollout) -> DrillRecord:
    """The drill as the history keeps it."""
    labels = tuple(one.label for one in rollout.issued)
    return DrillRecord(rollout.issued_at, labels, NODES, 0, lag_statistics(rollout.lags(Stage.NODE)), LOOK)


def verdicts(rows: Sequence[Row]) -> dict[str, int]:
    """How many nodes have which reason."""
    return dict(Counter(row.finding.reason for row in rows))


def on_disk(pool: Farm) -> set[str]:
    """The fingerprints of the leaves that the nodes' links lead to."""
    return {_leaf(machine) for machine in pool.machines.values()}


def _leaf(machine: Machine) -> str:
    file = machine.disk.host(f"{DEFAULT_STORE}/{VAULT}.{CERTIFICATE}")
    leaf, *_ = x509.load_pem_x509_certificates(file.read_bytes())
    return leaf.fingerprint(SHA256()).hex()
