"""Which jobs go over to a new pool, and what is said of those that stay."""

from __future__ import annotations

from typing import Any

import pytest

from batchcert.plan.changing.jobs import MOVING, Job, JobStep, Step, in_words, may_move, needing, step_of

OURS = {MOVING: "new"}


@pytest.mark.parametrize(
    ("state", "pool", "more", "step"),
    [
        ("active", "old", {}, Step.MOVE_AND_ENABLE),
        ("active", "OLD", {}, Step.MOVE_AND_ENABLE),
        ("active", "old", {"running": 1}, Step.STAY),
        ("disabled", "old", {}, Step.MOVE),
        ("disabling", "old", {}, Step.STAY),
        ("enabling", "old", {}, Step.STAY),
        ("terminating", "old", {}, Step.NOTHING),
        ("completed", "old", {}, Step.NOTHING),
        ("deleting", "old", {}, Step.NOTHING),
        ("active", "new", {}, Step.NOTHING),
        ("disabled", "new", {}, Step.NOTHING),
        ("active", "third", {}, Step.NOTHING),
        ("active", "", {}, Step.NOTHING),
        # An interrupted run has left its mark.
        ("active", "old", {"metadata": OURS}, Step.MOVE_AND_ENABLE),
        ("active", "old", {"metadata": OURS, "running": 2}, Step.STAY),
        ("disabling", "old", {"metadata": OURS}, Step.MOVE_AND_ENABLE),
        ("disabled", "old", {"metadata": OURS}, Step.MOVE_AND_ENABLE),
        ("disabled", "new", {"metadata": OURS}, Step.MOVE_AND_ENABLE),
        ("active", "new", {"metadata": OURS}, Step.MOVE_AND_ENABLE),
        ("completed", "new", {"metadata": OURS}, Step.NOTHING),
        ("disabled", "old", {"metadata": {MOVING: "another"}}, Step.MOVE),
        ("disabled", "third", {"metadata": OURS}, Step.NOTHING),
    ],
)
def test_what_is_done_to_a_job(state: str, pool: str, more: dict[str, Any], step: Step) -> None:
    """By its state, its pool, its running tasks, and the mark of an interrupted run."""
    assert step_of(Job("j", state, pool, **more), "old", "new").step is step


def test_a_job_with_running_tasks_says_how_many() -> None:
    """So a person knows what is waited for."""
    assert "2 of its tasks run;" in step_of(Job("j", "active", "old", running=2), "old", "new").why
    assert "1 of its tasks runs;" in step_of(Job("j", "active", "old", running=1), "old", "new").why


def test_running_tasks_are_asked_only_of_jobs_that_may_move() -> None:
    """An account may have thousands of others."""
    jobs = [Job("a", "active", "old"), Job("b", "disabled", "old"), Job("c", "active", "other")]
    assert [job.id for job in jobs if may_move(job, "old")] == ["a"]


def test_what_was_done_and_what_is_left_is_told_apart() -> None:
    """A sentence for each job, none for those that are not concerned."""
    steps = [
        JobStep("a", Step.MOVE_AND_ENABLE),
        JobStep("b", Step.MOVE),
        JobStep("c", Step.STAY, "1 of its tasks runs"),
        JobStep("d", Step.NOTHING),
    ]
    moved = in_words(steps, "old", "new")
    assert moved.done == ("job a now runs on pool new", "job b belongs to pool new, still disabled")
    assert moved.left == ("job c stays on pool old: 1 of its tasks runs",)


def test_a_pool_is_needed_by_the_jobs_that_have_not_ended() -> None:
    """Disabled ones, too."""
    states = ("active", "disabled", "completed", "deleting")
    jobs = [Job(state, state, "Old") for state in states] + [Job("x", "active", "new")]
    assert needing(jobs, "old") == ["active", "disabled"]
