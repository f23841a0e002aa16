"""What the account offers as a whole, at its host: supported images, node counts."""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.data.plane import account_of, routes
from local_azure.services.batch.data.replies import listed
from local_azure.services.batch.images import IMAGES, Image
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state import Pool
from local_azure.services.batch.times import stamp
from local_azure.wire.messages import Reply, Request

_STATES = (
    "creating",
    "idle",
    "offline",
    "preempted",
    "rebooting",
    "reimaging",
    "running",
    "starting",
    "startTaskFailed",
    "leavingPool",
    "unknown",
    "unusable",
    "waitingForStartTask",
    "upgradingOS",
    "deallocated",
    "deallocating",
)


@routes.get("/supportedimages", name="Account_ListSupportedImages", permission=f"{ACCOUNT_TYPE}/read")
def supported_images(batch: Batch, request: Request) -> Reply:
    """The images of the marketplace that pools may use."""
    del batch
    return listed(request, "supportedimages", IMAGES, _image)


@routes.get("/nodecounts", name="Account_ListPoolNodeCounts", permission=f"{ACCOUNT_TYPE}/pools/read")
def node_counts(batch: Batch, request: Request) -> Reply:
    """How many nodes of each pool are in each state."""
    account = account_of(batch, request)
    return listed(request, "poolnodecounts", batch.pools.all(account), _pool_counts)


def _pool_counts(pool: Pool) -> dict[str, Any]:
    return {
        "poolId": pool.name,
        "dedicated": _counts(pool, dedicated=True),
        "lowPriority": _counts(pool, dedicated=False),
    }


def _counts(pool: Pool, *, dedicated: bool) -> dict[str, int]:
    counts = dict.fromkeys(_STATES, 0)
    names = {name.lower(): name for name in _STATES}
    for node in pool.nodes.values():
        if node.dedicated == dedicated:
            counts[names[node.state]] += 1
    return {**counts, "total": sum(counts.values())}


def _image(image: Image) -> dict[str, Any]:
    row: dict[str, Any] = {
        "nodeAgentSKUId": image.agent,
        "imageReference": {
            "publisher": image.publisher,
            "offer": image.offer,
            "sku": image.sku,
            "version": "latest",
        },
        "osType": image.os,
        "verificationType": "verified" if image.verified else "unverified",
    }
    if image.capabilities:
        row["capabilities"] = list(image.capabilities)
    if image.end:
        row["batchSupportEndOfLife"] = stamp(image.end)
    return row
