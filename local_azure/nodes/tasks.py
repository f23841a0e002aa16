"""Tasks of Batch, run for real: the pool's start task, and those of jobs.

Source: "Jobs and tasks in Azure Batch" (the command line does not run under a shell), "Azure Batch runtime environment
variables", "Files and directories in Azure Batch", "Run tasks under user accounts in Batch".
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from local_azure.machines import MachineTask, MachineUser, StartTask, TaskEnd, TaskUser
from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import BATCH_ROOT, Disk
from local_azure.nodes.leftovers import end_left
from local_azure.nodes.runner import Runner, Running
from local_azure.nodes.translate import Outward
from local_azure.nodes.views import ROOT, View

_STARTUP = "startup"
_START_USER = "_azbatchtask_start"
_POOL_USER = "_azbatch"
_FOLDER_VARIABLE = "AZ_BATCH_TASK_DIR"
_CHUNK = 65536
_LONGEST_START = 600.0  # seconds of real time; Batch has no limit, but a node of ours must not hang for ever
_DRAIN = 1.0  # seconds for what a command has written, once it has ended and only its children hold its output open
_KILLED = 137


class Tasks:
    """Runs the tasks of one node. *node* is its key, "account/pool/node"."""

    def __init__(self, node: str, disk: Disk, accounts: Accounts, runner: Runner) -> None:
        self._disk = disk
        self._accounts = accounts
        self._runner = runner
        self._numbers = itertools.count(1)
        self._writing: set[asyncio.Future[None]] = set()
        account, pool, name = node.split("/")
        self._variables = {
            "AZ_BATCH_ACCOUNT_NAME": account,
            "AZ_BATCH_POOL_ID": pool,
            "AZ_BATCH_NODE_ID": name,
            "AZ_BATCH_NODE_ROOT_DIR": BATCH_ROOT,
            "AZ_BATCH_NODE_SHARED_DIR": f"{BATCH_ROOT}/shared",
            "AZ_BATCH_NODE_STARTUP_DIR": f"{BATCH_ROOT}/{_STARTUP}",
            "AZ_BATCH_NODE_MOUNTS_DIR": f"{BATCH_ROOT}/fsmounts",
        }

    async def run_start_task(self, task: StartTask) -> TaskEnd:
        """Run the pool's start task in its folder, startup.

        One that cannot be started has no exit code, one that takes too long 137; then stderr.txt says so.
        """
        user = TaskUser(task.user, admin=task.elevated)
        work = MachineTask(task.command_line, _STARTUP, user, task.environment)
        try:
            async with asyncio.timeout(_LONGEST_START):
                return await self._run(work, _START_USER)
        except TimeoutError:
            self._tell(work, f"The start task ran for more than {_LONGEST_START:.0f} seconds and was ended.")
            return TaskEnd(_KILLED)

    async def run(self, task: MachineTask) -> TaskEnd:
        """Run a task of a job to its end; a cancellation ends it with all that it started.

        Its auto user, where it has one of its own, goes with it; the files stay.
        """
        if task.user.name or task.user.admin or task.user.shared:
            return await self._run(task, _POOL_USER)
        with self._own_user() as name:
            return await self._run(task, name)

    async def _run(self, task: MachineTask, auto_user: str) -> TaskEnd:
        """Run *task*; a plain auto user is *auto_user*, an administrator is root."""
        outputs = self._lay_out(task)
        try:
            view = self._view(task.user, auto_user)
            running = await self._start(view, task)
        except (ValueError, OSError) as error:
            reason = str(error.strerror) if isinstance(error, OSError) else str(error)
            self._tell(task, f"{task.command_line}: {reason}")
            return TaskEnd(None, "not-found" if isinstance(error, FileNotFoundError) else "not-launched", reason)
        try:
            return TaskEnd(await self._finish(running, view, outputs))
        except asyncio.CancelledError:
            end_left(f"{_FOLDER_VARIABLE}={view.inward().text(f'{BATCH_ROOT}/{task.folder}')}")
            raise
        finally:
            with suppress(FileNotFoundError):  # the node was wiped under its task
                for output in outputs:
                    self._disk.stamp(f"{BATCH_ROOT}/{task.folder}/{output.name}")

    async def _finish(self, running: Running, view: View, outputs: list[Path]) -> int:
        """Wait for the command's end. What it leaves in the background goes on, and on writing into *outputs*."""
        running.stdin.close()
        carried = [
            asyncio.ensure_future(_write(source, target, view.outward()))
            for source, target in zip((running.stdout, running.stderr), outputs, strict=True)
        ]
        for writing in carried:
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)
        try:
            code = await running.wait()
        finally:
            await self._runner.finish(running)
            await asyncio.wait(carried, timeout=_DRAIN)
        return code if code >= 0 else 128 - code

    def _view(self, user: TaskUser, auto_user: str) -> View:
        if user.admin and not user.name:
            return View(self._disk, ROOT)
        name = user.name or auto_user
        if name not in self._accounts.users:
            if user.name:
                raise ValueError(f"there is no user account {user.name}")
            self._accounts.put(MachineUser(name, admin=False))
        view = View(self._disk, name)
        view.prepare()
        return view

    @contextmanager
    def _own_user(self) -> Iterator[str]:
        name = f"_azbatchtask_{next(self._numbers)}"
        try:
            yield name
        finally:
            if self._disk.root.is_dir():  # else the node was wiped under its task
                self._accounts.remove(name)

    def _lay_out(self, task: MachineTask) -> list[Path]:
        """The task's folders, and its two empty output files."""
        folder = f"{BATCH_ROOT}/{task.folder}"
        self._disk.mkdir(f"{folder}/wd")
        for name in ("stdout.txt", "stderr.txt"):
            self._disk.write(f"{folder}/{name}", b"")
        return [self._disk.host(f"{folder}/{name}") for name in ("stdout.txt", "stderr.txt")]

    async def _start(self, view: View, task: MachineTask) -> Running:
        inward = view.inward()
        words = [inward.text(word) for word in _words(task.command_line)]
        folder = f"{BATCH_ROOT}/{task.folder}"
        variables: Mapping[str, str] = {
            **task.environment,
            **self._variables,
            _FOLDER_VARIABLE: folder,
            "AZ_BATCH_TASK_WORKING_DIR": f"{folder}/wd",
            **_preparation(task.preparation),
        }
        return await self._runner.start(view, words, folder=f"{folder}/wd", extra=variables)

    def _tell(self, task: MachineTask, text: str) -> None:
        self._disk.append(f"{BATCH_ROOT}/{task.folder}/stderr.txt", text)


@functools.lru_cache(maxsize=64)  # a thousand nodes run one start task
def _words(command_line: str) -> tuple[str, ...]:
    """The words of a command line. Raises: ValueError for one that is empty, or has a quote without its end."""
    words = tuple(shlex.split(command_line))
    if not words:
        raise ValueError("the command line is empty")
    return words


def _preparation(folder: str) -> dict[str, str]:
    if not folder:
        return {}
    whole = f"{BATCH_ROOT}/{folder}"
    return {"AZ_BATCH_JOB_PREP_DIR": whole, "AZ_BATCH_JOB_PREP_WORKING_DIR": f"{whole}/wd"}


async def _write(source: asyncio.StreamReader, target: Path, outward: Outward) -> None:
    with target.open("wb", buffering=0) as file:  # readable while the task runs
        try:
            while data := await source.read(_CHUNK):
                file.write(outward.feed(data))
        finally:
            file.write(outward.close())
