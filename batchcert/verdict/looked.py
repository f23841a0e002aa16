"""How nodes were looked at: through which channel, and whether a second one bears it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from batchcert.problems import Problem
from batchcert.spec import Channel, VisitSpec
from batchcert.verdict.judging import NodeVisit


@dataclass(frozen=True)
class Uncrossed:
    """A node of which one channel has an answer and the other has not. *channel*: the one without; *why*, or None."""

    node: str
    channel: Channel
    why: Problem | None


@dataclass(frozen=True)
class Looked:
    """Which channels were used.

    Attributes:
        channel: the one whose answers the verdicts go by.
        why: why it was taken, where it was the run's choice; "" where it was asked for.
        cross: the one that looked, too, or None.
        uncrossed: the nodes on which the two could not be compared.
        not_crossed: why there was no second look though one was asked for, or "".
    """

    channel: Channel = Channel.SSH
    why: str = ""
    cross: Channel | None = None
    uncrossed: tuple[Uncrossed, ...] = ()
    not_crossed: str = ""

    def __str__(self) -> str:
        """The channels, as a heading names them."""
        return f"{self.channel}, cross-checked through {self.cross}" if self.cross else str(self.channel)


def uncrossed(
    first: Mapping[str, NodeVisit], second: Mapping[str, NodeVisit], channel: Channel, cross: Channel
) -> tuple[Uncrossed, ...]:
    """The nodes that answered through one of two channels alone; *channel* is the first's, *cross* the second's."""
    found = []
    for node, visit in first.items():
        other = second.get(node)
        if visit.report and not (other and other.report):
            found.append(Uncrossed(node, cross, other.failure if other else None))
        elif other and other.report and not visit.report:
            found.append(Uncrossed(node, channel, visit.failure))
    return tuple(found)


def sees_no_leaf(visit: VisitSpec, doing: str) -> Problem | None:
    """What speaks against *doing* ("a drill") something that follows a certificate to its nodes, or None."""
    if visit.channel is not Channel.EXTENSION:
        return None
    return Problem(
        "channel-sees-no-leaf",
        what=f"validation.visit.channel is extension, and {doing} has to see certificates on nodes",
        cause="Batch's view of an extension tells its status and shows no file: no version is ever seen to arrive",
        cure="set validation.visit.channel to ssh, task or auto",
    )
