"""Files of earlier versions that pile up on nodes: the extension writes one for each version, and removes none.

Source: Key Vault VM extension for Linux; a link `<vault>.<certificate>` leads to the newest
`<vault>.<certificate>.<version>.<digits>.<digits>.PEM`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from batchcert.verdict.evidence import Expected
from batchcert.verdict.judging import NodeVisit
from batchcert.visit.report import Store, StoreFile
from batchcert.visit.store import files_of, find_store, name_of

_REST = r"\.[0-9a-f-]{32,36}\.\d+\.\d+\.PEM"


@dataclass(frozen=True)
class OldFile:
    """A file on a node to which no link leads.

    Attributes:
        certificate: whose it is, by its name: "vault/name".
        folder, path: where it lies.
        sha256: the digest of its first certificate, "" where none could be read.
        expired: whether that certificate is past its end.
        removable: whether it is certain that the extension wrote it for an earlier version that has expired.
    """

    node: str
    certificate: str
    folder: str
    path: str
    sha256: str
    expired: bool
    removable: bool


@dataclass(frozen=True)
class OldFiles:
    """The old files that are on a pool's nodes, and those that this run has removed."""

    there: tuple[OldFile, ...] = ()
    removed: tuple[OldFile, ...] = ()

    @property
    def removable(self) -> tuple[OldFile, ...]:
        """Those that a run may remove."""
        return tuple(file for file in self.there if file.removable)

    def on(self, nodes: Collection[str], now_there: Iterable[OldFile]) -> OldFiles:
        """The same, with what is *now_there* on these *nodes* in place of what was."""
        others = tuple(file for file in self.there if file.node not in nodes)
        return replace(self, there=(*others, *now_there))

    def __str__(self) -> str:
        """What was done, in a few words; "" where nothing was."""
        count = len(self.removed)
        return f"{count} expired file{'' if count == 1 else 's'} removed" if count else ""


def old_files(expected: Sequence[Expected], visits: Iterable[NodeVisit], now: datetime) -> tuple[OldFile, ...]:
    """The old files of these certificates on the nodes that were visited. *now*: the service's time, UTC.

    A visit lists the 32 newest files of a folder: where there are more, so many are found at least.
    """
    return tuple(
        file
        for visit in visits
        if visit.report
        for certificate in expected
        if (store := find_store(visit.report, certificate.store))
        for file in _of(visit.node_id, store, certificate, now)
    )


def _of(node: str, store: Store, certificate: Expected, now: datetime) -> Iterator[OldFile]:
    linked = {posixpath.basename(file.target) for file in store.files if file.target}
    if not linked:
        return  # without a link nobody can say which of the files is in use
    for file in files_of(store.files, vault=certificate.vault, certificate=certificate.name):
        if file.target or name_of(file) in linked:
            continue
        expired = bool(file.chain) and file.chain[0].not_after < now
        yield OldFile(
            node=node,
            certificate=certificate.label,
            folder=store.location,
            path=file.path,
            sha256=file.chain[0].sha256 if file.chain else "",
            expired=expired,
            removable=expired and _is_the_extension_s(file, certificate),
        )


def _is_the_extension_s(file: StoreFile, certificate: Expected) -> bool:
    """Its name has the extension's form, and its leaf is of the certificate.

    That is a leaf which Key Vault knows for one of the versions before the current one, of which the newest few are
    read, or one that has the current version's issuer and names.
    """
    leaf, named = file.chain[0], certificate.named
    name = re.escape(f"{certificate.vault}.{certificate.name}")
    if not re.fullmatch(f"{name}{_REST}", name_of(file), re.ASCII | re.IGNORECASE):
        return False
    known = leaf.sha256 in (certificate.earlier_sha256 or ())
    return known or (named is not None and (leaf.issuer, leaf.dns_names) == (named.issuer, named.dns_names))
