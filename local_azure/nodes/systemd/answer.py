"""What `systemctl` says, and the exit codes that it ends with."""

from __future__ import annotations

from dataclasses import dataclass, field

# systemctl(1), "Exit status", and the codes for init scripts of the LSB
FAILED = 1
NOT_APPLICABLE = 3
NOT_RUNNING = 3
NO_PERMISSION = 4
UNKNOWN = 4
NOT_INSTALLED = 5
NOT_CONFIGURED = 6


@dataclass
class Answer:
    """An exit code, and lines for standard output and standard error."""

    code: int = 0
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)

    def fail(self, code: int, *lines: str) -> None:
        """Say what went wrong; of several failures the first one's code counts."""
        self.code = self.code or code
        self.err += lines


def failed(*lines: str) -> Answer:
    """Nothing but a failure."""
    return Answer(FAILED, [], list(lines))
