"""A machine gets tokens for the identities it has, and for no others."""

from __future__ import annotations

import pytest

from local_azure.clock import Clock
from local_azure.services.arm.access import Access
from local_azure.services.arm.groups import Groups
from local_azure.services.entra.directory import Directory
from local_azure.services.imds.metadata import Metadata
from local_azure.services.msi.identities import Identities
from local_azure.settings import Settings
from local_azure.wire.messages import AzureError
from local_azure.wire.tokens import Tokens

VAULT = "https://vault.azure.net"
SETTINGS = Settings()


@pytest.fixture
def identities() -> Identities:
    return Identities(Groups(Access(SETTINGS, Clock(), Tokens())))


@pytest.fixture
def metadata(identities: Identities) -> Metadata:
    return Metadata(identities, Directory(SETTINGS, identities.access.tokens))


def made(identities: Identities, name: str) -> tuple[str, str, str]:
    identity, _ = identities.put(SETTINGS.resource_group, name, "westus2", {})
    return identities.arm_id(identity.group, name), identity.client_id, identity.principal_id


def refused(metadata: Metadata, machine: str, wanted: dict[str, str]) -> str:
    with pytest.raises(AzureError) as caught:
        metadata.token(machine, VAULT, wanted)
    assert caught.value.status == 400
    return caught.value.message


def test_each_way_to_name_an_identity_gives_its_token(metadata: Metadata, identities: Identities) -> None:
    """Client id, object id and ARM id name the same identity; the token is for its principal."""
    arm_id, client_id, principal = made(identities, "mine")
    password = metadata.register("node", (arm_id.upper(),))
    for wanted in ({"client_id": client_id}, {"object_id": principal}, {"msi_res_id": arm_id}, {}):
        token = metadata.token(f"node:{password}", VAULT, wanted)
        caller = identities.access.tokens.verify(token.access_token, {VAULT}, SETTINGS.tenant)
        assert caller.object_id == principal


def test_an_identity_that_is_not_on_the_machine_is_not_found(metadata: Metadata, identities: Identities) -> None:
    """Nor is an object id that is given as a client id."""
    mine, _, principal = made(identities, "mine")
    _, others_client, _ = made(identities, "other")
    machine = f"node:{metadata.register('node', (mine,))}"
    assert refused(metadata, machine, {"client_id": others_client}) == "Identity not found"
    assert refused(metadata, machine, {"client_id": principal}) == "Identity not found"


def test_a_machine_must_show_its_own_password(metadata: Metadata, identities: Identities) -> None:
    """No credentials, wrong ones and those of a machine that is gone are all refused."""
    mine, client, _ = made(identities, "mine")
    password = metadata.register("node", (mine,))
    for machine in ("", "node:wrong", f"other:{password}"):
        assert refused(metadata, machine, {"client_id": client}) == "Identity not found"
    metadata.forget("node")
    assert refused(metadata, f"node:{password}", {"client_id": client}) == "Identity not found"


def test_of_several_identities_one_must_be_named(metadata: Metadata, identities: Identities) -> None:
    """Azure does not choose."""
    both = (made(identities, "one")[0], made(identities, "two")[0])
    machine = f"node:{metadata.register('node', both)}"
    assert refused(metadata, machine, {}).startswith("Multiple user assigned identities")
