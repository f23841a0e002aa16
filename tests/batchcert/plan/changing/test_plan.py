"""The plan of a change: each difference has its way, and the weakest that covers all is the whole's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from batchcert.changes import Action
from batchcert.plan.changing.plan import LONGEST_NAME, ChangePlan, plan_change
from batchcert.plan.changing.ways import RULES, Way, rule_of, strongest
from batchcert.plan.pool_fields import pool_fields
from batchcert.problems import Problem
from batchcert.spec import ChangeSpec, WayChoice

from .conftest import EXTENSION, MACHINE, NAT, OTHER_EXTENSION, SECRETS, Having, edited

FIXED = ("properties", "scaleSettings", "fixedScale")
OTHER_IDENTITY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/old"
SCALE = ((*FIXED, "targetDedicatedNodes"), 5)
START = (("properties", "startTask", "commandLine"), "/bin/true")
SIZE = (("properties", "vmSize"), "STANDARD_D4S_V5")
IMAGE = ((*MACHINE, "imageReference", "sku"), "server-gen1")
AGENT = ((*MACHINE, "nodeAgentSkuId"), "batch.node.ubuntu 22.04")
PORTS = ((*NAT, "frontendPortRangeStart"), 41000)
SUBNET = (("properties", "networkConfiguration", "subnetId"), "/subscriptions/s/subnets/a")
PLACEMENT = (("properties", "taskSchedulingPolicy", "nodeFillType"), "Spread")
IDENTITY = (("identity", "userAssignedIdentities"), {OTHER_IDENTITY: {}})
POLLING = ((*SECRETS, "pollingIntervalInS"), "3600")
CERTIFICATE = ((*SECRETS, "observedCertificates", 0, "url"), "https://kv-render.vault.azure.net/secrets/old")
VERSION = ((*EXTENSION, "typeHandlerVersion"), "2.0")
NO_EXTENSION = ((*MACHINE, "extensions"), [])


def planned(body: dict[str, Any], pool: Any, **asked: Any) -> ChangePlan:
    return plan_change("farm", body, pool, ChangeSpec(**asked))


@pytest.mark.parametrize(
    ("edits", "way"),
    [
        ([SCALE], Way.IN_PLACE),
        ([(("properties", "scaleSettings"), {"autoScale": {"formula": "$TargetDedicatedNodes=1;"}})], Way.IN_PLACE),
        ([START], Way.IN_PLACE),
        ([SCALE, START], Way.IN_PLACE),
        ([SIZE], Way.AT_ZERO),
        ([IMAGE], Way.AT_ZERO),
        ([AGENT], Way.AT_ZERO),
        ([PORTS], Way.AT_ZERO),
        ([SUBNET], Way.AT_ZERO),
        ([PLACEMENT], Way.AT_ZERO),
        ([IDENTITY], Way.AT_ZERO),
        ([SCALE, SIZE], Way.AT_ZERO),
        ([POLLING], Way.BESIDE),
        ([CERTIFICATE], Way.BESIDE),
        ([VERSION], Way.BESIDE),
        ([NO_EXTENSION], Way.BESIDE),
        ([SCALE, SIZE, POLLING], Way.BESIDE),
    ],
    ids=lambda value: "+".join(str(edit[0][-1]) for edit in value) if isinstance(value, list) else value.name,
)
def test_the_weakest_way_that_covers_all_differences(
    body: dict[str, Any], having: Having, edits: list[Any], way: Way
) -> None:
    """On a pool with nodes."""
    plan = planned(body, having(*edits))
    assert plan.way is way
    assert strongest([one.way for one in plan.differences]) is way


def test_every_field_that_batchcert_decides_has_a_rule_of_its_own(body: dict[str, Any]) -> None:
    """So nobody is told that nothing is known of a field."""
    assert {rule_of(path) for path in pool_fields(body)} == set(RULES[:-1])


def test_each_difference_says_its_values_its_way_and_why(body: dict[str, Any], having: Having) -> None:
    """As a person is shown them."""
    (size,) = planned(body, having(SIZE)).differences
    assert (size.path, size.before, size.after, size.way) == (
        "vmSize",
        "STANDARD_D4S_V5",
        "STANDARD_D2S_V5",
        Way.AT_ZERO,
    )
    assert "empty pool" in size.why


def test_an_equal_pool_needs_no_way(body: dict[str, Any], having: Having) -> None:
    """There is nothing to approve."""
    plan = planned(body, having(), way=WayChoice.NEW_POOL)
    assert (plan.way, plan.differences, plan.new_pool, plan.change.action) == (None, (), "", Action.NOTHING)


@pytest.mark.parametrize(
    ("edits", "asked", "way"),
    [
        ([SCALE], WayChoice.AT_ZERO_NODES, Way.AT_ZERO),
        ([SCALE], WayChoice.NEW_POOL, Way.BESIDE),
        ([SIZE], WayChoice.AT_ZERO_NODES, Way.AT_ZERO),
        ([SIZE], WayChoice.NEW_POOL, Way.BESIDE),
        ([POLLING], WayChoice.AT_ZERO_NODES, Way.AT_ZERO),
    ],
)
def test_a_person_may_choose_what_the_descriptions_allow(
    body: dict[str, Any], having: Having, edits: list[Any], asked: WayChoice, way: Way
) -> None:
    """A stronger way always; a weaker one where Azure's descriptions allow it, as for extensions on an empty pool."""
    assert planned(body, having(*edits), way=asked).way is way


def test_a_way_that_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, body: dict[str, Any], having: Having
) -> None:
    """With the fields that it cannot change."""
    monkeypatch.setattr("batchcert.plan.changing.ways.RULES", RULES[-1:])
    with pytest.raises(Problem) as refused:
        planned(body, having(SIZE), way=WayChoice.AT_ZERO_NODES)
    assert refused.value.code == "change-way-too-weak"
    assert "at zero nodes cannot change vmSize" in refused.value.what


def test_a_pool_without_nodes_is_updated_as_it_is(body: dict[str, Any], having: Having) -> None:
    """There a try at what Azure's descriptions allow interrupts nobody."""
    assert planned(body, having(POLLING, nodes=0)).way is Way.AT_ZERO


def test_a_new_pool_has_the_same_name_for_the_same_order(body: dict[str, Any], having: Having) -> None:
    """However many nodes are asked for, and whether the identity's client id is known yet; so a second run finds it."""
    first = planned(body, having(POLLING)).new_pool
    client = ((*EXTENSION, "settings", "authenticationSettings", "msiClientId"), "0" * 8)
    assert first.startswith("farm-")
    assert planned(edited(body, SCALE), having(POLLING, SIZE)).new_pool == first
    assert planned(edited(body, client), having(POLLING)).new_pool == first
    assert planned(edited(body, POLLING), having(SIZE), way=WayChoice.NEW_POOL).new_pool != first


def test_a_person_may_name_the_new_pool(body: dict[str, Any], having: Having) -> None:
    """By a suffix."""
    assert planned(body, having(POLLING), suffix="blue").new_pool == "farm-blue"


def test_a_name_that_batch_does_not_take_is_refused(body: dict[str, Any], having: Having) -> None:
    """Before anything is approved."""
    with pytest.raises(Problem) as refused:
        plan_change("f" * (LONGEST_NAME - 6), body, having(POLLING), ChangeSpec())
    assert refused.value.code == "pool-name-too-long"


def test_a_pool_without_nodes_replaces_none(body: dict[str, Any], having: Having) -> None:
    """Nothing could be proved on it."""
    none = edited(body, ((*FIXED, "targetDedicatedNodes"), 0))
    with pytest.raises(Problem) as refused:
        planned(none, having(POLLING))
    assert refused.value.code == "new-pool-without-nodes"


def test_identities_no_longer_wanted_are_named(body: dict[str, Any], having: Having) -> None:
    """They alone are no difference: an update cannot take them away, only a new pool that somebody asks for."""
    kept = {**body["identity"]["userAssignedIdentities"], OTHER_IDENTITY: {}}
    having_both = having((("identity", "userAssignedIdentities"), kept))
    plan = planned(body, having_both)
    assert (plan.way, plan.unwanted) == (None, (OTHER_IDENTITY,))
    assert planned(body, having_both, way=WayChoice.AT_ZERO_NODES).way is None
    assert planned(body, having_both, way=WayChoice.NEW_POOL).way is Way.BESIDE
    assert planned(body, having(IDENTITY)).unwanted == (OTHER_IDENTITY,)


ACCOUNTS = (("properties", "userAccounts"), [{"name": "artist", "elevationLevel": "NonAdmin"}])
ADDRESSES = (
    ("properties", "networkConfiguration", "publicIPAddressConfiguration"),
    {"provision": "UserManaged", "ipAddressIds": ["/subscriptions/s/publicIPAddresses/a"]},
)
REGISTRY = (
    (*MACHINE, "containerConfiguration"),
    {"type": "DockerCompatible", "containerRegistries": [{"registryServer": "a"}]},
)


@pytest.mark.parametrize(
    ("edits", "lost"),
    [
        ([SCALE, ACCOUNTS], []),
        ([SIZE, ACCOUNTS], []),
        ([POLLING], []),
        ([POLLING, ACCOUNTS], ["user accounts"]),
        ([POLLING, (("properties", "mountConfiguration"), [{"nfsMountConfiguration": {}}])], ["mounts"]),
        ([POLLING, ADDRESSES], ["public addresses"]),
        ([IMAGE, REGISTRY], ["container registries"]),
        ([SIZE, REGISTRY], []),
        ([IMAGE, ((*MACHINE, "extensions"), [OTHER_EXTENSION])], ["extension ama"]),
    ],
    ids=lambda value: "+".join(str(one[0][-1]) if isinstance(one, tuple) else one for one in value),
)
def test_what_does_not_come_along_is_named(
    body: dict[str, Any], having: Having, edits: list[Any], lost: list[str]
) -> None:
    """Only what the way in question rewrites, and Azure does not tell."""
    found = planned(body, having(*edits)).lost
    assert len(found) == len(lost)
    assert all(word in what for word, what in zip(lost, found, strict=True))


def test_what_was_approved_agrees_with_the_same_plan_alone(body: dict[str, Any], having: Having) -> None:
    """Other values of the same fields do; another field, another way or another loss do not."""
    approved = planned(body, having(SIZE))
    assert approved.agrees_with(planned(body, having((("properties", "vmSize"), "STANDARD_D8S_V5"))))
    for other in (having(SIZE, SCALE), having(IMAGE), having()):
        assert not approved.agrees_with(planned(body, other))
    assert not approved.agrees_with(planned(body, having(SIZE), way=WayChoice.NEW_POOL))
    assert not approved.agrees_with(replace(approved, lost=("its mounts",)))
