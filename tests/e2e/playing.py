"""Nodes on which sudo lets root be another user, and what it then gets to is what that user gets to."""

from __future__ import annotations

from local_azure.nodes.machine import Machine
from local_azure.nodes.views import View

_SBIN = "/usr/local/sbin"
_SUDO = """#!/bin/sh
# sudo -n -u USER COMMAND... for root, in the user's own view of the disk; all else is done by the node's sudo.
. "${0%/*}/node.sh"
if [ "$USER $1 $2" != 'root -n -u' ]; then exec "$shims/sudo-of-root" "$@"; fi
user=$3
shift 3
account "$user" || exit 1
for word in "$@"; do
  shift
  case $word in "$root"/*) word=$node/as/$user${word#"$root"} ;; esac
  # Whoever runs the tests may be root, whom no mode stops: a file that is closed to the user has none at all.
  case $word in "$node"/*) if [ "$(stat -Lc %a "$word")" = 0 ]; then exit 1; fi ;; esac
  set -- "$@" "$word"
done
exec "$@"
"""


def let_root_be_others(node: Machine) -> None:
    """Let the node's sudo play its other users; what they see of its disk is what is there now."""
    shims = node.disk.host(_SBIN).resolve()
    node.disk.remove(_SBIN)
    node.disk.mkdir(_SBIN)
    for shim in shims.iterdir():
        name = "sudo-of-root" if shim.name == "sudo" else shim.name
        node.disk.host(f"{_SBIN}/{name}").symlink_to(shim)
    node.disk.write(f"{_SBIN}/sudo", _SUDO, 0o755)
    for user in (*node.accounts.users, "nobody"):
        View(node.disk, user).prepare()


def shut_out(node: Machine, user: str, *, of: str) -> None:
    """Take *user* off the access lists of files and folders whose path ends with *of*."""
    file = node.disk.folder / "acls"
    lines = [line.split("\t", 1) for line in file.read_text().splitlines()]
    kept = [
        (path, " ".join(entry for entry in entries.split() if not (path.endswith(of) and f":{user}:" in entry)))
        for path, entries in lines
    ]
    file.write_text("".join(f"{path}\t{entries}\n" for path, entries in kept))
