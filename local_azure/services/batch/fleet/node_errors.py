"""What Batch tells of a node that cannot be used."""

from __future__ import annotations

from local_azure.machines import ExtensionStatus
from local_azure.services.batch.protocol.spelling import member
from local_azure.services.batch.state.nodes import NodeError
from local_azure.services.batch.state.pools import Pool


def extension_error(pool: Pool, status: ExtensionStatus) -> NodeError:
    """A node's error for an extension that failed.

    The code and the words are those of the Compute service ("VMExtensionProvisioningError"), which Batch relays for
    pools; that Batch gives the same code for a node is not confirmed.
    """
    machine = member(pool.properties, "deploymentConfiguration", "virtualMachineConfiguration")
    described: list[dict[str, str]] = machine.get("extensions", [])
    extension = next((e for e in described if e["name"] == status.name), {})
    message = (
        f"VM has reported a failure when processing extension '{status.name}' (publisher "
        f"'{extension.get('publisher', '')}' and type '{extension.get('type', '')}'). Error message: "
        f"'{status.message}'. More information on troubleshooting is available at "
        "https://aka.ms/vmextensionlinuxtroubleshoot."
    )
    return NodeError("VMExtensionProvisioningError", message)


def preparation_error(reason: str) -> NodeError:
    """A node's error for a machine that did not come up. Batch's own code for it is not confirmed."""
    return NodeError("NodePreparationError", f"The node could not start: {reason}")
