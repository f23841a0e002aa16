"""A free port, stepping around taken ones."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.failure import DemoFailedError
from demo.ports import can_listen, free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_stepped_around(taken: int) -> None:
    """The next free one is given."""
    assert not can_listen(taken)
    with free_port(taken) as port:
        assert port > taken
        assert can_listen(port)


def test_two_never_get_the_same_port(taken: int) -> None:
    """Though nothing listens on the first one's port yet; once given back it is free again."""
    with free_port(taken) as first:
        with free_port(taken) as second:
            assert second > first
        with free_port(first) as third:
            assert third == second
    with free_port(first) as again:
        assert again == first


def test_nothing_is_left_in_the_temporary_folder(taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock goes with its holder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with free_port(taken) as port:
        assert [path.name.endswith(f"-{port}.lock") for path in tmp_path.iterdir()] == [True]
    assert list(tmp_path.iterdir()) == []


def test_it_ends_where_none_is_free(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search is bounded, and says where it looked."""
    monkeypatch.setattr("demo.ports.MOST_STEPS", 1)
    with pytest.raises(DemoFailedError, match=f"no port from {taken} to {taken} is free"), free_port(taken):
        pass
