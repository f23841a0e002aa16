"""Target, vault and identity: names, and the ARM ids they stand for."""

import pytest
from pydantic import ValidationError

from batchcert.spec import IdentitySpec, Target, VaultSpec

SUBSCRIPTION = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
TARGET = Target(subscription_id=SUBSCRIPTION, resource_group="rg", region="westus2", batch_account="acct")
IDENTITY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ACR/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"
)


def test_the_target_gives_the_ids_of_account_and_pool():
    """Both lie in the account's own resource group."""
    base = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Batch/batchAccounts/acct"
    assert (str(TARGET.account_id), str(TARGET.pool_id("p"))) == (base, f"{base}/pools/p")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subscription_id", "my subscription"),
        ("resource_group", ""),
        ("resource_group", ".."),
        ("resource_group", "rg."),
        ("resource_group", "a/b"),
        ("region", "West US 2"),
        ("batch_account", "Acct"),
        ("batch_account", "ab"),
    ],
)
def test_a_target_that_names_nothing_is_refused(field, value):
    """Each field is held to Azure's form of it, and the answer names the field."""
    with pytest.raises(ValidationError, match=field):
        Target.model_validate(TARGET.model_dump() | {field: value})


@pytest.mark.parametrize("name", ["kv1", "a-b", "contoso-certs-eu", "a" * 24])
def test_names_that_a_vault_can_have(name):
    """3 to 24 letters, digits and single hyphens, a letter first."""
    assert VaultSpec(name=name).name == name


@pytest.mark.parametrize("name", ["", "ab", "a" * 25, "1kv", "-kv", "kv-", "k--v", "k_v", "kv.vault"])
def test_names_that_no_vault_can_have(name):
    """Doubled, leading and trailing hyphens among them."""
    with pytest.raises(ValidationError, match="name"):
        VaultSpec(name=name)


@pytest.mark.parametrize(("group", "expected"), [("", "rg"), ("certs", "certs")])
def test_a_vault_lies_in_its_own_group_or_the_accounts(group, expected):
    """Left empty, the group is the Batch account's."""
    assert VaultSpec(name="kv1", resource_group=group).resource(TARGET).resource_group == expected


def test_an_identity_is_ensured_by_name_in_the_accounts_group():
    """By name it is ours to create."""
    spec = IdentitySpec(name="nodes")
    assert spec.ours
    assert str(spec.resource(TARGET)).endswith(
        "/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"
    )


def test_an_identity_given_by_arm_id_is_taken_as_it_is():
    """The id wins over the name, and nothing is created."""
    spec = IdentitySpec(arm_id=IDENTITY)
    assert not spec.ours
    assert str(spec.resource(TARGET)) == IDENTITY


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "give a name, or the ARM id"),
        ({"arm_id": "b9f6dd56-d2d6-4967-99d7-8062d56fd84c"}, "userAssignedIdentities/<userAssignedIdentities>"),
        ({"arm_id": IDENTITY.replace("ManagedIdentity/userAssignedIdentities", "KeyVault/vaults")}, "arm_id"),
        ({"name": "a"}, "name"),
    ],
)
def test_an_identity_that_cannot_be_found_is_refused(fields, said):
    """The answer says what is wanted instead."""
    with pytest.raises(ValidationError) as error:
        IdentitySpec.model_validate(fields)
    assert said in str(error.value)
