"""The users of a node: accounts, home folders, and who may use sudo."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping

import asyncssh

from local_azure.machines import MachineUser
from local_azure.nodes.disk import Disk
from local_azure.nodes.views import View

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
_FIRST_UID = 1000
_SYSTEM = (("root", 0, "/root"), ("nobody", 65534, "/nonexistent"))


class Accounts:
    """The accounts of one node. Passwords and keys are held in memory alone: the Batch service brings them again."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._users: dict[str, MachineUser] = {}
        self._uids: dict[str, int] = {}

    @property
    def users(self) -> Mapping[str, MachineUser]:
        """The users by name."""
        return self._users

    def put(self, user: MachineUser) -> None:
        """Create the user with a home folder, or replace it. Raises: ValueError for a name no account can have."""
        if not _NAME.fullmatch(user.name) or user.name in {name for name, _, _ in _SYSTEM}:
            raise ValueError(f"no account can be called {user.name!r}")
        self._users[user.name] = user
        self._uids.setdefault(user.name, max(self._uids.values(), default=_FIRST_UID - 1) + 1)
        self._disk.mkdir(f"/home/{user.name}", 0o750)
        self.write()

    def remove(self, name: str) -> None:
        """Remove the user, its home folder and what it saw of the disk; an unknown one is no error."""
        self._users.pop(name, None)
        if self._uids.pop(name, None) is not None:
            self._disk.remove(f"/home/{name}")
            View(self._disk, name).remove()
            self.write()

    def knows_key(self, name: str, key: asyncssh.SSHKey) -> bool:
        """Whether *key* opens the account."""
        line = self._users[name].public_key if name in self._users else ""
        try:
            return bool(line) and asyncssh.import_public_key(line) == key
        except asyncssh.KeyImportError:
            return False

    def knows_password(self, name: str, password: str) -> bool:
        """Whether *password* opens the account; an account without a password has none that does."""
        held = self._users[name].password if name in self._users else ""
        return bool(held) and hmac.compare_digest(held.encode(), password.encode())

    def has_password(self, name: str) -> bool:
        """Whether the account can be opened by a password at all."""
        return name in self._users and bool(self._users[name].password)

    def write(self) -> None:
        """Write the files that tell of the accounts: passwd, group, and the administrators for the sudo shim."""
        people = [*_SYSTEM, *((name, self._uids[name], f"/home/{name}") for name in self._users)]
        self._disk.write(
            "/etc/passwd", "".join(f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n" for name, uid, home in people)
        )
        self._disk.write("/etc/group", "".join(f"{name}:x:{uid}:\n" for name, uid, _ in people))
        admins = [user.name for user in self._users.values() if user.admin]
        (self._disk.folder / "sudoers").write_text("".join(f"{name}\n" for name in admins))
