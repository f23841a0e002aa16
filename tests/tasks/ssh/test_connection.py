from __future__ import annotations

import asyncio
import logging
import re
import threading

import asyncssh
import paramiko.transport
import pytest

from tasks.ssh.transport import LOG_CHANNEL

SHORT = 0.3
SLACK = 5.0  # seconds a busy machine may add; every other limit is 30 s
FOREVER = 3600


async def silent(reader, writer):
    await reader.read()


async def drip_banner(reader, writer):
    for byte in b"SSH-2.0-" + b"x" * 200:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def banner_alone(reader, writer):
    writer.write(b"SSH-2.0-quiet\r\n")
    await reader.read()


async def web_server(reader, writer):
    writer.write(b"HTTP/1.1 400 Bad\x1b[31m Request\r\n\r\n")
    await writer.drain()


async def mail_server(reader, writer):
    writer.write(b"220 mail.example.com ESMTP\r\n")
    await reader.read()


async def binary(reader, writer):
    writer.write(bytes(range(128, 256)) + b"\n")
    await writer.drain()


async def endless_line(reader, writer):
    while True:
        writer.write(b"x" * 4096)
        await writer.drain()


async def drop(reader, writer):
    writer.transport.abort()


async def drop_after_banner(reader, writer):
    writer.write(b"SSH-2.0-going\r\n")
    await writer.drain()
    await reader.readline()


async def huge_packet(reader, writer):
    writer.write(b"SSH-2.0-huge\r\n" + b"\xff" * 4)
    await endless_line(reader, writer)


async def not_packets(reader, writer):
    writer.write(b"SSH-2.0-noise\r\n\x00\x00\x00\x0c\x0a\xfa" + b"z" * 10)
    await reader.read()


@pytest.mark.parametrize(
    ("behaviour", "code", "passes"),
    [
        (silent, "ssh-banner-timeout", True),
        (drip_banner, "ssh-banner-timeout", True),
        (banner_alone, "ssh-banner-timeout", True),
        (web_server, "ssh-not-ssh", False),
        (mail_server, "ssh-not-ssh", False),
        (binary, "ssh-not-ssh", False),
        (endless_line, "ssh-not-ssh", False),
        (drop, "ssh-dropped", True),
        (drop_after_banner, "ssh-dropped", True),
        (huge_packet, "ssh-protocol-error", False),
        (not_packets, "ssh-protocol-error", False),
    ],
)
def test_a_server_that_never_gets_to_sign_in(servers, visited, behaviour, code, passes):
    """Each way of not beginning SSH has its code, within the banner time-out."""
    node = servers.raw(behaviour)
    answer = visited(node.host(), banner_timeout=SHORT)
    assert (answer.failure.code, answer.failure.passes) == (code, passes)
    assert f"tvm-1 (127.0.0.1:{node.port})" in answer.failure.what
    assert answer.output == b""
    assert answer.seconds < SHORT + SLACK


def test_a_stranger_s_words_are_shown_without_control_characters(servers, visited):
    """What a node sends cannot colour a terminal or break a line of a log."""
    answer = visited(servers.raw(web_server).host())
    assert "HTTP/1.1 400 Bad [31m Request" in answer.failure.what


def test_a_refused_connection(servers, visited, refusing_port):
    """A port that nobody listens on is a start-up fault."""
    node = servers.raw(silent)
    answer = visited(node.host(port=refusing_port.getsockname()[1]))
    assert (answer.failure.code, answer.failure.passes) == ("ssh-connect-failed", True)
    assert "refused" in answer.failure.what


def test_packets_that_vanish(servers, visited, vanishing_port):
    """A connection that is neither taken nor refused ends with the connect time-out."""
    node = servers.raw(silent)
    answer = visited(node.host(port=vanishing_port), connect_timeout=SHORT)
    assert (answer.failure.code, answer.failure.passes) == ("ssh-connect-failed", True)
    assert "no answer in 0.3 s" in answer.failure.what
    assert answer.seconds < SHORT + SLACK


def test_a_wrong_host_key(servers, visited):
    """Nobody signs in to a node that shows another key, and both fingerprints are told."""
    node, other = servers.ssh(), servers.ssh()
    answer = visited(node.host(host_keys=other.host_keys))
    assert (answer.failure.code, answer.failure.passes) == ("ssh-host-key-changed", False)
    assert len(re.findall(r"SHA256:\S{43}", answer.failure.what)) == 2
    assert node.auth_attempts == []


@pytest.mark.parametrize("lost", ["ecdsa-sha2-nistp256", "ssh-rsa"])
def test_a_host_that_lost_the_pinned_kind_has_changed_its_key(servers, visited, lost):
    """No key of the pinned kind is a changed key too, not a protocol that fails."""
    node, before = servers.ssh(), servers.ssh(host_key=lost)
    answer = visited(node.host(host_keys=before.host_keys))
    assert answer.failure.code == "ssh-host-key-changed"


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-rsa"])
def test_any_kind_of_pinned_key_will_do(servers, visited, kind):
    """A node is recognised by any one of the keys that its start task printed."""
    node, other = servers.ssh(host_key=kind), servers.ssh()
    answer = visited(node.host(host_keys=(*other.host_keys, *node.host_keys)))
    assert answer.failure is None


@pytest.mark.parametrize("host_keys", [(), ("ssh-dss AAAAB3NzaC1kc3M=",), ("nonsense",), ("ssh-ed25519 !",)])
def test_without_a_usable_host_key_nobody_connects(servers, visited, host_keys):
    """There is no trust on first use."""
    node = servers.ssh()
    answer = visited(node.host(host_keys=host_keys))
    assert (answer.failure.code, answer.failure.passes) == ("ssh-host-key-unknown", False)
    assert node.connections == []


class NeverDecides(asyncssh.SSHServer):
    def public_key_auth_supported(self):
        return True

    async def validate_public_key(self, _username, _key):
        await asyncio.sleep(FOREVER)


class DropsTheGuest(asyncssh.SSHServer):
    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, _username, _key):
        self.conn.abort()
        return False


class SaysGoodbye(asyncssh.SSHServer):
    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, _username, _key):
        self.conn.disconnect(asyncssh.DISC_BY_APPLICATION, "maintenance")
        return False


class PasswordsOnly(asyncssh.SSHServer):
    def public_key_auth_supported(self):
        return False

    def password_auth_supported(self):
        return True


@pytest.mark.parametrize(
    ("server", "code", "passes"),
    [
        (asyncssh.SSHServer, "ssh-auth-failed", False),
        (PasswordsOnly, "ssh-auth-failed", False),
        (SaysGoodbye, "ssh-auth-failed", False),
        (NeverDecides, "ssh-auth-timeout", True),
        (DropsTheGuest, "ssh-dropped", True),
    ],
)
def test_a_node_that_does_not_let_in(servers, visited, server, code, passes):
    """A refusal is final; a time-out or a lost connection while signing in is not."""
    node = servers.ssh(server=server, authorized_client_keys=None)
    answer = visited(node.host(), auth_timeout=SHORT)
    assert (answer.failure.code, answer.failure.passes) == (code, passes)
    assert answer.seconds < SHORT + SLACK


class ClaimsManyExtensions(asyncssh.SSHServer):
    def begin_auth(self, _username):
        self.conn.send_packet(7, asyncssh.packet.UInt32(0xFFFFFFFF))
        return True


def test_extensions_that_are_claimed_and_not_there(servers, visited):
    """A message that claims four thousand million entries costs nothing."""
    node = servers.ssh(server=ClaimsManyExtensions)
    answer = visited(node.host())
    assert answer.failure is None
    assert answer.seconds < SLACK


class Records(logging.Handler):
    """What reaches the root logger."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.seen = []

    def emit(self, record):
        self.seen.append(record)


@pytest.fixture
def root_records():
    """The root logger's records, with paramiko's own logger at its most talkative."""
    root, protocol, records = logging.getLogger(), logging.getLogger(LOG_CHANNEL), Records()
    root.addHandler(records)
    protocol.setLevel(logging.DEBUG)
    yield records.seen
    protocol.setLevel(logging.CRITICAL)
    root.removeHandler(records)


@pytest.mark.parametrize("behaviour", [silent, web_server, drop, not_packets])
def test_paramiko_s_own_log_stays_silent(servers, visited, behaviour, capfd, root_records):
    """A failing visit writes nothing to standard error and nothing to the root logger, at any level."""
    visited(servers.raw(behaviour).host(), banner_timeout=SHORT)
    assert capfd.readouterr().err == ""
    assert [record for record in root_records if record.name.startswith(("paramiko", "batchcert"))] == []


def test_no_thread_is_left_behind(servers, visited):
    """The thread that reads a connection has ended when the visit has, also with a node that keeps quiet."""
    for node in (servers.ssh(), servers.raw(silent), servers.ssh(server=NeverDecides, authorized_client_keys=None)):
        visited(node.host(), banner_timeout=SHORT, auth_timeout=SHORT)
    assert paramiko.transport._active_threads == []


def test_a_connection_is_set_up_for_speed(servers, visited):
    """AES-GCM, which spares paramiko a MAC in Python, and no timer's thread beside the connection's own."""
    timers = []

    async def looks(process):
        timers.extend(thread for thread in threading.enumerate() if isinstance(thread, threading.Timer))
        process.exit(0)

    node = servers.ssh(looks)
    assert visited(node.host()).failure is None
    (connection,) = node.connections
    assert "gcm" in connection.get_extra_info("recv_cipher")
    assert timers == []


@pytest.mark.parametrize("cipher", ["aes128-ctr", "aes256-ctr"])
def test_a_server_without_gcm_is_visited_too(servers, visited, cipher):
    """CTR stands behind GCM."""
    assert visited(servers.ssh(encryption_algs=[cipher]).host()).failure is None


def test_a_server_with_nothing_in_common(servers, visited):
    """No common algorithm is told as such, and not tried again."""
    node = servers.ssh(encryption_algs=["3des-cbc"])
    failure = visited(node.host(), start_up_attempts=3).failure
    assert (failure.code, failure.passes) == ("ssh-protocol-error", False)
    assert "no acceptable ciphers" in failure.what
