"""User accounts on nodes, through which they are visited.

Batch cannot list a node's users. Those that an interrupted run left are found on the node, by how their names begin,
and have an expiry where no run follows: see whoever chooses the names.
"""

from __future__ import annotations

from datetime import datetime

from azure.batch import BatchClient
from azure.batch.models import BatchNodeUserCreateOptions, BatchNodeUserReplaceOptions
from azure.core.exceptions import ResourceExistsError

from tasks.azure_api.faults import explained, is_refused_with
from tasks.azure_api.waiting import found

# A POST that was refused with 429 or 503, or that never arrived, may be sent again here: a user that is there
# already is brought to the wanted state.
_RETRIED = ["POST", "PUT", "DELETE", "GET"]


@explained
def put(api: BatchClient, pool: str, node: str, name: str, *, public_key: str, expires: datetime) -> None:
    """Let *name* in on the node as an administrator with *public_key* (an OpenSSH line); an existing one is renewed.

    *expires*: when Batch removes the user by itself, UTC; on Linux it is exact to a day.
    The node must be idle or running.
    """
    wanted = BatchNodeUserCreateOptions(name=name, is_admin=True, ssh_public_key=public_key, expiry_time=expires)
    try:
        api.create_node_user(pool, node, wanted, retry_on_methods=_RETRIED)
    except ResourceExistsError as error:
        if not is_refused_with(error, "NodeUserExists"):
            raise
        renewed = BatchNodeUserReplaceOptions(ssh_public_key=public_key, expiry_time=expires)
        api.replace_node_user(pool, node, name, renewed)


@explained
def remove(api: BatchClient, pool: str, node: str, name: str) -> None:
    """Remove the user with its sessions; one that is gone, on a node that may be gone, is fine."""
    found(lambda: api.delete_node_user(pool, node, name))
