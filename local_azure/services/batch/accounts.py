"""Batch accounts: the rules; knows no HTTP."""

from __future__ import annotations

import base64
import re
import secrets
from typing import Any

from local_azure.services.arm.access import Access
from local_azure.services.arm.errors import resource_not_found
from local_azure.services.arm.groups import Groups
from local_azure.services.arm.resources import Resource
from local_azure.services.batch.catalogue.regions import DOMAINS, normalized
from local_azure.services.batch.errors import invalid
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.wire.messages import AzureError

ACCOUNT_TYPE = "Microsoft.Batch/batchAccounts"
ACCOUNT_QUOTA = 50  # accounts of one subscription in one region
_NAME = re.compile(r"[a-z0-9]{3,24}")  # "Naming rules and restrictions for Azure resources", Microsoft.Batch
_WRITABLE = frozenset(
    {
        "allowedAuthenticationModes",
        "autoStorage",
        "encryption",
        "keyVaultReference",
        "networkProfile",
        "poolAllocationMode",
        "publicNetworkAccess",
    }
)


class Accounts:
    """The subscription's Batch accounts."""

    def __init__(self, access: Access, groups: Groups, state: BatchState, *, new: bool) -> None:
        self._access = access
        self._groups = groups
        self._state = state
        groups.on_list.append(self._resources)
        if new:
            settings = access.settings
            self._create(settings.resource_group, settings.batch_account, settings.region)

    def put(self, group: str, name: str, location: str, body: dict[str, Any]) -> tuple[Account, bool]:
        """Create or update; returns the account and whether it is new.

        Raises: AzureError for a name, region or resource group that Azure refuses.
        """
        group = self._groups.get(group).name
        known = self._state.accounts.get(name.lower())
        if known is None:
            self._check_new(name, normalized(location))
            known, created = self._create(group, name, normalized(location)), True
        else:
            self._check_same(known, group, normalized(location))
            created = False
        self._write(known, body)
        return known, created

    def patch(self, account: Account, body: dict[str, Any]) -> Account:
        """Change the members of *body* that are given."""
        self._write(account, body)
        return account

    def get(self, group: str, name: str) -> Account:
        """The account. Raises: AzureError 404 `ResourceGroupNotFound` or `ResourceNotFound`."""
        self._groups.get(group)
        account = self._state.accounts.get(name.lower())
        if account is None or account.group.lower() != group.lower():
            raise resource_not_found(ACCOUNT_TYPE, name, group)
        return account

    def find(self, name: str) -> Account | None:
        """The account of this name, or None."""
        return self._state.accounts.get(name.lower())

    def all(self, group: str = "") -> list[Account]:
        """The accounts, of one group or of all, by name."""
        wanted = group.lower()
        return [a for _, a in sorted(self._state.accounts.items()) if not wanted or a.group.lower() == wanted]

    def name_fault(self, name: str) -> tuple[str, str]:
        """Why *name* cannot be had, as Azure's reason and message; two empty strings where it can."""
        if not _NAME.fullmatch(name):
            return "Invalid", (
                f"The account name '{name}' is invalid. It must be between 3 and 24 characters of lowercase letters "
                "and numbers."
            )
        if name in self._state.accounts:
            return "AlreadyExists", f"An account named '{name}' is already in use."
        return "", ""

    def renew_key(self, account: Account, which: str) -> None:
        """Make a new key. *which* is Primary or Secondary. Raises: AzureError 400 for another."""
        if which.lower() not in {"primary", "secondary"}:
            raise invalid("keyName", "The key name must be Primary or Secondary.", which)
        if which.lower() == "primary":
            account.primary_key = _key()
        else:
            account.secondary_key = _key()

    def arm_id(self, account: Account) -> str:
        """The ARM id of an account."""
        subscription = self._access.settings.subscription
        return f"/subscriptions/{subscription}/resourceGroups/{account.group}/providers/{ACCOUNT_TYPE}/{account.name}"

    def _resources(self) -> list[Resource]:
        return [
            Resource(self.arm_id(found), found.name, ACCOUNT_TYPE, found.location, found.tags) for found in self.all()
        ]

    def _create(self, group: str, name: str, location: str) -> Account:
        account = Account(name, group, location, _key(), _key())
        account.settings = {"poolAllocationMode": "BatchService", "publicNetworkAccess": "Enabled"}
        self._state.accounts[name.lower()] = account
        return account

    def _check_new(self, name: str, location: str) -> None:
        reason, message = self.name_fault(name)
        if reason == "AlreadyExists":
            raise AzureError(409, "AccountAlreadyExists", message)
        if reason:
            raise AzureError(400, "InvalidAccountName", message)
        if location not in DOMAINS:
            raise AzureError(
                400,
                "LocationNotAvailableForResourceType",
                f"The provided location '{location}' is not available for resource type '{ACCOUNT_TYPE}'. "
                f"List of available regions for the resource type is '{','.join(DOMAINS)}'.",
            )

    def _check_same(self, account: Account, group: str, location: str) -> None:
        if account.group.lower() != group.lower():
            raise AzureError(409, "AccountAlreadyExists", f"An account named '{account.name}' is already in use.")
        if account.location != location:
            raise AzureError(
                409,
                "InvalidResourceLocation",
                f"The resource '{account.name}' already exists in location '{account.location}' in resource group "
                f"'{account.group}'. A resource with the same name cannot be created in location '{location}'.",
            )

    def _write(self, account: Account, body: dict[str, Any]) -> None:
        if "tags" in body:
            account.tags = dict(body["tags"] or {})
        if body.get("identity"):
            account.identity = dict(body["identity"])
        given = body.get("properties") or {}
        account.settings.update({key: value for key, value in given.items() if key in _WRITABLE})
        if given.get("autoStorage"):
            account.settings["autoStorage"] = {**given["autoStorage"], "lastKeySync": stamp(self._access.clock.now())}


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()
