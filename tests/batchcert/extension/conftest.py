"""Bodies to judge: the documents as published, and one that is right."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from batchcert.extension.settings import EXTENSION_NAME, EXTENSION_PUBLISHER, EXTENSION_TYPE, extension_settings
from batchcert.spec import CertificateSpec, ExtensionVersion

DATA = Path(__file__).parents[2] / "data"
CLIENT_ID = "b9f6dd56-d2d6-4967-99d7-8062d56fd84c"
PRINCIPAL_ID = "11111111-2222-3333-4444-555555555555"
IDENTITY = (
    "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/ids/providers"
    "/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"
)


def right_body() -> dict:
    """A pool as it should be, and as Azure reads it back: identity with its ids, SSH closed but for one network."""
    settings = extension_settings(
        version=ExtensionVersion.V3,
        vault_url="https://contoso.vault.azure.net",
        certificates=[CertificateSpec(name="web", subject="CN=web.example.com", readers=[{"user": "nginx"}])],
        client_id=CLIENT_ID,
        polling_interval_seconds=300,
        require_initial_sync=True,
    )
    extension = {
        "name": EXTENSION_NAME,
        "type": EXTENSION_TYPE,
        "publisher": EXTENSION_PUBLISHER,
        "typeHandlerVersion": "3.0",
        "autoUpgradeMinorVersion": True,
        "enableAutomaticUpgrade": True,
        "settings": settings,
    }
    rules = [
        {"priority": 150, "access": "Allow", "sourceAddressPrefix": "203.0.113.0/24"},
        {"priority": 151, "access": "Deny", "sourceAddressPrefix": "*"},
    ]
    nat = {
        "name": "ssh",
        "protocol": "TCP",
        "backendPort": 22,
        "frontendPortRangeStart": 40000,
        "frontendPortRangeEnd": 40999,
        "networkSecurityGroupRules": rules,
    }
    machine = {
        "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"},
        "nodeAgentSkuId": "batch.node.ubuntu 24.04",
        "extensions": [extension],
    }
    return {
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": {IDENTITY: {"clientId": CLIENT_ID, "principalId": PRINCIPAL_ID}},
        },
        "name": "render",
        "properties": {
            "vmSize": "STANDARD_D2S_V5",
            "taskSchedulingPolicy": {"nodeFillType": "Spread"},
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 3, "resizeTimeout": "PT20M"}},
            "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [nat]}},
        },
    }


def _changed(changes: dict[str, object]) -> dict:
    """The right body with the value at each path changed; None takes it out.

    Steps are split by /; the first one names a place: `ext`, `secrets`, `auth`, `machine`, `nat`...
    """
    body = copy.deepcopy(right_body())
    machine = body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]
    extension = machine["extensions"][0]
    places = {
        "body": body,
        "properties": body["properties"],
        "identity": body["identity"],
        "machine": machine,
        "ext": extension,
        "settings": extension["settings"],
        "secrets": extension["settings"]["secretsManagementSettings"],
        "auth": extension["settings"]["authenticationSettings"],
        "nat": body["properties"]["networkConfiguration"]["endpointConfiguration"]["inboundNatPools"][0],
    }
    for path, value in changes.items():
        place, *steps, last = path.split("/")
        target = places[place]
        for step in steps:
            target = target[int(step) if isinstance(target, list) else step]
        target[int(last) if isinstance(target, list) else last] = value
    return json.loads(json.dumps(body), object_hook=lambda found: {k: v for k, v in found.items() if v is not None})


@pytest.fixture
def body_with() -> Callable[[dict[str, object]], dict]:
    """The right body, changed at the given paths."""
    return _changed


@pytest.fixture
def document() -> Callable[[str], str]:
    """The text of a published body by the name of its file."""
    return lambda name: (DATA / f"document-{name}.json").read_text(encoding="utf-8")
