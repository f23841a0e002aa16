"""What a virtual machine is made from, what it tells, and what Batch asks of it.

The contract between two rooms that do not import each other: `services/batch` asks, `nodes` does, `cloud.py` brings
both together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class MachineSpec:
    """A virtual machine that a pool wants.

    Attributes:
        key: "account/pool/node", unique in the embedded Azure.
        region: the Azure region, as in westus2.
        identities: lower-cased ARM ids of the pool's user-assigned identities.
        extensions: the pool's `virtualMachineConfiguration.extensions`, as given.
    """

    key: str
    region: str
    identities: tuple[str, ...] = ()
    extensions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class MachineUser:
    """A user account on a machine. *public_key* is an OpenSSH line or ""; *password* likewise may be ""."""

    name: str
    admin: bool
    public_key: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class StartTask:
    """The pool's start task: a command line run once a boot.

    Attributes:
        elevated: whether it runs as an administrator, where it names no *user*.
        user: the pool's user account that it runs as, or "".
    """

    command_line: str
    elevated: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""


@dataclass(frozen=True)
class TaskUser:
    """Whom a task runs as.

    Attributes:
        name: a user account of the machine; "" for an auto user.
        admin: whether an auto user is an administrator; an account has its own rights.
        shared: whether an auto user is the one that all tasks of the pool share.
    """

    name: str = ""
    admin: bool = False
    shared: bool = False


@dataclass(frozen=True)
class MachineTask:
    """A command line that a machine runs in a folder of its own, as itself and not by a shell.

    Attributes:
        folder: below the Batch root directory, as in workitems/job/job-1/task. It gets stdout.txt, stderr.txt and the
            working directory wd.
        environment: besides the variables by which Batch tells a task where it is.
        preparation: the folder of the job preparation task, or "".
    """

    command_line: str
    folder: str
    user: TaskUser
    environment: Mapping[str, str] = field(default_factory=dict)
    preparation: str = ""


@dataclass(frozen=True)
class TaskEnd:
    """How a run of a task ended.

    Attributes:
        exit_code: as a shell tells it, 128 and more for a signal; None where the command could not be started.
        trouble: why not: "not-found" or "not-launched"; "" for a command that ran.
        message: the operating system's words for that.
    """

    exit_code: int | None
    trouble: str = ""
    message: str = ""


@dataclass(frozen=True)
class ExtensionStatus:
    """What the guest agent tells of one extension.

    *state* is "transitioning", "warning", "error" or "success"; *handler_version* the installed version.
    """

    name: str
    state: str
    message: str
    handler_version: str


@dataclass(frozen=True)
class MachineFile:
    """A file or folder below the Batch root directory of a machine.

    *name* uses slashes, as in startup/stdout.txt; *mode* is its kind and permissions, as stat(2) tells them.
    """

    name: str
    is_directory: bool
    size: int
    created: datetime
    modified: datetime
    mode: int = 0o100644


class Machine(Protocol):
    """One running virtual machine."""

    @property
    def address(self) -> str:
        """Where its SSH server answers."""

    @property
    def port(self) -> int:
        """The port of its SSH server."""

    @property
    def start_lag(self) -> timedelta:
        """How much longer than others it takes to start."""

    async def boot(self) -> None:
        """Lay out the disk (or find it as it was), make host keys, bring the SSH server up."""

    async def install_extensions(self) -> None:
        """Let the guest agent install and enable the extensions.

        Returns once each has a first final status, or, for one that keeps trying, is known to be transitioning.
        """

    def extension_statuses(self) -> Sequence[ExtensionStatus]:
        """What each extension's newest status says."""

    async def run_start_task(self, task: StartTask) -> TaskEnd:
        """Run the start task; its output goes to startup/stdout.txt and stderr.txt."""

    async def run_task(self, task: MachineTask) -> TaskEnd:
        """Run a task to its end; whoever cancels this ends the task with all that it started."""

    def put_user(self, user: MachineUser) -> None:
        """Create the user, or replace it."""

    def remove_user(self, name: str) -> None:
        """Remove the user; its open sessions end."""

    def files(self) -> Sequence[MachineFile]:
        """Everything below the Batch root directory."""

    def read_file(self, name: str) -> bytes:
        """A file's content. Raises FileNotFoundError."""

    def remove_files(self, name: str) -> None:
        """Remove a file, or a folder with all in it; one that is not there is no error."""

    async def reboot(self) -> None:
        """Close all connections and start again from the same disk; users stay."""

    async def close(self, *, wipe: bool) -> None:
        """Stop everything; with *wipe*, remove the disk."""


class Machines(Protocol):
    """Where virtual machines come from."""

    def create(self, spec: MachineSpec) -> Machine:
        """A machine for *spec*, not booted yet; its disk is found again if it exists."""

    def forget(self, key: str) -> None:
        """The machine of this key is closed for good."""
