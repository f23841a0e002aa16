"""How far a new version has come: which nodes have it, since when, and which have not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from batchcert.verdict.evidence import NodeView
from batchcert.verdict.node import LEAVING


class Stage(StrEnum):
    """How far a version has come on a node. A drill measures each by itself."""

    NODE = "nodes"  # the file on the node's disk
    SERVICE = "services"  # what all services of the certificate present


@dataclass(frozen=True)
class Issued:
    """A version that the drill had Key Vault issue.

    *label* is vault/certificate, *sha256* the lower-case hex digest of the certificate's DER form; UTC. *served*:
    whether there are services that should present it.
    """

    label: str
    version: str
    sha256: str
    issued_at: datetime
    served: bool = False

    @property
    def stages(self) -> tuple[Stage, ...]:
        """How far it is to come on each node."""
        return (Stage.NODE, Stage.SERVICE) if self.served else (Stage.NODE,)


@dataclass(frozen=True, order=True)
class Holding:
    """One certificate on one node, at one stage."""

    node: str
    certificate: str
    stage: Stage = Stage.NODE


class Sight(NamedTuple):
    """A leaf that a visit has seen, by its fingerprint, and when that visit was over, by Azure's time."""

    sha256: str
    at: datetime


@dataclass(frozen=True)
class Arrival:
    """A version that was seen on a node. *lag*: from its issue to that look, so it is never less than the true lag."""

    holding: Holding
    lag: timedelta


@dataclass(frozen=True)
class Rollout:
    """Where the issued versions are.

    Attributes:
        issued: what the drill is about.
        arrivals: what has been seen to arrive, in the order of looks.
        waiting: what has not, by node and certificate, as of the last look.
        seen_at: when that was, by the service's time, UTC; before the first look, when the last version was issued.
    """

    issued: tuple[Issued, ...]
    arrivals: tuple[Arrival, ...] = ()
    waiting: tuple[Holding, ...] = ()
    seen_at: datetime | None = None

    @property
    def issued_at(self) -> datetime:
        """When the last of the versions was issued."""
        return max(one.issued_at for one in self.issued)

    @property
    def done(self) -> bool:
        """Whether there was a look, and every node had everything."""
        return self.seen_at is not None and not self.waiting

    @property
    def total(self) -> int:
        """How many arrivals there are to be."""
        return len(self.arrivals) + len(self.waiting)

    @property
    def laggards(self) -> tuple[str, ...]:
        """The nodes that lack something, each once."""
        return tuple(dict.fromkeys(holding.node for holding in self.waiting))

    @property
    def nodes(self) -> int:
        """How many nodes the drill is about."""
        return len({one.holding.node for one in self.arrivals} | set(self.laggards))

    @property
    def settled(self) -> frozenset[str]:
        """The nodes that need no further visit."""
        return frozenset(one.holding.node for one in self.arrivals) - set(self.laggards)

    def lags(self, stage: Stage) -> tuple[timedelta, ...]:
        """How long each arrival took."""
        return tuple(one.lag for one in self.arrivals if one.holding.stage is stage)

    def total_of(self, stage: Stage) -> int:
        """How many arrivals there are to be at one stage."""
        waiting = sum(holding.stage is stage for holding in self.waiting)
        return len(self.lags(stage)) + waiting

    def after(self, nodes: Iterable[NodeView], seen: Mapping[Holding, Sight], now: datetime) -> Rollout:
        """The rollout after one more look.

        *nodes*: all that Batch lists; *seen*: what its visits have seen; *now*: the service's time at its end.
        A node that is leaving is waited for no longer, and one that came after a version was issued never was: it
        fetches the newest one as it starts.
        """
        there = {one.holding for one in self.arrivals}
        expected = {
            Holding(node.node_id, one.label, stage): one
            for node in nodes
            if node.state not in LEAVING
            for one in self.issued
            if node.allocated_at is None or node.allocated_at <= one.issued_at
            for stage in one.stages
        }
        new = [
            Arrival(holding, sight.at - one.issued_at)
            for holding, one in sorted(expected.items())
            if holding not in there and (sight := seen.get(holding)) and sight.sha256 == one.sha256
        ]
        there |= {one.holding for one in new}
        waiting = tuple(sorted(holding for holding in expected if holding not in there))
        return replace(self, arrivals=(*self.arrivals, *new), waiting=waiting, seen_at=now)

    def __str__(self) -> str:
        """How far it has come, for a progress line."""
        lag = (self.seen_at or self.issued_at) - self.issued_at
        served = self.total_of(Stage.SERVICE)
        parts = [f"{len(self.lags(Stage.NODE))} of {self.total_of(Stage.NODE)} have it"]
        parts += [f"{len(self.lags(Stage.SERVICE))} of {served} serve it"] if served else []
        return f"{', '.join(parts)}, {lag.total_seconds():.0f} s after it was issued"

    @property
    def percent(self) -> float:
        """How much of it has arrived."""
        return 100.0 * len(self.arrivals) / self.total if self.total else 0.0
