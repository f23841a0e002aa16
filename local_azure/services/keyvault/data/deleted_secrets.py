"""Deleting ordinary secrets and bringing them back, over HTTP: speaks, decides nothing."""

from __future__ import annotations

from typing import Any

from local_azure.services.keyvault.data.attributes import deletion_json
from local_azure.services.keyvault.data.plane import operations, page_of, vault_of
from local_azure.services.keyvault.data.secret_view import secret_item_json, secret_json
from local_azure.services.keyvault.secrets.secrets import ordinary
from local_azure.services.keyvault.service import KeyVault
from local_azure.services.keyvault.state.deleted import Deleted
from local_azure.services.keyvault.state.secrets import Secret
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.wire.messages import Reply, Request

_DELETED = "/deletedsecrets/{name}"

routes = operations("keyvault-deleted-secrets")


@routes.delete("/secrets/{name}", name="DeleteSecret", permission="secrets/delete")
def delete(keyvault: KeyVault, request: Request) -> Reply:
    """Soft-delete a secret that belongs to no certificate."""
    vault = vault_of(keyvault, request)
    keyvault.secrets.check_ordinary(vault, request.params["name"])
    return Reply(200, _json(vault, keyvault.deleted_secrets.delete(vault, request.params["name"])))


@routes.get("/deletedsecrets", name="GetDeletedSecrets", permission="secrets/list")
def list_deleted(keyvault: KeyVault, request: Request) -> Reply:
    """The deleted secrets of the vault."""
    vault = vault_of(keyvault, request)
    return page_of(request, keyvault.deleted_secrets.all(vault), lambda deleted: _json(vault, deleted, listed=True))


@routes.get(_DELETED, name="GetDeletedSecret", permission="secrets/get")
def get_deleted(keyvault: KeyVault, request: Request) -> Reply:
    """One deleted secret, without its value."""
    vault = vault_of(keyvault, request)
    return Reply(200, _json(vault, keyvault.deleted_secrets.get(vault, request.params["name"])))


@routes.post(f"{_DELETED}/recover", name="RecoverDeletedSecret", permission="secrets/recover")
def recover(keyvault: KeyVault, request: Request) -> Reply:
    """Bring a deleted secret back."""
    vault = vault_of(keyvault, request)
    secret = keyvault.deleted_secrets.recover(vault, request.params["name"])
    return Reply(200, secret_json(vault, ordinary(secret, secret.current)))


@routes.delete(_DELETED, name="PurgeDeletedSecret", permission="secrets/purge")
def purge(keyvault: KeyVault, request: Request) -> Reply:
    """Remove a deleted secret for good."""
    keyvault.deleted_secrets.purge(vault_of(keyvault, request), request.params["name"])
    return Reply(204)


def _json(vault: Vault, deleted: Deleted[Secret], *, listed: bool = False) -> dict[str, Any]:
    secret = deleted.item
    view = ordinary(secret, secret.current)
    shown = secret_item_json(vault, view) if listed else secret_json(vault, view)
    return {**deletion_json(vault, "secrets", secret.name, deleted), **shown}
