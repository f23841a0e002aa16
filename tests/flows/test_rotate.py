"""Rotate: a version that is issued now and followed to every node, or a refusal before anything was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from datetime import timedelta

import pytest

from batchcert.plan.marks import TAGS
from batchcert.spec import DrillSpec, ValidationSpec, Weekday, WindowSpec
from batchcert.verdict.words import short
from demo.prefect_api import Run
from flows.rotate import rotate
from flows.validate import validate
from local_azure.wire.log import Entry

from .asked import asking
from .conftest import Provisioned
from .line import VAULT, Line
from .test_provision import in_key_vault

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

POOL = CERTIFICATE = "render"
POLLING = timedelta(minutes=5)  # what a pool has where nobody says otherwise
QUICK = DrillSpec(look_seconds=1)
SECONDS = 120


def rotated(line: Line, drill: DrillSpec = QUICK, *, by: timedelta = POLLING) -> Run:
    """A drill on the pool; once the version is issued, the clock moves by so much."""
    line.azure.forget_requests()
    with line.beside(rotate, target=line.target, pool=POOL, drill=drill) as run:
        line.until("the issue of a version, or the end", lambda: run.done() or creations(line.azure.requests()))
        if not run.done():
            await_first_look(line, run)
            line.azure.advance(by)
        return run.result(SECONDS)


def await_first_look(line: Line, run: Future[Run]) -> None:
    """The drill has visited the nodes once: they have a user and have it no more."""

    def visited() -> bool:
        return run.done() or any(one.method == "DELETE" and "/users/" in one.path for one in line.azure.requests())

    line.until("the first look", visited)


def creations(requests: Sequence[Entry]) -> list[Entry]:
    """The requests for a version."""
    return [one for one in requests if one.path.endswith(f"/certificates/{CERTIFICATE}/create")]


@pytest.fixture
def stopped(line: Line, provisioned: Provisioned) -> Iterator[str]:
    """A node whose extension stands still; it goes on afterwards, and the pool is validated."""
    node, machine = next(iter(line.machines(POOL).items()))
    line.azure.call(lambda _: machine.agent.stop())
    yield node
    line.azure.run(machine.agent.resume())
    line.azure.advance(POLLING)
    assert line.run(validate, target=line.target, pool=POOL).state == "COMPLETED"


def test_a_version_comes_to_every_node_and_is_measured(line: Line, provisioned: Provisioned) -> None:
    """The state has the numbers, the report a picture, and the history a row; the nodes have Key Vault's version."""
    assert line.run(validate, target=line.target, pool=POOL).state == "COMPLETED"
    before = in_key_vault(line, VAULT, CERTIFICATE)
    run = rotated(line)
    assert (run.name, run.state) == ("rotate the certificates of render in westus2", "COMPLETED"), run.said
    assert "Key Vault to nodes: median " in run.said
    assert run.said.endswith("3 nodes: 3 current")
    now = in_key_vault(line, VAULT, CERTIFICATE)
    assert now != before
    left = {artifact.key: artifact.data for artifact in line.api.artifacts(run.id) if artifact.key}
    kinds = ("report", "nodes", "visits", "rotation", "drill", "drills")
    assert set(left) == {f"{kind}-batchcertlocal-render" for kind in kinds}
    assert {row["leaf sha256"] for row in left["nodes-batchcertlocal-render"]} == {now}
    report = left["drill-batchcertlocal-render"]
    assert report.startswith("# ✔ Drill on pool render: all 3 nodes have it, the last after ")
    assert f"| `{VAULT}/{CERTIFICATE}` |" in report
    assert f"`{short(now)}`" in report
    assert "](data:image/svg+xml;base64," in report
    (row,) = left["drills-batchcertlocal-render"]
    assert (row["nodes"], row["laggards"], row["arrivals"]) == ("3", "0", "3")
    assert 0 < float(row["min s"]) <= float(row["median s"]) <= float(row["p95 s"]) <= float(row["max s"])
    assert line.users(POOL) == set()


def test_the_next_drill_reads_the_history(line: Line, provisioned: Provisioned) -> None:
    """It goes on from the version that the last one left, and says how it compares."""
    run = rotated(line)
    assert run.state == "COMPLETED", run.said
    left = {artifact.key: artifact.data for artifact in line.api.artifacts(run.id) if artifact.key}
    assert len(left["drills-batchcertlocal-render"]) == 2
    assert "; the drill before took " in left["drill-batchcertlocal-render"]
    assert len(creations(line.azure.requests())) == 1


def test_a_certificate_keeps_its_marks_and_its_policy(line: Line, provisioned: Provisioned) -> None:
    """A teardown still knows whose it is, and a second provision has nothing to correct."""

    def held(cloud: object) -> tuple[dict[str, str], int]:
        certificate = cloud.keyvault.state.vaults[VAULT].certificates[CERTIFICATE]
        return dict(certificate.current.tags), len(certificate.versions)

    tags, versions = line.azure.call(held)
    assert tags == TAGS
    assert versions > 1


def test_outside_of_its_window_nothing_is_written(line: Line, provisioned: Provisioned) -> None:
    """And the reason is told, with the cure."""
    today = line.azure.call(lambda cloud: cloud.clock.now()).weekday()
    window = WindowSpec(days=[list(Weekday)[(today + 3) % 7]])
    asked = asking(line, rotate, target=line.target, pool=POOL, drill=DrillSpec(window=window))
    assert asked.run.state == "FAILED"
    assert "[drill-outside-window]" in asked.run.said
    assert asked.writes == []


def test_a_laggard_is_named_and_keeps_the_next_drill_from_starting(
    line: Line, provisioned: Provisioned, stopped: str
) -> None:
    """The run fails once the time is over; the validation at its end is not clean, so nothing more is issued."""
    run = rotated(line, by=POLLING + timedelta(minutes=ValidationSpec().grace_minutes))
    assert run.state == "FAILED"
    assert f"1 of 3 nodes without it: {stopped[:8]}" in run.said
    assert run.said.endswith("3 nodes: 1 stale, 2 current")
    report = next(one.data for one in line.api.artifacts(run.id) if one.key == "drill-batchcertlocal-render")
    assert report.startswith("# ✘ Drill on pool render: 1 of 3 nodes without it after 15 min")
    assert "### stale on 1 node: rotation-overdue" in report
    asked = asking(line, rotate, target=line.target, pool=POOL)
    assert "[drill-validation-not-clean]" in asked.run.said
    assert asked.writes == []
