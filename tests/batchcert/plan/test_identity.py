"""The identity: created, or used as it is."""

from dataclasses import replace

import pytest

from batchcert.changes import Action
from batchcert.plan.identity import plan_identity
from batchcert.problems import Problem
from batchcert.spec import IdentitySpec


def test_a_missing_identity_is_created(target):
    """One that is asked for by name and not there is made in the target's resource group."""
    change = plan_identity(IdentitySpec(name="nodes"), target, None)
    assert (change.action, change.resource) == (Action.CREATE, "identity/nodes")
    assert "resource group render" in change.why


@pytest.mark.parametrize(("tags", "why"), [({"batchcert": "made"}, "made by batchcert"), ({}, "used as it is")])
def test_an_identity_that_exists_is_never_written_to(target, identity, tags, why):
    """Whoever made it, it is left alone."""
    change = plan_identity(IdentitySpec(), target, replace(identity, tags=tags))
    assert change.action is Action.NOTHING
    assert why in change.why


def test_a_named_identity_that_is_missing_is_told(target, identity):
    """An ARM id that leads nowhere is a mistake; nothing is created in its place."""
    with pytest.raises(Problem) as refused:
        plan_identity(IdentitySpec(arm_id=identity.arm_id), target, None)
    assert refused.value.code == "identity-not-found"
    assert identity.arm_id in refused.value.what


def test_a_named_identity_of_another_subscription_is_used(target, identity):
    """The ARM id alone says where it is."""
    elsewhere = identity.arm_id.replace("render", "shared")
    assert plan_identity(IdentitySpec(arm_id=elsewhere), target, replace(identity, arm_id=elsewhere)).writes is False
