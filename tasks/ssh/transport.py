"""paramiko's transport, set up for many short visits to nodes that are not trusted."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import paramiko
from paramiko.message import Message
from paramiko.packet import Packetizer

from tasks.ssh.hostkeys import HostKey, in_order
from tasks.ssh.line import Line

LOG_CHANNEL = "batchcert.ssh.protocol"
"""Where paramiko logs. Silent by itself: what goes wrong is told once, as a Problem, and paramiko's own records
carry tracebacks and a node's words as they came. To look at them, add a handler and lower the level."""

HOST_KEY_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
# GCM first: for the others paramiko compares each packet's MAC byte by byte, in Python.
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")

_log = logging.getLogger(LOG_CHANNEL)
_log.addHandler(logging.NullHandler())
_log.setLevel(logging.CRITICAL)
_log.propagate = False


class TimerlessPacketizer(Packetizer):
    """paramiko's, without its Timer thread for each connection: `Line` keeps the deadline by reading the clock."""

    def start_handshake(self, timeout: float) -> None:
        """Start no Timer."""


class NodeTransport(paramiko.Transport):
    """A client's transport over a `Line`, ready to negotiate for one of the pinned keys."""

    def __init__(self, line: Line, pinned: Sequence[HostKey]) -> None:
        super().__init__(line, packetizer_class=TimerlessPacketizer)
        self.set_log_channel(LOG_CHANNEL)
        options = self.get_security_options()
        options.ciphers = CIPHERS
        options.key_types = in_order(pinned, HOST_KEY_ALGORITHMS)
        # in a group exchange the server chooses the prime, and with it how long we calculate
        options.kex = tuple(name for name in options.kex if "group-exchange" not in name)

    def _parse_ext_info(self, msg: Message) -> None:
        """Ignore a server's extensions (RFC 8308): an ed25519 key needs none.

        paramiko reads as many as the message claims, up to four thousand million, whether they are there or not.
        """
