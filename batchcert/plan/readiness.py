"""Whether a pool's nodes are all there and idle, and if not, whether they still may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batchcert.plan.pool import ObservedPool
from batchcert.problems import Problem
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.messages import known_reason
from batchcert.verdict.node import BROKEN, VISITABLE
from batchcert.visit.text import one_line

SETTLED = VISITABLE | BROKEN.keys() | {"offline", "preempted", "deallocated"}
"""States that a node does not leave by itself; in all others it is waited for, one that Batch adds one day included."""

_CURES = {
    "AllocationTimedOut": "set a longer pool.resize_timeout_minutes, another vm_size, or another region",
    "AllocationFailed": "another vm_size or region; Azure has no machines of this size to give here just now",
    "AccountCoreQuotaReached": "ask for more cores for the Batch account in the portal (Quotas), or fewer nodes",
    "AccountVMSeriesCoreQuotaReached": "ask for more cores of this series for the Batch account, or another vm_size",
    "AccountSpotCoreQuotaReached": "ask for more spot cores for the Batch account",
    "ResizeStopped": "somebody stopped the resize; resize the pool again",
}


@dataclass(frozen=True)
class ExtensionFault:
    """What the guest agent of a node says went wrong with an extension."""

    node_id: str
    extension: str
    message: str


@dataclass(frozen=True)
class Readiness:
    """How far a pool has come.

    Attributes:
        done: nothing moves any more.
        ready, target: nodes that may be visited, and nodes asked for.
        states: how many nodes are in each state.
        broken: ids of the nodes that failed.
    """

    done: bool
    ready: int
    target: int
    states: Mapping[str, int]
    broken: tuple[str, ...]
    allocation: str

    @property
    def percent(self) -> float:
        """Ready nodes in percent of those asked for; 100 where none were."""
        return 100.0 if not self.target else min(100.0, 100 * self.ready / self.target)

    def __str__(self) -> str:
        """As a person reads it: 2 of 3 nodes ready (2 idle, 1 starting), pool steady."""
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.ready} of {self.target} nodes ready ({states or 'none yet'}), pool {self.allocation}"


def readiness(pool: ObservedPool, nodes: Sequence[NodeView]) -> Readiness:
    """How far *pool* has come with its *nodes*."""
    states = Counter(node.state for node in nodes)
    return Readiness(
        done=pool.allocation.lower() == "steady" and SETTLED.issuperset(states),
        ready=sum(count for state, count in states.items() if state in VISITABLE),
        target=pool.target_nodes,
        states=dict(states),
        broken=tuple(node.node_id for node in nodes if node.state in BROKEN),
        allocation=pool.allocation.lower(),
    )


def readiness_problems(
    pool: ObservedPool, nodes: Sequence[NodeView], extension_faults: Sequence[ExtensionFault]
) -> list[Problem]:
    """All that keeps a settled pool from being ready, with Batch's own codes and messages; empty where it is ready."""
    found = resize_problems(pool, len(nodes))
    by_node = {fault.node_id: fault for fault in extension_faults}
    found += [_node(pool, node, by_node.get(node.node_id)) for node in nodes if node.state in BROKEN]
    if not found and len(nodes) < pool.target_nodes:
        found.append(
            Problem(
                "nodes-missing",
                what=f"pool/{pool.name} has {len(nodes)} of {pool.target_nodes} nodes, and Batch says it is done",
                cause="nodes were removed from it, or its resize was stopped",
                cure="resize the pool to the number of nodes that it should have",
            )
        )
    return found


def resize_problems(pool: ObservedPool, nodes: int) -> list[Problem]:
    """Why Batch could not give the pool more than so many *nodes*; empty where they are all of them."""
    if nodes >= pool.target_nodes:
        return []
    return [_resize(pool, error.code, error.message) for error in pool.resize_errors]


def not_ready_in_time(pool: ObservedPool, seen: Readiness, minutes: float) -> Problem:
    """The refusal to wait any longer."""
    return Problem(
        "nodes-not-ready",
        what=f"pool/{pool.name}: after {minutes:.0f} minutes {seen}",
        cause="nodes take longer than the resize timeout and a margin",
        cure="look at the nodes in the portal; set a longer pool.resize_timeout_minutes, and run again",
    )


def _resize(pool: ObservedPool, code: str, message: str) -> Problem:
    known = known_reason(code, message)
    usual = _CURES.get(code, "look up the code under Batch pool and node errors, Microsoft Learn")
    return Problem(
        "pool-resize-failed",
        what=f"pool/{pool.name}: {code}: {message}",
        cause=known.cause if known else "Batch could not give the pool all its nodes",
        cure=known.cure if known else usual,
    )


def _node(pool: ObservedPool, node: NodeView, fault: ExtensionFault | None) -> Problem:
    reason = BROKEN[node.state]
    told = one_line("; ".join(node.errors)) or "Batch gives no reason"
    known = known_reason(*([fault.message] if fault else []), *node.errors)
    causes = [f"extension {fault.extension} on it says: {one_line(fault.message)}"] if fault else []
    causes += [known.cause] if known else []
    return Problem(
        reason.value,
        what=f"pool/{pool.name}: node {node.node_id} is {node.state}: {told}",
        cause="; ".join(causes) or reason.cause,
        cure=known.cure if known else reason.cure,
    )
