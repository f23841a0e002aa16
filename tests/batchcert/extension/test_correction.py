"""Corrected parameters: they are accepted by the models, keep what was fine, and fall into no trap."""

import copy
import random

import pytest

from batchcert.extension.correction import correct, corrected_parameters
from batchcert.extension.correction.network import NOBODYS_NETWORK
from batchcert.extension.document import read_document
from batchcert.extension.traps import Severity, find_traps
from batchcert.plan.pool_body import pool_body
from batchcert.spec import DEFAULT_STORE, CertificateSpec, IdentitySpec, PoolSpec, Target, VaultSpec

SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
POOL_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/batch/providers/Microsoft.Batch/batchAccounts/acct/pools/render"
)
SECRET = "https://contoso.vault.azure.net/secrets/web"
MACHINE = "properties.deploymentConfiguration.virtualMachineConfiguration"
NETWORK = "properties.networkConfiguration"
URLS = "secrets/observedCertificates"


def validated(parameters: dict) -> tuple[Target, IdentitySpec, VaultSpec, list[CertificateSpec], PoolSpec]:
    """The parameters as the models that `provision` takes; a fault fails the test."""
    assert list(parameters) == ["target", "identity", "vault", "certificates", "pool"]
    return (
        Target.model_validate(parameters["target"]),
        IdentitySpec.model_validate(parameters["identity"]),
        VaultSpec.model_validate(parameters["vault"]),
        [CertificateSpec.model_validate(one) for one in parameters["certificates"]],
        PoolSpec.model_validate(parameters["pool"]),
    )


def remarked(body: dict) -> tuple[set[str], set[str]]:
    """The parameters to fill in, and the places of *body* that are left out."""
    correction = correct(body)
    return {one.field for one in correction.to_fill_in}, {one.field for one in correction.left_out}


@pytest.mark.parametrize("name", ["2021", "2026", "2026-windows"])
def test_a_published_body_becomes_a_pool_of_today(document, name):
    """What has ended is replaced; nodes, polling, fill type and timeout are the document's."""
    body, _ = read_document(document(name))
    target, identity, vault, (certificate,), pool = validated(corrected_parameters(body))
    assert identity.arm_id == next(iter(body["identity"]["userAssignedIdentities"]))
    assert target.subscription_id == identity.arm_id.split("/")[2]
    assert (vault.name, certificate.name, certificate.store) == (
        "testkvwestus2s",
        "authcertforumatesting",
        DEFAULT_STORE,
    )
    assert (pool.name, pool.nodes, pool.polling_interval_seconds, pool.resize_timeout_minutes) == ("test2", 1, 300, 15)
    assert (pool.vm_size, pool.image.offer, pool.image.node_agent) == (
        "STANDARD_D2S_V5",
        "ubuntu-24_04-lts",
        "batch.node.ubuntu 24.04",
    )
    assert (pool.extension_version, pool.require_initial_sync, pool.node_fill_type) == ("3.0", True, "Pack")
    assert pool.ssh.allowed_networks == [NOBODYS_NETWORK]


def test_what_the_document_does_not_say_is_named(document):
    """Each placeholder and each guess is told, and nothing of the document is lost unseen."""
    body, _ = read_document(document("2021"))
    to_fill_in, left_out = remarked(body)
    assert to_fill_in == {
        *("target.subscription_id", "target.resource_group", "target.region", "target.batch_account"),
        *("vault.resource_group", "certificates[0]", "certificates[0].store", "pool.ssh.allowed_networks"),
    }
    assert left_out == set()


def made(parameters: dict) -> dict:
    """The body that `provision` sends for *parameters*."""
    _, identity, vault, certificates, pool = validated(parameters)
    body = pool_body(
        pool,
        identity_id=identity.arm_id,
        client_id="b9f6dd56-d2d6-4967-99d7-8062d56fd84c",
        vault_url=f"https://{vault.name}.vault.azure.net",
        certificates=certificates,
    )
    return {"name": pool.name, **body}


@pytest.mark.parametrize("name", ["2021", "2026"])
def test_the_pool_that_provision_makes_of_them_falls_into_no_trap(document, name):
    """The body for the corrected parameters is judged by the same rules: nothing breaks, and nothing weakens."""
    published, _ = read_document(document(name))
    found = find_traps(made(corrected_parameters(published)))
    assert [finding for finding in found if finding.severity is not Severity.NOTES] == []


@pytest.mark.parametrize("name", ["2021", "2026"])
def test_what_is_corrected_once_stays_as_it_is(document, name):
    """Explaining the corrected pool proposes the very same parameters."""
    published, _ = read_document(document(name))
    once = corrected_parameters(published)
    again = corrected_parameters(made(once))
    for section in ("identity", "vault", "pool"):
        model = {"identity": IdentitySpec, "vault": VaultSpec, "pool": PoolSpec}[section]
        assert model.model_validate(again[section]) == model.model_validate(once[section])
    assert validated(again)[3] == validated(once)[3]


def test_a_body_that_is_right_is_kept_as_it_is(body_with):
    """Size, image, agent, networks, ports, fill type, timeout, subnet, folder, link and readers."""
    subnet = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    body = body_with(
        {
            "body/id": POOL_ID,
            "properties/vmSize": "STANDARD_E4S_V5",
            "machine/imageReference": {
                "publisher": "canonical",
                "offer": "0001-com-ubuntu-server-jammy",
                "sku": "22_04-lts",
            },
            "machine/nodeAgentSkuId": "batch.node.ubuntu 22.04",
            "properties/networkConfiguration/subnetId": subnet,
            f"{URLS}/0/certificateStoreLocation": "/srv/tls",
            f"{URLS}/0/customSymbolicLinkName": "web.pem",
            "secrets/pollingIntervalInS": "3600",
        }
    )
    target, identity, vault, (certificate,), pool = validated(corrected_parameters(body))
    assert (target.cloud, target.subscription_id, target.resource_group) == ("public", SUBSCRIPTION, "batch")
    assert (target.batch_account, vault.name) == ("acct", "contoso")
    assert identity.arm_id.endswith("/userAssignedIdentities/nodes")
    assert (certificate.store, certificate.link_name) == ("/srv/tls", "web.pem")
    assert [reader.user for reader in certificate.readers] == ["nginx"]
    assert (pool.name, pool.nodes, pool.vm_size, pool.subnet_id) == ("render", 3, "STANDARD_E4S_V5", subnet)
    assert (pool.image.sku, pool.image.node_agent) == ("22_04-lts", "batch.node.ubuntu 22.04")
    assert (pool.node_fill_type, pool.resize_timeout_minutes, pool.polling_interval_seconds) == ("Spread", 20, 3600)
    assert (pool.ssh.allowed_networks, pool.ssh.first_port, pool.ssh.last_port) == (["203.0.113.0/24"], 40000, 40999)
    to_fill_in, left_out = remarked(body)
    assert to_fill_in == {"target.region", "vault.resource_group", "certificates[0]"}
    assert left_out == set()


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        ({f"{URLS}/0/url": "https://kv1.vault.usgovcloudapi.net/secrets/web"}, ("target", "cloud"), "us-government"),
        ({f"{URLS}/0/url": "https://kv1.vault.azure.cn/secrets/web"}, ("target", "cloud"), "china"),
        ({"body/name": "acct/render"}, ("target", "batch_account"), "acct"),
        ({"body/name": "acct/render"}, ("pool", "name"), "render"),
        ({"body/name": None}, ("pool", "name"), "replace-me"),
        ({"body/name": "<name>"}, ("pool", "name"), "replace-me"),
        ({"body/name": "no such name!"}, ("pool", "name"), "replace-me"),
        ({"body/identity": None}, ("identity", "name"), "batchcert"),
        ({f"{URLS}/0/url": "<secret id>"}, ("vault", "name"), "replace-me"),
        ({f"{URLS}/0/url": "<secret id>"}, ("certificates", 0, "name"), "replace-me"),
        ({f"{URLS}/0/url": f"{SECRET}/8f5f"}, ("certificates", 0, "name"), "web"),
        ({"properties/vmSize": "STANDARD_DS4_V2"}, ("pool", "vm_size"), "STANDARD_D8S_V5"),
        ({"properties/vmSize": "<size>"}, ("pool", "vm_size"), "STANDARD_D2S_V5"),
        ({"properties/vmSize": None}, ("pool", "vm_size"), "STANDARD_D2S_V5"),
        (
            {"machine/nodeAgentSkuId": "batch.node.ubuntu 18.04"},
            ("pool", "image", "node_agent"),
            "batch.node.ubuntu 24.04",
        ),
        ({"ext/typeHandlerVersion": "1.0"}, ("pool", "extension_version"), "3.0"),
        ({"secrets/requireInitialSync": False}, ("pool", "require_initial_sync"), True),
        ({"secrets/pollingIntervalInS": 600}, ("pool", "polling_interval_seconds"), 600),
        ({"secrets/pollingIntervalInS": "soon"}, ("pool", "polling_interval_seconds"), 300),
        ({"properties/scaleSettings/fixedScale/targetDedicatedNodes": 0}, ("pool", "nodes"), 0),
        ({"properties/scaleSettings": None}, ("pool", "nodes"), 1),
        ({"nat/networkSecurityGroupRules": None}, ("pool", "ssh", "allowed_networks"), [NOBODYS_NETWORK]),
        (
            {"nat/networkSecurityGroupRules/0/sourceAddressPrefix": "203.0.113.7"},
            ("pool", "ssh", "allowed_networks"),
            ["203.0.113.7/32"],
        ),
        (
            {"nat/networkSecurityGroupRules/0/sourceAddressPrefix": "203.0.113.7/24"},
            ("pool", "ssh", "allowed_networks"),
            ["203.0.113.0/24"],
        ),
        (
            {"nat/networkSecurityGroupRules/0/sourceAddressPrefix": "0.0.0.0/0"},
            ("pool", "ssh", "allowed_networks"),
            [NOBODYS_NETWORK],
        ),
        (
            {"secrets/aclEnabled": None, f"{URLS}/0/acls": [{"user": "app"}, {"user": "_azbatchtask_1"}]},
            ("certificates", 0, "readers"),
            [{"user": "app"}],
        ),
    ],
)
def test_each_part_is_kept_or_corrected(body_with, changes, path, expected):
    """One change to the right body, one value in the parameters, and they validate."""
    parameters = corrected_parameters(body_with(changes))
    validated(parameters)
    value: object = parameters
    for step in path:
        value = value[step]
    assert value == expected


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"properties/startTask": {"commandLine": "true"}}, "properties.startTask"),
        ({"properties/taskSlotsPerNode": 4}, "properties.taskSlotsPerNode"),
        ({"properties/metadata": [{"name": "a", "value": "b"}]}, "properties.metadata"),
        ({"properties/scaleSettings/autoScale": {"formula": "$x"}}, "properties.scaleSettings.autoScale"),
        (
            {"properties/scaleSettings/fixedScale/targetLowPriorityNodes": 5},
            "properties.scaleSettings.fixedScale.targetLowPriorityNodes",
        ),
        ({"machine/dataDisks": []}, f"{MACHINE}.dataDisks"),
        (
            {"machine/imageReference": {"id": "/subscriptions/x"}},
            f"{MACHINE}.imageReference.id",
        ),
        (
            {URLS: [SECRET, "https://other.vault.azure.net/secrets/web"]},
            f"{MACHINE}.extensions[0].settings.secretsManagementSettings.observedCertificates",
        ),
        (
            {"nat/networkSecurityGroupRules/0/sourceAddressPrefix": "VirtualNetwork"},
            f"{NETWORK}.endpointConfiguration.inboundNatPools[0].networkSecurityGroupRules[0].sourceAddressPrefix",
        ),
        (
            {"properties/networkConfiguration/publicIPAddressConfiguration": {"provision": "NoPublicIPAddresses"}},
            f"{NETWORK}.publicIPAddressConfiguration",
        ),
    ],
)
def test_what_has_no_parameter_is_named(body_with, changes, field):
    """Nothing of the body goes unseen."""
    assert field in remarked(body_with(changes))[1]


def test_what_azure_says_of_a_pool_is_no_loss(body_with):
    """A body read back has states and defaults that no request needs."""
    said = {
        "properties/provisioningState": "Succeeded",
        "properties/allocationState": "Steady",
        "properties/currentDedicatedNodes": 1,
        "properties/taskSlotsPerNode": 1,
        "properties/interNodeCommunication": "Disabled",
        "body/etag": 'W/"0x8D"',
    }
    assert remarked(body_with(said))[1] == set()


def test_the_identity_that_reads_key_vault_is_chosen_among_several(body_with):
    """The one whose client id the extension is given; the others are named."""
    base = (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    )
    both = {
        f"{base}/storage": {"clientId": "00000000-2222-3333-4444-555555555555"},
        f"{base}/vault": {"clientId": "b9f6dd56-d2d6-4967-99d7-8062d56fd84c"},
    }
    correction = correct(body_with({"identity/userAssignedIdentities": both}))
    assert correction.parameters["identity"] == {"arm_id": f"{base}/vault"}
    assert [one.field for one in correction.left_out] == [f'identity.userAssignedIdentities["{base}/storage"]']


def test_more_nodes_than_ports_keep_their_number(body_with):
    """Ports of the body that are too few give way to the default range."""
    body = body_with({"properties/scaleSettings/fixedScale/targetDedicatedNodes": 2000})
    *_, pool = validated(corrected_parameters(body))
    assert (pool.nodes, len(pool.ssh.ports)) == (2000, 10000)


def test_a_body_of_the_data_plane_is_corrected_too():
    """Its members stand at the top."""
    body = {
        "id": "render",
        "vmSize": "STANDARD_D2_V2",
        "virtualMachineConfiguration": {
            "imageReference": {"publisher": "canonical", "offer": "0001-com-ubuntu-server-jammy", "sku": "22_04-lts"},
            "nodeAgentSKUId": "batch.node.ubuntu 22.04",
        },
        "targetDedicatedNodes": 7,
        "resizeTimeout": "PT1H",
    }
    *_, pool = validated(corrected_parameters(body))
    assert (pool.name, pool.nodes, pool.resize_timeout_minutes) == ("render", 7, 60)
    assert (pool.vm_size, pool.image.node_agent) == ("STANDARD_D2S_V5", "batch.node.ubuntu 22.04")


JUNK = [None, "", "text", 7, -1, 1e9, True, [], {}, [[]], [7], {"x": {}}, "<x>", "x" * 500, "\x1b[31m", "é", 10**40]


def test_parameters_validate_whatever_the_body_is_made_of(body_with):
    """Values all over the right body are replaced at random; there is always an answer, and it validates."""
    chance = random.Random(20260616)  # noqa: S311 - the same bodies in every run
    for _ in range(1500):
        body = copy.deepcopy(body_with({"body/id": POOL_ID}))
        for _ in range(chance.randint(1, 4)):
            spoil(body, chance)
        find_traps(body)
        validated(corrected_parameters(body))


def spoil(body: dict, chance: random.Random) -> None:
    """Replace one value somewhere in *body* with junk."""
    place: object = body
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = chance.choice(keys)
        if not isinstance(place[key], dict | list) or not place[key] or chance.random() < 0.2:
            place[key] = copy.deepcopy(chance.choice(JUNK))
            return
        place = place[key]


SERVED = '[{"certificate":"kv-render/web","serves":[{"port":443}],"on_rotation":"systemctl reload nginx"}]'


@pytest.mark.parametrize("value", [SERVED, SERVED.replace("/web", "/WEB")])
def test_what_uses_a_certificate_goes_with_it(value):
    """batchcert keeps it in the pool's metadata, where it is no placeholder; what else is there has no place."""
    ours = [{"name": "batchcert", "value": "made"}, {"name": "batchcert-services", "value": value}]
    correction = correct(observing("https://kv-render.vault.azure.net/secrets/web", metadata=ours))
    (certificate,) = correction.parameters["certificates"]
    assert certificate["serves"] == [{"port": 443}]
    assert certificate["on_rotation"] == "systemctl reload nginx"
    assert "metadata" not in str(correction.left_out)
    assert "placeholder-left" not in {trap.code for trap in find_traps(observing("x", metadata=ours))}


@pytest.mark.parametrize("item", [{"name": "team", "value": "render"}, {"name": "batchcert-services", "value": "{"}])
def test_other_metadata_are_left_out_and_told(item):
    """Nothing goes unseen."""
    correction = correct(observing("https://kv-render.vault.azure.net/secrets/web", metadata=[item]))
    assert "properties.metadata" in {remark.field for remark in correction.left_out}


def observing(url, metadata):
    """A pool's body with 3.0 observing *url*."""
    settings = {"secretsManagementSettings": {"observedCertificates": [{"url": url}]}}
    extension = {
        "name": "KVExtensions",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": "3.0",
        "settings": settings,
    }
    machine = {"virtualMachineConfiguration": {"extensions": [extension]}}
    return {"properties": {"deploymentConfiguration": machine, "metadata": metadata}}
