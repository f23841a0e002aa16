"""Users of nodes, at the account's host: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.data.nodes import NODE, node_of
from local_azure.services.batch.data.plane import routes
from local_azure.services.batch.service import Batch
from local_azure.wire.messages import Reply, Request

_WRITE = f"{ACCOUNT_TYPE}/pools/write"
_USER = f"{NODE}/users/{{user}}"


@routes.post(f"{NODE}/users", name="ComputeNode_AddUser", permission=_WRITE)
def add(batch: Batch, request: Request) -> Reply:
    """Create a user on a node."""
    batch.users.add(*node_of(batch, request), request.json())
    return Reply(201, None, {"DataServiceId": f"https://{request.host}{request.path}"})


@routes.put(_USER, name="ComputeNode_UpdateUser", permission=_WRITE)
def update(batch: Batch, request: Request) -> Reply:
    """Replace a user's credentials and expiry."""
    batch.users.update(*node_of(batch, request), request.params["user"], request.json())
    return Reply(200)


@routes.delete(_USER, name="ComputeNode_DeleteUser", permission=_WRITE)
def delete(batch: Batch, request: Request) -> Reply:
    """Remove a user from a node."""
    batch.users.delete(*node_of(batch, request), request.params["user"])
    return Reply(200)
