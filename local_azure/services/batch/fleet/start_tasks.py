"""A node's start task: run once a boot, retried as the pool says.

Source: Pool, StartTask in the Batch management REST reference: `waitForSuccess` (true where it is left out),
`maxTaskRetryCount` (-1 without limit); StartTaskInformation in the Batch service API description 2024-02-01.19.0: a
nonzero exit code is retried, and nothing that keeps the task from starting.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from local_azure.clock import Clock
from local_azure.machines import StartTask
from local_azure.services.batch.fleet.backoff import next_wait
from local_azure.services.batch.fleet.failures import download_failure, failure_of
from local_azure.services.batch.fleet.fleet import Fleet
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Failure
from local_azure.services.batch.state.nodes import Node, StartTaskRun
from local_azure.services.batch.state.pools import Pool

Move = Callable[[Account, Pool, Node, str], None]


class StartTasks:
    """Runs start tasks; *move* brings the node into the state that follows."""

    def __init__(self, clock: Clock, fleet: Fleet, move: Move) -> None:
        self._clock = clock
        self._fleet = fleet
        self._move = move

    async def run(self, account: Account, pool: Pool, node: Node, *, current: Callable[[], bool]) -> timedelta | None:
        """One attempt; the time after which to try again, or None where this was the last.

        *current* tells whether the node still wants it: it may have been told to leave or reboot in between.
        """
        task = pool.properties.get("startTask")
        if not task:
            node.start_task = None
            self._move(account, pool, node, "idle")
            return None
        waits = task["waitForSuccess"]
        run = self._attempt(account, pool, node, "waitingforstarttask" if waits else "idle")
        try:
            async with self._fleet.turn:
                failure, exit_code = await self._outcome(account, pool, node, task)
        except Exception:
            if current():
                raise
            return None  # the machine was closed under its start task
        if not current():
            return None
        run.exit_code, run.failure, run.ended = exit_code, failure, self._clock.now()
        if exit_code and (task["maxTaskRetryCount"] < 0 or run.retries < task["maxTaskRetryCount"]):
            return next_wait(run.first, run.ended)
        run.state = "completed"
        if waits:
            self._move(account, pool, node, "starttaskfailed" if failure else "idle")
        return None

    async def _outcome(
        self, account: Account, pool: Pool, node: Node, task: dict[str, Any]
    ) -> tuple[Failure | None, int | None]:
        """Why an attempt failed, None where it went well, and its exit code, None where it could not be started."""
        if failure := download_failure(task):
            return failure, None
        end = await self._fleet.machine(account, pool, node).run_start_task(_machine_task(task))
        return failure_of(end, task["commandLine"]), end.exit_code

    def _attempt(self, account: Account, pool: Pool, node: Node, state: str) -> StartTaskRun:
        now = self._clock.now()
        run = node.start_task
        if run is not None and run.state == "running" and run.epoch == node.epoch:
            run.retries += 1
            run.started = run.last_retry = now
            run.ended, run.exit_code, run.failure = None, None, None
            return run
        node.start_task = StartTaskRun("running", now, now, node.epoch)
        self._move(account, pool, node, state)
        return node.start_task


def _machine_task(task: dict[str, Any]) -> StartTask:
    """The start task as a machine runs it."""
    identity = task.get("userIdentity") or {}
    return StartTask(
        command_line=task["commandLine"],
        elevated=(identity.get("autoUser") or {}).get("elevationLevel") == "Admin",
        environment={entry["name"]: entry.get("value", "") for entry in task.get("environmentSettings", [])},
        user=identity.get("userName", ""),
    )
