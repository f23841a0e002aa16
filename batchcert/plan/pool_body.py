"""The pool's ARM body: what the document's example asks for, brought up to date.

Source: "Enable automatic certificate rotation in a Batch pool", Microsoft Learn;
Microsoft.Batch/batchAccounts/pools, API version 2025-06-01.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from batchcert.extension.observed import ObservedCertificate, find_extension
from batchcert.extension.services import kept_services, services_text
from batchcert.extension.settings import (
    EXTENSION_NAME,
    EXTENSION_PUBLISHER,
    EXTENSION_TYPE,
    extension_settings,
)
from batchcert.hook.hook import Hook
from batchcert.plan.marks import MADE, MARK
from batchcert.plan.services import hook_of, services_metadata, services_of
from batchcert.plan.start_task import start_task
from batchcert.spec import CertificateSpec, PoolSpec, SshAccess

SSH_PORT = 22
NAT_POOL = "SSH"
# NetworkSecurityGroupRule, property priority: 150 to 4096, and the lowest number is asked first.
FIRST_PRIORITY = 150
LAST_PRIORITY = 4096

Json = dict[str, object]


def pool_body(
    spec: PoolSpec, *, identity_id: str, client_id: str, vault_url: str, certificates: Sequence[CertificateSpec]
) -> Json:
    """The body of the pool's PUT request, as plain JSON.

    *identity_id* and *client_id* are the ARM id and the client id of the identity that reads *vault_url*.

    Raises: what `extension_settings` raises.
    """
    image = spec.image
    extension = _extension(spec, client_id, vault_url, certificates)
    observed = _observed(extension)
    services = services_metadata(observed[0].vault, certificates)
    machine: Json = {
        "imageReference": {
            "publisher": image.publisher,
            "offer": image.offer,
            "sku": image.sku,
            "version": image.version,
        },
        "nodeAgentSkuId": image.node_agent,
        "extensions": [extension],
    }
    return {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity_id: {}}},
        "properties": {
            "vmSize": spec.vm_size,
            "taskSchedulingPolicy": {"nodeFillType": spec.node_fill_type.value},
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "networkConfiguration": _network(spec),
            "scaleSettings": {"fixedScale": _scale(spec)},
            "startTask": start_task(_hooks(observed, services)),
            "metadata": [{"name": MARK, "value": MADE}, *services],
        },
    }


def _scale(spec: PoolSpec) -> Json:
    return {
        "targetDedicatedNodes": spec.nodes,
        "targetLowPriorityNodes": 0,
        "resizeTimeout": f"PT{spec.resize_timeout_minutes}M",
    }


def _observed(extension: Json) -> tuple[ObservedCertificate, ...]:
    """What the extension observes, as a validation reads it; there is one certificate at least."""
    view = find_extension([extension])
    return view.certificates if view else ()


def _hooks(observed: Sequence[ObservedCertificate], services: Sequence[Mapping[str, object]]) -> list[Hook]:
    """The hooks of a pool that has these services in its metadata, as a validation finds them."""
    told = services_of(observed, kept_services(services_text(services)), ())
    return [hook for one in observed if (hook := hook_of(one, told))]


def _extension(spec: PoolSpec, client_id: str, vault_url: str, certificates: Sequence[CertificateSpec]) -> Json:
    return {
        "name": EXTENSION_NAME,
        "publisher": EXTENSION_PUBLISHER,
        "type": EXTENSION_TYPE,
        "typeHandlerVersion": spec.extension_version.value,
        "autoUpgradeMinorVersion": True,
        "settings": extension_settings(
            version=spec.extension_version,
            vault_url=vault_url,
            certificates=certificates,
            client_id=client_id,
            polling_interval_seconds=spec.polling_interval_seconds,
            require_initial_sync=spec.require_initial_sync,
        ),
        "protectedSettings": {},
    }


def _network(spec: PoolSpec) -> Json:
    nat_pool = {
        "name": NAT_POOL,
        "protocol": "TCP",
        "backendPort": SSH_PORT,
        "frontendPortRangeStart": spec.ssh.first_port,
        "frontendPortRangeEnd": spec.ssh.last_port,
        "networkSecurityGroupRules": _rules(spec.ssh),
    }
    network: Json = {"endpointConfiguration": {"inboundNatPools": [nat_pool]}}
    if spec.subnet_id:
        network["subnetId"] = spec.subnet_id
    return network


def _rules(ssh: SshAccess) -> list[Json]:
    """Allow each network, in the order given, and deny everyone else."""
    allowed: list[Json] = [
        {"priority": priority, "access": "Allow", "sourceAddressPrefix": network}
        for priority, network in enumerate(ssh.allowed_networks, start=FIRST_PRIORITY)
    ]
    return [*allowed, {"priority": LAST_PRIORITY, "access": "Deny", "sourceAddressPrefix": "*"}]
