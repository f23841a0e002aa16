"""What a person sees while waiting."""

from __future__ import annotations

import io
import itertools

import pytest
from rich.console import Console

from demo.failure import DemoFailedError
from demo.screen import Screen


def screen_of(*, terminal: bool) -> tuple[Screen, io.StringIO]:
    """A screen whose clock moves on by 2 s at each look."""
    out = io.StringIO()
    seconds = itertools.count(0, 2)
    return Screen(Console(file=out, force_terminal=terminal, width=80), now=lambda: next(seconds)), out


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.screen.POLL_SECONDS", 0)


def test_without_a_terminal_lines_are_plain() -> None:
    """One line says what is waited for; no control characters."""
    screen, out = screen_of(terminal=False)
    answers = iter([None, None, "there"])
    assert screen.wait_for("it", lambda: next(answers), seconds=60) == "there"
    assert out.getvalue() == "    4 s  waiting for it\n"


def test_on_a_terminal_the_line_is_live() -> None:
    """It counts the seconds in place."""
    screen, out = screen_of(terminal=True)
    answers = iter([None] * 50 + ["there"])
    screen.wait_for("it", lambda: next(answers), seconds=600)
    assert "waiting for it: " in out.getvalue()
    assert "\r" in out.getvalue()


def test_waiting_is_bounded() -> None:
    """After its seconds the reason names what did not come."""
    screen, _ = screen_of(terminal=False)
    with pytest.raises(DemoFailedError, match="it: nothing in 10 s"):
        screen.wait_for("it", lambda: None, seconds=10)


def test_waiting_ends_when_it_has_become_useless() -> None:
    """A process that has ended is told at once, not after the time-out."""
    screen, _ = screen_of(terminal=False)

    def check() -> None:
        raise DemoFailedError("the server ended")

    with pytest.raises(DemoFailedError, match="the server ended"):
        screen.wait_for("it", lambda: None, seconds=1000, check=check)


def test_what_looks_like_markup_is_text() -> None:
    """A path or a message with brackets is shown as it is, however long."""
    screen, out = screen_of(terminal=False)
    screen.plain("[red]" + "x" * 200)
    assert out.getvalue() == "[red]" + "x" * 200 + "\n"
