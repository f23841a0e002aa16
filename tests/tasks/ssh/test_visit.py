from __future__ import annotations

import base64
import logging
import pickle
import traceback

import asyncssh
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tasks.ssh.brake import Brake
from tasks.ssh.transport import LOG_CHANNEL
from tasks.ssh.visit import visit

SHORT = 0.2


class OnPause(Brake):
    """A brake that does something in a pause between attempts instead of waiting."""

    def __init__(self, act):
        super().__init__()
        self.pauses = []
        self._act = act

    def pause(self, seconds):
        self.pauses.append(seconds)
        self._act(len(self.pauses))
        return self.pulled


def test_a_node_that_comes_up_is_answered_by(servers, key, limits, refusing_port):
    """Refused twice, then up: the third attempt brings the answer."""
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    host = servers.ssh(host_key=host_key).host(port=refusing_port.getsockname()[1])

    def start(pause):
        if pause == 2:
            servers.ssh(sock=refusing_port.dup(), host_key=host_key)

    brake = OnPause(start)
    answer = visit(host, key, "true", limits(start_up_attempts=4, retry_seconds=7), brake)
    assert (answer.failure, answer.attempts, brake.pauses) == (None, 3, [7, 7])


def test_attempts_are_bounded(servers, visited, refusing_port):
    """A node that stays away is given up after the attempts that the limits allow."""
    host = servers.ssh().host(port=refusing_port.getsockname()[1])
    answer = visited(host, start_up_attempts=3)
    assert (answer.failure.code, answer.attempts) == ("ssh-connect-failed", 3)


async def silent(reader, _writer):
    await reader.read()


async def drop(_reader, writer):
    writer.transport.abort()


async def web_server(_reader, writer):
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize(("behaviour", "attempts"), [(silent, 2), (drop, 2), (web_server, 1)])
def test_only_start_up_faults_are_tried_again(servers, visited, behaviour, attempts):
    """A node that is not ready yet is tried again, over a new connection; one that is something else is not."""
    node = servers.raw(behaviour)
    answer = visited(node.host(), banner_timeout=SHORT, start_up_attempts=2)
    assert answer.attempts == attempts
    assert len(node.connections) == attempts


def test_a_refused_key_is_not_tried_again(servers, visited):
    """More refusals could lock the account."""
    node = servers.ssh(authorized_client_keys=None)
    answer = visited(node.host(), start_up_attempts=3)
    assert (answer.failure.code, answer.attempts, len(node.connections)) == ("ssh-auth-failed", 1, 1)


def test_a_wrong_host_key_is_not_tried_again(servers, visited):
    """A second look at a stranger makes no friend."""
    node, other = servers.ssh(), servers.ssh()
    answer = visited(node.host(host_keys=other.host_keys), start_up_attempts=3)
    assert (answer.failure.code, answer.attempts, len(node.connections)) == ("ssh-host-key-changed", 1, 1)


def test_a_pulled_brake_ends_the_attempts(servers, key, limits, refusing_port):
    """A visit that is stopped in the pause between attempts makes no further one."""
    brake = OnPause(lambda _: brake.pull())
    host = servers.ssh().host(port=refusing_port.getsockname()[1])
    answer = visit(host, key, "true", limits(start_up_attempts=9), brake)
    assert answer.attempts == 1


def test_with_a_pulled_brake_nobody_connects(servers, key, limits):
    """A visit that begins after the stop ends at once."""
    node = servers.ssh()
    brake = Brake()
    brake.pull()
    answer = visit(node.host(), key, "true", limits(), brake)
    assert (answer.failure.code, node.connections) == ("visit-stopped", [])


def test_an_error_nobody_foresaw_is_an_answer(servers, visited):
    """One node's visit cannot end the visits of the others, whatever its error."""
    answer = visited(servers.ssh().host(address="x" * 70))
    assert answer.failure.code == "visit-broke"
    assert "the visit ended with Unicode" in answer.failure.what


def private_forms(key):
    """The private key in the forms in which it could get out."""
    seed = key.seed()
    private = Ed25519PrivateKey.from_private_bytes(seed)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    middle = pem.splitlines()[2:4]  # past the header and the public half
    return [seed.hex(), repr(seed)[2:-1], base64.b64encode(seed).decode(), *middle]


def all_text(answer, records):
    failure = answer.failure
    texts = [repr(answer), str(failure), repr(failure), repr(pickle.dumps(answer)), repr(vars(failure))]
    texts += traceback.format_exception(failure)
    texts += [record.getMessage() + str(record.__dict__) for record in records]
    return "\n".join(texts)


@pytest.fixture
def everything_logged(caplog):
    """Every record, paramiko's too, at its most talkative."""
    protocol = logging.getLogger(LOG_CHANNEL)
    protocol.addHandler(caplog.handler)
    protocol.setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        yield caplog
    protocol.setLevel(logging.CRITICAL)
    protocol.removeHandler(caplog.handler)


def test_the_private_key_is_in_no_text(servers, key, limits, everything_logged):
    """Not in an answer, an exception, its pickle or a log record of a visit that fails."""

    class Refuses(asyncssh.SSHServer):
        def public_key_auth_supported(self):
            return True

        def validate_public_key(self, _username, _key):
            return False

    failing = [
        servers.ssh(server=Refuses, authorized_client_keys=None).host(),
        servers.raw(web_server).host(),
        servers.ssh().host(host_keys=servers.ssh().host_keys),
        servers.ssh(fails).host(),
    ]
    for host in failing:
        answer = visit(host, key, "true", limits())
        text = all_text(answer, everything_logged.records)
        assert answer.failure
        assert [form for form in private_forms(key) if form in text] == []
    assert any(record.name == LOG_CHANNEL for record in everything_logged.records)


async def fails(process):
    process.exit(1)


def test_an_answer_holds_on_to_nothing(servers, visited):
    """A failure keeps no frames alive: they would hold the script, the transport and the key."""
    failure = visited(servers.raw(web_server).host()).failure
    assert (failure.__traceback__, failure.__context__, failure.__cause__) == (None, None, None)
