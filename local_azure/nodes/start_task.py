"""The pool's start task, run for real.

Source: Batch, "Tasks" (the command line does not run under a shell) and "Compute node environment variables".
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from pathlib import Path

from local_azure.machines import MachineUser, StartTask
from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import BATCH_ROOT, Disk
from local_azure.nodes.runner import Runner, Running
from local_azure.nodes.translate import Outward
from local_azure.nodes.views import ROOT, View

_STARTUP = f"{BATCH_ROOT}/startup"
_AUTO_USER = "_azbatchtask_start"
_CHUNK = 65536
_LONGEST = 600.0  # seconds of real time; Batch has no limit, but a node of ours must not hang for ever
_NOT_FOUND = 127
_KILLED = 137


class StartTaskRun:
    """Runs a node's start task. *node* is its key, "account/pool/node"."""

    def __init__(self, node: str, disk: Disk, accounts: Accounts, runner: Runner) -> None:
        self._disk = disk
        self._accounts = accounts
        self._runner = runner
        account, pool, name = node.split("/")
        self._variables = {
            "AZ_BATCH_ACCOUNT_NAME": account,
            "AZ_BATCH_POOL_ID": pool,
            "AZ_BATCH_NODE_ID": name,
            "AZ_BATCH_NODE_ROOT_DIR": BATCH_ROOT,
            "AZ_BATCH_NODE_SHARED_DIR": f"{BATCH_ROOT}/shared",
            "AZ_BATCH_NODE_STARTUP_DIR": _STARTUP,
            "AZ_BATCH_TASK_DIR": _STARTUP,
            "AZ_BATCH_TASK_WORKING_DIR": f"{_STARTUP}/wd",
        }

    async def run(self, task: StartTask) -> int:
        """Run the task to its end; its output is in startup/stdout.txt and stderr.txt. Returns its exit code.

        A command line that is none (a quote without its end) or names no program gives 127, one that takes too long
        137; then stderr.txt says so.
        """
        if not task.elevated:
            self._accounts.put(MachineUser(_AUTO_USER, admin=False))
        view = View(self._disk, ROOT if task.elevated else _AUTO_USER)
        view.prepare()
        outputs = [self._disk.host(f"{_STARTUP}/{name}.txt") for name in ("stdout", "stderr")]
        for output in outputs:
            output.write_bytes(b"")
        try:
            running = await self._start(view, task)
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            outputs[1].write_text(f"{task.command_line}: {reason}\n")
            return _NOT_FOUND
        code = await self._finish(running, view, outputs)
        for name in ("stdout", "stderr"):
            self._disk.stamp(f"{_STARTUP}/{name}.txt")
        return code

    async def _start(self, view: View, task: StartTask) -> Running:
        words = shlex.split(view.inward().text(task.command_line))
        if not words:
            raise ValueError("the command line is empty")
        variables: Mapping[str, str] = {**task.environment, **self._variables}
        return await self._runner.start(view, words, folder=f"{_STARTUP}/wd", extra=variables)

    async def _finish(self, running: Running, view: View, outputs: list[Path]) -> int:
        running.stdin.close()
        stdout, stderr = outputs
        try:
            async with asyncio.timeout(_LONGEST):
                await asyncio.gather(
                    _write(running.stdout, stdout, view.outward()), _write(running.stderr, stderr, view.outward())
                )
                return await running.wait()
        except TimeoutError:
            with stderr.open("a") as file:
                file.write(f"The start task ran for more than {_LONGEST:.0f} seconds and was ended.\n")
            return _KILLED
        finally:
            await self._runner.finish(running)


async def _write(source: asyncio.StreamReader, target: Path, outward: Outward) -> None:
    with target.open("wb") as file:
        while data := await source.read(_CHUNK):
            file.write(outward.feed(data))
        file.write(outward.close())
