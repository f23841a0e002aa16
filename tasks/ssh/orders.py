"""What is said between this process and another that visits for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasks.ssh.values import Host, Limits

READY = "ready"
"""The other process's first word; after it come pairs of an order's number and its `Answer`."""


@dataclass(frozen=True)
class Setup:
    """What is the same for all visits.

    Attributes:
        seed: the private key, which travels over the socket between the two alone.
        script: what root's shell is given on each node.
        limits: what the visits are held to.
        core: the processor core to keep to, or None.
    """

    seed: bytes = field(repr=False)
    script: str
    limits: Limits
    core: int | None


@dataclass(frozen=True)
class Order:
    """A node to visit; *number* comes back with its answer."""

    number: int
    host: Host
