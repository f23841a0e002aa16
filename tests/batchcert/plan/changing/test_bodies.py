"""What a change writes: what batchcert decides, and all the rest as it was read."""

from __future__ import annotations

from typing import Any

import pytest

from batchcert.plan.changing.bodies import new_pool_body, scale_body, update_body, zero_scale
from batchcert.plan.json_path import at
from batchcert.plan.marks import metadata_is_ours
from batchcert.plan.pool import pool_differences
from batchcert.plan.pool_fields import pool_fields

from .conftest import EXTENSION, MACHINE, OTHER_EXTENSION, Having

DISK = ((*MACHINE, "dataDisks"), [{"lun": 0, "diskSizeGB": 64}])
AGENT_TOO = ((*MACHINE, "extensions"), [OTHER_EXTENSION])
SIZE = (("properties", "vmSize"), "STANDARD_D4S_V5")
SKU = ((*MACHINE, "imageReference"), {"publisher": "Canonical", "offer": "x", "sku": "y", "exactVersion": "1.2.3"})
NETWORK = "properties.networkConfiguration"


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["vmSize"], {"vmSize"}),
        (["scaleSettings.fixedScale.targetDedicatedNodes"], {"scaleSettings"}),
        (["inboundNatPools[SSH].protocol", "networkConfiguration.subnetId"], {"networkConfiguration"}),
        (["extensions[KeyVaultForLinux].typeHandlerVersion"], {"deploymentConfiguration"}),
        (["startTask.commandLine", "taskSchedulingPolicy.nodeFillType"], {"startTask", "taskSchedulingPolicy"}),
        (["identity.userAssignedIdentities[a]"], set()),
    ],
)
def test_an_update_names_what_differs_alone(
    body: dict[str, Any], having: Having, paths: list[str], names: set[str]
) -> None:
    """What it does not name stays."""
    update = update_body(body, having().body, paths)
    assert set(update["properties"]) == names
    assert ("identity" in update) == any(path.startswith("identity") for path in paths)


def test_an_update_brings_the_fields_and_keeps_the_rest(body: dict[str, Any], having: Having) -> None:
    """Disks and other extensions of the machine are no business of ours."""
    observed = having(SKU, DISK, AGENT_TOO).body
    paths = [field.path for field in pool_differences(pool_fields(body), pool_fields(observed))]
    update = update_body(body, observed, paths)
    machine = at(update, ".".join(MACHINE))
    assert machine["dataDisks"] == DISK[1]
    assert [one["type"] for one in machine["extensions"]] == ["AzureMonitorLinuxAgent", "KeyVaultForLinux"]
    assert "exactVersion" not in machine["imageReference"]


def test_a_subnet_that_nobody_asked_for_goes_and_addresses_stay(body: dict[str, Any], having: Having) -> None:
    """The network is written whole."""
    network = {**at(body, NETWORK), "subnetId": "/s", "publicIPAddressConfiguration": {"provision": "BatchManaged"}}
    update = update_body(body, having((("properties", "networkConfiguration"), network)).body, ["networkConfiguration"])
    assert set(at(update, NETWORK)) == {"endpointConfiguration", "publicIPAddressConfiguration"}


def test_a_start_task_keeps_what_is_not_ours(body: dict[str, Any], having: Having) -> None:
    """Its resource files, say."""
    old = {"commandLine": "/bin/true", "resourceFiles": [{"httpUrl": "https://a/b"}]}
    update = update_body(body, having((("properties", "startTask"), old)).body, ["startTask.commandLine"])
    assert at(update, "properties.startTask") == {**old, **body["properties"]["startTask"]}


def test_no_resize_ends_a_task(body: dict[str, Any], having: Having) -> None:
    """Nodes finish their tasks before they leave; a formula is written as it was."""
    scale = body["properties"]["scaleSettings"]
    bodies = [scale_body(scale), scale_body(zero_scale(15)), update_body(body, having().body, ["scaleSettings.x"])]
    for one in bodies:
        assert at(one, "properties.scaleSettings.fixedScale.nodeDeallocationOption") == "TaskCompletion"
    formula = {"autoScale": {"formula": "$TargetDedicatedNodes=1;", "evaluationInterval": "PT5M"}}
    assert scale_body(formula) == {"properties": {"scaleSettings": formula}}


def test_a_new_pool_is_what_is_asked_for_and_the_rest_of_the_old(body: dict[str, Any], having: Having) -> None:
    """Its slots, packages, disks and metadata come along; it is marked as batchcert's, whoever made the old one."""
    observed = having(
        SIZE,
        DISK,
        (("properties", "taskSlotsPerNode"), 4),
        (("properties", "metadata"), [{"name": "team", "value": "render"}]),
        (("properties", "allocationState"), "Steady"),
        ((*EXTENSION, "typeHandlerVersion"), "2.0"),
    ).body
    new = new_pool_body(body, observed)
    properties = new["properties"]
    assert pool_fields(new) == pool_fields(body)
    assert (properties["taskSlotsPerNode"], "allocationState" in properties) == (4, False)
    assert at(new, ".".join(MACHINE))["dataDisks"] == DISK[1]
    assert metadata_is_ours(properties["metadata"])
    assert {"name": "team", "value": "render"} in properties["metadata"]


def test_what_one_pool_alone_can_have_stays_with_it(body: dict[str, Any], having: Having) -> None:
    """Accounts, mounts and public addresses; addresses that Batch manages are no such thing."""
    own = {"provision": "UserManaged", "ipAddressIds": ["/a"]}
    managed = {"provision": "NoPublicIPAddresses"}
    path = ("properties", "networkConfiguration", "publicIPAddressConfiguration")
    accounts = (("properties", "userAccounts"), [{"name": "artist"}])
    mounts = (("properties", "mountConfiguration"), [{}])
    new = new_pool_body(body, having((path, own), accounts, mounts).body)
    assert {"userAccounts", "mountConfiguration"}.isdisjoint(new["properties"])
    assert "publicIPAddressConfiguration" not in at(new, NETWORK)
    assert at(new_pool_body(body, having((path, managed)).body), NETWORK)["publicIPAddressConfiguration"] == managed
