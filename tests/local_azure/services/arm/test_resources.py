"""What Azure Resource Manager lists: resources, locations, subscriptions, groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local_azure.services.arm.resources import Resource, matching
from local_azure.wire.messages import AzureError, Caller

VERSION = "api-version=2024-11-01"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SOMEBODY = Caller("aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001", "")
ONE = Resource("/subscriptions/s/resourceGroups/G/providers/P/T/one", "one", "P/T", "westus2", {"team": "render"})


@pytest.fixture
def somebody(door: Any) -> Caller:
    return Caller(SOMEBODY.object_id, SOMEBODY.client_id, door.operator.tenant)


@pytest.fixture
def identity(door: Any) -> Callable[[str, str], str]:
    def made(group: str, name: str) -> str:
        door.cloud.groups.put(group, "westus2", {})
        door.cloud.identities.put(group, name, "westus2", {})
        arm_id: str = door.cloud.identities.arm_id(group, name)
        return arm_id

    return made


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("resourceType eq 'p/t'", True),
        ("resourceType eq 'P/T' and name eq 'two'", False),
        ("resourceGroup eq 'g' AND location eq 'westus2'", True),
        ("tagName eq 'team'", True),
        ("tagName eq 'team' and tagValue eq 'render'", True),
        ("tagName eq 'team' and tagValue eq 'other'", False),
        ("tagName eq 'owner'", False),
    ],
)
def test_a_filter_compares_without_regard_to_case(condition: str, expected: bool) -> None:
    """All its terms must hold."""
    assert matching(condition)(ONE) is expected


@pytest.mark.parametrize("condition", ["name ne 'one'", "name eq one", "plan eq 'x'", "name eq 'a' or name eq 'b'"])
def test_other_filters_are_refused(condition: str) -> None:
    """Rather than taken for everything."""
    with pytest.raises(AzureError) as refused:
        matching(condition)
    assert (refused.value.status, refused.value.code) == (400, "InvalidFilterInQueryString")


def test_resources_of_every_service_are_listed(door: Any, identity: Callable[[str, str], str]) -> None:
    """The Batch account and identities, of the subscription or of one group."""
    found = identity("other", "mine")
    everything = door.ask("GET", f"{door.subscription}/resources?{VERSION}").body["value"]
    assert {one["type"] for one in everything} == {
        "Microsoft.Batch/batchAccounts",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
    }
    group = door.ask("GET", f"{door.subscription}/resourceGroups/OTHER/resources?{VERSION}").body["value"]
    assert [one["id"] for one in group] == [found]
    first = door.ask("GET", f"{door.subscription}/resources?{VERSION}&$top=1").body["value"]
    assert len(first) == 1


def test_everybody_sees_what_they_may_read(door: Any, somebody: Caller, identity: Callable[[str, str], str]) -> None:
    """A role on one group shows the subscription, that group and what is in it, and nothing else."""
    identity("other", "mine")
    lists = ("/subscriptions", f"{door.subscription}/resourceGroups", f"{door.subscription}/resources")

    def seen() -> list[int]:
        return [len(door.ask("GET", f"{one}?{VERSION}", caller=somebody).body["value"]) for one in lists]

    assert seen() == [0, 0, 0]
    scope = f"{door.subscription}/resourceGroups/other"
    door.cloud.access.assign("00000000-0000-4000-8000-00000000aaaa", scope, READER, somebody.object_id)
    assert seen() == [1, 1, 1]


def test_locations_are_those_of_the_cloud_that_is_asked(door: Any) -> None:
    """Names as resources bear them, and as people read them."""
    public = door.ask("GET", f"{door.subscription}/locations?{VERSION}").body["value"]
    assert {"westus2": "West US 2"}.items() <= {one["name"]: one["displayName"] for one in public}.items()
    government = f"https://management.usgovcloudapi.net{door.subscription}/locations?{VERSION}"
    assert [one["name"] for one in door.ask("GET", government).body["value"]] == [
        "usgovarizona",
        "usgovtexas",
        "usgovvirginia",
    ]


def test_a_group_goes_with_what_it_holds(door: Any, identity: Callable[[str, str], str]) -> None:
    """202, then 200 where the Location says."""
    identity("other", "mine")
    reply = door.ask("DELETE", f"{door.subscription}/resourceGroups/other?{VERSION}")
    assert (reply.status, door.ask("GET", reply.headers["Location"]).status) == (202, 200)
    assert door.code("GET", f"{door.subscription}/resourceGroups/other?{VERSION}") == (404, "ResourceGroupNotFound")
