"""Nodes, their extensions and how to log in, at the account's host: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.data.node_view import extension_view, node_view
from local_azure.services.batch.data.plane import pool_of, routes
from local_azure.services.batch.data.replies import listed, shown
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.nodes import Node
from local_azure.services.batch.state.pools import Pool
from local_azure.wire.messages import Reply, Request

_READ = f"{ACCOUNT_TYPE}/pools/read"
_WRITE = f"{ACCOUNT_TYPE}/pools/write"
_NODES = "/pools/{pool}/nodes"
NODE = f"{_NODES}/{{node}}"


@routes.get(_NODES, name="ComputeNode_List", permission=_READ)
def list_nodes(batch: Batch, request: Request) -> Reply:
    """The pool's nodes."""
    account, pool = pool_of(batch, request)
    nodes = list(pool.nodes.values())
    return listed(request, "nodes", nodes, lambda node: node_view(batch, request.host, account, pool, node))


@routes.get(NODE, name="ComputeNode_Get", permission=_READ)
def get(batch: Batch, request: Request) -> Reply:
    """One node."""
    return shown(request, "nodes", node_view(batch, request.host, *node_of(batch, request)))


@routes.get(f"{NODE}/remoteloginsettings", name="ComputeNode_GetRemoteLoginSettings", permission=_READ)
def remote_login(batch: Batch, request: Request) -> Reply:
    """Where the node answers SSH."""
    address, port = batch.nodes.ssh_address(*node_of(batch, request))
    return shown(request, "remoteloginsettings", {"remoteLoginIPAddress": address, "remoteLoginPort": port})


@routes.post(f"{NODE}/reboot", name="ComputeNode_Reboot", permission=_WRITE)
def reboot(batch: Batch, request: Request) -> Reply:
    """Restart the node."""
    batch.nodes.restart(*node_of(batch, request), "reboot", request.json().get("nodeRebootOption"))
    return Reply(202)


@routes.post(f"{NODE}/reimage", name="ComputeNode_Reimage", permission=_WRITE)
def reimage(batch: Batch, request: Request) -> Reply:
    """Give the node a fresh disk."""
    batch.nodes.restart(*node_of(batch, request), "reimage", request.json().get("nodeReimageOption"))
    return Reply(202)


@routes.post(f"{NODE}/deallocate", name="ComputeNode_Deallocate", permission=_WRITE)
def deallocate(batch: Batch, request: Request) -> Reply:
    """Stop the node and give its machine back; its disk stays."""
    batch.nodes.restart(*node_of(batch, request), "deallocate", request.json().get("nodeDeallocateOption"))
    return Reply(202)


@routes.post(f"{NODE}/start", name="ComputeNode_Start", permission=_WRITE)
def start(batch: Batch, request: Request) -> Reply:
    """Start a deallocated node."""
    batch.nodes.start(*node_of(batch, request))
    return Reply(202)


@routes.post(f"{NODE}/disablescheduling", name="ComputeNode_DisableScheduling", permission=_WRITE)
def disable_scheduling(batch: Batch, request: Request) -> Reply:
    """Let the node take no further tasks."""
    batch.nodes.disable(*node_of(batch, request), request.json().get("nodeDisableSchedulingOption"))
    return Reply(200)


@routes.post(f"{NODE}/enablescheduling", name="ComputeNode_EnableScheduling", permission=_WRITE)
def enable_scheduling(batch: Batch, request: Request) -> Reply:
    """Let the node take tasks again."""
    batch.nodes.enable(*node_of(batch, request))
    return Reply(200)


@routes.get(f"{NODE}/extensions", name="ComputeNodeExtension_List", permission=_READ)
def list_extensions(batch: Batch, request: Request) -> Reply:
    """The node's extensions."""
    extensions = batch.nodes.extensions(*node_of(batch, request))
    return listed(request, "extensions", extensions, lambda found: extension_view(*found))


@routes.get(f"{NODE}/extensions/{{extension}}", name="ComputeNodeExtension_Get", permission=_READ)
def get_extension(batch: Batch, request: Request) -> Reply:
    """One extension of the node."""
    found = batch.nodes.extension(*node_of(batch, request), request.params["extension"])
    return shown(request, "extensions", extension_view(*found))


def node_of(batch: Batch, request: Request) -> tuple[Account, Pool, Node]:
    """The account asked, the pool and the node of the path. Raises: AzureError 404."""
    account, pool = pool_of(batch, request)
    return account, pool, batch.nodes.get(pool, request.params["node"])
