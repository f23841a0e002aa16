"""When a pool is ready, when it still may be, and why it never will."""

from dataclasses import replace

import pytest

from batchcert.plan.pool import ResizeError
from batchcert.plan.readiness import ExtensionFault, not_ready_in_time, readiness, readiness_problems
from batchcert.verdict.causes import Cause
from batchcert.verdict.evidence import NodeView


def node(state, name="n1", errors=()):
    return NodeView(name, state, None, None, tuple(errors))


@pytest.mark.parametrize(
    ("allocation", "states", "done"),
    [
        ("Steady", ["idle", "running", "idle"], True),
        ("steady", ["idle", "offline", "preempted"], True),
        ("Steady", ["idle", "unusable", "starttaskfailed"], True),
        ("Steady", ["idle", "deallocated", "idle"], True),
        ("Resizing", ["idle", "idle", "idle"], False),
        ("Stopping", ["idle", "idle", "idle"], False),
        ("Steady", ["idle", "starting", "idle"], False),
        ("Steady", ["waitingforstarttask", "idle", "idle"], False),
        ("Steady", ["rebooting", "idle", "idle"], False),
        ("Steady", ["unusable", "creating", "idle"], False),
        ("Steady", ["idle", "unknown", "idle"], False),
        ("Steady", ["idle", "somethingnew", "idle"], False),
        ("Steady", [], True),
    ],
)
def test_a_pool_is_done_when_nothing_moves_any_more(pool, allocation, states, done):
    """Broken and parked nodes do not move; all broken ones are told together, once the others have settled."""
    assert readiness(replace(pool, allocation=allocation), [node(state) for state in states]).done is done


def test_progress_is_the_share_of_nodes_that_can_be_visited(pool):
    """In percent of those asked for, and in words."""
    seen = readiness(replace(pool, allocation="Resizing"), [node("idle"), node("starting")])
    assert seen.percent == pytest.approx(33.3, abs=0.1)
    assert str(seen) == "1 of 3 nodes ready (1 idle, 1 starting), pool resizing"


@pytest.mark.parametrize(("target", "states", "percent"), [(0, [], 100.0), (1, ["idle", "idle"], 100.0), (2, [], 0.0)])
def test_progress_stays_between_0_and_100(pool, target, states, percent):
    """Also for an empty pool, and for one that is shrinking."""
    assert readiness(replace(pool, target_nodes=target), [node(state) for state in states]).percent == percent


def test_a_ready_pool_has_no_problems(pool):
    """All nodes are there."""
    assert readiness_problems(pool, [node("idle", str(n)) for n in range(3)], []) == []


def test_resize_errors_come_with_batchs_code_and_message(pool):
    """And with a cure where the code is known."""
    errors = (ResizeError("AccountCoreQuotaReached", "The account's core quota is 10."), ResizeError("New", "Words."))
    problems = readiness_problems(replace(pool, resize_errors=errors), [node("idle")], [])
    assert [problem.code for problem in problems] == ["pool-resize-failed"] * 2
    assert "AccountCoreQuotaReached: The account's core quota is 10." in problems[0].what
    assert "ask for more cores" in problems[0].cure
    assert "New: Words." in problems[1].what


def test_a_known_cause_of_a_resize_error_is_told(pool):
    """An image that is gone, in whatever code Batch wraps it."""
    gone = (ResizeError("AllocationFailed", "PlatformImageNotFound: The platform image is not available."),)
    (problem,) = readiness_problems(replace(pool, resize_errors=gone), [node("idle")], [])
    assert (problem.cause, problem.cure) == (Cause.IMAGE_GONE.cause, Cause.IMAGE_GONE.cure)


def test_an_old_resize_error_does_not_count_when_all_nodes_are_there(pool):
    """Batch keeps telling what the last resize met."""
    old = replace(pool, resize_errors=(ResizeError("AllocationTimedOut", "It took too long."),))
    assert readiness_problems(old, [node("idle", str(n)) for n in range(3)], []) == []


def test_nodes_that_are_missing_without_a_reason_are_told(pool):
    """Steady, no error, and fewer than asked for: somebody removed them or stopped the resize."""
    (problem,) = readiness_problems(pool, [node("idle")], [])
    assert problem.code == "nodes-missing"
    assert "1 of 3" in problem.what


@pytest.mark.parametrize(
    ("state", "code"), [("unusable", "node-unusable"), ("starttaskfailed", "node-start-task-failed")]
)
def test_a_broken_node_comes_with_batchs_own_words(pool, state, code):
    """Its state, its errors, and one problem for each node."""
    broken = [node(state, "a", ["StartTaskFailed: exit 1"]), node(state, "b"), node("idle", "c")]
    problems = readiness_problems(pool, broken, [])
    assert [problem.code for problem in problems] == [code, code]
    assert "node a" in problems[0].what
    assert "StartTaskFailed: exit 1" in problems[0].what
    assert "Batch gives no reason" in problems[1].what


def test_the_extensions_message_is_the_cause_where_it_says_something(pool):
    """A known message brings its own cause and cure."""
    nodes = [node("unusable", "a", ["VMExtensionProvisioningError: failed"]), node("idle", "b"), node("idle", "c")]
    fault = ExtensionFault("a", "KVExtensions", 'AKV failed: {"error_description":"Identity not found"}')
    (problem,) = readiness_problems(pool, nodes, [fault])
    assert "KVExtensions on it says: AKV failed" in problem.cause
    assert "the identity in msiClientId is not on the pool" in problem.cause
    assert "add the identity to the pool" in problem.cure


def test_another_nodes_message_explains_nothing(pool):
    """Each node by its own agent."""
    nodes = [node("unusable", "a"), node("idle", "b"), node("idle", "c")]
    (problem,) = readiness_problems(pool, nodes, [ExtensionFault("b", "KVExtensions", "Identity not found")])
    assert "Identity not found" not in str(problem)


def test_time_up_tells_how_far_it_came(pool):
    """So that a person sees what was missing."""
    seen = readiness(replace(pool, allocation="Resizing"), [node("starting")])
    problem = not_ready_in_time(pool, seen, 30)
    assert problem.code == "nodes-not-ready"
    assert "after 30 minutes 0 of 3 nodes ready (1 starting), pool resizing" in problem.what
