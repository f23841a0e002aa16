"""A node's SSH host keys, in the files in which sshd keeps them."""

from __future__ import annotations

import asyncssh

from local_azure.nodes.disk import Disk

_FILE = "/etc/ssh/ssh_host_ed25519_key"


def host_key(disk: Disk, hostname: str) -> asyncssh.SSHKey:
    """The node's ed25519 host key; made at the first boot, found again at the next."""
    file = disk.host(_FILE)
    if not file.exists():
        return new_host_key(disk, hostname)
    return asyncssh.read_private_key(str(file))


def new_host_key(disk: Disk, hostname: str) -> asyncssh.SSHKey:
    """Make a new host key and write it over the old one, as a reimaged node would."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment=f"root@{hostname}")
    disk.write(_FILE, key.export_private_key("openssh"), 0o600)
    disk.write(f"{_FILE}.pub", key.export_public_key("openssh"))
    return key


def foreign_host_key() -> asyncssh.SSHKey:
    """A host key that nothing on the node tells of, as of another machine at the same address."""
    return asyncssh.generate_private_key("ssh-ed25519")
