from __future__ import annotations

import socket
import threading
import tracemalloc
from contextlib import suppress

import pytest

from batchcert.problems import Problem
from tasks.ssh.brake import Brake
from tasks.ssh.line import CHUNK, Limit, LineCutError, dial


@pytest.fixture
def brake():
    return Brake()


@pytest.fixture
def sends(servers):
    """A node that sends what it is given, and then waits."""

    def make(words):
        async def handler(reader, writer):
            writer.write(words)
            await reader.read()

        return servers.raw(handler).host()

    return make


def test_small_messages_are_not_held_back(sends, brake):
    """Nagle's algorithm is off: it costs a round trip for each message of SSH's."""
    with dial(sends(b""), 10, brake) as line:
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_first_bytes_are_kept(sends, brake):
    """A greeting is remembered for the message about it, and no more than its start."""
    with dial(sends(b"x" * 500), 10, brake) as line:
        line.allow(10, 1000)
        line.settimeout(10)
        while line.recv(50):
            if len(line.greeting) == 80:
                break
        assert line.greeting == b"x" * 80


def test_a_read_takes_memory_for_a_chunk_at_most(sends, brake):
    """However long a packet claims to be."""
    with dial(sends(b"x"), 10, brake) as line:
        line.allow(10, CHUNK)
        line.settimeout(10)
        tracemalloc.start()
        try:
            assert line.recv(1 << 32) == b"x"
            assert tracemalloc.get_traced_memory()[1] < 2 * CHUNK
        finally:
            tracemalloc.stop()


def test_the_budget_ends_the_line(sends, brake):
    """After the bytes that were allowed, reading and writing fail."""
    with dial(sends(b"x" * 100), 10, brake) as line:
        line.allow(10, 99)
        line.settimeout(10)
        received = 0
        while received < 100:
            received += len(line.recv(100))
        assert line.limit_hit is Limit.OVERFLOW
        for use in (lambda: line.recv(1), lambda: line.send(b"x")):
            with pytest.raises(LineCutError):
                use()


def test_the_deadline_ends_the_line_and_can_be_moved(sends, brake):
    """Past it, reading and writing fail; the next step has a deadline of its own."""
    with dial(sends(b"x"), 10, brake) as line:
        line.allow(0, 10)
        assert (line.limit_hit, line.seconds_left) == (Limit.OVERDUE, 0)
        with pytest.raises(LineCutError):
            line.recv(1)
        line.allow(10, 10)
        line.settimeout(10)
        assert line.recv(1) == b"x"


def test_waiting_ends_with_the_event_or_the_deadline(sends, brake):
    """Whichever comes first."""
    with dial(sends(b""), 10, brake) as line:
        event = threading.Event()
        line.allow(0.05, 0)
        line.wait_for(event)
        assert line.limit_hit is Limit.OVERDUE
        event.set()
        line.allow(30, 0)
        line.wait_for(event)
        assert line.limit_hit is None


def test_the_brake_wakes_who_reads(sends, brake):
    """A read that waits for a silent node ends when the brake is pulled."""
    with dial(sends(b""), 10, brake) as line:
        line.allow(30, 10)
        line.settimeout(30)

        def read():
            with suppress(LineCutError):  # the brake was seen before the read
                line.recv(1)

        reading = threading.Thread(target=read)
        reading.start()
        brake.pull()
        reading.join(10)
        assert not reading.is_alive()
        assert line.limit_hit is Limit.STOPPED


def test_after_the_brake_nobody_connects(sends, brake):
    """A connection that is about to be made is not."""
    host = sends(b"")
    brake.pull()
    with pytest.raises(Problem, match="visit-stopped"), dial(host, 10, brake):
        pass
