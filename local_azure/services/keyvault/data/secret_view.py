"""Secrets as a vault's own host shows them."""

from __future__ import annotations

from typing import Any

from local_azure.services.keyvault.data.attributes import attributes_json, tags_json
from local_azure.services.keyvault.secrets.secrets import SecretView
from local_azure.services.keyvault.state.vaults import Vault


def secret_json(vault: Vault, view: SecretView, value: str | None = None) -> dict[str, Any]:
    """A version of a secret, with its *value* where it is shown."""
    body: dict[str, Any] = {} if value is None else {"value": value}
    body.update(secret_item_json(vault, view, version=True))
    if view.managed:
        body["kid"] = f"https://{vault.host}/keys/{view.name}/{view.version}"
    return body


def secret_item_json(vault: Vault, view: SecretView, *, version: bool = False) -> dict[str, Any]:
    """A secret as lists show it, under its own identifier or under that of its *version*."""
    url = f"https://{vault.host}/secrets/{view.name}"
    body: dict[str, Any] = {"contentType": view.content_type} if view.content_type else {}
    body["id"] = f"{url}/{view.version}" if version else url
    if view.managed:
        body["managed"] = True
    body["attributes"] = attributes_json(
        vault, view.created, view.updated, view.not_before, view.expires, enabled=view.enabled
    )
    return body | tags_json(view.tags)
