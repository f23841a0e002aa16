"""Vaults: the rules of their life; knows no HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from local_azure import happenings
from local_azure.clock import Clock
from local_azure.services.arm.groups import Groups
from local_azure.services.arm.resources import Resource
from local_azure.services.keyvault.hosts import VaultCloud
from local_azure.services.keyvault.state.vaults import AccessPolicy, KeyVaultState, Vault
from local_azure.services.keyvault.vaults import access_policies
from local_azure.services.keyvault.vaults import errors as vault_errors
from local_azure.services.keyvault.vaults.body import VaultChange
from local_azure.wire.faults import Faults
from local_azure.wire.messages import AzureError

RBAC_BY_DEFAULT_SINCE = "2026-02-01"  # the api-version from which a new vault that says nothing gets RBAC
_NAME = re.compile(r"(?=.{3,24}\Z)[A-Za-z](?:-?[A-Za-z0-9])*")
Merge = Callable[[list[AccessPolicy], list[AccessPolicy]], list[AccessPolicy]]


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: whose it is, in which cloud, and with which api-version."""

    principal: str
    cloud: VaultCloud
    api_version: str


class Vaults:
    """The subscription's vaults."""

    def __init__(self, groups: Groups, clock: Clock, state: KeyVaultState, faults: Faults | None = None) -> None:
        self._faults = faults
        self.access = groups.access
        self.groups = groups
        self.clock = clock
        self.state = state
        groups.on_list.append(self._resources)

    def put(self, group: str, name: str, change: VaultChange, origin: Origin) -> tuple[Vault, bool]:
        """Create a vault, or bring an existing one to what *change* says; returns it and whether it is new.

        An existing one keeps its access model and its protections where *change* is silent; the rest is replaced.

        Raises: AzureError 404 without the group; 400 for a name or property that is refused; 409 where the name is
        taken, by a soft-deleted vault too, or the vault is in another location.
        """
        group = self.groups.get(group).name
        known = self.state.vaults.get(name.lower())
        if change.tenant_id is None:
            raise vault_errors.not_specified("tenantId")
        if change.sku is None:
            raise vault_errors.not_specified("sku")
        if known is None:
            return self._create(group, name, change, origin), True
        if known.group.lower() != group.lower():
            raise vault_errors.already_exists(name)
        if known.location != change.location:
            raise vault_errors.other_location(known.name, known.location, group, change.location)
        _check(known, change)
        _require_policies(change, rbac=known.rbac if change.rbac is None else change.rbac)
        if not known.provisioned:
            known.provisioned = self._provisions(name)
        known.network, known.enabled_for, known.public_network_access = None, {}, "Enabled"
        self._change(known, change, origin)
        known.tags = change.tags or {}
        return known, False

    def update(self, group: str, name: str, change: VaultChange, origin: Origin) -> Vault:
        """Change what *change* says. Raises: AzureError 404, 400."""
        vault = self.get(group, name)
        _check(vault, change)
        self._change(vault, change, origin)
        if change.tags is not None:
            vault.tags = change.tags
        return vault

    def get(self, group: str, name: str) -> Vault:
        """The vault. Raises: AzureError 404 `ResourceGroupNotFound` or `ResourceNotFound`."""
        self.groups.get(group)
        vault = self.state.vaults.get(name.lower())
        if vault is None or vault.group.lower() != group.lower():
            raise vault_errors.vault_not_found(name, group)
        return vault

    def all(self, group: str = "") -> list[Vault]:
        """The vaults, of one group or of all, by name."""
        wanted = group.lower()
        return [vault for _, vault in sorted(self.state.vaults.items()) if not wanted or vault.group.lower() == wanted]

    def at(self, host: str) -> Vault | None:
        """The vault whose data plane is at *host*, or None."""
        vault = self.state.vaults.get(host.partition(".")[0].lower())
        return vault if vault is not None and vault.provisioned and vault.host == host.lower() else None

    def set_access(self, vault: Vault, given: list[AccessPolicy], merge: Merge, origin: Origin) -> None:
        """Let *merge* bring *given* into the vault's access policies."""
        self._grant(vault, merge(vault.access_policies, given))
        self._touch(vault, origin)

    def availability(self, name: str) -> AzureError | None:
        """Why a new vault cannot have *name*, or None where it can."""
        if not _NAME.fullmatch(name):
            return vault_errors.invalid_name(name)
        if name.lower() in self.state.vaults or name.lower() in self.state.deleted:
            return vault_errors.already_exists(name)
        return None

    def arm_id(self, vault: Vault) -> str:
        """The vault's ARM id."""
        group = f"/subscriptions/{self.access.settings.subscription}/resourceGroups/{vault.group}"
        return f"{group}/providers/{vault_errors.VAULT_TYPE}/{vault.name}"

    def _resources(self) -> list[Resource]:
        return [
            Resource(self.arm_id(found), found.name, vault_errors.VAULT_TYPE, found.location, found.tags)
            for found in self.all()
        ]

    def _create(self, group: str, name: str, change: VaultChange, origin: Origin) -> Vault:
        if not _NAME.fullmatch(name):
            raise vault_errors.invalid_name(name)
        if name.lower() in self.state.deleted:
            raise vault_errors.deleted_namesake()
        rbac_by_default = origin.api_version >= RBAC_BY_DEFAULT_SINCE
        _require_policies(change, rbac=rbac_by_default if change.rbac is None else change.rbac)
        now = self.clock.now()
        vault = Vault(
            name=name,
            group=group,
            location=change.location,
            host=f"{name.lower()}.{origin.cloud.suffix}",
            tenant_id=change.tenant_id or "",
            sku=change.sku or "",
            created=now,
            modified=now,
            created_by=origin.principal,
            modified_by=origin.principal,
            tags=change.tags or {},
            rbac=rbac_by_default,
            rbac_given=rbac_by_default,
        )
        self._change(vault, change, origin)
        vault.provisioned = self._provisions(name)
        self.state.vaults[name.lower()] = vault
        return vault

    def _provisions(self, name: str) -> bool:
        """Whether the creation of a vault ends well."""
        return not (self._faults and self._faults.strike(happenings.DOMAIN, happenings.VAULT_CREATION, name))

    def _change(self, vault: Vault, change: VaultChange, origin: Origin) -> None:
        vault.sku = change.sku or vault.sku
        vault.retention_days = change.retention_days or vault.retention_days
        vault.purge_protection = vault.purge_protection or change.purge_protection
        vault.enabled_for |= change.enabled_for
        vault.network = change.network or vault.network
        vault.public_network_access = change.public_network_access or vault.public_network_access
        if change.rbac is not None:
            vault.rbac, vault.rbac_given = change.rbac, True
        if change.access_policies is not None:
            self._grant(vault, change.access_policies)
        self._touch(vault, origin)

    def _grant(self, vault: Vault, policies: list[AccessPolicy]) -> None:
        effective = self.clock.now() + self.access.grant_delay(self.arm_id(vault))
        vault.access_policies = access_policies.replaced(vault.access_policies, policies, effective)

    def _touch(self, vault: Vault, origin: Origin) -> None:
        vault.modified, vault.modified_by = self.clock.now(), origin.principal


def _check(vault: Vault, change: VaultChange) -> None:
    if vault.retention_days and change.retention_days not in {None, vault.retention_days}:
        raise vault_errors.set_once("softDeleteRetentionInDays")


def _require_policies(change: VaultChange, *, rbac: bool) -> None:
    """A vault that goes by access policies is written with them, if only with an empty list."""
    if change.access_policies is None and not rbac:
        raise vault_errors.not_specified("accessPolicies")
