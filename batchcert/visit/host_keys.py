"""A node's SSH host keys, told by its own start task: the command that prints them and the reading of it.

Batch hands out a start task's stdout through its node file API, to callers it has authenticated. That makes
the file a channel by which a node's keys can be known before the first connection to it, so that nobody has to
trust whoever answers at the node's address.
"""

from __future__ import annotations

import base64
import binascii
import re

from batchcert.problems import Problem

BEGIN = "batchcert host keys begin"
END = "batchcert host keys end"


def start_task_command(then: str = "") -> str:
    """A start task's command line that tells the keys and does *then*, a command without single quotes.

    Batch runs command lines without a shell, hence /bin/sh. Without *then* it ends with 0 even where there are no keys:
    a pool must not lose its nodes over them. Source: Batch, "Run tasks and jobs", command line.
    """
    return f"/bin/sh -c 'echo {BEGIN}; cat /etc/ssh/ssh_host_*_key.pub; echo {END}{f'; {then}' if then else ''}'"


START_TASK_COMMAND = start_task_command()

MAX_KEYS = 16  # OpenSSH makes three; an image may add some
MAX_LINE = 8192  # characters; an RSA key of 16,384 bits, OpenSSH's largest, has 2,800

_OUR_START_TASK = "give the pool the start task that provision sets, or add its command to yours"
_KIND = re.compile(r"[a-z0-9][-a-z0-9@.]{0,63}")


def parse_host_keys(text: str, *, node: str = "the node") -> tuple[str, ...]:
    """The host keys in *text*, a start task's stdout: "ssh-ed25519 AAAA..." each, without comment, in its order.

    The last block counts, since a start task runs again after a reboot. Lines in it that are no key are
    passed over, and so is what is beyond the bounds (16 keys, 8,192 characters a line).

    Raises: Problem `ssh-host-key-unknown`, which passes while the start task has not printed its end mark.
    """
    before_end, end, _ = text.rpartition(END)
    _, begin, block = (before_end if end else text).rpartition(BEGIN)
    if not begin:
        raise _unknown(
            node,
            cause="its start task's stdout has no block of host keys, so the pool has another start task",
            cure=_OUR_START_TASK,
        )
    if not end:
        raise _unknown(node, cause="its start task has not printed them all yet", cure="wait", passes=True)
    keys = tuple(key for line in block.splitlines() if (key := _public_key(line)))[:MAX_KEYS]
    if not keys:
        raise _unknown(
            node,
            cause="its start task found no readable /etc/ssh/ssh_host_*_key.pub",
            cure="look at the start task's stderr.txt; the image needs an OpenSSH server with host keys",
        )
    return keys


def output_unread(refusal: Problem, *, node: str) -> Problem:
    """Why the keys of *node* are not known where Batch refused its start task's stdout, as *refusal* tells."""
    no_such_file = refusal.code == "azure-not-found"  # or no such node, which the next list of nodes then tells
    return _unknown(
        node,
        told=refusal.what,
        cause="the pool has no start task, or it has not begun" if no_such_file else refusal.cause,
        cure=_OUR_START_TASK if no_such_file else refusal.cure,
        passes=refusal.passes,
    )


def _public_key(line: str) -> str:
    """The kind and the Base64 of the OpenSSH public key in *line*, or "" where it holds none."""
    words = line.split(maxsplit=2)
    if len(words) < 2 or len(line) > MAX_LINE or not _KIND.fullmatch(words[0]):
        return ""
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return ""
    # RFC 4253, section 6.6: the encoded key begins with the name of its kind
    named = len(words[0]).to_bytes(4, "big") + words[0].encode()
    return f"{words[0]} {words[1]}" if blob.startswith(named) and len(blob) > len(named) else ""


def _unknown(node: str, *, cause: str, cure: str, passes: bool = False, told: str = "") -> Problem:
    return Problem(
        "ssh-host-key-unknown",
        what=f"{node}: its SSH host keys are not known, so it is not visited{f': {told}' if told else ''}",
        cause=cause,
        cure=cure,
        passes=passes,
    )
