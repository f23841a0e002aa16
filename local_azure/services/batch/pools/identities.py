"""The user-assigned identities of a pool.

Source: BatchPoolIdentity in the Batch management API description; a PATCH adds identities and never removes one
(terraform-provider-azurerm#30206), "Setting None in update pool will remove existing identities".
"""

from __future__ import annotations

from typing import Any

from local_azure.services.arm.access import Access
from local_azure.services.batch.errors import invalid
from local_azure.services.batch.protocol.shapes import members
from local_azure.services.batch.state.accounts import Account
from local_azure.services.msi.identities import Identities
from local_azure.wire.messages import AzureError, Caller

_ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"


class PoolIdentities:
    """Checks that a pool's identities exist and that the caller may give them away."""

    def __init__(self, access: Access, identities: Identities) -> None:
        self._access = access
        self._identities = identities

    def checked(self, account: Account, pool: str, given: Any, caller: Caller) -> list[str]:
        """The ARM ids that a request's `identity` names; none for an absent one.

        Raises: AzureError 400 for an identity that does not exist, 403 for one that the caller may not assign.
        """
        if given is None:
            return []
        kind = str(members(given, "identity").get("type", ""))
        ids = list(members(given.get("userAssignedIdentities") or {}, "identity.userAssignedIdentities"))
        if kind.lower() == "none" and not ids:
            return []
        if kind.lower() != "userassigned":
            raise invalid("identity.type", "The value must be one of UserAssigned, None.", kind)
        if not ids:
            raise invalid("identity.userAssignedIdentities", "At least one identity must be specified.")
        for arm_id in ids:
            self._check(account, pool, arm_id, caller)
        return ids

    def merged(self, present: list[str], added: list[str], given: Any) -> list[str]:
        """What a pool bears after a PATCH whose `identity` is *given*."""
        if isinstance(given, dict) and str(given.get("type", "")).lower() == "none":
            return []
        known = {arm_id.lower() for arm_id in present}
        return [*present, *(arm_id for arm_id in added if arm_id.lower() not in known)]

    def view(self, ids: list[str]) -> dict[str, dict[str, str]]:
        """ARM id to principal and client id, as Azure shows them; an identity deleted meanwhile has none."""
        found = {arm_id: self._identities.find(arm_id) for arm_id in ids}
        return {
            arm_id: {"principalId": identity.principal_id, "clientId": identity.client_id} if identity else {}
            for arm_id, identity in found.items()
        }

    def _check(self, account: Account, pool: str, arm_id: str, caller: Caller) -> None:
        scope = f"{account.name}/pools/{pool}"
        if self._identities.find(arm_id) is None:
            raise AzureError(
                400,
                "FailedIdentityOperation",
                f"Identity operation for resource '{scope}' failed with error 'Failed to perform resource identity "
                f'operation. Status: \'BadRequest\'. Response: \'{{"error":{{"code":"BadRequest","message":'
                f"\"Resource '{arm_id}' was not found.\"}}}}'.'.",
            )
        # The operation is published without a name in between; Managed Identity Operator grants it with one.
        named = _ASSIGN.replace("/assign/", f"/{arm_id.rpartition('/')[2]}/assign/")
        if not any(self._access.allows(caller.object_id, action, arm_id) for action in (_ASSIGN, named)):
            raise AzureError(
                403,
                "LinkedAuthorizationFailed",
                f"The client '{caller.client_id}' with object id '{caller.object_id}' has permission to perform action "
                f"'Microsoft.Batch/batchAccounts/pools/write' on scope '{scope}'; however, it does not have permission "
                f"to perform action(s) '{_ASSIGN}' on the linked scope(s) '{arm_id}' (respectively) or the linked "
                "scope(s) are invalid.",
            )
