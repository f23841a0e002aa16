"""What is started is stopped, with all that it has started itself."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.failure import DemoFailedError
from demo.processes import running
from demo.trees import Member, living, member

SLEEP = "import time; time.sleep(600)"
# A parent that starts a child in a session of its own, as Prefect's worker starts its runs.
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def eventually(true: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "did not come true in time"
        time.sleep(0.02)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "process.log"


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def child_of(log: Path) -> Member:
    eventually(lambda: log.read_text().endswith("\n"))
    child = member(int(log.read_text()))
    assert child
    return child


def test_its_output_and_environment_are_its_own(log: Path) -> None:
    """It sees what it is given alone, and writes to its log; its end is seen with its code."""
    program = "import os, sys; print(sorted(os.environ) == ['A', 'LC_CTYPE'] or sorted(os.environ)); sys.exit(3)"
    with running("it", python(program), env={"A": "1"}, log=log) as started:
        eventually(lambda: started.exit_code() is not None)
        with pytest.raises(DemoFailedError, match="it ended with exit code 3") as caught:
            started.check()
    assert caught.value.log == log
    assert log.read_text().strip() in {"True", "['A']"}


def test_children_in_other_sessions_are_stopped_too(log: Path) -> None:
    """A signal to the process group would miss them."""
    with running("parent", python(PARENT), env={}, log=log) as started:
        child = child_of(log)
        assert os.getsid(child.pid) == child.pid
        started.check()
    assert living({child}) == set()


def test_children_of_a_killed_parent_are_stopped_too(log: Path) -> None:
    """They have no parent any more by which to find them, but were seen before."""
    with running("parent", python(PARENT), env={}, log=log) as started:
        child = child_of(log)
        started.check()
        parent = next(each for each in started._family if each != child)
        os.kill(parent.pid, signal.SIGKILL)
        eventually(lambda: started.exit_code() is not None)
        assert living({child}) == {child}
    assert living({child}) == set()


def test_what_does_not_listen_is_killed(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the grace, and not before."""
    monkeypatch.setattr("demo.processes.GRACE_SECONDS", 0.5)
    with running("stubborn", python(STUBBORN), env={}, log=log) as started:
        eventually(lambda: "ready" in log.read_text())
        begun = time.monotonic()
    assert started.exit_code() == -signal.SIGKILL
    assert time.monotonic() - begun >= 0.5


def test_it_is_stopped_when_the_context_fails(log: Path) -> None:
    """An error or an interrupt in the middle leaves nothing behind."""
    with pytest.raises(KeyboardInterrupt), running("it", python(SLEEP), env={}, log=log) as started:
        raise KeyboardInterrupt
    assert started.exit_code() == -signal.SIGTERM


def test_a_number_used_again_is_not_the_same_process() -> None:
    """Only a process with the same number and the same start counts as ours."""
    me = member(os.getpid())
    assert me
    assert me in living({me})
    assert living({Member(me.pid, "another time")}) == set()
