"""What Batch refuses of a pool, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest


def refusal(world, body: dict[str, Any], *, name: str = "render", version: str = "2025-06-01") -> tuple[int, str, str]:
    reply = world.arm("PUT", f"/pools/{name}", body, version=version)
    if reply.status == 200:
        return 200, "", ""
    error = reply.body["error"]
    details = {detail["code"]: detail["message"] for detail in error.get("details", ())}
    return reply.status, error["code"], details.get("PropertyPath", details.get("PropertyName", ""))


MACHINE = "properties.deploymentConfiguration.virtualMachineConfiguration"
FIXED = "properties.scaleSettings.fixedScale"
NAT = "properties.networkConfiguration.endpointConfiguration.inboundNatPools"
RULES = f"{NAT}.networkSecurityGroupRules"


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"vmSize": None}, "MissingRequiredProperty", "properties.vmSize"),
        ({"vmSize": "STANDARD_Z1"}, "InvalidPropertyValue", "properties.vmSize"),
        ({"vmSize": "Standard_NC6"}, "InvalidPropertyValue", "properties.vmSize"),
        ({"vmSize": 2}, "InvalidRequestBody", "properties.vmSize"),
        ({"deploymentConfiguration": None}, "MissingRequiredProperty", "properties.deploymentConfiguration"),
        ({"deploymentConfiguration": {}}, "MissingRequiredProperty", MACHINE),
        (
            {"deploymentConfiguration": {"cloudServiceConfiguration": {"osFamily": "6"}}},
            "UnsupportedProperty",
            "cloudServiceConfiguration",
        ),
        ({"scaleSettings": {}}, "InvalidPropertyValue", "properties.scaleSettings"),
        ({"scaleSettings": {"fixedScale": {}}}, "MissingRequiredProperty", f"{FIXED}.targetDedicatedNodes"),
        (
            {"scaleSettings": {"fixedScale": {"targetDedicatedNodes": -1}}},
            "InvalidPropertyValue",
            f"{FIXED}.targetDedicatedNodes",
        ),
        (
            {"scaleSettings": {"autoScale": {"formula": "$TargetDedicatedNodes="}}},
            "AutoScalingFormulaSyntaxError",
            "properties.scaleSettings.autoScale.formula",
        ),
        (
            {"scaleSettings": {"autoScale": {"formula": " " * 8193}}},
            "AutoScalingFormulaTooLong",
            "properties.scaleSettings.autoScale.formula",
        ),
        (
            {"scaleSettings": {"autoScale": {}}},
            "MissingRequiredProperty",
            "properties.scaleSettings.autoScale.formula",
        ),
        (
            {"scaleSettings": {"autoScale": {"formula": "$a=1", "evaluationInterval": "PT4M"}}},
            "InvalidPropertyValue",
            "properties.scaleSettings.autoScale.evaluationInterval",
        ),
        ({"taskSlotsPerNode": 0}, "InvalidPropertyValue", "properties.taskSlotsPerNode"),
        ({"taskSlotsPerNode": 9}, "InvalidPropertyValue", "properties.taskSlotsPerNode"),  # 4 times 2 cores
        (
            {"taskSchedulingPolicy": {"nodeFillType": "Heap"}},
            "InvalidPropertyValue",
            "properties.taskSchedulingPolicy.nodeFillType",
        ),
        ({"interNodeCommunication": "Maybe"}, "InvalidPropertyValue", "properties.interNodeCommunication"),
        ({"startTask": {"maxTaskRetryCount": 1}}, "MissingRequiredProperty", "properties.startTask.commandLine"),
        (
            {"startTask": {"commandLine": "x", "maxTaskRetryCount": -2}},
            "InvalidPropertyValue",
            "properties.startTask.maxTaskRetryCount",
        ),
        ({"displayName": "x" * 1025}, "InvalidPropertyValue", "properties.displayName"),
        ({"metadata": [{"value": "x"}]}, "MissingRequiredProperty", "properties.metadata.name"),
        ({"metadata": {"a": "b"}}, "InvalidRequestBody", "properties.metadata"),
        ({"userAccounts": [{"name": "svc"}]}, "MissingRequiredProperty", "properties.userAccounts.password"),
        (
            {"userAccounts": [{"name": "s" * 21, "password": "p"}]},
            "InvalidPropertyValue",
            "properties.userAccounts.name",
        ),
        (
            {"userAccounts": [{"name": "s", "password": "p", "linuxUserConfiguration": {"uid": 5}}]},
            "InvalidPropertyValue",
            "properties.userAccounts.linuxUserConfiguration",
        ),
        ({"certificates": [{"id": "x"}]}, "UnsupportedProperty", "properties.certificates"),
    ],
)
def test_a_pool_is_refused(world, changes, code, path) -> None:
    """Each rule answers 400 with its code and the property it is about, and no pool is made."""
    assert refusal(world, world.body(**changes)) == (400, code, path)
    assert world.arm("GET", "/pools/render").status == 404


@pytest.mark.parametrize("timeout", ["PT4M59S", "P8D", "15", "PT", ""])
def test_a_resize_takes_five_minutes_to_seven_days(world, timeout) -> None:
    """Other resize timeouts are refused."""
    scale = {"fixedScale": {"targetDedicatedNodes": 1, "resizeTimeout": timeout}}
    assert refusal(world, world.body(scaleSettings=scale))[0] == 400


@pytest.mark.parametrize("timeout", ["PT5M", "PT15M", "P7D", "P1DT2H3M4S"])
def test_resize_timeouts_that_hold(world, timeout) -> None:
    """The bounds themselves are accepted."""
    scale = {"fixedScale": {"targetDedicatedNodes": 0, "resizeTimeout": timeout}}
    assert refusal(world, world.body(scaleSettings=scale))[0] == 200


@pytest.mark.parametrize(
    ("name", "status"), [("a", 200), ("A-b_9", 200), ("x" * 64, 200), ("x" * 65, 400), ("a.b", 400)]
)
def test_pool_names(world, name, status) -> None:
    """Letters, digits, hyphens and underscores, at most 64."""
    assert refusal(world, world.body(nodes=0), name=name)[0] == status


@pytest.mark.parametrize("version", ["2023-05-01", "2024-02-01", "2024-07-01"])
def test_certificates_are_retired_in_older_versions(world, version) -> None:
    """The versions that still know certificates say what became of them."""
    body = world.body(certificates=[{"id": "x"}])
    assert refusal(world, body, version=version)[:2] == (400, "CertificateRetired")


@pytest.mark.parametrize("body", [{"properties": []}, {"properties": "x"}])
def test_a_body_of_another_shape(world, body) -> None:
    """A body that is no pool at all is refused as such, not answered with a fault."""
    assert refusal(world, body)[:2] == (400, "InvalidRequestBody")


@pytest.mark.parametrize(
    ("image", "agent", "path"),
    [
        (("Canonical", "UbuntuServer", "18.04-LTS"), "batch.node.ubuntu 18.04", "imageReference"),
        (("canonical", "0001-com-ubuntu-server-focal", "20_04-lts"), "batch.node.ubuntu 20.04", "imageReference"),
        (("Canonical", "ubuntu-24_04-lts", "server"), "batch.node.ubuntu 22.04", "nodeAgentSkuId"),
        (("Canonical", "ubuntu-24_04-lts", ""), "batch.node.ubuntu 24.04", "imageReference.sku"),
    ],
)
def test_images_that_batch_does_not_take(world, image, agent, path) -> None:
    """Unknown and retired images, and node agents of another image, are refused."""
    reference = dict(zip(("publisher", "offer", "sku"), image, strict=True))
    machine = world.machine(imageReference=reference, nodeAgentSkuId=agent)
    body = world.body(deploymentConfiguration={"virtualMachineConfiguration": machine})
    assert refusal(world, body)[2] == f"{MACHINE}.{path}"


def test_a_gallery_image_names_its_agent_alone(world) -> None:
    """An image of one's own goes by its id, with a node agent that exists, and not with a publisher besides."""
    mine = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/x/images/y/versions/1.0.0"
    for reference, agent, status in (
        ({"id": mine}, "batch.node.ubuntu 24.04", 200),
        ({"id": mine}, "batch.node.beos 5", 400),
        ({"id": mine, "publisher": "canonical"}, "batch.node.ubuntu 24.04", 400),
    ):
        machine = world.machine(imageReference=reference, nodeAgentSkuId=agent)
        body = world.body(nodes=0, deploymentConfiguration={"virtualMachineConfiguration": machine})
        assert refusal(world, body)[0] == status
    shown = world.data("GET", "/pools/render").body["virtualMachineConfiguration"]["imageReference"]
    assert shown == {"virtualMachineImageId": mine}


@pytest.mark.parametrize(
    ("extensions", "path"),
    [
        ([{"publisher": "p", "type": "t"}], "name"),
        ([{"name": "n", "type": "t"}], "publisher"),
        ([{"name": "n", "publisher": "p"}], "type"),
        ([{"name": "n", "publisher": "Microsoft.Azure.Extensions", "type": "CustomScript"}], "type"),
        ([{"name": "n", "publisher": "p", "type": "t", "typeHandlerVersion": "latest"}], "typeHandlerVersion"),
        ([{"name": "n", "publisher": "p", "type": "t"}, {"name": "N", "publisher": "p", "type": "u"}], "name"),
        (
            [{"name": "n", "publisher": "p", "type": "t", "provisionAfterExtensions": ["m"]}],
            "provisionAfterExtensions",
        ),
    ],
)
def test_extensions_that_batch_does_not_take(world, extensions, path) -> None:
    """Incomplete, reserved, repeated or dangling extensions are refused."""
    body = world.body(deploymentConfiguration={"virtualMachineConfiguration": world.machine(extensions=extensions)})
    assert refusal(world, body)[2] == f"{MACHINE}.extensions.{path}"


def test_settings_are_nobodys_business(world) -> None:
    """Batch passes an extension's settings on as they are, null members and string-encoded ones included."""
    settings = {"a": None, "access": "no such word"}
    for given in (settings, '{"a": 1}'):
        machine = world.machine(extensions=[world.extension(settings=given)])
        body = world.body(deploymentConfiguration={"virtualMachineConfiguration": machine}, nodes=0)
        shown = world.arm("PUT", f"/pools/{type(given).__name__}", body).body["properties"]
        configuration = shown["deploymentConfiguration"]["virtualMachineConfiguration"]
        assert configuration["extensions"][0]["settings"] == given


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": "-x"}, f"{NAT}.name"),
        ({"name": "x" * 78}, f"{NAT}.name"),
        ({"protocol": "ICMP"}, f"{NAT}.protocol"),
        ({"backendPort": 29876}, f"{NAT}.backendPort"),
        ({"backendPort": 65536}, f"{NAT}.backendPort"),
        ({"frontendPortRangeStart": 0}, f"{NAT}.frontendPortRangeStart"),
        ({"frontendPortRangeEnd": 65535}, f"{NAT}.frontendPortRangeEnd"),
        ({"frontendPortRangeEnd": 20038}, f"{NAT}.frontendPortRangeEnd"),  # 39 ports
        ({"frontendPortRangeStart": 49900, "frontendPortRangeEnd": 50000}, f"{NAT}.frontendPortRangeStart"),
        ({"frontendPortRangeStart": 55000, "frontendPortRangeEnd": 55100}, f"{NAT}.frontendPortRangeStart"),
    ],
)
def test_nat_pools_that_batch_does_not_take(world, changes, path) -> None:
    """Names, ports and ranges outside the documented bounds are refused."""
    endpoints = {"endpointConfiguration": {"inboundNatPools": [world.nat_pool(**changes)]}}
    assert refusal(world, world.body(networkConfiguration=endpoints)) == (400, "InvalidPropertyValue", path)


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ([{"priority": 149, "access": "Allow", "sourceAddressPrefix": "*"}], f"{RULES}.priority"),
        ([{"priority": 4097, "access": "Allow", "sourceAddressPrefix": "*"}], f"{RULES}.priority"),
        ([{"priority": 200, "access": "Allow", "sourceAddressPrefix": "*"}] * 2, f"{RULES}.priority"),
        ([{"priority": 200, "access": "Perhaps", "sourceAddressPrefix": "*"}], RULES + ".access"),
        ([{"priority": 200, "access": "Allow"}], f"{RULES}.sourceAddressPrefix"),
        ([{"priority": 200, "access": "Allow", "sourceAddressPrefix": "10.0.0.0/33"}], f"{RULES}.sourceAddressPrefix"),
        (
            [{"priority": 200, "access": "Allow", "sourceAddressPrefix": "*", "sourcePortRanges": ["9-1"]}],
            f"{RULES}.sourcePortRanges",
        ),
        ([{"priority": 150 + n, "access": "Deny", "sourceAddressPrefix": "*"} for n in range(26)], RULES),
    ],
)
def test_rules_that_batch_does_not_take(world, rules, path) -> None:
    """Priorities, words, addresses, ports and the number of rules are held to the documented bounds."""
    endpoints = {"endpointConfiguration": {"inboundNatPools": [world.nat_pool(networkSecurityGroupRules=rules)]}}
    assert refusal(world, world.body(networkConfiguration=endpoints))[2] == path


@pytest.mark.parametrize(
    "prefix", ["*", "Internet", "AzureCloud.westus2", "10.1.2.3", "192.168.0.0/16", "2001:db8::/32"]
)
def test_sources_that_hold(world, prefix) -> None:
    """Addresses, subnets, service tags and the star are accepted."""
    rule = {"priority": 4096, "access": "Deny", "sourceAddressPrefix": prefix}
    endpoints = {"endpointConfiguration": {"inboundNatPools": [world.nat_pool(networkSecurityGroupRules=[rule])]}}
    assert refusal(world, world.body(nodes=0, networkConfiguration=endpoints))[0] == 200


@pytest.mark.parametrize(
    "second",
    [
        {"name": "SSH", "backendPort": 80, "frontendPortRangeStart": 30000, "frontendPortRangeEnd": 30100},
        {"name": "web", "backendPort": 22, "frontendPortRangeStart": 30000, "frontendPortRangeEnd": 30100},
        {"name": "web", "backendPort": 80, "frontendPortRangeStart": 20999, "frontendPortRangeEnd": 21100},
    ],
)
def test_nat_pools_of_one_pool_are_distinct(world, second) -> None:
    """Names, backend ports and ranges may not repeat or overlap."""
    pools = [world.nat_pool(), world.nat_pool(**second, networkSecurityGroupRules=[])]
    body = world.body(networkConfiguration={"endpointConfiguration": {"inboundNatPools": pools}})
    assert refusal(world, body)[0] == 400


def test_at_most_five_nat_pools_and_none_without_public_addresses(world) -> None:
    """The sixth is refused, and so is any on a pool that has no public IP addresses."""
    six = [
        world.nat_pool(
            name=f"n{n}",
            backendPort=1000 + n,
            frontendPortRangeStart=10000 + 100 * n,
            frontendPortRangeEnd=10099 + 100 * n,
            networkSecurityGroupRules=[],
        )
        for n in range(6)
    ]
    for pools, status in ((six, 400), (six[:5], 200)):
        body = world.body(nodes=0, networkConfiguration={"endpointConfiguration": {"inboundNatPools": pools}})
        assert refusal(world, body)[0] == status
    closed = {
        "endpointConfiguration": {"inboundNatPools": six[:1]},
        "publicIPAddressConfiguration": {"provision": "NoPublicIPAddresses"},
    }
    assert refusal(world, world.body(networkConfiguration=closed), name="closed")[0] == 400
