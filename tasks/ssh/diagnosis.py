"""What went wrong on a connection, from what is left of it."""

from __future__ import annotations

from dataclasses import dataclass

from paramiko.ssh_exception import AuthenticationException

from batchcert.problems import Problem
from tasks.ssh import faults
from tasks.ssh.exchange import MAX_OUTPUT, NO_STATUS, Outcome
from tasks.ssh.line import Limit, Line
from tasks.ssh.transport import NodeTransport
from tasks.ssh.values import Host, Limits

SETTLE_SECONDS = 0.2  # a transport that ends tells its channels first and itself after


@dataclass(frozen=True)
class Link:
    """A connection and what it is held to."""

    host: Host
    limits: Limits
    line: Line
    transport: NodeTransport


def handshake_fault(link: Link) -> Problem:
    """Why banners and keys were not exchanged."""
    greeting, version = link.line.greeting, link.transport.remote_version
    strange = not version and not b"SSH-".startswith(greeting[:4])
    match link.line.limit_hit:
        case Limit.STOPPED:
            return faults.stopped(link.host)
        case Limit.OVERDUE if not strange:
            return faults.banner_timeout(link.host, link.limits.banner_timeout, banner_seen=bool(version))
    if strange:
        return faults.not_ssh(link.host, greeting)
    error = link.transport.get_exception()
    if error is None or link.line.hung_up:
        return faults.dropped(link.host, "before anyone could sign in", passes=True)
    return faults.protocol_error(link.host, error)


def auth_fault(link: Link, error: BaseException | None) -> Problem:
    """Why the node did not let the user in; *error* is what paramiko made of it."""
    match link.line.limit_hit:
        case Limit.STOPPED:
            return faults.stopped(link.host)
        case Limit.OVERDUE:
            return faults.auth_timeout(link.host, link.limits.auth_timeout)
    if isinstance(error, AuthenticationException):
        return faults.auth_failed(link.host, str(error))
    if link.line.hung_up:
        return faults.dropped(link.host, "while signing in", passes=True)
    if error is None:  # the node said goodbye instead of "no": SSH_MSG_DISCONNECT
        return faults.auth_failed(link.host, "it disconnected")
    return faults.protocol_error(link.host, error)


def command_fault(link: Link, how: str, error: BaseException | None, errors: bytes = b"") -> Problem:
    """Why the script was not run to its end. *how* tells it for a connection that still stands."""
    link.transport.join(SETTLE_SECONDS)
    match link.line.limit_hit:
        case Limit.STOPPED:
            return faults.stopped(link.host)
        case Limit.OVERDUE:
            return faults.command_timeout(link.host, link.limits.command_timeout)
        case Limit.OVERFLOW:
            return faults.answer_too_large(link.host, MAX_OUTPUT)
    if link.transport.is_active():
        return faults.command_failed(link.host, how, errors)
    error = error or link.transport.get_exception()
    if error is None or link.line.hung_up:
        return faults.dropped(link.host, "while the script ran", passes=False)
    return faults.protocol_error(link.host, error)


def status_fault(link: Link, outcome: Outcome) -> Problem | None:
    """What is wrong with how the command ended, or None."""
    if outcome.status == 0:
        return None
    if outcome.status == NO_STATUS:
        return command_fault(link, "ended without an exit status", None, outcome.errors)
    # sudo's own failures: status 1 and a message with its name; 127 where there is no sudo
    if outcome.status in {1, 127} and not outcome.output and b"sudo" in outcome.errors:
        return faults.sudo_refused(link.host, outcome.errors)
    return faults.command_failed(link.host, f"ended with status {outcome.status}", outcome.errors)
