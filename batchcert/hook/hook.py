"""A hook: the command for one certificate, as it is put on nodes and known again there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources

REVISION_DIGITS = 16


@dataclass(frozen=True)
class Hook:
    """A command for new versions of a certificate.

    Attributes:
        name: what names it on the node, in systemd's units too: VAULT.CERTIFICATE.
        store: the folder that is watched.
        file: the file in it that services open.
        command: what root's shell runs.
    """

    name: str
    store: str
    file: str
    command: str

    @property
    def revision(self) -> str:
        """What tells this hook from an older one of its name, as hex digits: of all that is put on the node for it."""
        parts = (self.store, self.file, self.command, part("install.sh"), part("run.sh"))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:REVISION_DIGITS]


def part(name: str) -> str:
    """The text of one of this package's shell scripts."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
