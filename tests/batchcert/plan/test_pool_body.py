"""The pool's ARM body: the document's example, brought up to date."""

import json
from pathlib import Path

import pytest

from batchcert.extension.document import read_document
from batchcert.plan.json_path import at
from batchcert.plan.marks import metadata_is_ours
from batchcert.plan.pool_body import pool_body
from batchcert.spec import ExtensionVersion
from batchcert.visit.host_keys import START_TASK_COMMAND

MACHINE = "properties.deploymentConfiguration.virtualMachineConfiguration"
DOCUMENT = Path(__file__).parents[2] / "data" / "document-2026.json"


def test_it_has_every_part_of_the_documented_example(body):
    """Whatever the document's body sets, ours sets too; values are today's."""
    documented, _ = read_document(DOCUMENT.read_text())
    paths = [f"properties.{path}" for path in leaves(documented["properties"])]
    assert len(paths) >= 10
    assert [path for path in paths if at(body, path) is None] == []


def leaves(value, path=""):
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}".lstrip("."))
    else:
        yield path


def test_it_is_plain_json(body):
    """Nothing in it needs an SDK."""
    assert json.loads(json.dumps(body)) == body


def test_the_identity_is_on_the_pool_and_in_the_settings(body, identity):
    """By its ARM id on the pool, by its client id in the extension's settings."""
    assert body["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {identity.arm_id: {}}}
    (extension,) = at(body, f"{MACHINE}.extensions")
    assert extension["settings"]["authenticationSettings"]["msiClientId"] == identity.client_id
    assert extension["protectedSettings"] == {}


@pytest.mark.parametrize("version", list(ExtensionVersion))
def test_every_extension_version_observes_without_a_version(pool_spec, identity, vault, certificate_spec, version):
    """A pinned certificate never rotates."""
    body = pool_body(
        pool_spec.model_copy(update={"extension_version": version}),
        identity_id=identity.arm_id,
        client_id=identity.client_id,
        vault_url=vault.url,
        certificates=[certificate_spec],
    )
    (extension,) = at(body, f"{MACHINE}.extensions")
    assert extension["typeHandlerVersion"] == version
    (observed,) = extension["settings"]["secretsManagementSettings"]["observedCertificates"]
    url = observed["url"] if version is ExtensionVersion.V3 else observed
    assert url == "https://kv-render.vault.azure.net/secrets/web"


def test_ssh_is_open_to_the_given_networks_and_closed_to_everyone_else(body):
    """Allow rules in the order given, asked before the last one, which denies."""
    (nat_pool,) = at(body, "properties.networkConfiguration.endpointConfiguration.inboundNatPools")
    assert (nat_pool["protocol"], nat_pool["backendPort"]) == ("TCP", 22)
    rules = nat_pool["networkSecurityGroupRules"]
    assert [(rule["access"], rule["sourceAddressPrefix"]) for rule in rules] == [
        ("Allow", "203.0.113.0/24"),
        ("Allow", "198.51.100.7/32"),
        ("Deny", "*"),
    ]
    priorities = [rule["priority"] for rule in rules]
    assert priorities == sorted(set(priorities))
    assert priorities[0] >= 150
    assert priorities[-1] <= 4096


def test_the_start_task_prints_host_keys_as_an_administrator(body):
    """Nodes wait for it, so a node that is idle has printed them."""
    start_task = at(body, "properties.startTask")
    assert start_task["commandLine"] == START_TASK_COMMAND
    assert start_task["userIdentity"] == {"autoUser": {"scope": "Pool", "elevationLevel": "Admin"}}
    assert start_task["waitForSuccess"] is True


def test_size_timeout_and_subnet_follow_the_parameters(pool_spec, identity, vault, certificate_spec):
    """Fixed scale, the resize timeout in ISO 8601, and the subnet only where one is given."""
    subnet = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/n/providers/Microsoft.Network/"
    subnet += "virtualNetworks/v/subnets/nodes"
    changed = {"nodes": 7, "resize_timeout_minutes": 40, "subnet_id": subnet}
    body = pool_body(
        pool_spec.model_copy(update=changed),
        identity_id=identity.arm_id,
        client_id=identity.client_id,
        vault_url=vault.url,
        certificates=[certificate_spec],
    )
    assert at(body, "properties.scaleSettings.fixedScale") == {
        "targetDedicatedNodes": 7,
        "targetLowPriorityNodes": 0,
        "resizeTimeout": "PT40M",
    }
    assert at(body, "properties.networkConfiguration.subnetId") == subnet


def test_without_a_subnet_none_is_named(body):
    """Batch's own network is the default."""
    assert "subnetId" not in at(body, "properties.networkConfiguration")


def test_it_is_marked_as_ours(body):
    """A teardown asks for the mark."""
    assert metadata_is_ours(at(body, "properties.metadata"))
