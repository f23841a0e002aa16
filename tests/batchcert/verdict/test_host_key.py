"""A host key that changed: a reimage, by the node's own times, or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.problems import Problem
from batchcert.verdict.checks import judge
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.host_key import come_up_anew

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CHANGED = Problem("ssh-host-key-changed", what="showed another key", cause="why", cure="what to do")
BEFORE = NOW - timedelta(days=9)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


TIMES = {
    "booted after its start task": (ago(10), BEFORE, "node-reimaged"),
    "half an hour ago": (ago(30), BEFORE, "node-reimaged"),
    "longer ago than a start task may take": (ago(31), BEFORE, "ssh-host-key-changed"),
    "its start task ran after its boot": (ago(10), ago(9), "ssh-host-key-changed"),
    "at the very moment": (ago(10), ago(10), "ssh-host-key-changed"),
    "nobody knows when it was booted": (None, BEFORE, "ssh-host-key-changed"),
    "nobody knows when its start task ran": (ago(10), None, "ssh-host-key-changed"),
}


@pytest.mark.parametrize(("booted", "told", "reason"), TIMES.values(), ids=TIMES)
def test_the_node_s_times_tell_a_reimage(scene, booted, told, reason):
    """Pending while its start task may still run; in all other cases nobody knows who answers there."""
    found = judge(replace(scene, failure=CHANGED, booted_at=booted, start_task_at=told).evidence(), NOW)
    assert found.reason == reason
    assert found.verdict == ("pending" if reason == "node-reimaged" else "unreachable")
    assert "showed another key" in found.message


def test_only_a_changed_key_is_excused(scene):
    """A refused sign-in on a node that was booted is what it is."""
    refused = Problem("ssh-auth-failed", what="refused")
    found = judge(replace(scene, failure=refused, booted_at=ago(1), start_task_at=BEFORE).evidence(), NOW)
    assert found.reason == "ssh-auth-failed"


def node(state: str = "idle", booted: datetime | None = BEFORE, told: datetime | None = BEFORE) -> NodeView:
    return NodeView("n", state, None, None, booted_at=booted, start_task_at=told)


@pytest.mark.parametrize(
    ("now", "failure", "again"),
    [
        (node(booted=ago(1), told=ago(1)), CHANGED, True),
        (node(told=ago(1)), CHANGED, True),
        (node(booted=ago(1), told=ago(1)), Problem("ssh-connect-failed", what="its address is another now"), True),
        (node(booted=ago(1), told=ago(1)), Problem("visit-answer-cut", what="cut"), False),
        (node(booted=ago(1), told=ago(1)), None, False),
        (node("reimaging", booted=ago(1)), CHANGED, False),
        (node(), CHANGED, False),
    ],
)
def test_a_node_that_came_up_anew_is_visited_again(now, failure, again):
    """One that is up, that let no visit in, and whose times are others than when its keys were read."""
    assert come_up_anew([node()], [now], {"n": failure}) == ([now] if again else [])


def test_a_node_that_was_not_there_before_is_none_of_them():
    """It has not been visited at all."""
    assert come_up_anew([], [node()], {"n": CHANGED}) == []
