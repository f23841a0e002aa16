"""What becomes of a node's tasks before it leaves, restarts or takes no more of them.

Source: ComputeNodeDeallocationOption, NodeRebootParameter, NodeReimageParameter, NodeDisableSchedulingParameter in the
Batch service API description 2024-02-01.19.0; BatchNodeDeallocateOption of azure-batch 15.1.
"""

from __future__ import annotations

from local_azure.services.batch.fleet.lifecycle import ON_THE_WAY, Lifecycle
from local_azure.services.batch.jobs.running.host import Host, find_host
from local_azure.services.batch.jobs.running.occupation import Occupation
from local_azure.services.batch.jobs.running.preparing import Preparations
from local_azure.services.batch.jobs.running.runs import Runs
from local_azure.services.batch.jobs.task_files import TaskFiles
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Job, Task

OPTIONS = ("requeue", "terminate", "taskcompletion", "retaineddata")
_WAITING = ("taskcompletion", "retaineddata")


class Clearing:
    """Takes the tasks from nodes, or lets them come to their end first."""

    def __init__(
        self, lifecycle: Lifecycle, runs: Runs, preparations: Preparations, occupation: Occupation, files: TaskFiles
    ) -> None:
        self._lifecycle = lifecycle
        self._runs = runs
        self._preparations = preparations
        self._files = files
        occupation.on_free = self._go_on
        files.on_removed = self._files_removed

    def clear(self, host: Host, option: str, then: str = "") -> None:
        """Deal with the tasks of the node as *option*, one of `OPTIONS`, says, and *then* let it do what it is to do.

        *then* is one of `ON_THE_WAY`, or "" for a node that stays as it is.
        """
        node = host.node
        if option not in _WAITING:
            self._end_all(host, terminate=option == "terminate", by_user=True)
        if not then:
            return
        node.awaiting, node.awaits_data = then, option == "retaineddata"
        self._lifecycle.states.move(host.account, host.pool, node, ON_THE_WAY[then])
        self._go_on(host)

    def preempt(self, host: Host) -> None:
        """Take a Spot node's machine away; its tasks wait for another node, which nobody has asked for."""
        self._end_all(host, terminate=False, by_user=False)
        self._lifecycle.preempt(host.account, host.pool, host.node)

    def stay(self, host: Host) -> None:
        """Let a node that only waits for its tasks in order to leave stay in the pool."""
        if host.node.awaiting == "leave":
            host.node.awaiting = ""
            self._lifecycle.states.move(host.account, host.pool, host.node, "idle")

    def _go_on(self, host: Host) -> None:
        """Let a node do what it waits for, once nothing keeps it any more."""
        node = host.node
        if node.awaiting and not node.running and not (node.awaits_data and self._files.retained_on(host)):
            self._lifecycle.go(node.awaiting, host.account, host.pool, node)

    def _files_removed(self, account: Account, task: Task) -> None:
        if host := find_host(account, task.pool, task.node):
            self._go_on(host)

    def _end_all(self, host: Host, *, terminate: bool, by_user: bool) -> None:
        for job in host.account.jobs.values():
            for task in _on_node(job, host):
                if terminate:
                    self._runs.end(host.account, job, task, "The node was taken from its tasks by user request.")
                else:
                    self._runs.requeue(host.account, job, task, by_user=by_user)
            self._preparations.stop(job, host.node.id)


def _on_node(job: Job, host: Host) -> list[Task]:
    return [task for task in job.tasks.values() if task.on_node and task.node == host.node.id]
