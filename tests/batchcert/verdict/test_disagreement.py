"""Two channels that looked at one node, as a table: what time explains, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from batchcert.spec import Channel, Endpoint
from batchcert.verdict.disagreement import disagreement
from batchcert.verdict.judging import NodeVisit, judge_all
from batchcert.visit.report import Certificate, Handler, Served, Shown, Status, Store

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CURRENT, EARLIER, FOREIGN = "c" * 64, "e" * 64, "f" * 64
OLD = {"leaf": EARLIER, "leaf_begin": NOW - timedelta(days=300)}
NONE = {"store": {"files": ()}}
OLDER = Handler("3.0.1.0", "Enabled", 0, Status("success", "", "", ""))
VIEW = {"channel": Channel.EXTENSION, "stores": ()}
KNOWN = {"earlier": (EARLIER,)}


def handler(version: str) -> dict[str, Any]:
    """The handler in another version."""
    return {"handlers": (replace(OLDER, version=version),)}


@pytest.mark.parametrize(
    ("first", "second", "agree"),
    [
        ({}, {}, True),
        # Leaves.
        (OLD, {}, True),
        (OLD | KNOWN, KNOWN, True),
        ({}, OLD, False),
        ({"leaf": FOREIGN} | KNOWN, KNOWN, False),
        ({"leaf": FOREIGN, "leaf_begin": NOW}, {}, False),
        (OLD, {"leaf": FOREIGN}, False),
        (OLD, OLD, True),
        ({"leaf": FOREIGN}, {"leaf": FOREIGN}, True),
        (NONE, {}, True),
        (NONE, OLD, False),
        ({}, NONE, False),
        (NONE, NONE, True),
        # Statuses.
        ({"status": "transitioning"}, {}, True),
        ({}, {"status": "transitioning"}, False),
        ({"status": "error"}, {}, False),
        ({}, {"status": "error"}, False),
        ({"status": "warning"}, {"status": "error"}, False),
        ({"message": "one"}, {"message": "another"}, True),
        # Handlers.
        (handler("3.0.1.0"), handler("3.0.1.0"), True),
        (handler("3.0.1.0"), handler("3.0.2.0"), True),
        (handler("3.0.2.0"), handler("3.0.1.0"), False),
        ({"handlers": ()}, {}, False),
        ({}, {"handlers": ()}, False),
        ({"handlers": ()}, {"handlers": ()}, True),
        # The extension's view shows no store, and the version's first numbers alone.
        ({}, VIEW | handler("3.0"), True),
        (VIEW | handler("3.0"), {}, True),
        ({}, VIEW | handler("2.0"), False),
        (OLD, VIEW | handler("3.0"), True),
        ({}, VIEW | {"status": "error"}, False),
        # Where one has no answer, there is nothing to compare.
        ({"visited": False}, {}, True),
        ({}, {"visited": False}, True),
    ],
)
def test_what_two_channels_say(scene: Any, first: dict[str, Any], second: dict[str, Any], agree: bool) -> None:
    """The second looked later."""
    one = replace(scene, **first).evidence()
    two = replace(scene, **{"channel": Channel.TASK} | second).evidence()
    found = disagreement(one, two)
    assert (found is None) is agree
    if found:
        assert (found.verdict, found.reason) == ("failed", "channels-disagree")
        assert found.cause
        assert found.cure


def test_it_names_both_and_what_each_saw(scene: Any) -> None:
    """So that a person can look which one is right."""
    one = replace(scene, leaf=FOREIGN).evidence()
    two = replace(scene, status="error", message="Identity not found", channel=Channel.TASK).evidence()
    found = disagreement(one, two)
    assert found is not None
    assert found.message == (
        f"ssh says: handler 3.0.5.0, success (Successfully started Key Vault extension service.), leaf {'f' * 16}; "
        f"task: handler 3.0.5.0, error (Identity not found), leaf {'c' * 16}"
    )


def test_what_services_present_is_compared_too(scene: Any) -> None:
    """A service that goes on to the current version is fine, one that goes back is not."""
    place = Endpoint(port=8443)

    def serving(sha256: str) -> Any:
        seen = replace(scene, earlier=(EARLIER,)).evidence()
        leaf = Certificate(sha256, "CN=web", "CN=web", (), NOW, NOW)
        served = Served(place.port, place.server_name, Shown.CERTIFICATE, leaf)
        assert seen.report
        report = replace(seen.report, served=(served,))
        return replace(seen, expected=replace(seen.expected, endpoints=(place,)), report=report)

    assert disagreement(serving(EARLIER), serving(CURRENT)) is None
    assert disagreement(serving(CURRENT), serving(EARLIER)) is not None


@pytest.mark.parametrize(
    ("state", "reason"), [("idle", "channels-disagree"), ("leavingpool", "node-leaving")], ids=["up", "leaving"]
)
def test_the_row_is_failed_then(scene: Any, state: str, reason: str) -> None:
    """Whatever the first channel's verdict was; but a node that leaves is not judged."""
    one, two = replace(scene, state=state).evidence(), replace(scene, **OLD).evidence()
    first = {"tvm-1": NodeVisit("tvm-1", one.report)}
    second = {"tvm-1": NodeVisit("tvm-1", two.report, channel=Channel.TASK)}
    held = {"tolerance": one.tolerance, "now": NOW}
    (row,) = judge_all([one.expected], [one.node], first, second=second, **held)  # type: ignore[arg-type]
    assert row.finding.reason == reason
    assert row.leaf_sha256 == CURRENT


def test_without_a_second_look_the_first_counts(scene: Any) -> None:
    """Also for a node that the second channel did not get to."""
    seen = scene.evidence()
    first = {"tvm-1": NodeVisit("tvm-1", seen.report)}
    second = {"tvm-1": NodeVisit("tvm-1", channel=Channel.TASK)}
    rows = [
        judge_all([seen.expected], [seen.node], first, tolerance=seen.tolerance, now=NOW, second=other)[0]
        for other in ({}, second)
    ]
    assert [row.finding.reason for row in rows] == ["current", "current"]


def test_an_absent_store_is_no_leaf(scene: Any) -> None:
    """It was looked into, and it is not there."""
    gone = {"stores": (Store("/var/lib/waagent/Microsoft.Azure.KeyVault.Store", False, ()),)}
    assert disagreement(scene.evidence(), replace(scene, **gone).evidence()) is not None
