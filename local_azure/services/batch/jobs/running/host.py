"""A node as tasks see it: with the pool and the account it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.jobs import Execution
from local_azure.services.batch.state.nodes import Node
from local_azure.services.batch.state.pools import Pool


@dataclass(frozen=True)
class Host:
    """Where a task runs."""

    account: Account
    pool: Pool
    node: Node


def find_host(account: Account, pool_name: str, node_id: str) -> Host | None:
    """The node of these names, or None where it has left."""
    pool = account.pools.get(pool_name.lower())
    node = pool.nodes.get(node_id) if pool else None
    return Host(account, pool, node) if pool and node else None


def on_its_disk(execution: Execution, node: Node) -> bool:
    """Whether a run was on the disk that the node has now, and not on one that a reimage has replaced."""
    return not (node.disk_since and execution.started and execution.started < node.disk_since)
