"""The pool's parameters."""

import pytest
from pydantic import ValidationError

from batchcert.spec import ExtensionVersion, NodeFillType, PoolSpec

SSH = {"allowed_networks": ["203.0.113.0/24"]}
SUBNET = (
    "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/net/providers"
    "/Microsoft.Network/virtualNetworks/v/subnets/nodes"
)


def pool(**fields: object) -> PoolSpec:
    """A pool of *fields* over the least there is."""
    return PoolSpec.model_validate({"name": "render", "ssh": SSH} | fields)


def test_a_pool_of_a_name_and_a_network_has_todays_defaults():
    """Nothing retired is chosen for anyone."""
    spec = pool()
    assert (spec.vm_size, spec.extension_version) == ("STANDARD_D2S_V5", ExtensionVersion.V3)
    assert (spec.image.publisher, spec.image.offer, spec.image.sku) == ("Canonical", "ubuntu-24_04-lts", "server")
    assert spec.image.node_agent == "batch.node.ubuntu 24.04"
    assert (spec.polling_interval_seconds, spec.require_initial_sync) == (300, True)
    assert spec.node_fill_type is NodeFillType.PACK


def test_ssh_networks_have_no_default():
    """Who may log in is always said by a person."""
    with pytest.raises(ValidationError, match="ssh"):
        PoolSpec.model_validate({"name": "render"})


@pytest.mark.parametrize("name", ["render", "Render-EU_2", "x", "x" * 64])
def test_names_that_batch_takes(name):
    """Letters, digits, hyphens and underscores, up to 64."""
    assert pool(name=name).name == name


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a/b", "a.b", "pôle"])
def test_names_that_batch_refuses(name):
    """Anything else is told before Batch is asked."""
    with pytest.raises(ValidationError, match="name"):
        pool(name=name)


@pytest.mark.parametrize("size", ["STANDARD_D2S_V5", "standard_ds11-1_v2"])
def test_vm_sizes_as_azure_names_them(size):
    """Constrained sizes have a hyphen."""
    assert pool(vm_size=size).vm_size == size


def test_a_subnet_is_an_arm_id_of_a_subnet():
    """Anything else is refused with the form that is wanted."""
    assert pool(subnet_id=SUBNET).subnet_id == SUBNET
    with pytest.raises(ValidationError, match=r"subnets/<subnets>"):
        pool(subnet_id=SUBNET.removesuffix("/subnets/nodes"))


@pytest.mark.parametrize(("nodes", "taken"), [(40, True), (41, False)])
def test_every_node_has_a_frontend_port(nodes, taken):
    """More nodes than ports is a fault that names both numbers."""
    fields = {"nodes": nodes, "ssh": SSH | {"first_port": 40000, "last_port": 40039}}
    if taken:
        assert pool(**fields).nodes == nodes
    else:
        with pytest.raises(ValidationError, match="nodes is 41; ssh has 40 frontend ports"):
            pool(**fields)


def test_a_misspelt_field_is_told():
    """Unknown fields are refused rather than dropped."""
    with pytest.raises(ValidationError, match="polling_intervall"):
        pool(polling_intervall=300)
