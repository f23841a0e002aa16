"""Which nodes are taken by which tasks."""

from __future__ import annotations

from collections.abc import Callable

from local_azure.services.batch.fleet.node_states import NodeStates
from local_azure.services.batch.jobs.running.host import Host, find_host
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Job, Task

_RECENT = 10  # how many tasks a node remembers; how many Batch's nodes do is not published


class Occupation:
    """Takes and gives back task slots; a node with a task on it is running. *on_free* hears of nodes without any."""

    def __init__(self, states: NodeStates) -> None:
        self._states = states
        self.on_free: Callable[[Host], None] = lambda _host: None

    def take(self, host: Host, job: Job, task: Task, slots: int) -> None:
        """Let *task* have *slots* of the node."""
        key, node = key_of(job, task), host.node
        node.running[key] = slots
        node.recent = [key, *(other for other in node.recent if other != key)][:_RECENT]
        self._states.settle(host.account, host.pool, node)

    def give_back(self, account: Account, job: Job, task: Task, *, ran: bool = False, succeeded: bool = False) -> None:
        """Take back what *task* has, if it has anything. *ran*: its command has ended by itself."""
        host = find_host(account, task.pool, task.node)
        if host is None or host.node.running.pop(key_of(job, task), None) is None:
            return
        host.node.tasks_run += ran
        host.node.tasks_succeeded += succeeded
        self._states.settle(account, host.pool, host.node)
        if not host.node.running:
            self.on_free(host)


def key_of(job: Job, task: Task) -> str:
    """What a task is called on a node."""
    return f"{job.id}/{task.id}".lower()
