"""The nodes of a pool, as Batch's data plane tells them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from azure.batch import BatchClient
from azure.batch.models import BatchNode, BatchNodeError, BatchNodeVMExtension, InstanceViewStatus

from batchcert.plan.account import SupportedImage
from batchcert.plan.readiness import ExtensionFault
from batchcert.problems import Problem
from batchcert.verdict.evidence import NodeView
from batchcert.visit.extension_view import ExtensionView, ViewStatus
from batchcert.visit.text import one_line
from tasks.azure_api.faults import explained
from tasks.azure_api.plain import utc, word

START_TASK_OUTPUT = "startup/stdout.txt"
LARGEST_READ = 64 << 20  # bytes
_SELECTED = ["id", "state", "stateTransitionTime", "allocationTime", "lastBootTime", "startTaskInfo", "errors"]


@dataclass(frozen=True)
class RemoteLogin:
    """Where a node's SSH server is reached from outside the pool."""

    address: str
    port: int


@explained
def listed(api: BatchClient, pool: str) -> list[NodeView]:
    """All nodes of the pool, in Batch's order."""
    return [_view(node) for node in api.list_nodes(pool, select=_SELECTED)]


@explained
def running_tasks(api: BatchClient, pool: str) -> dict[str, int]:
    """How many tasks run on each node that works, by node id; preparing a job counts as one."""
    nodes = api.list_nodes(pool, select=["id", "state", "runningTasksCount"])
    counts = {node.id: (node.running_tasks_count or 0, word(node.state).lower() == "running") for node in nodes}
    return {node: max(count, 1) for node, (count, working) in counts.items() if count or working}


@explained
def affinities(api: BatchClient, pool: str) -> dict[str, str]:
    """What a task names that is to run on a node: the node's affinity id, by node id."""
    return {node.id: str(node.affinity_id or "") for node in api.list_nodes(pool, select=["id", "affinityId"])}


@explained
def remote_login(api: BatchClient, pool: str, node: str) -> RemoteLogin:
    """Where the node's SSH server is reached."""
    settings = api.get_node_remote_login_settings(pool, node)
    return RemoteLogin(settings.remote_login_ip_address, settings.remote_login_port)


@explained
def read_file(api: BatchClient, pool: str, node: str, path: str, *, last: int = 1 << 20) -> str:
    """The end, *last* bytes at most, of a file below the node's Batch root directory; not UTF-8 is replaced.

    Raises: Problem `node-file-too-large`.
    """
    kept: deque[bytes] = deque()
    size = read = 0
    for chunk in api.download_node_file(pool, node, path):
        kept.append(chunk)
        size += len(chunk)
        read += len(chunk)
        if read > LARGEST_READ:
            raise Problem(
                "node-file-too-large",
                what=f"node {node}: {path} has more than {LARGEST_READ >> 20} MiB",
                cause="the pool's start task prints more than anybody reads, or another task writes into its file",
                cure="have the start task print less, and reboot the node",
            )
        while size - len(kept[0]) >= last:
            size -= len(kept.popleft())
    return b"".join(kept)[-last:].decode("utf-8", "replace")


@explained
def extension_faults(api: BatchClient, pool: str, node: str) -> list[ExtensionFault]:
    """What the node's guest agent says went wrong with its extensions; empty where all is well."""
    return [
        ExtensionFault(node, str(extension.vm_extension.name if extension.vm_extension else ""), message)
        for extension in api.list_node_extensions(pool, node)
        if (message := _message(extension))
    ]


@explained
def extension_views(api: BatchClient, pool: str, node: str) -> list[ExtensionView]:
    """What Batch tells of the node's extensions."""
    return [_extension_view(extension) for extension in api.list_node_extensions(pool, node)]


@explained
def supported_images(api: BatchClient) -> list[SupportedImage]:
    """The marketplace images that the account can make nodes of."""
    return [
        SupportedImage(
            publisher=str(image.image_reference.publisher),
            offer=str(image.image_reference.offer),
            sku=str(image.image_reference.sku),
            node_agent=image.node_agent_sku_id,
            linux=word(image.os_type).lower() == "linux",
            verified=word(image.verification_type).lower() == "verified",
            ends=utc(image.batch_support_end_of_life),
        )
        for image in api.list_supported_images()
    ]


def _view(node: BatchNode) -> NodeView:
    return NodeView(
        node_id=node.id,
        state=word(node.state).lower(),
        state_since=utc(node.state_transition_time),
        allocated_at=utc(node.allocation_time),
        errors=tuple(_error(error) for error in node.errors or ()),
        booted_at=utc(node.last_boot_time),
        start_task_at=utc(node.start_task_info.start_time) if node.start_task_info else None,
    )


def _error(error: BatchNodeError) -> str:
    details = [f"{detail.name}: {detail.value}" for detail in error.error_details or ()]
    return one_line("; ".join([f"{error.code}: {error.message}", *details]))


def _extension_view(extension: BatchNodeVMExtension) -> ExtensionView:
    asked, view = extension.vm_extension, extension.instance_view
    statuses = [*((view.statuses if view else None) or ()), *((view.sub_statuses if view else None) or ())]
    return ExtensionView(
        publisher=str(asked.publisher or "") if asked else "",
        type=str(asked.type or "") if asked else "",
        version=str(asked.type_handler_version or "") if asked else "",
        provisioning=str(extension.provisioning_state or ""),
        statuses=tuple(
            ViewStatus(str(one.code or ""), word(one.level), one.message or one.display_status or "")
            for one in statuses
        ),
    )


def _message(extension: BatchNodeVMExtension) -> str:
    """The words of the statuses that are errors; where none says anything, the state itself."""
    view = extension.instance_view
    statuses: Iterator[InstanceViewStatus] = iter(
        [*((view.statuses if view else None) or ()), *((view.sub_statuses if view else None) or ())]
    )
    failed = [status for status in statuses if _failed(status)]
    said = "; ".join(status.message or status.display_status or status.code or "" for status in failed)
    state = str(extension.provisioning_state or "")
    return one_line(said) or (f"provisioning state {state}" if state.lower() == "failed" else "")


def _failed(status: InstanceViewStatus) -> bool:
    return word(status.level).lower() == "error" or str(status.code).lower().startswith("provisioningstate/failed")
