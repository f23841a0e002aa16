"""A teardown removes what batchcert made and marked, and what nobody else uses."""

from dataclasses import replace

import pytest

from batchcert.changes import Action
from batchcert.plan.access import ObservedGrant, our_grant
from batchcert.plan.teardown import confirm, remove_access, remove_certificate, remove_identity, remove_pool
from batchcert.plan.vault import AccessPolicy
from batchcert.problems import Problem
from batchcert.spec import Authorization


def unmarked(pool):
    properties = {**pool.body["properties"], "metadata": []}
    return replace(pool, body={**pool.body, "properties": properties})


def test_what_is_ours_goes(pool, identity, vault, certificate):
    """Pool, access, certificate and identity, each with our mark."""
    grants = [our_grant(vault, identity.principal_id)]
    changes = [
        remove_pool("farm", pool),
        remove_access(identity, vault, grants, []),
        remove_certificate("kv-render", "web", certificate, []),
        remove_identity("batchcert", identity, []),
    ]
    assert {change.action for change in changes} == {Action.DELETE}


def test_what_is_not_ours_stays(pool, identity, vault, certificate):
    """Without the mark nothing is touched; somebody else's role assignment is not ours either."""
    grants = [ObservedGrant("another-name", vault.arm_id, our_grant(vault, "x").role_id)]
    changes = [
        remove_pool("farm", unmarked(pool)),
        remove_access(identity, vault, grants, []),
        remove_certificate("kv-render", "web", replace(certificate, tags={}), []),
        remove_identity("batchcert", replace(identity, tags={}), []),
    ]
    assert {change.action for change in changes} == {Action.NOTHING}


def test_what_is_gone_is_fine():
    """A second teardown has nothing to do."""
    changes = [
        remove_pool("farm", None),
        remove_certificate("kv-render", "web", None, []),
        remove_identity("batchcert", None, []),
    ]
    assert {(change.action, change.why) for change in changes} == {(Action.NOTHING, "not there")}


def test_what_another_pool_uses_stays(pool, identity, vault, certificate):
    """Pools of one account share an identity and certificates; each is named."""
    others = [unmarked(pool)]
    grants = [our_grant(vault, identity.principal_id)]
    changes = [
        remove_access(identity, vault, grants, others),
        remove_certificate("kv-render", "web", certificate, others),
        remove_identity("batchcert", identity, others),
    ]
    assert {(change.action, change.why) for change in changes} == {(Action.NOTHING, "still used by farm")}


def test_a_pool_that_uses_others_keeps_nothing_back(pool, identity, certificate):
    """Another identity, another certificate."""
    assert remove_identity("x", replace(identity, arm_id="/other"), [pool]).action is Action.DELETE
    assert remove_certificate("kv-render", "api", replace(certificate, name="api"), [pool]).action is Action.DELETE
    assert remove_certificate("kv-two", "web", certificate, [pool]).action is Action.DELETE


@pytest.mark.parametrize(
    ("tags", "held", "action"),
    [
        ({"batchcert": "made"}, True, Action.DELETE),
        ({}, True, Action.NOTHING),
        ({"batchcert": "made"}, False, Action.NOTHING),
    ],
)
def test_an_access_policy_goes_only_with_an_identity_of_ours(identity, vault, tags, held, action):
    """A policy carries no mark; an identity that batchcert did not make may have had it before."""
    policy = AccessPolicy(identity.principal_id, frozenset({"get"}), frozenset())
    known = replace(vault, authorization=Authorization.ACCESS_POLICIES, policies=(policy,) if held else ())
    assert remove_access(replace(identity, tags=tags), known, [], []).action is action


@pytest.mark.parametrize("typed", ["", "Farm", "farm "])
def test_the_pools_name_has_to_be_typed_exactly(typed):
    """A teardown is not an accident."""
    with pytest.raises(Problem) as refused:
        confirm(typed, "farm")
    assert refused.value.code == "teardown-not-confirmed"
    confirm("farm", "farm")
