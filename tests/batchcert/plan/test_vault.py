"""The vault: created where that is asked for, and never changed."""

from dataclasses import replace

import pytest

from batchcert.changes import Action
from batchcert.plan.vault import AccessPolicy, plan_vault, vault_body
from batchcert.problems import Problem
from batchcert.spec import Authorization, VaultSpec

SPEC = VaultSpec(name="kv-render")


def test_an_existing_vault_is_left_as_it_is(target, vault):
    """Also where the parameters ask for another way of deciding access: the vault's own counts."""
    spec = VaultSpec(name="kv-render", create=True, authorization=Authorization.ACCESS_POLICIES)
    change = plan_vault(spec, target, vault, soft_deleted=False)
    assert change.action is Action.NOTHING
    assert "rbac" in change.why


def test_a_missing_vault_is_created_on_request(target):
    """`create` is the request."""
    change = plan_vault(VaultSpec(name="kv-render", create=True), target, None, soft_deleted=False)
    assert change.action is Action.CREATE


@pytest.mark.parametrize(
    ("create", "soft_deleted", "code"),
    [(False, False, "vault-not-found"), (False, True, "vault-soft-deleted"), (True, True, "vault-soft-deleted")],
)
def test_a_vault_that_cannot_be_had_is_told(target, create, soft_deleted, code):
    """A deleted namesake stands in the way of creating; recovering a whole vault is its owner's decision."""
    with pytest.raises(Problem) as refused:
        plan_vault(VaultSpec(name="kv-render", create=create), target, None, soft_deleted=soft_deleted)
    assert refused.value.code == code
    assert refused.value.cure


def test_a_new_vault_with_rbac_grants_nothing_by_itself(target):
    """Roles decide there, so the body has no access policy."""
    body = vault_body(SPEC, target, tenant_id="t", operator_id="me")
    assert body["properties"]["enableRbacAuthorization"] is True
    assert body["properties"]["accessPolicies"] == []
    assert body["tags"] == {"batchcert": "made"}


def test_a_new_vault_with_access_policies_lets_its_maker_in(target):
    """Without one nobody could create a certificate in it; secrets stay closed to the operator."""
    spec = VaultSpec(name="kv-render", authorization=Authorization.ACCESS_POLICIES)
    (policy,) = vault_body(spec, target, tenant_id="t", operator_id="me")["properties"]["accessPolicies"]
    assert (policy["objectId"], policy["tenantId"]) == ("me", "t")
    assert {"get", "create", "update", "recover"} <= set(policy["permissions"]["certificates"])
    assert policy["permissions"]["secrets"] == []


def test_the_policy_of_a_principal_is_found_whatever_its_case(vault):
    """Entra's ids are compared without regard to case; who has no policy may do nothing."""
    mine = AccessPolicy("ABC", frozenset({"get"}), frozenset())
    known = replace(vault, policies=(mine,))
    assert known.policy_of("abc") is mine
    assert known.policy_of("def").secrets == frozenset()
