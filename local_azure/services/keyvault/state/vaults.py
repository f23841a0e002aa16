"""Vaults with all that they hold, as they are remembered."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local_azure.services.keyvault.pki.authority import Authority
from local_azure.services.keyvault.state.certificates import Certificate
from local_azure.services.keyvault.state.deleted import Deleted
from local_azure.services.keyvault.state.issuers import Contact, Issuer, Mail
from local_azure.services.keyvault.state.secrets import Secret

DEFAULT_RETENTION_DAYS = 90


@dataclass
class AccessPolicy:
    """What one principal may do at the data plane of a vault that has no RBAC.

    Attributes:
        permissions: as given, by kind of object: {"secrets": ["get", "list"]}.
        effective: when each permission takes effect, by "secrets/get" in lower case.
    """

    tenant_id: str
    object_id: str
    application_id: str = ""
    permissions: dict[str, list[str]] = field(default_factory=dict)
    effective: dict[str, datetime] = field(default_factory=dict)


@dataclass
class NetworkRules:
    """The vault's firewall. *ip_rules* are CIDR ranges, *subnets* ARM ids."""

    default_action: str = "Allow"
    bypass: str = "AzureServices"
    ip_rules: list[str] = field(default_factory=list)
    subnets: list[str] = field(default_factory=list)


@dataclass
class Vault:
    """A vault and all that it holds.

    Attributes:
        host: the data plane's host name.
        rbac: whether role assignments decide over the data plane, instead of *access_policies*.
        rbac_given: whether the property was ever written; older vaults do not show it.
        provisioned: whether its creation ended well; where not, its host does not answer.
        retention_days: how long deleted objects, and the vault itself, can be recovered; None where it was never set.
    """

    name: str
    group: str
    location: str
    host: str
    tenant_id: str
    sku: str
    created: datetime
    modified: datetime
    created_by: str
    modified_by: str
    tags: dict[str, str] = field(default_factory=dict)
    access_policies: list[AccessPolicy] = field(default_factory=list)
    rbac: bool = False
    rbac_given: bool = False
    provisioned: bool = True
    retention_days: int | None = None
    purge_protection: bool = False
    enabled_for: dict[str, bool] = field(default_factory=dict)
    network: NetworkRules | None = None
    public_network_access: str = "Enabled"
    certificates: dict[str, Certificate] = field(default_factory=dict)
    deleted_certificates: dict[str, Deleted[Certificate]] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)
    deleted_secrets: dict[str, Deleted[Secret]] = field(default_factory=dict)
    issuers: dict[str, Issuer] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)

    @property
    def retention(self) -> timedelta:
        """How long what is deleted can be recovered."""
        return timedelta(days=self.retention_days or DEFAULT_RETENTION_DAYS)


@dataclass
class KeyVaultState:
    """The vaults and the deleted vaults, by lower-cased name: a vault's name is unique in all of Azure.

    *backup_key* encrypts backups: 32 bytes in base64url. *authorities* are those that vaults order certificates from,
    by the name of their provider; *mails* what contacts were written, oldest first.
    """

    vaults: dict[str, Vault] = field(default_factory=dict)
    deleted: dict[str, Deleted[Vault]] = field(default_factory=dict)
    backup_key: str = field(
        default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(), repr=False
    )
    authorities: dict[str, Authority] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
