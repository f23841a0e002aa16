"""One SSH connection to one node, from the first packet to the script's last byte."""

from __future__ import annotations

import threading

from paramiko.ssh_exception import SSHException

from tasks.ssh import diagnosis, faults
from tasks.ssh.brake import Brake
from tasks.ssh.diagnosis import Link
from tasks.ssh.exchange import MAX_OUTPUT, OutputTooLargeError, exchange
from tasks.ssh.hostkeys import HostKey, pinned_keys
from tasks.ssh.keys import EphemeralKey
from tasks.ssh.line import dial
from tasks.ssh.transport import HOST_KEY_ALGORITHMS, NodeTransport
from tasks.ssh.values import Host, Limits

COMMAND = "sudo -n sh -s"
HANDSHAKE_BYTES = 65536  # banner and key exchange take some 5,000, signing in some 500 and the node's greeting
COMMAND_BYTES = 2 * MAX_OUTPUT  # the answer, standard error and SSH's own packets
JOIN_SECONDS = 2.0


def run_script(host: Host, key: EphemeralKey, script: str, limits: Limits, brake: Brake) -> bytes:
    """What *script* prints when root's shell on the node reads it, over a connection of its own.

    Ends within the sum of the four time-outs of *limits* and some seconds, whatever the node does.

    Raises: Problem, with one of the codes of `tasks.ssh.faults`.
    """
    pinned = pinned_keys(host, HOST_KEY_ALGORITHMS)
    with dial(host, limits.connect_timeout, brake) as line:
        link = Link(host, limits, line, NodeTransport(line, pinned))
        try:
            shake_hands(link, pinned)
            sign_in(link, key)
            return run(link, script)
        finally:
            _hang_up(link)


def shake_hands(link: Link, pinned: tuple[HostKey, ...]) -> None:
    """Exchange banners and keys, and refuse a node that shows a key other than the *pinned* ones.

    Raises: Problem `ssh-banner-timeout`, `ssh-not-ssh`, `ssh-dropped`, `ssh-protocol-error`, `ssh-host-key-changed`.
    """
    done = threading.Event()
    link.line.allow(link.limits.banner_timeout, HANDSHAKE_BYTES)
    link.transport.start_client(event=done)
    link.line.wait_for(done)
    if not (link.transport.is_active() and link.transport.initial_kex_done):
        raise diagnosis.handshake_fault(link)
    key = link.transport.get_remote_server_key()
    shown = HostKey(key.get_name(), key.asbytes())
    if shown not in pinned:
        raise faults.host_key_changed(link.host, shown.fingerprint, [key.fingerprint for key in pinned])


def sign_in(link: Link, key: EphemeralKey) -> None:
    """Sign in as the host's user.

    Raises: Problem `ssh-auth-failed`, `ssh-auth-timeout`, `ssh-dropped`, `ssh-protocol-error`.
    """
    done = threading.Event()
    link.line.allow(link.limits.auth_timeout, HANDSHAKE_BYTES)
    try:
        link.transport.auth_publickey(link.host.user, key.signer, event=done)
    except (SSHException, EOFError, OSError) as error:
        raise diagnosis.auth_fault(link, error) from None
    link.line.wait_for(done)
    if not link.transport.is_authenticated():
        raise diagnosis.auth_fault(link, link.transport.get_exception())


def run(link: Link, script: str) -> bytes:
    """What root's shell prints with *script* on its standard input.

    Raises: Problem `ssh-command-timeout`, `ssh-dropped`, `ssh-protocol-error`, `visit-sudo-refused`,
        `visit-command-failed`, `visit-answer-too-large`.
    """
    seconds = link.limits.command_timeout
    link.line.allow(seconds, COMMAND_BYTES)
    try:
        channel = link.transport.open_session(timeout=seconds)
        channel.exec_command(COMMAND)
        outcome = exchange(channel, script.encode(), link.line)
    except OutputTooLargeError:
        raise faults.answer_too_large(link.host, MAX_OUTPUT) from None
    except Exception as error:  # noqa: BLE001 - paramiko raises here whatever a node's packets made it raise
        how = f"was not run: {faults.printable(str(error))}"
        raise diagnosis.command_fault(link, how, error) from None
    if fault := diagnosis.status_fault(link, outcome):
        raise fault
    return outcome.output


def _hang_up(link: Link) -> None:
    """End the connection and the thread that reads it."""
    link.line.hang_up()
    if link.transport.is_alive():
        link.transport.join(JOIN_SECONDS)
    link.transport.close()
