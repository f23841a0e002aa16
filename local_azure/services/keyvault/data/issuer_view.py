"""Issuers and contacts as a vault's own host shows them."""

from __future__ import annotations

from typing import Any

from local_azure.services.keyvault.state.issuers import Contact, Issuer
from local_azure.services.keyvault.state.vaults import Vault


def issuer_json(vault: Vault, issuer: Issuer) -> dict[str, Any]:
    """An issuer as it is shown: never with its password."""
    body: dict[str, Any] = {"id": issuer_url(vault, issuer), "provider": issuer.provider}
    if issuer.account:
        body["credentials"] = {"account_id": issuer.account}
    if issuer.organization or issuer.administrators:
        administrators = [
            {
                "first_name": one.first_name,
                "last_name": one.last_name,
                "email": one.email,
                "phone": one.phone,
            }
            for one in issuer.administrators
        ]
        body["org_details"] = {"id": issuer.organization, "admin_details": administrators}
    times = {"created": int(issuer.created.timestamp()), "updated": int(issuer.updated.timestamp())}
    return {**body, "attributes": {"enabled": issuer.enabled, **times}}


def issuer_url(vault: Vault, issuer: Issuer) -> str:
    """The issuer's identifier."""
    return f"https://{vault.host}/certificates/issuers/{issuer.name}"


def contacts_json(vault: Vault, contacts: list[Contact]) -> dict[str, Any]:
    """Contacts as they are shown: with the members that they have."""
    shown = [
        {name: value for name, value in (("email", one.email), ("name", one.name), ("phone", one.phone)) if value}
        for one in contacts
    ]
    return {"id": f"https://{vault.host}/certificates/contacts", "contacts": shown}
