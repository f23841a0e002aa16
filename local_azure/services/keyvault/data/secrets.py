"""Secrets over HTTP: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.data.plane import operations, page_of, vault_of
from local_azure.services.keyvault.data.secret_view import secret_item_json, secret_json
from local_azure.services.keyvault.service import KeyVault
from local_azure.wire.messages import Reply, Request

_ONE = "/secrets/{name}"

routes = operations("keyvault-secrets")


@routes.get(_ONE, name="GetSecret", permission="secrets/get")
@routes.get(f"{_ONE}/{{version}}", name="GetSecret", permission="secrets/get")
def get(keyvault: KeyVault, request: Request) -> Reply:
    """A version of a secret with its value, the current one where none is named."""
    vault = vault_of(keyvault, request)
    view, value = keyvault.secrets.get(vault, request.params["name"], request.params.get("version", ""))
    return Reply(200, secret_json(vault, view, value))


@routes.put(_ONE, name="SetSecret", permission="secrets/set")
def set_secret(keyvault: KeyVault, request: Request) -> Reply:
    """Make a new version of an ordinary secret."""
    vault = vault_of(keyvault, request)
    view, value = keyvault.secrets.set(vault, request.params["name"], Body(request.json()))
    return Reply(200, secret_json(vault, view, value))


@routes.patch(_ONE, name="UpdateSecret", permission="secrets/set")
@routes.patch(f"{_ONE}/{{version}}", name="UpdateSecret", permission="secrets/set")
def update(keyvault: KeyVault, request: Request) -> Reply:
    """Change the attributes of a version of an ordinary secret, of the current one where none is named."""
    vault = vault_of(keyvault, request)
    name, version = request.params["name"], request.params.get("version", "")
    return Reply(200, secret_json(vault, keyvault.secrets.update(vault, name, version, Body(request.json()))))


@routes.get("/secrets", name="GetSecrets", permission="secrets/list")
def list_all(keyvault: KeyVault, request: Request) -> Reply:
    """The secrets of the vault, those of certificates too, without values."""
    vault = vault_of(keyvault, request)
    return page_of(request, keyvault.secrets.all(vault), lambda view: secret_item_json(vault, view))


@routes.get(f"{_ONE}/versions", name="GetSecretVersions", permission="secrets/list")
def list_versions(keyvault: KeyVault, request: Request) -> Reply:
    """The versions of a secret in the order of their ids, without values."""
    vault = vault_of(keyvault, request)
    views = keyvault.secrets.versions(vault, request.params["name"])
    return page_of(request, views, lambda view: secret_item_json(vault, view, version=True))
