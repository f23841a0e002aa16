"""Validate: the run's state, and what it leaves to be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.validate import validate
from local_azure.nodes.status_file import status_file

from .asked import asking
from .conftest import Provisioned
from .line import Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STATUS = "/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-3.0.1.0/status/1.status"
BOOM = "Failed to parse the configuration settings with: 'not an object'"


@pytest.fixture
def bad_node(line: Line, provisioned: Provisioned) -> Iterator[str]:
    """A node of the pool whose extension is in error; mended afterwards."""
    node, machine = next(iter(line.machines("render").items()))
    before = machine.disk.host(STATUS).read_bytes()
    machine.disk.write(STATUS, status_file("error", "Service start - Settings Load.", BOOM, machine.now()), 0o600)
    yield node
    machine.disk.write(STATUS, before, 0o600)


def test_one_bad_node_fails_it_once_all_is_told(line: Line, provisioned: Provisioned, bad_node: str) -> None:
    """The state says how many are bad; the table has the bad one first, the report why and what to do."""
    run = line.run(validate, target=line.target, pool="render")
    assert (run.state, run.said) == ("FAILED", "Failed: 3 nodes: 1 failed, 2 current")
    assert run.name == "validate render in westus2"
    left = {artifact.type: artifact.data for artifact in line.api.artifacts(run.id)}
    first, *others = left["table"]
    assert (first["node id"], first["verdict"], first["reason"]) == (
        bad_node,
        "failed",
        "extension-settings-not-an-object",
    )
    assert [row["verdict"] for row in others] == ["current", "current"]
    for words in (BOOM, first["cause"], first["what to do"]):
        assert words
        assert words in left["markdown"].replace("`", "")
    assert {step["state_type"] for step in line.steps(run.id).values()} == {"COMPLETED"}


def test_it_completes_and_writes_nothing_but_its_users(line: Line, provisioned: Provisioned) -> None:
    """With the same artifacts under the same keys."""
    asked = asking(line, validate, target=line.target, pool="render")
    assert (asked.run.state, asked.run.said) == ("COMPLETED", "Completed: 3 nodes: 3 current")
    assert asked.writes == []
    keys = {artifact.key for artifact in line.api.artifacts(asked.run.id) if artifact.key}
    assert keys == {f"{kind}-batchcertlocal-render" for kind in ("report", "nodes", "visits")}


def test_a_pool_that_is_not_there_is_told_at_once(line: Line) -> None:
    """Waiting does not make it come: the step is tried once, and the run says what to do."""
    run = line.run(validate, target=line.target, pool="rendre")
    assert run.state == "FAILED"
    assert "Batch account batchcertlocal has no pool rendre [pool-not-found]" in run.said
    (step,) = line.steps(run.id).values()
    assert (step["state_type"], step["run_count"]) == ("FAILED", 1)
    assert "cure:" in line.log(run.id)


def test_what_services_present_is_told_by_hand_and_their_command_put_on_nodes_once(
    line: Line, provisioned: Provisioned
) -> None:
    """The pool's own start task does not put it there, so the first run does, and visits again; the second finds it."""
    told = {"certificate": "render", "serves": [{"port": 1}], "on_rotation": "exit 3"}
    for visits in (2, 1):
        run = line.run(validate, target=line.target, pool="render", validation={"services": [told]})
        assert ("put commands for new versions on nodes of render" in line.steps(run.id)) is (visits == 2)
        assert line.log(run.id).count("visiting 3 nodes of pool render") == visits
        (table,) = [one.data for one in line.api.artifacts(run.id) if one.type == "table"]
        assert {row["reason"] for row in table} <= {"service-pending", "service-refuses"}  # the pool may be young
        assert "port 1: nothing listens there" in line.log(run.id)
