"""A visit: the script run on one node, tried again while the node is only starting up."""

from __future__ import annotations

import time

from batchcert.problems import Problem
from tasks.ssh import faults
from tasks.ssh.brake import Brake
from tasks.ssh.connection import run_script
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.values import Answer, Host, Limits


def visit(host: Host, key: EphemeralKey, script: str, limits: Limits, brake: Brake | None = None) -> Answer:
    """Run *script* as root on the node, over a connection of its own for each attempt.

    Start-up faults are tried again, *limits* saying how often and after what pause; nothing else is, so the
    script begins once. Whatever the node does, this returns, within the attempts' time-outs and pauses.

    Raises: nothing that a node can cause; what failed is in the answer.
    """
    brake = brake or Brake()
    started = time.monotonic()
    attempts = 0
    while True:
        attempts += 1
        output, failure = _attempt(host, key, script, limits, brake)
        again = failure and failure.passes and attempts < limits.start_up_attempts
        if not again or brake.pause(limits.retry_seconds):
            break
    return Answer(host.node_id, output, failure, seconds=time.monotonic() - started, attempts=attempts)


def _attempt(host: Host, key: EphemeralKey, script: str, limits: Limits, brake: Brake) -> tuple[bytes, Problem | None]:
    try:
        return run_script(host, key, script, limits, brake), None
    except Problem as problem:
        return b"", faults.detached(problem)
    except Exception as error:  # noqa: BLE001 - a library's error on one node must not end the visits of the others
        return b"", faults.unexpected(host, "the visit", error)
