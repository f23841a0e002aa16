"""Nodes as they are asked for: found, looked into, restarted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_azure.machines import ExtensionStatus, Machine, MachineFile
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.fleet.fleet import Fleet
from local_azure.services.batch.fleet.lifecycle import Lifecycle
from local_azure.services.batch.jobs.clearing import OPTIONS, Clearing
from local_azure.services.batch.jobs.running.host import Host
from local_azure.services.batch.nodes.users import check_ready
from local_azure.services.batch.protocol.shapes import chosen_option
from local_azure.services.batch.protocol.spelling import member
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.nodes import Node
from local_azure.services.batch.state.pools import Pool

SSH_PORT = 22
_RESTARTABLE = frozenset({"idle", "running", "starttaskfailed", "unusable", "offline"})
_OPTION_NAMES = {
    "reboot": "nodeRebootOption",
    "reimage": "nodeReimageOption",
    "deallocate": "nodeDeallocateOption",
}


class Nodes:
    """The nodes of all pools."""

    def __init__(self, fleet: Fleet, lifecycle: Lifecycle, clearing: Clearing) -> None:
        self._fleet = fleet
        self._lifecycle = lifecycle
        self._clearing = clearing

    def get(self, pool: Pool, node_id: str) -> Node:
        """The node. Raises: AzureError 404 `NodeNotFound`."""
        try:
            return pool.nodes[node_id]
        except KeyError:
            raise refusal("NodeNotFound") from None

    def ssh_address(self, account: Account, pool: Pool, node: Node) -> tuple[str, int]:
        """Where the node answers SSH from outside.

        Raises: AzureError 409 `OperationNotValidOnPool` for a pool without an inbound NAT pool for port 22. Since
        30 November 2025 no pool has one by itself ("Configure remote access to compute nodes in an Azure Batch
        pool"); which code the real service answers with is not confirmed.
        """
        if not any(nat_pool["backendPort"] == SSH_PORT for nat_pool in nat_pools(pool)):
            reason = "The pool has no inbound NAT pool for port 22, so remote login is not enabled on its nodes."
            raise refusal("OperationNotValidOnPool", {"Reason": reason})
        machine = self._machine(account, pool, node)
        return machine.address, machine.port

    def find_address(self, account: Account, pool: Pool, node: Node) -> tuple[str, int] | None:
        """Address and SSH port of the node's machine, or None while there is none."""
        machine = self._fleet.find(account, pool, node)
        return (machine.address, machine.port) if machine else None

    def extensions(
        self, account: Account, pool: Pool, node: Node
    ) -> list[tuple[dict[str, Any], ExtensionStatus | None]]:
        """The pool's extensions, each with what the node's agent tells of it, or None before it has told anything."""
        machine = self._fleet.find(account, pool, node)
        told = {status.name: status for status in machine.extension_statuses()} if machine else {}
        described = member(pool.properties, "deploymentConfiguration", "virtualMachineConfiguration", "extensions")
        return [(extension, told.get(extension["name"])) for extension in described or ()]

    def extension(
        self, account: Account, pool: Pool, node: Node, name: str
    ) -> tuple[dict[str, Any], ExtensionStatus | None]:
        """One of `extensions`. Raises: AzureError 404 `ResourceNotFound`."""
        for extension, status in self.extensions(account, pool, node):
            if extension["name"].lower() == name.lower():
                return extension, status
        raise refusal("ResourceNotFound")

    def files(self, account: Account, pool: Pool, node: Node, *, recursive: bool) -> Sequence[MachineFile]:
        """What lies below the node's Batch root directory, by name; only the top of it unless *recursive*."""
        found = sorted(self._machine(account, pool, node).files(), key=lambda file: file.name)
        return [file for file in found if recursive or "/" not in file.name.strip("/")]

    def file(self, account: Account, pool: Pool, node: Node, name: str) -> MachineFile:
        """A file or folder. Raises: AzureError 404 `FileNotFound`."""
        wanted = name.strip("/")
        for file in self._machine(account, pool, node).files():
            if file.name == wanted:
                return file
        raise refusal("FileNotFound")

    def content(self, account: Account, pool: Pool, node: Node, name: str) -> bytes:
        """A file's content. Raises: AzureError 404 `FileNotFound`."""
        try:
            return self._machine(account, pool, node).read_file(name.strip("/"))
        except (FileNotFoundError, IsADirectoryError):
            raise refusal("FileNotFound") from None

    def remove_file(self, account: Account, pool: Pool, node: Node, name: str, *, recursive: bool) -> None:
        """Remove a file, or with *recursive* a folder. Raises: AzureError 404, 409 for another folder."""
        if self.file(account, pool, node, name).is_directory and not recursive:
            raise refusal("OperationInvalidForCurrentState", {"Reason": "The directory is not empty."})
        self._machine(account, pool, node).remove_files(name.strip("/"))

    def restart(self, account: Account, pool: Pool, node: Node, what: str, option: Any) -> None:
        """Reboot, reimage or deallocate the node, as *what* says; *option* is for its tasks, None the default.

        Raises: AzureError 400 for another option, 409 for a node that is not up.
        """
        chosen = chosen_option(option, _OPTION_NAMES[what], OPTIONS)
        if node.state not in _RESTARTABLE:
            check_ready(node)
        self._clearing.clear(Host(account, pool, node), chosen, what)

    def start(self, account: Account, pool: Pool, node: Node) -> None:
        """Start a deallocated node. Raises: AzureError 409 for another."""
        if node.state != "deallocated":
            raise refusal("OperationInvalidForCurrentState", {"NodeState": node.state})
        self._lifecycle.start(account, pool, node)

    def enable(self, account: Account, pool: Pool, node: Node) -> None:
        """Let the node take tasks again. Raises: AzureError 409 for a node that is not up, or takes tasks already."""
        self._check_scheduling(node, "disabled")
        node.scheduling = "enabled"
        self._lifecycle.states.tell(account, pool, node)
        self._lifecycle.states.settle(account, pool, node)

    def disable(self, account: Account, pool: Pool, node: Node, option: Any) -> None:
        """Let the node take no more tasks; *option* is for those that it has.

        Raises: AzureError 400 for another option, 409 for a node that is not up, or takes none already.
        """
        chosen = chosen_option(option, "nodeDisableSchedulingOption", OPTIONS[:3])
        self._check_scheduling(node, "enabled")
        node.scheduling = "disabled"
        self._clearing.clear(Host(account, pool, node), chosen)
        self._lifecycle.states.settle(account, pool, node)

    def _check_scheduling(self, node: Node, before: str) -> None:
        if node.state != "offline":
            check_ready(node)
        if node.scheduling != before:
            raise refusal("NodeAlreadyInTargetSchedulingState")

    def _machine(self, account: Account, pool: Pool, node: Node) -> Machine:
        machine = self._fleet.find(account, pool, node)
        if machine is None:
            check_ready(node)
            raise refusal("OperationInvalidForCurrentState", {"NodeState": node.state})
        return machine


def nat_pools(pool: Pool) -> list[dict[str, Any]]:
    """The pool's inbound NAT pools."""
    found: list[dict[str, Any]] | None = member(
        pool.properties, "networkConfiguration", "endpointConfiguration", "inboundNatPools"
    )
    return found or []
