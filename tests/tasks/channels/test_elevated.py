"""A script run as root on nodes by tasks of Batch: on the right node, within its time, and nothing is left of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from batchcert.problems import Problem
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import task_jobs
from tasks.channels.elevated import LARGEST_SCRIPT, job_name, remove_left, run_elevated
from tasks.channels.values import Bounds, Ran, Work
from tests.tasks.waiting import until

from .conftest import Fleet

PREFIX = "batchcert-test-"
BOUNDS = Bounds(wait_seconds=60, run_seconds=60, most_bytes=1000, in_flight=4)
AT_ONCE = replace(BOUNDS, wait_seconds=0)


def run(
    fleet: Fleet, script: str, nodes: Iterable[str] | None = None, bounds: Bounds = BOUNDS, **hooks: Any
) -> dict[str, Ran]:
    """What came of each node."""
    wanted = fleet.ids() if nodes is None else nodes
    work = Work(fleet.pool, PREFIX, script)
    return run_elevated(fleet.api, fleet.azure.clock, work, wanted, bounds, tell=fleet.told.append, **hooks)


def codes(ran: dict[str, Ran]) -> dict[str, str]:
    """Why each node has no output, "" where it has."""
    return {node: one.failure.code if one.failure else "" for node, one in ran.items()}


def test_each_node_runs_it_as_root_and_no_job_stays(closed_fleet: Fleet) -> None:
    """Each its own, by one job; the service says when."""
    before = closed_fleet.local.call(lambda cloud: cloud.clock.now())
    ended: list[str] = []
    ran = run(
        closed_fleet,
        'printf "%s %s\\n" "$AZ_BATCH_NODE_ID" "$USER"; cat',
        on_ran=lambda one: ended.append(one.node_id),
    )
    assert {node: one.output.decode() for node, one in ran.items()} == {
        node: f"{node} root\n" for node in closed_fleet.ids()
    }
    assert sorted(ended) == sorted(ran)
    spans = [one.span for one in ran.values() if one.span]
    assert len(spans) == 2
    assert all(before - timedelta(seconds=1) <= span.begin <= span.end for span in spans)
    assert closed_fleet.jobs() == []
    assert [write.split("?")[0].rpartition("/")[2] for write in closed_fleet.writes()][:2] == [
        "jobs",
        "addtaskcollection",
    ]


def test_its_text_is_not_in_its_own_environment(closed_fleet: Fleet) -> None:
    """What the script starts does not carry it along."""
    (ran, *_) = run(closed_fleet, "env").values()
    assert b"AZ_BATCH_NODE_ID" in ran.output
    assert b"BATCHCERT_SCRIPT" not in ran.output


def test_a_busy_pool_is_waited_for_no_longer_than_allowed(closed_fleet: Fleet) -> None:
    """Each node tells that its task did not begin; no job is left that would run later."""
    closed_fleet.occupy(*closed_fleet.ids())
    assert set(codes(run(closed_fleet, "echo hello", bounds=AT_ONCE)).values()) == {"task-not-begun"}
    assert closed_fleet.jobs() == []


def test_a_task_that_went_astray_does_nothing_there(closed_fleet: Fleet) -> None:
    """The other node had a free slot; the node itself tells that its task never came to it."""
    first, second = closed_fleet.ids()
    closed_fleet.occupy(first)
    mark = "/mnt/batch/tasks/shared/was-here"
    bounds = replace(BOUNDS, wait_seconds=3)
    ran = run(closed_fleet, f"echo hello; : >{mark}", [first], bounds)
    assert codes(ran) == {first: "task-ran-elsewhere"}
    assert second in str(ran[first].failure)
    assert not closed_fleet.machine(second).disk.host(mark).exists()


def test_it_comes_to_the_right_node_in_the_end(closed_fleet: Fleet) -> None:
    """As soon as its slot is free: other nodes have their answers by then."""
    first, second = closed_fleet.ids()
    closed_fleet.occupy(first)

    def free_first(ran: Ran) -> None:
        if ran.node_id == second:
            closed_fleet.free(first)

    ran = run(closed_fleet, 'printf %s "$AZ_BATCH_NODE_ID"', on_ran=free_first)
    assert {node: one.output.decode() for node, one in ran.items()} == {first: first, second: second}


def test_a_script_that_ends_badly_is_told_with_its_last_words(closed_fleet: Fleet) -> None:
    """Its exit code, too; the other node is not concerned."""
    first, second = closed_fleet.ids()
    ran = run(closed_fleet, f'test "$AZ_BATCH_NODE_ID" = {second} || {{ echo no room >&2; exit 7; }}')
    assert codes(ran) == {first: "task-failed", second: ""}
    assert "exit code is 7: no room" in str(ran[first].failure)


def test_output_is_read_up_to_its_bound(closed_fleet: Fleet) -> None:
    """One byte more tells that there was more."""
    first, _ = closed_fleet.ids()
    ran = run(closed_fleet, "head -c 100000 /dev/zero | tr '\\0' x", [first])
    assert ran[first].output == b"x" * 1001


def test_a_script_that_does_not_end_is_ended(closed_fleet: Fleet) -> None:
    """By Batch, at its wall clock limit."""
    first, _ = closed_fleet.ids()
    ran = run(closed_fleet, "sleep 300", [first], replace(BOUNDS, run_seconds=1))
    assert codes(ran) == {first: "task-not-ended"}


def test_a_node_that_lies_about_its_name_is_not_believed(closed_fleet: Fleet) -> None:
    """Its shell is another one; what it prints is not taken for the script's."""
    first, _ = closed_fleet.ids()

    def other_words(api: Any, job: str, task: str, name: str, most: int) -> bytes:
        return real(api, job, task, name, most).replace(b"batchcert-node", b"batchcert-nood")

    real = task_jobs.output
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task_jobs, "output", other_words)
        assert codes(run(closed_fleet, "echo hello", [first])) == {first: "task-not-the-node"}


def test_a_node_that_has_left_has_no_task(closed_fleet: Fleet) -> None:
    """The others run."""
    first, _ = closed_fleet.ids()
    assert codes(run(closed_fleet, "echo hello", [first, "tvm-gone"])) == {first: "", "tvm-gone": "task-refused"}


def test_what_no_variable_holds_is_refused_before_anything_is_made(closed_fleet: Fleet) -> None:
    """A task carries the script in its environment."""
    with pytest.raises(Problem, match="task-script-too-large"):
        run(closed_fleet, "#" * (LARGEST_SCRIPT + 1))
    assert closed_fleet.writes() == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_no_job_outlives_a_cancellation(closed_fleet: Fleet, error: type[BaseException]) -> None:
    """Whatever is raised in the calling thread while tasks run."""

    def cancelled(_: float) -> None:
        until("a task that runs", lambda: batch_nodes.running_tasks(closed_fleet.api, closed_fleet.pool))
        raise error

    with pytest.raises(error):
        run(closed_fleet, "sleep 300", sleep=cancelled)
    until("no job", lambda: not closed_fleet.jobs())
    until("no task that runs", lambda: not batch_nodes.running_tasks(closed_fleet.api, closed_fleet.pool))


def test_a_job_that_cannot_be_removed_is_told(closed_fleet: Fleet) -> None:
    """Its outputs are there all the same; the next run finds it by its name, and no other pool's."""
    with closed_fleet.local.fault("throttled", retry_after=600, operation="Job_Delete"):
        ran = run(closed_fleet, "echo hello")
    assert set(codes(ran).values()) == {""}
    (job,) = closed_fleet.jobs()
    assert [job in told for told in closed_fleet.told] == [True]
    assert remove_left(closed_fleet.api, "another-pool", PREFIX) == []
    assert remove_left(closed_fleet.api, closed_fleet.pool, PREFIX) == [job]
    assert closed_fleet.jobs() == []


def test_a_job_made_without_an_answer_is_used(closed_fleet: Fleet) -> None:
    """The connection broke after Batch had made it, and again after it had taken the tasks."""
    fault = closed_fleet.local.fault
    with fault("lost", operation="Job_Add", first=1), fault("lost", operation="Task_AddCollection", first=1):
        ran = run(closed_fleet, "echo hello")
    assert [one.output for one in ran.values()] == [b"hello\n", b"hello\n"]
    assert closed_fleet.jobs() == []


@pytest.mark.parametrize("operation", ["Task_List", "Task_AddCollection"])
def test_what_batch_refuses_for_a_while_is_asked_again(closed_fleet: Fleet, operation: str) -> None:
    """Nobody's answer is lost for it."""
    with closed_fleet.local.fault("throttled", retry_after=600, operation=operation, first=2):
        ran = run(closed_fleet, "echo hello")
    assert [one.output for one in ran.values()] == [b"hello\n", b"hello\n"]


def test_what_batch_refuses_for_good_is_told_for_each_node(closed_fleet: Fleet) -> None:
    """Each once; the job goes all the same."""
    ended: list[str] = []
    with closed_fleet.local.fault("throttled", retry_after=600, operation="Task_List"):
        ran = run(closed_fleet, "echo hello", bounds=AT_ONCE, on_ran=lambda one: ended.append(one.node_id))
    assert set(codes(ran).values()) == {"azure-throttled"}
    assert sorted(ended) == sorted(closed_fleet.ids())
    assert closed_fleet.jobs() == []


def test_a_task_runs_once_however_often_it_was_added(closed_fleet: Fleet) -> None:
    """Its answer was lost, so it was added again: under the same name."""
    first, _ = closed_fleet.ids()
    mark = "/mnt/batch/tasks/shared/runs"
    with closed_fleet.local.fault("lost", operation="Task_AddCollection", first=1):
        run(closed_fleet, f"echo again >>{mark}", [first])
    assert closed_fleet.machine(first).disk.host(mark).read_text() == "again\n"


def test_job_names_fit_and_differ() -> None:
    """Batch takes 64 characters, whatever the pool is called."""
    work = Work("p" * 64, "batchcert-visit-", "")
    assert len({job_name(work) for _ in range(10)}) == 10
    assert all(len(job_name(work)) <= 64 for _ in range(10))
