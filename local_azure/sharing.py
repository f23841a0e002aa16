"""An embedded Azure that many tests use, one after the other."""

from __future__ import annotations

from datetime import timedelta

from local_azure.serving import LocalAzure

_WHY = (
    "this embedded Azure serves every test of the process, and its clock never goes back: "
    "a test that moves the clock asks for the fixture `fresh_local_azure` instead of `local_azure`"
)


class SharedAzure(LocalAzure):
    """A `LocalAzure` whose clock keeps to real time, so that no test finds it moved by another."""

    def advance(self, by: timedelta, seconds: float = 600) -> None:
        """Raises: RuntimeError, always."""
        del by, seconds
        raise RuntimeError(_WHY)

    def set_speed(self, speed: float) -> None:
        """Raises: RuntimeError, always."""
        del speed
        raise RuntimeError(_WHY)
