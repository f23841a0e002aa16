"""Who may read the vault: by role or by access policy, as the vault itself goes."""

from dataclasses import replace

import pytest

from batchcert.changes import Action
from batchcert.plan.access import SECRETS_USER, ObservedGrant, merged_policy, our_grant, plan_access
from batchcert.plan.vault import AccessPolicy
from batchcert.problems import Problem
from batchcert.spec import Authorization

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"


def grant(scope, role=SECRETS_USER):
    return ObservedGrant("someone-elses-name", scope, role)


@pytest.mark.parametrize(
    ("role", "scope", "action"),
    [
        (SECRETS_USER, "{vault}", Action.NOTHING),
        (SECRETS_USER.upper(), "{VAULT}", Action.NOTHING),
        (ADMINISTRATOR, "{group}", Action.NOTHING),
        (SECRETS_USER, "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", Action.NOTHING),
        (SECRETS_USER, "{vault}/secrets/web", Action.CREATE),
        (SECRETS_USER, "{vault}-two", Action.CREATE),
        (READER, "{vault}", Action.CREATE),
    ],
)
def test_a_role_counts_at_the_vault_and_above(identity, vault, role, scope, action):
    """A role that reads secrets, at the vault or at a scope that holds it, is enough; any other is not."""
    names = {"vault": vault.arm_id, "VAULT": vault.arm_id.upper(), "group": vault.arm_id.partition("/providers/")[0]}
    assert plan_access(identity, vault, [grant(scope.format(**names), role)]).action is action


def test_without_a_role_one_is_assigned(identity, vault):
    """The plan names the role in words."""
    change = plan_access(identity, vault, [])
    assert [(field.path, field.after) for field in change.fields] == [("roleAssignment", "Key Vault Secrets User")]


def test_our_role_assignment_always_has_the_same_name(identity, vault):
    """So that it is found again at the teardown; another vault's differs."""
    first = our_grant(vault, identity.principal_id)
    assert first.name == our_grant(vault, identity.principal_id.upper()).name
    assert first.name != our_grant(replace(vault, arm_id=f"{vault.arm_id}2"), identity.principal_id).name
    assert first.role_id == SECRETS_USER


@pytest.mark.parametrize(
    ("held", "action", "paths"),
    [
        ((set(), set()), Action.CREATE, ["accessPolicy.secrets", "accessPolicy.certificates"]),
        (({"get"}, {"get", "list"}), Action.UPDATE, ["accessPolicy.secrets"]),
        (({"get", "list", "set"}, {"list"}), Action.UPDATE, ["accessPolicy.certificates"]),
        (({"get", "list"}, {"get", "list"}), Action.NOTHING, []),
        (({"all"}, {"all"}), Action.NOTHING, []),
    ],
)
def test_access_policies_need_get_and_list_on_both(identity, vault, held, action, paths):
    """Secrets and certificates each; the plan tells only what is missing, and roles do not count here."""
    policy = AccessPolicy(identity.principal_id, *map(frozenset, held))
    known = replace(vault, authorization=Authorization.ACCESS_POLICIES, policies=(policy,))
    change = plan_access(identity, known, [grant(vault.arm_id)])
    assert change.action is action
    assert [field.path for field in change.fields] == paths


def test_a_policy_keeps_what_it_gave_already():
    """Nothing is taken away from whoever has more."""
    merged = merged_policy(AccessPolicy("p", frozenset({"set"}), frozenset({"get"})))
    assert merged.secrets == {"set", "get", "list"}
    assert merged.certificates == {"get", "list"}


def test_an_identity_of_another_tenant_is_refused(identity, vault):
    """The vault would never take its tokens, so no grant is made."""
    with pytest.raises(Problem) as refused:
        plan_access(replace(identity, tenant_id="99999999-2222-3333-4444-555555555555"), vault, [])
    assert refused.value.code == "identity-other-tenant"
