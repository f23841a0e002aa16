"""All that Key Vault remembers: plain values that survive a restart.

Names are kept as first written and looked up in lower case: Key Vault compares them without regard to case.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from local_azure.services.keyvault.policies.policy import Policy

T = TypeVar("T")
DEFAULT_RETENTION_DAYS = 90


@dataclass
class Deleted(Generic[T]):
    """Something in the soft-deleted state, and when it is purged by itself."""

    item: T
    deleted_at: datetime
    purge_at: datetime


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
class Version:
    """One version of a certificate, with the key and the secret that belong to it.

    Attributes:
        id: 32 hexadecimal digits, shared by certificate, key and secret.
        certificates: PEM, the leaf first, then what was imported or merged with it.
        key: PKCS #8 PEM.
        exportable, content_type: of the policy that the version was made with.
    """

    id: str
    created: datetime
    updated: datetime
    certificates: list[str] = field(repr=False)
    key: str = field(repr=False)
    exportable: bool
    content_type: str
    enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Pending:
    """The newest creation of a certificate: `inProgress`, `completed`, `cancelled` or `failed`.

    Attributes:
        version_id: the version that it completes as.
        csr: the certificate signing request, DER in base64.
        key: the new key, PKCS #8 PEM.
        removed: whether it was deleted, and is no longer shown.
        error: code and message of a failed one.
    """

    request_id: str
    version_id: str
    created: datetime
    issuer: str
    csr: str
    key: str = field(repr=False)
    status: str = "inProgress"
    cancellation_requested: bool = False
    removed: bool = False
    enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    error: tuple[str, str] = ("", "")


@dataclass
class Certificate:
    """A certificate: its policy, its versions in the order they were made (the last is current).

    *pending* is the newest creation, even a removed one; `operation` is the one that can be seen.
    """

    name: str
    policy: Policy
    versions: dict[str, Version] = field(default_factory=dict)
    pending: Pending | None = None

    @property
    def operation(self) -> Pending | None:
        """The newest creation, unless it was removed or an import took its place."""
        return self.pending if self.pending and not self.pending.removed else None

    @property
    def current(self) -> Version | None:
        """The newest version, or None while the first is being made."""
        return next(reversed(self.versions.values()), None)


@dataclass
class SecretVersion:
    """One version of an ordinary secret (not one that belongs to a certificate)."""

    id: str
    value: str = field(repr=False)
    created: datetime
    updated: datetime
    content_type: str = ""
    enabled: bool = True
    not_before: datetime | None = None
    expires: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Secret:
    """An ordinary secret: its versions in the order they were made (the last is current)."""

    name: str
    versions: dict[str, SecretVersion] = field(default_factory=dict)

    @property
    def current(self) -> SecretVersion:
        """The newest version; a secret has at least one."""
        return next(reversed(self.versions.values()))


@dataclass
class Administrator:
    """Somebody of the organization that an issuer knows."""

    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass
class Issuer:
    """A certificate authority that the vault has an account with."""

    name: str
    provider: str
    created: datetime
    updated: datetime
    enabled: bool = True
    account: str = ""
    password: str = field(default="", repr=False)
    organization: str = ""
    administrators: list[Administrator] = field(default_factory=list)


@dataclass
class Contact:
    """Somebody who is written to about certificates."""

    email: str
    name: str
    phone: str


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

    *backup_key* encrypts backups: 32 bytes in base64url.
    """

    vaults: dict[str, Vault] = field(default_factory=dict)
    deleted: dict[str, Deleted[Vault]] = field(default_factory=dict)
    backup_key: str = field(
        default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(), repr=False
    )
