"""Which file in a store is a certificate's.

Source: Key Vault VM extension for Linux. A link `<vault>.<certificate>`, or one of the configured name in 3.0, leads to
`<vault>.<certificate>.<something>`; what that something is differs by version, so a name is matched, never built.
Names in Key Vault are the same in whatever case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from batchcert.visit.report import NodeReport, Store, StoreFile

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def find_store(report: NodeReport, location: str) -> Store | None:
    """The visited store at *location*, or None where it was not visited; a slash at the end makes no difference."""
    return next((store for store in report.stores if _folder(store.location) == _folder(location)), None)


def find_file(store: Store, *, vault: str, certificate: str, link_name: str = "") -> StoreFile | None:
    """The file through which a service would open the certificate, or None.

    With *link_name* it is that link and no other, since that is what services were told to open. Without it, it is the
    link or file `<vault>.<certificate>`, else, of those that begin so, the one whose leaf became valid last.
    """
    if link_name:
        return next((file for file in store.files if name_of(file) == link_name), None)
    ours = list(files_of(store.files, vault=vault, certificate=certificate))
    stem = f"{vault}.{certificate}".lower()
    return next((file for file in ours if name_of(file).lower() == stem), max(ours, key=_valid_from, default=None))


def files_of(files: Iterable[StoreFile], *, vault: str, certificate: str) -> Iterable[StoreFile]:
    """The links and files of all versions of the certificate; neither kind of name has a dot of its own in it."""
    stem = f"{vault}.{certificate}".lower()
    return (file for file in files if name_of(file).lower() == stem or name_of(file).lower().startswith(f"{stem}."))


def name_of(file: StoreFile) -> str:
    """The name under which the file lies in its folder."""
    return file.path.rpartition("/")[2]


def _folder(location: str) -> str:
    return location.rstrip("/") or "/"


def _valid_from(file: StoreFile) -> datetime:
    return file.chain[0].not_before if file.chain else _LONG_AGO
