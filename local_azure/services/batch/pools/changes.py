"""What may be changed on a pool that exists."""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.errors import fixed
from local_azure.services.batch.protocol.spelling import public
from local_azure.services.batch.state.pools import Pool

# Pool, "can be updated only when the pool is empty" in the models of azure-batch 15.1: everything else.
_CHANGE_ANY_TIME = frozenset(
    {"applicationPackages", "metadata", "scaleSettings", "startTask", "targetNodeCommunicationMode"}
)
_CHANGE_WHEN_EMPTY_SINCE = "2024-07-01"  # api-version; before it the rest could never be changed


def changed_names(pool: Pool, wanted: dict[str, Any], api_version: str) -> set[str]:
    """The properties in which *wanted*, complete as the pool's own are, differs from the pool.

    Raises: AzureError 400 `PropertyCannotBeUpdated` for one that stays as it is while the pool has nodes.
    """
    empty = not pool.nodes and pool.allocation_state == "Steady" and api_version >= _CHANGE_WHEN_EMPTY_SINCE
    names = sorted(set(wanted) | set(pool.properties))
    changed = {name for name in names if wanted.get(name) != pool.properties.get(name)}
    for name in names:
        if name in changed and not empty and name not in _CHANGE_ANY_TIME:
            raise fixed(name)
    return changed


def keeping_secrets(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """*new*, with the secrets of *old* where a client writes back what it has read, which shows none."""
    return {
        name: old[name] if name in old and value == public(value) == public(old[name]) else value
        for name, value in new.items()
    }
