"""Why a script did not run on a node by a task of Batch, as Problems."""

from __future__ import annotations

from batchcert.problems import Problem
from batchcert.visit.text import one_line

_SLOTS = "all its task slots are taken, or its pool has other tasks of the same priority"
_SHOWN = 300  # characters of what a task printed


def not_begun(node: str, seconds: float) -> Problem:
    """The task still waits for a slot."""
    return Problem(
        "task-not-begun",
        what=f"node {node}: its task did not begin in {seconds:g} s",
        cause=_SLOTS,
        cure="run again when its tasks have ended, give tasks more time to begin, or use SSH, which needs no slot",
    )


def ran_elsewhere(node: str, other: str, times: int) -> Problem:
    """Batch put it on another node each time: a task's affinity is a wish."""
    return Problem(
        "task-ran-elsewhere",
        what=f"node {node}: its task went to another node {times} times, at last to {other}, where it did nothing",
        cause=_SLOTS,
        cure="run again when its tasks have ended, give tasks more time to begin, or use SSH, which needs no slot",
    )


def not_ended(node: str, seconds: float) -> Problem:
    """It runs for too long, or Batch has ended it for that."""
    return Problem(
        "task-not-ended",
        what=f"node {node}: its task was not done in {seconds:g} s",
        cause="the node is overloaded, one of its disks does not answer, or it has gone",
        cure="look at the node's state in Batch; raise the command timeout if the node is only slow",
    )


def failed(node: str, how: str, errors: bytes = b"") -> Problem:
    """Batch could not run it, or it ended badly. *errors*: the end of what it said."""
    words = one_line(errors.decode("utf-8", "replace"), _SHOWN)
    return Problem(
        "task-failed",
        what=f"node {node}: its task failed: {how}{f': {words}' if words else ''}",
        cause="Batch could not start it, or the node's shell or one of its tools failed",
        cure="look at the node's state and errors in Batch; have a task of your own run there as administrator",
    )


def not_the_node(node: str, output: bytes) -> Problem:
    """Batch says that it ran on the node, and what it printed does not begin so."""
    return Problem(
        "task-not-the-node",
        what=f"node {node}: its task begins with {one_line(output[:80].decode('utf-8', 'replace'), 80)!r}, "
        "not with the node's id",
        cause="the node's shell is not the usual one, or the node does not tell the truth",
        cure="look at the node, and reimage it if somebody tampered with it",
    )


def refused(node: str, why: str) -> Problem:
    """Batch does not take the task."""
    return Problem(
        "task-refused",
        what=f"node {node}: Batch does not take its task: {why}",
        cause="the pool or the account does not allow such a task",
        cure="see Batch's words; use another channel where the pool cannot have elevated tasks",
    )


def too_large(size: int, most: int) -> Problem:
    """The script is no variable's value."""
    return Problem(
        "task-script-too-large",
        what=f"the script for the nodes has {size} bytes; a task carries {most}",
        cause="it travels as an environment variable of the task, and Linux gives one string 128 KiB",
        cure="use SSH for it, which carries any length; or have fewer certificates, readers or files in one go",
    )
