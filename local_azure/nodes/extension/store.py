"""The folders in which the extension keeps certificates: PEM files that pile up, and a link to the newest."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath

from local_azure.nodes.disk import Disk
from local_azure.nodes.extension.pem import Bundle
from local_azure.nodes.extension.settings import Observed

_CLOSES_FOLDER = 2  # the first major version that makes its store 0700


class Store:
    """Writes certificates for the extension's *major* version."""

    def __init__(self, disk: Disk, major: int) -> None:
        self._disk = disk
        self._major = major

    def has(self, observed: Observed, version: str) -> bool:
        """Whether the certificate's link leads to a file of this version."""
        return self.holds(observed) and f".{version}." in self._disk.host(self._link(observed)).readlink().name

    def holds(self, observed: Observed) -> bool:
        """Whether the certificate's link leads to a file, of whatever version."""
        link = self._disk.host(self._link(observed))
        return link.is_symlink() and link.exists()

    def put(self, observed: Observed, version: str, bundle: Bundle) -> str:
        """Write the certificate and swing the link to it; older files stay. Returns the file's path on the node.

        A file is called VAULT.CERTIFICATE.VERSION.NUMBER.NUMBER.PEM, as in listings from real machines; the numbers
        look like Unix times there, and here are those of the leaf's validity.
        """
        self._make_folder(observed)
        leaf = bundle.chain[0]
        times = f"{leaf.not_valid_before_utc.timestamp():.0f}.{leaf.not_valid_after_utc.timestamp():.0f}"
        path = posixpath.join(observed.store, f"{observed.vault}.{observed.name}.{version}.{times}.PEM")
        self._disk.write(path, bundle.file(self._major), 0o640 if observed.readers else 0o600)
        if observed.readers:
            self._disk.acls.add(path, _entries(observed, "r--"))
        self._disk.link(self._link(observed), path)
        return path

    def _make_folder(self, observed: Observed) -> None:
        shared = bool(observed.readers or self._disk.acls.readers(observed.store))
        self._disk.mkdir(observed.store, 0o755 if self._major < _CLOSES_FOLDER else 0o750 if shared else 0o700)
        if not observed.readers:
            return
        self._disk.acls.add(observed.store, _entries(observed, "r-x"))
        for folder in PurePosixPath(observed.store).parents:
            if not self._disk.host(str(folder)).stat().st_mode & 0o001:
                self._disk.acls.add(str(folder), _entries(observed, "--x"))

    def _link(self, observed: Observed) -> str:
        return posixpath.join(observed.store, observed.link or f"{observed.vault}.{observed.name}")


def _entries(observed: Observed, rights: str) -> list[str]:
    # How 3.0 grants reading is not published. Access lists of POSIX are the one form in which several users can be
    # given one file, as `acls` allows; and for a reader to get there, it has to pass the guest agent's closed folder.
    users = [f"user:{reader.user}:{rights}" for reader in observed.readers if reader.user]
    return users + [f"group:{reader.group}:{rights}" for reader in observed.readers if reader.group]
