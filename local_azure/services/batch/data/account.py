"""What the account offers as a whole, at its host: supported images, node counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.catalogue.images import IMAGES, Image
from local_azure.services.batch.data.plane import account_of, routes
from local_azure.services.batch.data.replies import listed
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.pools import Pool
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
_DEALLOCATES = "2024-07-01"  # the api-version that brought the last two states


@routes.get("/supportedimages", name="Account_ListSupportedImages", permission=f"{ACCOUNT_TYPE}/read")
def supported_images(batch: Batch, request: Request) -> Reply:
    """The images of the marketplace that pools may use."""
    del batch
    return listed(request, "supportedimages", IMAGES, _image)


@routes.get("/nodecounts", name="Account_ListPoolNodeCounts", permission=f"{ACCOUNT_TYPE}/pools/read")
def node_counts(batch: Batch, request: Request) -> Reply:
    """How many nodes of each pool are in each state."""
    account = account_of(batch, request)
    states = _STATES if request.api_version >= _DEALLOCATES else _STATES[:-2]

    def counts(pool: Pool) -> dict[str, Any]:
        dedicated, spot = (_counts(pool, states, dedicated=kind) for kind in (True, False))
        return {"poolId": pool.name, "dedicated": dedicated, "lowPriority": spot}

    return listed(request, "poolnodecounts", batch.pools.all(account), counts)


def _counts(pool: Pool, states: Sequence[str], *, dedicated: bool) -> dict[str, int]:
    found = Counter(node.state for node in pool.nodes.values() if node.dedicated == dedicated)
    return {**{state: found[state.lower()] for state in states}, "total": found.total()}


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
