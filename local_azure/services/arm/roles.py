"""The built-in roles that matter here, with the ids they have in every tenant.

Source: "Azure built-in roles" on Microsoft Learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Role:
    """A role definition. Patterns are Azure's: `*` stands for any run of characters, case does not count.

    *scopes* are those at which it can be given.
    """

    id: str
    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    description: str = ""
    scopes: tuple[str, ...] = ("/",)
    custom: bool = False

    @property
    def type(self) -> str:
        """What Azure calls its kind."""
        return "CustomRole" if self.custom else "BuiltInRole"

    def allows(self, action: str, *, data: bool) -> bool:
        """Whether the role holds *action*, of the data plane or of the management plane."""
        if data:
            return _any_matches(self.data_actions, action) and not _any_matches(self.not_data_actions, action)
        return _any_matches(self.actions, action) and not _any_matches(self.not_actions, action)


def _any_matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


_ROLES = (
    Role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ("*",)),
    Role(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ),
    ),
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ("*/read",)),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        ("*/read", "Microsoft.Authorization/*"),
    ),
    Role(
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",
        "Key Vault Administrator",
        ("Microsoft.KeyVault/vaults/read",),
        (),
        ("Microsoft.KeyVault/vaults/*",),
    ),
    Role(
        "a4417e6f-fecd-4de8-b567-7b0420556985",
        "Key Vault Certificates Officer",
        ("Microsoft.KeyVault/vaults/read",),
        (),
        ("Microsoft.KeyVault/vaults/certificates/*", "Microsoft.KeyVault/vaults/certificatecas/*"),
    ),
    Role(
        "4633458b-17de-408a-b874-0445c86b69e6",
        "Key Vault Secrets User",
        (),
        (),
        (
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ),
    ),
    Role(
        "6aaa78f1-f7de-44ca-8722-c64a23943cae",
        "Azure Batch Data Contributor",
        (
            "Microsoft.Authorization/*/read",
            "Microsoft.Batch/batchAccounts/read",
            "Microsoft.Batch/batchAccounts/applications/*",
            "Microsoft.Batch/batchAccounts/certificates/*",
            "Microsoft.Batch/batchAccounts/certificateOperationResults/*",
            "Microsoft.Batch/batchAccounts/pools/*",
            "Microsoft.Batch/batchAccounts/poolOperationResults/*",
            "Microsoft.Batch/locations/*/read",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        (),
        ("Microsoft.Batch/batchAccounts/jobSchedules/*", "Microsoft.Batch/batchAccounts/jobs/*"),
    ),
    Role(
        "11076f67-66f6-4be0-8f6b-f0609fd05cc9",
        "Azure Batch Account Reader",
        (
            "Microsoft.Batch/batchAccounts/read",
            "Microsoft.Batch/batchAccounts/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        (),
        ("Microsoft.Batch/batchAccounts/*/read",),
    ),
    Role(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        (
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
        ),
    ),
    Role(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
        ),
    ),
)

ROLES: dict[str, Role] = {role.id: role for role in _ROLES}
