"""Certificate authorities and contacts of a vault: the rules; knows no HTTP.

Source: Key Vault REST API 7.5, "About Azure Key Vault certificates" on Microsoft Learn.
"""

from __future__ import annotations

import re

from local_azure.clock import Clock
from local_azure.services.keyvault import errors
from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.policies.policy import SELF, UNKNOWN
from local_azure.services.keyvault.state.issuers import Administrator, Contact, Issuer
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.wire.messages import AzureError

_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")


class Issuers:
    """The certificate issuers of every vault."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def put(self, vault: Vault, name: str, body: Body) -> Issuer:
        """Create or replace an issuer. Raises: AzureError 400 for a name that is taken by Key Vault, or no provider."""
        if not _NAME.fullmatch(name) or name.lower() in {SELF, UNKNOWN}:
            raise errors.invalid_name(name)
        if not body.text("provider", ""):
            raise errors.invalid_value("provider", "an issuer has one")
        known = vault.issuers.get(name.lower())
        now = self._clock.now()
        issuer = Issuer(name=name, provider="", created=known.created if known else now, updated=now)
        vault.issuers[name.lower()] = self._write(issuer, body)
        return issuer

    def update(self, vault: Vault, name: str, body: Body) -> Issuer:
        """Change what *body* gives. Raises: AzureError 404."""
        issuer = self.get(vault, name)
        issuer.updated = self._clock.now()
        return self._write(issuer, body)

    def get(self, vault: Vault, name: str) -> Issuer:
        """The issuer. Raises: AzureError 404 `CertificateIssuerNotFound`."""
        issuer = vault.issuers.get(name.lower())
        if issuer is None:
            raise AzureError(404, "CertificateIssuerNotFound", f"Issuer not found: {name}")
        return issuer

    def delete(self, vault: Vault, name: str) -> Issuer:
        """Remove the issuer and return it. Raises: AzureError 404."""
        issuer = self.get(vault, name)
        del vault.issuers[name.lower()]
        return issuer

    def all(self, vault: Vault) -> list[Issuer]:
        """The issuers of the vault, by name."""
        return [issuer for _, issuer in sorted(vault.issuers.items())]

    @staticmethod
    def _write(issuer: Issuer, body: Body) -> Issuer:
        issuer.provider = body.text("provider", issuer.provider)
        issuer.enabled = body.part("attributes").flag("enabled", issuer.enabled)
        if "credentials" in body:
            credentials = body.part("credentials")
            issuer.account = credentials.text("account_id", issuer.account)
            issuer.password = credentials.text("pwd", issuer.password)
        if "org_details" in body:
            organization = body.part("org_details")
            issuer.organization = organization.text("id", issuer.organization)
            issuer.administrators = [
                Administrator(*(one.text(name, "") for name in ("first_name", "last_name", "email", "phone")))
                for one in organization.parts("admin_details")
            ]
        return issuer


def set_contacts(vault: Vault, body: Body) -> list[Contact]:
    """Replace those who are written to about certificates. Raises: AzureError 400 for a contact without address."""
    contacts = [
        Contact(one.text("email", ""), one.text("name", ""), one.text("phone", "")) for one in body.parts("contacts")
    ]
    if not contacts or not all("@" in contact.email for contact in contacts):
        raise errors.invalid_value("contacts", "each has an email address")
    vault.contacts = contacts
    return contacts


def contacts_of(vault: Vault) -> list[Contact]:
    """Who is written to. Raises: AzureError 404 `ContactsNotFound` where nobody is."""
    if not vault.contacts:
        raise AzureError(404, "ContactsNotFound", "Contacts not found")
    return vault.contacts


def delete_contacts(vault: Vault) -> list[Contact]:
    """Write to nobody any more; returns who was written to. Raises: AzureError 404."""
    contacts, vault.contacts = contacts_of(vault), []
    return contacts
