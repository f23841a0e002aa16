"""A node gets a new start: once, after its tasks, and the run waits for it, but not for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from batchcert.problems import Problem
from batchcert.repair.coming_up import Coming
from batchcert.repair.steps import Repair, Step
from batchcert.spec import RepairChoice, RepairSpec
from batchcert.verdict.evidence import NodeView
from tasks.repair import restarting
from tasks.repair.restarting import restart_node, wait_until_up
from tests.tasks.waiting import until

from .conftest import Farm, run

ASKED = RepairSpec(stale_nodes=RepairChoice.REIMAGE, up_minutes=0.5)
REBOOT = Repair("0", Step.REBOOT, ("v/c",))


class Node:
    """A node that is in each of *states* for one look, and in the last for ever; its clock moves by what is slept."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)
        self.now = 0.0

    def look(self) -> NodeView:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return NodeView("0", state, None, None)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait(self, minutes: float = 30) -> list[Coming]:
        told: list[Coming] = []
        before = NodeView("0", "idle", None, None)

        def tell(coming: Coming, _: NodeView | None) -> None:
            told.append(coming)

        wait_until_up(REBOOT, before, self.look, tell, minutes, sleep=self.sleep, monotonic=lambda: self.now)
        return told


def test_it_is_waited_for_until_it_is_up() -> None:
    """Through all that it goes through, from before it begins."""
    way = [Coming.NOT_BEGUN, Coming.ON_ITS_WAY, Coming.ON_ITS_WAY, Coming.ON_ITS_WAY, Coming.UP]
    assert Node("idle", "rebooting", "starting", "waitingforstarttask", "idle").wait() == way


@pytest.mark.parametrize("states", [("rebooting", "unusable"), ("rebooting", "starttaskfailed"), ("leavingpool",)])
def test_one_that_will_not_come_ends_the_wait_at_once(states: tuple[str, ...]) -> None:
    """Waiting would not help it."""
    node = Node(*states)
    with pytest.raises(Problem) as given_up:
        node.wait()
    assert given_up.value.code == "repair-not-up"
    assert states[-1] in given_up.value.what
    assert node.now < 2


@pytest.mark.parametrize("states", [("rebooting",), ("idle",), ("rebooting", "starting")])
def test_the_wait_ends_in_time(states: tuple[str, ...]) -> None:
    """Also where the step never begins."""
    node = Node(*states)
    with pytest.raises(Problem) as given_up:
        node.wait(minutes=10)
    assert given_up.value.code == "repair-not-up"
    assert 9 * 60 < node.now <= 10 * 60


def restart(farm: Farm, node: str, step: Step, before: NodeView, asked: RepairSpec = ASKED) -> None:
    run(restart_node, farm.target, farm.watched, Repair(node, step, ("v/c",)), before, asked)


def mark(farm: Farm, node: str) -> Callable[[], bool]:
    """Put a file on the node's disk; says whether it is still there."""
    key = f"{farm.target.batch_account}/{farm.pool}/{node}"

    def path() -> bool:
        machine = farm.azure.call(lambda cloud: cloud.machines.find(key))
        return bool(machine and machine.disk.host("/root/mark").exists())

    farm.azure.call(lambda cloud: cloud.machines.find(key).disk.write("/root/mark", ""))
    assert path()
    return path


@pytest.mark.slow
@pytest.mark.parametrize(("step", "keeps_its_disk"), [(Step.REBOOT, True), (Step.REIMAGE, False)])
def test_the_node_is_up_anew(farm: Farm, step: Step, keeps_its_disk: bool) -> None:
    """By the same id, beside a node that was not touched; a reboot keeps its disk, a reimage does not."""
    before = farm.nodes()
    first, second = sorted(before)
    is_marked = mark(farm, first)
    restart(farm, first, step, before[first])
    after = farm.nodes()
    assert after[first].state == "idle"
    assert after[first].booted_at != before[first].booted_at
    assert after[second] == before[second]
    assert is_marked() is keeps_its_disk
    assert farm.restarts() == [step.value]


@pytest.mark.slow
def test_a_step_that_was_taken_is_not_taken_twice(farm: Farm) -> None:
    """A step that is tried again, since the way to Azure broke off, finds the node booted anew."""
    before = farm.nodes()
    node = min(before)
    with farm.azure.fault("lost", operation="ComputeNode_Reboot", resource=f"*{farm.pool}*", first=1):
        restart(farm, node, Step.REBOOT, before[node])
    assert farm.restarts() == ["reboot"]
    assert farm.nodes()[node].state == "idle"


@pytest.mark.slow
def test_no_task_is_ended_and_batch_goes_on_by_itself(farm: Farm, caplog: pytest.LogCaptureFixture) -> None:
    """The run gives up in its time, and says what Batch will do; the node starts anew once its task has ended."""
    before, node = farm.nodes(), farm.begin_task()
    hurried = ASKED.model_copy(update={"up_minutes": 0.02})
    with caplog.at_level(logging.WARNING), pytest.raises(Problem) as given_up:
        restart(farm, node, Step.REBOOT, before[node], hurried)
    assert given_up.value.code == "repair-not-up"
    assert f"node {node} was told to reboot; Batch goes on with that by itself" in caplog.text
    assert farm.task_state() == "running"
    assert farm.api.get_task(farm.pool, "long").execution_info.requeue_count == 0
    farm.end_task()
    until("the reboot", lambda: farm.nodes()[node].booted_at != before[node].booted_at)
    until("the node", lambda: farm.nodes()[node].state == "idle")
    assert farm.restarts() == ["reboot"]


@pytest.mark.slow
def test_a_cancelled_run_leaves_the_node_to_batch(
    farm: Farm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Prefect's signal comes in the midst of the wait; the log says that the reboot goes on."""

    class Signal(BaseException):
        """Like Prefect's: no Exception."""

    def interrupted(*_: object) -> None:
        raise Signal

    monkeypatch.setattr(restarting, "wait_until_up", interrupted)
    before = farm.nodes()
    node = min(before)
    with caplog.at_level(logging.WARNING), pytest.raises(Signal):
        restart(farm, node, Step.REBOOT, before[node])
    assert "Batch goes on with that by itself" in caplog.text
    until("the reboot", lambda: farm.nodes()[node].booted_at != before[node].booted_at)
