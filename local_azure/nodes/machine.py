"""One virtual machine: a disk, users, an SSH server, a guest agent and what it runs."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local_azure.clock import Clock
from local_azure.machines import (
    ExtensionStatus,
    MachineFile,
    MachineSpec,
    MachineTask,
    MachineUser,
    StartTask,
    TaskEnd,
)
from local_azure.nodes.accounts import Accounts
from local_azure.nodes.disk import BATCH_ROOT, Disk, remove_tree
from local_azure.nodes.extension.lies import store_of
from local_azure.nodes.extension.service import KeyVaultService
from local_azure.nodes.guest_agent import GuestAgent
from local_azure.nodes.handler import Handler
from local_azure.nodes.outside import Outside
from local_azure.nodes.runner import Runner
from local_azure.nodes.ssh_server import ADDRESS, NodeSSH
from local_azure.nodes.systemd.manager import Answer, ServiceManager
from local_azure.nodes.tasks import Tasks
from local_azure.nodes.troubles import NONE, Troubles

_FAILED = 1  # the exit code of a start task that fails on purpose


class Machine:
    """A virtual machine of *spec*, on a disk in *folder*; `boot` it first.

    *shims* is the folder of programs that speak for the node; *schedule* asks for a poll at a date, *alarm* for a call
    of `wake` for a unit in so much time, and gives the word that comes with it. The attributes are there for tests that
    want a node which lies or is broken; a node that nobody touches behaves.

    Attributes:
        key: the spec's.
        disk: its file system.
        accounts: its users.
        agent: its guest agent.
        ssh: its SSH server: `stop`, `start`, `replace_host_key`, `drop_after_bytes`.
        skew: how far the node's clock is ahead of the embedded Azure's.
        troubles: what is wrong with it on purpose; `suffer` changes that.
    """

    def __init__(
        self,
        spec: MachineSpec,
        folder: Path,
        *,
        clock: Clock,
        outside: Outside,
        shims: Path,
        schedule: Callable[[datetime], None],
        alarm: Callable[[timedelta, str], str],
        troubles: Troubles = NONE,
    ) -> None:
        self.key = spec.key
        self.skew = timedelta(0)
        self.troubles = troubles
        self._up = False
        self._changing = asyncio.Lock()
        self._clock = clock
        self._outside = outside
        self._shims = shims
        self._schedule = schedule
        self._hostname = f"{hashlib.blake2b(spec.key.encode(), digest_size=16).hexdigest()}000000"
        self.disk = Disk(folder, self.now)
        self.accounts = Accounts(self.disk)
        self._runner = Runner(self.disk, self.now)
        self._tasks = Tasks(spec.key, self.disk, self.accounts, self._runner)
        self._manager = ServiceManager(
            self.disk, self.accounts, self._runner, now=self.now, alarm=alarm, background=clock.start
        )
        self.ssh = NodeSSH(self.disk, self.accounts, self._runner, self._hostname)
        self.agent = GuestAgent(spec.extensions, disk=self.disk, now=self.now, make_service=self._service)
        self._suffer_at_once()

    @property
    def root(self) -> Path:
        """The folder of the host that stands for the node's `/`."""
        return self.disk.root

    @property
    def address(self) -> str:
        """Where its SSH server answers."""
        return ADDRESS

    @property
    def port(self) -> int:
        """The port of its SSH server."""
        return self.ssh.port

    def now(self) -> datetime:
        """The node's own time, UTC."""
        return self._clock.now() + self.skew

    def refuse_sudo(self, message: str) -> None:
        """Let sudo refuse everybody with *message*, one line, or let it work again with ""."""
        (self.disk.folder / "sudo-refusal").write_text(f"{message}\n" if message else "")

    @property
    def start_lag(self) -> timedelta:
        """How much longer than others it takes to start."""
        return self.troubles.start_lag

    async def suffer(self, troubles: Troubles) -> None:
        """Have these *troubles* from now on, and none of those before; what shows at the start alone shows then."""
        async with self._changing:
            before, self.troubles = self.troubles, troubles
            self._suffer_at_once()
            if self._up and before.of_ssh != troubles.of_ssh:
                await self.ssh.stop()
                await self.ssh.start()
            if self._up and before.of_extension != troubles.of_extension:
                await self.agent.restart()
                await self._manager.look()

    async def boot(self) -> None:
        """Lay out the disk, or find it as it was, and bring up SSH and what an earlier boot had installed.

        Raises: OSError where the machine is not to come up.
        """
        async with self._changing:
            if self.troubles.unusable:
                raise OSError(self.troubles.unusable)
            if self.disk.lay_out(self._shims):
                self.disk.write("/etc/hostname", f"{self._hostname}\n")
            else:
                self.disk.clear_run()
            self.accounts.write()
            await self.ssh.start()
            self._up = True
            await self._manager.boot()
            await self.agent.resume()
            await self._manager.look()

    async def install_extensions(self) -> None:
        """Install and start the extensions; returns once each has a first status: final, or `transitioning`."""
        await self.agent.install()
        await self._manager.look()

    async def due(self, quiet_until: Callable[[], datetime]) -> None:
        """Let the extension do what is due now; services that wait for that have done their part at the return."""
        if self.agent.service:
            await self.agent.service.due(quiet_until)
            await self._manager.look()

    async def systemctl(self, words: Sequence[str], user: str) -> Answer:
        """Do what a command `systemctl` of *user* says."""
        return await self._manager.systemctl(words, user)

    def wake(self, unit: str, word: str) -> None:
        """Let a unit do what it wanted to do at this time."""
        self._manager.wake(unit, word)

    def extension_statuses(self) -> Sequence[ExtensionStatus]:
        """What each extension's newest status says."""
        return self.agent.statuses()

    async def run_start_task(self, task: StartTask) -> TaskEnd:
        """Run the start task; its output goes to startup/stdout.txt and stderr.txt."""
        end = await self._tasks.run_start_task(task)
        return TaskEnd(_FAILED) if self.troubles.start_task_fails and end.exit_code == 0 else end

    async def run_task(self, task: MachineTask) -> TaskEnd:
        """Run a task to its end; whoever cancels this ends the task with all that it started."""
        return await self._tasks.run(task)

    def put_user(self, user: MachineUser) -> None:
        """Create the user, or replace it. Raises: ValueError for a name no account can have."""
        self.accounts.put(user)

    def remove_user(self, name: str) -> None:
        """Remove the user; its open sessions end."""
        self.ssh.end_sessions(name)
        self.accounts.remove(name)

    def files(self) -> Sequence[MachineFile]:
        """Everything below the Batch root directory."""
        top = self.disk.host(BATCH_ROOT)
        return [_described(path, path.relative_to(top).as_posix()) for path in sorted(top.rglob("*"))]

    def read_file(self, name: str) -> bytes:
        """The content of a file below the Batch root directory. Raises: FileNotFoundError, also for a folder."""
        top = self.disk.host(BATCH_ROOT).resolve()
        path = (top / name).resolve()
        if not path.is_relative_to(top) or not path.is_file():
            raise FileNotFoundError(name)
        return path.read_bytes()

    def remove_files(self, name: str) -> None:
        """Remove a file or folder below the Batch root directory; one that is not there is no error.

        Raises: FileNotFoundError for a name that leads out of it.
        """
        top = self.disk.host(BATCH_ROOT)
        path = top / name
        if path.name in {"", ".", ".."} or not path.parent.resolve().is_relative_to(top.resolve()):
            raise FileNotFoundError(name)
        remove_tree(path)

    async def reboot(self) -> None:
        """Close all connections and start again from the same disk; users stay."""
        await self.close(wipe=False)
        await self.boot()

    async def close(self, *, wipe: bool) -> None:
        """Stop everything that runs; with *wipe*, remove the disk."""
        self._up = False
        self.agent.stop()
        await self._manager.close()
        await self.ssh.stop()
        self._runner.close()
        if wipe:
            self.disk.wipe()

    def _suffer_at_once(self) -> None:
        self.skew = self.troubles.skew
        self.ssh.drop_after_bytes = self.troubles.ssh_drop_after
        self.ssh.refused, self.ssh.greeting, self.ssh.foreign_key = self.troubles.of_ssh

    def _service(self, handler: Handler) -> KeyVaultService:
        handler.half_status = self.troubles.half_status
        return KeyVaultService(
            handler,
            disk=self.disk,
            store=store_of(self.disk, handler.major, self.troubles.lie),
            misreading=self.troubles.misreading,
            outside=self._outside,
            clock=self._clock,
            now=self.now,
            schedule=self._schedule,
        )


def _described(path: Path, name: str) -> MachineFile:
    facts = path.lstat()
    changed = datetime.fromtimestamp(facts.st_mtime, UTC)  # Linux tells no date of creation that could be moved
    return MachineFile(name, path.is_dir(), 0 if path.is_dir() else facts.st_size, changed, changed, facts.st_mode)
