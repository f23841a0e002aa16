"""What a visit goes to and what it brings back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from batchcert.problems import Problem

if TYPE_CHECKING:
    from batchcert.spec.visit import VisitSpec


@dataclass(frozen=True)
class Limits:
    """What the visits are held to: `VisitSpec` as plain values, its fields by the same names, seconds throughout.

    Apart from it, so that a second process need not load the parameter models: that takes as long as a hundred visits.
    """

    connect_timeout: float
    banner_timeout: float
    auth_timeout: float
    command_timeout: float
    in_flight: int
    start_up_attempts: int
    retry_seconds: float

    @classmethod
    def of(cls, spec: VisitSpec) -> Limits:
        """The limits that *spec* sets."""
        return cls(**{field.name: getattr(spec, field.name) for field in fields(cls)})


@dataclass(frozen=True)
class Host:
    """A node as SSH sees it.

    Attributes:
        node_id: Batch's id of the node.
        address: IP address, from the node's remote login settings.
        port: TCP port at that address.
        user: the node user to sign in as.
        host_keys: the keys that the node may show, as OpenSSH public lines ("ssh-ed25519 AAAA..."); any one will do.
    """

    node_id: str
    address: str
    port: int
    user: str
    host_keys: tuple[str, ...]

    @property
    def label(self) -> str:
        """How a person finds it: the node's id, then address and port."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.node_id} ({address}:{self.port})"


@dataclass(frozen=True)
class Answer:
    """What came of one node. There is an answer for every node, however its visit went.

    Attributes:
        node_id: Batch's id of the node.
        output: what the script printed; empty where the visit failed.
        failure: why there is no output, or None.
        clean_up_failure: why what was prepared may still be on the node, or None.
        seconds: how long connecting and the script took, all attempts and pauses included.
        attempts: connections tried; 0 where it did not come to that.
    """

    node_id: str
    output: bytes = b""
    failure: Problem | None = None
    clean_up_failure: Problem | None = None
    seconds: float = 0.0
    attempts: int = 0
