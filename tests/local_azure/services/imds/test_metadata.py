"""A machine gets tokens for the identities it has, and for no others."""

from __future__ import annotations

import time
from typing import Any

import pytest

from local_azure.services.imds.metadata import Metadata
from local_azure.services.msi.identities import Identities
from local_azure.settings import Settings
from local_azure.wire.messages import AzureError

VAULT = "https://vault.azure.net"
SETTINGS = Settings()


@pytest.fixture
def identities(door: Any) -> Identities:
    found: Identities = door.cloud.identities
    return found


@pytest.fixture
def metadata(door: Any) -> Metadata:
    found: Metadata = door.cloud.metadata
    return found


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
    """Wrong credentials and those of a machine that is gone are refused."""
    mine, client, _ = made(identities, "mine")
    password = metadata.register("node", (mine,))
    for machine in ("node:wrong", f"other:{password}"):
        assert refused(metadata, machine, {"client_id": client}) == "Identity not found"
    metadata.forget("node")
    assert refused(metadata, f"node:{password}", {"client_id": client}) == "Identity not found"


def test_a_token_is_given_again_until_half_of_its_life_is_over(
    metadata: Metadata, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machines with one identity share it; another audience, or the second half of its life, has a new one."""
    mine, _, _ = made(identities, "mine")
    machines = [f"{name}:{metadata.register(name, (mine,))}" for name in ("one", "two")]
    first, second = (metadata.token(machine, VAULT, {}) for machine in machines)
    assert first == second
    assert metadata.token(machines[0], "https://management.azure.com", {}).access_token != first.access_token
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 1700)
    assert metadata.token(machines[0], VAULT, {}) == first
    monkeypatch.setattr(time, "time", lambda: now + 1900)
    later = metadata.token(machines[0], VAULT, {})
    assert (later.access_token != first.access_token, later.expires_on > first.expires_on) == (True, True)


def test_of_several_identities_one_must_be_named(metadata: Metadata, identities: Identities) -> None:
    """Azure does not choose."""
    both = (made(identities, "one")[0], made(identities, "two")[0])
    machine = f"node:{metadata.register('node', both)}"
    assert refused(metadata, machine, {}).startswith("Multiple user assigned identities")


def test_the_callers_own_machine_has_an_identity_and_may_use_the_others(
    metadata: Metadata, identities: Identities
) -> None:
    """Its own by default, any user-assigned one by each of its names; never one that does not exist."""
    others = [made(identities, name) for name in ("one", "two")]

    def given(**wanted: str) -> str:
        token = metadata.token("", VAULT, wanted)
        return identities.access.tokens.verify(token.access_token, {VAULT}, SETTINGS.tenant).object_id

    assert given() == SETTINGS.machine_object_id
    for arm_id, client_id, principal in others:
        assert given(client_id=client_id) == given(object_id=principal) == given(msi_res_id=arm_id) == principal
    assert refused(metadata, "", {"client_id": "cccccccc-0000-4000-8000-000000000001"}) == "Identity not found"


def test_instance_metadata_name_the_callers_machine(door: Any) -> None:
    """At the address of the real one, for those who set the header; a node is not shown another machine's."""
    url = "http://169.254.169.254/metadata/instance?api-version=2021-02-01"
    compute = door.ask("GET", url, headers={"metadata": "true"}).body["compute"]
    assert compute["resourceId"].endswith(f"/virtualMachines/{compute['name']}")
    assert door.ask("GET", url).status == 400
    assert door.ask("GET", url, headers={"metadata": "true"}, machine="node:password").status == 404
