"""How commands on a node reach the server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from local_azure.nodes.calls import Calls

pytestmark = pytest.mark.anyio


async def _serve(folder: Path, user: str, words: Sequence[str]) -> tuple[int, Sequence[str], Sequence[str]]:
    if list(words) == ["broken"]:
        raise LookupError(folder)
    if list(words) == ["long"]:
        return 7, ["x" * 99] * 10_000, []
    return len(words), [folder.name, user, *words], ["oops"]


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[Calls]:
    calls = Calls(tmp_path / "door", _serve)
    calls.open()
    yield calls
    await calls.close()


def _call(folder: Path, *words: str) -> int:
    """Begin a call as a shim does. Returns the answer's pipe, open."""
    folder.mkdir(exist_ok=True)
    pipe = folder / "call.1"
    (folder / "call.1.words").write_text("".join(f"{word}\n" for word in words))
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    door = os.open(folder.parent / "door", os.O_WRONLY)
    os.write(door, f"{pipe}\n".encode())
    os.close(door)
    return descriptor


async def _answered(descriptor: int) -> str:
    """The whole answer."""
    text = b""
    async with asyncio.timeout(10):
        while not text.endswith(b"\n") or not text.splitlines()[-1].startswith(b"x"):
            try:
                text += os.read(descriptor, 65536)
            except BlockingIOError:
                await asyncio.sleep(0.005)
    os.close(descriptor)
    return text.decode()


async def test_a_call_gets_its_answer(calls: Calls, tmp_path: Path) -> None:
    """Lines for both outputs, and the exit code; nothing is left in the folder."""
    descriptor = _call(tmp_path / "node", "ada", "is-active", "two words", "")
    assert await _answered(descriptor) == "onode\noada\nois-active\notwo words\no\neoops\nx3\n"
    assert list((tmp_path / "node").iterdir()) == []


async def test_an_answer_that_is_too_long_is_cut(calls: Calls, tmp_path: Path) -> None:
    """At a line, so that the end of it is understood."""
    text = await _answered(_call(tmp_path / "node", "ada", "long"))
    assert text.endswith("\nx7\n")
    assert 40_000 < len(text) < 65_536
    assert set(text.splitlines()[:-1]) == {"o" + "x" * 99}


async def test_a_caller_that_is_gone_is_no_harm(calls: Calls, tmp_path: Path) -> None:
    """Nor are a call for nothing, and words that are missing: the next one is answered."""
    gone = _call(tmp_path / "gone", "ada", "x")
    os.close(gone)
    with (tmp_path / "door").open("wb", buffering=0) as door:
        door.write(f"{tmp_path}/none/call.2\n\n".encode())
    assert (await _answered(_call(tmp_path / "node", "ada"))).endswith("x0\n")


async def test_a_call_that_fails_has_an_end(calls: Calls, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever called does not wait for ever; the log tells."""
    assert (await _answered(_call(tmp_path / "node", "ada", "broken"))).endswith("x1\n")
    assert (await _answered(_call(tmp_path / "node"))).endswith("x1\n")
    assert "LookupError" in caplog.text


async def test_a_closed_door_is_gone(tmp_path: Path) -> None:
    """And opening it again finds nothing of before."""
    calls = Calls(tmp_path / "door", _serve)
    await calls.close()
    calls.open()
    calls.open()
    await calls.close()
    assert not (tmp_path / "door").exists()
