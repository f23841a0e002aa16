"""Which rights a run needs, which are missing, and which refusal only waits for a grant to arrive."""

from dataclasses import replace

import pytest

from batchcert.plan.permissions import Permission, missing
from batchcert.plan.rights import Need, missing_rights, needs, sort_refusals
from batchcert.plan.vault import AccessPolicy
from batchcert.problems import Problem
from batchcert.spec import Authorization

FORBIDDEN = Problem("vault-forbidden", what="GET kv: 403")
CERTIFICATES = "Microsoft.KeyVault/vaults/certificates"
OFFICER = Permission(data_actions=(f"{CERTIFICATES}/*",))


def test_a_first_run_needs_the_right_to_write_everything(empty):
    """Identity, pool, the identity on the pool, vault and its access; nothing on a vault that is not there yet."""
    assert [need.action.rpartition("Microsoft.")[2] for need in needs(empty)] == [
        "ManagedIdentity/userAssignedIdentities/write",
        "Batch/batchAccounts/pools/write",
        "ManagedIdentity/userAssignedIdentities/assign/action",
        "KeyVault/vaults/write",
        "Authorization/roleAssignments/write",
    ]


def test_a_second_run_needs_no_right_to_write(provisioned, vault):
    """It writes nothing, so it only has to read."""
    assert needs(provisioned) == [Need(vault.arm_id, f"{CERTIFICATES}/read", data=True)]


def test_a_drifted_policy_needs_the_right_to_update_it(provisioned, certificate):
    """What is needed follows what the plan would do."""
    drifted = replace(certificate, policy=replace(certificate.policy, validity_months=1))
    actions = [need.action for need in needs(replace(provisioned, certificates={"web": drifted}))]
    assert actions == [f"{CERTIFICATES}/read", f"{CERTIFICATES}/update/action"]


def test_a_vault_with_access_policies_is_granted_by_policy(provisioned, vault):
    """Not by role assignments; and its own data plane goes by no role."""
    policies = replace(provisioned, vault=replace(vault, authorization=Authorization.ACCESS_POLICIES))
    assert [need.action for need in needs(policies)] == ["Microsoft.KeyVault/vaults/accessPolicies/write"]


@pytest.mark.parametrize(
    ("permission", "action", "data", "allowed"),
    [
        (Permission(("*",)), "Microsoft.Batch/batchAccounts/pools/write", False, True),
        (Permission(("*/read",)), "Microsoft.Batch/batchAccounts/pools/write", False, False),
        (Permission(("microsoft.batch/*",)), "Microsoft.Batch/batchAccounts/pools/write", False, True),
        (
            Permission(("*",), ("Microsoft.Authorization/*/Write",)),
            "Microsoft.Authorization/roleAssignments/write",
            False,
            False,
        ),
        (Permission(("*",)), f"{CERTIFICATES}/read", True, False),
        (OFFICER, f"{CERTIFICATES}/create/action", True, True),
        (OFFICER, f"{CERTIFICATES}/read", False, False),
        (Permission(data_actions=("*",), not_data_actions=(f"{CERTIFICATES}/*",)), f"{CERTIFICATES}/read", True, False),
    ],
)
def test_patterns_are_matched_as_azure_does(permission, action, data, allowed):
    """`*` is any run of characters, case does not count, data actions are apart."""
    assert permission.allows(action, data=data) is allowed


def test_what_one_role_leaves_out_another_may_give():
    """NotActions take away from their own role alone."""
    contributor = Permission(("*",), ("Microsoft.Authorization/*/Write",))
    administrator = Permission(("Microsoft.Authorization/*",))
    action = "Microsoft.Authorization/roleAssignments/write"
    assert missing([contributor], [action]) == [action]
    assert missing([contributor, administrator], [action]) == []


def test_missing_rights_are_told_by_scope_with_a_role_that_has_them():
    """One problem a scope; a scope that could not be looked at is not judged."""
    needed = [
        Need("/group", "Microsoft.Batch/batchAccounts/pools/write"),
        Need("/group", "Microsoft.ManagedIdentity/userAssignedIdentities/write"),
        Need("/vault", f"{CERTIFICATES}/create/action", data=True),
        Need("/unseen", "Microsoft.KeyVault/vaults/write"),
    ]
    held = {"/group": [Permission(("Microsoft.Batch/*",))], "/vault": [Permission(("*",))]}
    group, vault = missing_rights(needed, held)
    assert "/group: Microsoft.ManagedIdentity/userAssignedIdentities/write" in group.what
    assert "Managed Identity Contributor" in group.cure
    assert f"/vault: {CERTIFICATES}/create/action" in vault.what
    assert "Key Vault Certificates Officer" in vault.cure


def test_every_right_that_can_be_needed_has_a_role(empty, provisioned, certificate):
    """Whatever is missing, the cure names a role."""
    drifted = replace(certificate, policy=replace(certificate.policy, validity_months=1))
    all_needs = [*needs(empty), *needs(replace(provisioned, certificates={"web": drifted}, pool=None, grants=()))]
    for need in all_needs:
        (problem,) = missing_rights([need], {need.scope: []})
        assert problem.cure != "give it there: "


@pytest.mark.parametrize(
    ("change", "held", "waits"),
    [
        ({}, [OFFICER], True),
        ({}, [Permission(("*",))], False),
        ({}, None, False),
        ({"authorization": Authorization.ACCESS_POLICIES}, [OFFICER], False),
        (
            {
                "authorization": Authorization.ACCESS_POLICIES,
                "policies": (AccessPolicy("me", frozenset(), frozenset({"get"})),),
            },
            None,
            True,
        ),
    ],
)
def test_a_refusal_that_the_vaults_own_settings_contradict_waits_for_the_grant(provisioned, vault, change, held, waits):
    """It becomes a note; what nobody granted stays a problem."""
    seen = replace(provisioned, vault=replace(vault, **change))
    other = Problem("azure-unavailable", what="busy")
    problems, notes = sort_refusals(seen, [FORBIDDEN, other], "ME", {} if held is None else {vault.arm_id: held})
    assert problems == ([other] if waits else [FORBIDDEN, other])
    assert len(notes) == waits
