"""How the command ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script that runs `batchcert` can tell apart."""

    FINE = 0
    FINDINGS = 1
    """The command worked, and found something to change."""
    USAGE = 2
    """The command could not work: a file that cannot be read, an option that does not exist."""
