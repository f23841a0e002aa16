"""A certificate that renews itself, and how it lies on the nodes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from batchcert.spec.service import ON_ROTATION, SERVES, Command, Endpoint
from batchcert.spec.target import Spec

DEFAULT_STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
DAYS_PER_MONTH_FOR_TRIGGER = 27  # Key Vault certificates REST: days_before_expiry is 1 to validity_in_months * 27
DnsName = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\*\.)?[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$"
    ),
]


class RenewalTrigger(StrEnum):
    """What the moment of renewal is counted by."""

    DAYS_BEFORE_EXPIRY = "days-before-expiry"
    LIFETIME_PERCENTAGE = "lifetime-percentage"


class Renewal(Spec):
    """When Key Vault renews the certificate by itself: the lifetime action AutoRenew."""

    trigger: RenewalTrigger = Field(
        default=RenewalTrigger.DAYS_BEFORE_EXPIRY,
        title="Counted by",
        description="What the number below counts: days before expiry, or percent of the lifetime.",
    )
    value: int = Field(
        default=30,
        title="Days or percent",
        description="Renew so many days before expiry (1 to 27 x months of validity), or at this percent (1 to 99).",
        ge=1,
    )


class Reader(Spec):
    """A user and group of the node that may read the private key (extension 3.0 only)."""

    user: str = Field(title="User", description="A user that exists on the node.", pattern=r"^[a-z_][-a-z0-9_]{0,31}$")
    group: str = Field(
        default="",
        title="Group",
        description="A group that exists on the node.",
        pattern=r"^$|^[a-z_][-a-z0-9_]{0,31}$",
    )


class CertificateSpec(Spec):
    """One certificate: its policy in Key Vault, and its place on the nodes."""

    name: str = Field(
        title="Name",
        description="The certificate's name in the vault: 1 to 127 letters, digits and hyphens.",
        pattern=r"^[0-9a-zA-Z-]{1,127}$",
    )
    subject: str = Field(
        title="Subject",
        description="The X.500 distinguished name, as in CN=render.example.com.",
        pattern=r"^[A-Za-z]+=.+$",
        max_length=200,
    )
    dns_names: list[DnsName] = Field(
        default_factory=list,
        title="DNS names",
        description="The subject alternative names. TLS clients check these, not the subject.",
    )
    validity_months: int = Field(
        default=12, title="Validity in months", description="How long each version is valid.", ge=1, le=120
    )
    renewal: Renewal = Field(default_factory=Renewal, title="Renewal")
    issuer: str = Field(
        default="Self",
        title="Issuer",
        description="Self (self-signed), or the name of an issuer configured in the vault (DigiCert, GlobalSign). "
        "Unknown cannot renew by itself.",
        pattern=r"^[0-9a-zA-Z-]{1,127}$",
    )
    key_type: Literal["RSA", "EC"] = Field(default="RSA", title="Key type", description="The kind of the private key.")
    key_size: Literal[2048, 3072, 4096] = Field(
        default=2048, title="Key size", description="Bits of an RSA key. Left aside for EC."
    )
    curve: Literal["P-256", "P-384", "P-521"] = Field(
        default="P-256", title="Curve", description="The curve of an EC key. Left aside for RSA."
    )
    content_type: Literal["application/x-pem-file", "application/x-pkcs12"] = Field(
        default="application/x-pem-file",
        title="Content type",
        description="How the secret behind the certificate is encoded; the extension writes PEM from either.",
    )
    exportable: bool = Field(
        default=True,
        title="Exportable",
        description="Must be on: without it the secret has no private key, and no node can use the certificate.",
    )
    store: str = Field(
        default=DEFAULT_STORE,
        title="Folder on the nodes",
        description="Where the extension writes the PEM file.",
        pattern=r"^/[^\x00\s\"'$`\\]+$",
    )
    link_name: str = Field(
        default="",
        title="Link name",
        description="The link that always points at the newest file (extension 3.0). Empty: VAULT.CERTIFICATE",
        pattern=r"^$|^[A-Za-z0-9][-.A-Za-z0-9_]{0,200}$",
    )
    readers: list[Reader] = Field(
        default_factory=list,
        title="Readers",
        description="Users besides root that may read the key on the node (extension 3.0). Empty: root alone.",
    )

    serves: list[Endpoint] = Field(default_factory=list, title="Served on", description=SERVES)
    on_rotation: Command = Field(default="", title="Command on rotation", description=ON_ROTATION)

    @model_validator(mode="after")
    def _renews_by_itself_in_time(self) -> Self:
        faults = []
        highest = (
            self.validity_months * DAYS_PER_MONTH_FOR_TRIGGER
            if self.renewal.trigger is RenewalTrigger.DAYS_BEFORE_EXPIRY
            else 99
        )
        if self.renewal.value > highest:
            faults.append(f"renewal.value is {self.renewal.value}; {self.renewal.trigger} takes 1 to {highest}")
        if not self.exportable:
            faults.append("exportable is off, so no node could get the private key; switch it on")
        if self.issuer.lower() == "unknown":
            faults.append("issuer Unknown cannot renew by itself; use Self or an issuer configured in the vault")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def file_prefix(self, vault: str) -> str:
        """How the names of its files on a node begin; what follows differs by extension version."""
        return f"{vault}.{self.name}"
