"""What one visit saw on a node, as typed values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from batchcert.problems import Problem


@dataclass(frozen=True)
class Certificate:
    """An X.509 certificate found on a node: public facts alone.

    *sha256* is the lower-case hex digest of its DER form, as Key Vault's x5t is of SHA-1; times are UTC.
    """

    sha256: str
    subject: str
    issuer: str
    dns_names: tuple[str, ...]
    not_before: datetime
    not_after: datetime

    @property
    def self_issued(self) -> bool:
        """Whether it names itself as its issuer, as the root of a chain does (RFC 5280, section 3.2)."""
        return self.issuer == self.subject


class KeyFit(StrEnum):
    """Whether the private key in a file belongs to its first certificate, as compared on the node."""

    MATCH = "match"
    OTHER = "other"
    NONE = "none"
    UNREADABLE = "unreadable"
    UNTOLD = "untold"
    """The node has no openssl; or other files of the store have links, and this one has none."""


class Standing(StrEnum):
    """Whether a visit can try as a user of the node."""

    ABLE = "able"
    UNTRIED = "untried"
    """sudo does not let root be that user."""
    UNKNOWN = "unknown"
    """The node has no such user."""


@dataclass(frozen=True)
class AclEntry:
    """An entry of an access list: *kind* is user, group, mask or other; *name* is "" for the file's own."""

    kind: str
    name: str
    permissions: str


@dataclass(frozen=True)
class StoreFile:
    """One certificate file in a store, by the name that leads to it.

    Attributes:
        path: the link or file as a service would open it.
        target: the file a link leads to, or "" where *path* is a file itself.
        owner: user that owns the file, "" where unknown.
        group: its group.
        mode: permission bits in octal, "600".
        chain: its certificates in the file's order, leaf first; empty where none could be read.
        fault: why *chain* is empty or cut, or None.
        misplaced: the place in *chain*, from 1, of the first certificate that did not issue the one before it; 0 where
            there is none such.
        key: whether the private key in it belongs to the first certificate.
        acl: its access list, () where it has none; an entry that could not be told is None.
        reads: the users who tried to read it through a link, and whether each got to the content.
        swung: since when a link leads to *target*, by the node's clock, UTC; None where that was not asked.
    """

    path: str
    target: str
    owner: str
    group: str
    mode: str
    chain: tuple[Certificate, ...]
    fault: Problem | None = None
    misplaced: int = 0
    key: KeyFit = KeyFit.UNTOLD
    acl: tuple[AclEntry | None, ...] = ()
    reads: tuple[tuple[str, bool], ...] = ()
    swung: datetime | None = None


@dataclass(frozen=True)
class Store:
    """One folder in which the extension keeps certificates.

    *cut* is set where it holds more links or files than a visit lists: all links up to 256, the 32 newest files.
    *readers* are the users who were to try to read its files, and whether they could be played.
    """

    location: str
    exists: bool
    files: tuple[StoreFile, ...]
    cut: bool = False
    readers: tuple[tuple[str, Standing], ...] = ()


class Shown(StrEnum):
    """What came of a handshake with a service."""

    CERTIFICATE = "certificate"
    REFUSED = "refused"
    """Nothing listens there."""
    NO_TLS = "no-tls"
    """Something listens there, and presented no certificate within some seconds."""
    UNTOLD = "untold"
    """The node has no openssl, or no timeout."""
    UNASKED = "unasked"
    """The services that were asked before took too long."""


@dataclass(frozen=True)
class Served:
    """What a service presented to a visitor on the node itself: on *port*, asked with *server_name* or with none."""

    port: int
    server_name: str
    shown: Shown
    leaf: Certificate | None = None


@dataclass(frozen=True)
class Ran:
    """The last run of a hook's command, by the node's clock, UTC.

    *sha256* is the leaf for which it ran; *status* its exit status and *ended* when that was, None while it runs.
    """

    sha256: str
    status: int | None
    began: datetime
    ended: datetime | None


@dataclass(frozen=True)
class FoundHook:
    """A hook that was asked for. *revision* is "" where the node has none of its name.

    *watching*: whether systemd watches for new versions. *ran*: its last run, None where there was none that can be
    read.
    """

    name: str
    revision: str = ""
    watching: bool = False
    ran: Ran | None = None


@dataclass(frozen=True)
class Status:
    """Element 0 of a status file. *state* is transitioning, warning, error or success, nothing else."""

    state: str
    operation: str
    message: str
    timestamp: str


@dataclass(frozen=True)
class Handler:
    """One installed version of the KeyVaultForLinux handler.

    Attributes:
        version: the version in its folder's name, "3.0.1.0".
        state: its HandlerState: NotInstalled, Installed, Enabled, FailedUpgrade, or "" where unreadable.
        sequence: number of its newest status file, or None where there is none.
        status: what that file says, or None.
        fault: why *status* is None though there is a file: garbage, half-written, too large.
    """

    version: str
    state: str
    sequence: int | None
    status: Status | None
    fault: Problem | None = None


@dataclass(frozen=True)
class NodeReport:
    """All that one visit saw.

    *node_time* is the node's own clock, UTC. *users* are the node's accounts of ours, by how their names begin.
    *served* is what its services present, *hooks* those that were asked for.
    """

    node_time: datetime
    handlers: tuple[Handler, ...]
    stores: tuple[Store, ...]
    users: tuple[str, ...] = ()
    served: tuple[Served, ...] = ()
    hooks: tuple[FoundHook, ...] = ()
