from __future__ import annotations

import asyncio

import asyncssh
import pytest

from tasks.ssh import exchange

SHORT = 0.3
SLACK = 5.0  # seconds a busy machine may add; every other limit is 30 s
FOREVER = 3600


async def drops(process):
    process.stdout.write(b"half of it")
    await process.stdout.drain()
    process.channel.get_connection().abort()


async def never_answers(process):
    await asyncio.sleep(FOREVER)


async def drips(process):
    while True:
        process.stdout.write(b".")
        await process.stdout.drain()
        await asyncio.sleep(0.02)


async def ends_input_only(process):
    process.stdout.write(b"done")
    process.stdout.write_eof()
    await asyncio.sleep(FOREVER)


async def prints_without_end(process):
    while True:
        process.stdout.write(b"x" * 65536)
        await process.stdout.drain()


async def complains_without_end(process):
    while True:
        process.stderr.write(b"x" * 65536)
        await process.stderr.drain()


def fails(status, words):
    async def handler(process):
        process.stderr.write(words)
        process.exit(status)

    return handler


async def is_killed(process):
    process.exit_with_signal("KILL")


@pytest.mark.parametrize(
    ("handler", "code", "told"),
    [
        (drops, "ssh-dropped", "while the script ran"),
        (never_answers, "ssh-command-timeout", "not done in 0.5 s"),
        (drips, "ssh-command-timeout", "not done in 0.5 s"),
        (ends_input_only, "ssh-command-timeout", "not done in 0.5 s"),
        (fails(1, b"sh: 3: openssl: not found\n"), "visit-command-failed", "status 1: sh: 3: openssl: not found"),
        (fails(2, b""), "visit-command-failed", "ended with status 2"),
        (is_killed, "visit-command-failed", "without an exit status"),
        (fails(1, b"sudo: a password is required\n"), "visit-sudo-refused", "sudo: a password is required"),
        (fails(127, b"sh: 1: sudo: not found\n"), "visit-sudo-refused", "sudo: not found"),
    ],
)
def test_a_script_that_goes_wrong(servers, visited, handler, code, told):
    """Each way has its code and words, within the command's time-out; none is tried again."""
    answer = visited(servers.ssh(handler).host(), command_timeout=0.5, start_up_attempts=3)
    assert (answer.failure.code, answer.failure.passes) == (code, False)
    assert told in answer.failure.what
    assert answer.attempts == 1
    assert answer.seconds < 0.5 + SLACK


@pytest.mark.parametrize("handler", [prints_without_end, complains_without_end])
def test_an_answer_without_end(servers, visited, handler):
    """Bytes without end are cut at the bound, whichever stream they come by."""
    answer = visited(servers.ssh(handler).host())
    assert answer.failure.code == "visit-answer-too-large"
    assert answer.seconds < 25


@pytest.mark.parametrize(("beyond", "code"), [(0, None), (1, "visit-answer-too-large")])
def test_the_bound_on_an_answer(servers, visited, beyond, code):
    """The most bytes are still an answer; one more is not, also from a command that ends by itself."""

    async def prints(process):
        process.stdout.write(b"x" * (exchange.MAX_OUTPUT + beyond))
        process.exit(0)

    answer = visited(servers.ssh(prints).host())
    assert (answer.failure and answer.failure.code) == code
    assert len(answer.output) == (0 if code else exchange.MAX_OUTPUT)


def test_a_node_that_prints_and_does_not_read(servers, visited):
    """A script larger than the node's window and an answer larger than ours: neither waits for the other."""

    async def prints_first(process):
        process.stdout.write(b"x" * 3_000_000)
        await process.stdout.drain()
        process.exit(0)

    node = servers.ssh(prints_first, window=32768)
    answer = visited(node.host(), "#" * 1_000_000)
    assert (answer.failure, len(answer.output)) == (None, 3_000_000)


def test_a_node_that_stops_reading_its_socket(servers, visited):
    """A write that TCP never takes ends with the command's time-out."""

    async def stops_reading(process):
        process.channel.get_connection()._transport.pause_reading()
        await asyncio.sleep(FOREVER)

    node = servers.ssh(stops_reading, window=1 << 30)
    answer = visited(node.host(), "#" * 32_000_000, command_timeout=SHORT)
    assert answer.failure.code == "ssh-command-timeout"
    assert answer.seconds < SHORT + SLACK


def test_standard_error_does_not_hold_up_the_answer(servers, visited):
    """More on standard error than the window takes, then an answer: both are read."""

    async def chatty(process):
        process.stderr.write(b"e" * 3_000_000)
        await process.stderr.drain()
        process.stdout.write(b"answer")
        process.exit(0)

    answer = visited(servers.ssh(chatty).host())
    assert (answer.failure, answer.output) == (None, b"answer")


def test_a_new_key_exchange_in_mid_answer(servers, visited):
    """A server that renews its keys after some bytes is served like any other."""
    node = servers.ssh(rekey_bytes=20_000)
    script = "#" * 200_000
    answer = visited(node.host(), script)
    assert answer.failure is None
    assert answer.output == b"sudo -n sh -s\n" + script.encode()


def test_a_key_exchange_that_is_begun_and_never_ended(servers, visited):
    """paramiko holds back all it has to send until then: the command's time-out ends that wait too."""

    async def stalls(process):
        connection = process.channel.get_connection()
        connection._send_kexinit()
        connection._transport.pause_reading()
        await asyncio.sleep(FOREVER)

    answer = visited(servers.ssh(stalls, window=32768).host(), "#" * 1_000_000, command_timeout=SHORT)
    assert answer.failure.code == "ssh-command-timeout"
    assert answer.seconds < SHORT + SLACK


class NeverOpens(asyncssh.SSHServer):
    def auth_completed(self):
        self.conn._transport.pause_reading()


class NeverRuns(asyncssh.SSHServer):
    def session_requested(self):
        self.conn._transport.pause_reading()
        return asyncssh.SSHServerSession()


@pytest.mark.parametrize("server", [NeverOpens, NeverRuns])
def test_a_node_that_lets_in_and_then_keeps_quiet(servers, visited, server):
    """The command's time-out holds from the moment of signing in: for the session and for its start too."""
    node = servers.ssh(server=server, process_factory=None)
    answer = visited(node.host(), command_timeout=SHORT)
    assert answer.failure.code == "ssh-command-timeout"
    assert answer.seconds < SHORT + SLACK


def test_a_node_that_opens_no_session(servers, visited):
    """A refused session is told as a script that was not run."""

    class Refuses(asyncssh.SSHServer):
        def session_requested(self):
            return False

    answer = visited(servers.ssh(server=Refuses, process_factory=None).host())
    assert answer.failure.code == "visit-command-failed"
    assert "was not run" in answer.failure.what


def test_a_visit_sends_the_script_to_sudo_s_shell(servers, visited):
    """The command is constant, the script goes to its standard input, and the answer comes back whole."""
    answer = visited(servers.ssh().host(), "echo 'ä'\n")
    assert answer.output == "sudo -n sh -s\necho 'ä'\n".encode()
    assert (answer.node_id, answer.failure, answer.attempts) == ("tvm-1", None, 1)
    assert 0 < answer.seconds < SLACK
