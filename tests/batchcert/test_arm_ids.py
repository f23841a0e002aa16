"""ARM ids, read and written."""

import pytest

from batchcert.arm_ids import arm_id, parse_arm_id
from batchcert.problems import Problem

SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
IDENTITY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ACR/providers/"
    "Microsoft.ManagedIdentity/userAssignedIdentities/testumaforpools"
)
SUBNET = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"


@pytest.mark.parametrize("text", [IDENTITY, SUBNET])
def test_an_id_is_written_as_it_was_read(text):
    """Reading and writing are each other's reverse."""
    assert str(parse_arm_id(text)) == text


def test_a_child_resource_has_types_and_names_in_pairs():
    """A subnet's type has two segments, and its own name is the last one."""
    subnet = parse_arm_id(SUBNET)
    assert (subnet.type, subnet.names, subnet.name) == (
        "Microsoft.Network/virtualNetworks/subnets",
        ("v", "nodes"),
        "nodes",
    )
    assert (subnet.subscription, subnet.resource_group) == (SUBSCRIPTION, "net")


def test_ids_are_compared_without_regard_to_case():
    """Azure gives the same id now as resourceGroups, now as resourcegroups."""
    assert parse_arm_id(IDENTITY.upper()).key == parse_arm_id(IDENTITY).key


def test_blanks_and_a_trailing_slash_are_overlooked():
    """What a person copies from the portal is read."""
    assert str(parse_arm_id(f" {IDENTITY}/ ")) == IDENTITY


def test_an_id_is_put_together_from_its_parts():
    """The parts give the id that is read back to them."""
    built = arm_id(SUBSCRIPTION, "net", "Microsoft.Network/virtualNetworks/subnets", "v", "nodes")
    assert str(built) == SUBNET
    assert built == parse_arm_id(SUBNET)


@pytest.mark.parametrize(
    ("text", "resource_type"),
    [
        ("", ""),
        ("testumaforpools", ""),
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ACR", ""),
        (IDENTITY.replace(SUBSCRIPTION, "my-subscription"), ""),
        (IDENTITY.removesuffix("/testumaforpools"), ""),
        (IDENTITY + "\n/x", ""),
        (IDENTITY, "Microsoft.KeyVault/vaults"),
        (IDENTITY, "Microsoft.Network/virtualNetworks/subnets"),
    ],
)
def test_what_is_no_id_of_the_type_is_refused_with_an_example(text, resource_type):
    """The cure shows an id of the type that was asked for, with a name for each of its segments."""
    with pytest.raises(Problem) as refused:
        parse_arm_id(text, resource_type)
    assert refused.value.code == "not-an-arm-id"
    for segment in (resource_type or "Provider/type").split("/"):
        assert segment in refused.value.cure
