"""Deleting certificates and bringing them back, over HTTP: speaks, decides nothing."""

from __future__ import annotations

from typing import Any

from local_azure.services.keyvault.data.attributes import deletion_json
from local_azure.services.keyvault.data.certificate_view import certificate_json, item_json
from local_azure.services.keyvault.data.plane import operations, page_of, vault_of
from local_azure.services.keyvault.service import KeyVault
from local_azure.services.keyvault.state.certificates import Certificate
from local_azure.services.keyvault.state.deleted import Deleted
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.wire.messages import Reply, Request

_DELETED = "/deletedcertificates/{name}"

routes = operations("keyvault-deleted-certificates")


@routes.delete("/certificates/{name}", name="DeleteCertificate", permission="certificates/delete")
def delete(keyvault: KeyVault, request: Request) -> Reply:
    """Soft-delete a certificate."""
    vault = vault_of(keyvault, request)
    return Reply(200, _deleted_json(vault, keyvault.deleted_certificates.delete(vault, request.params["name"])))


@routes.get("/deletedcertificates", name="GetDeletedCertificates", permission="certificates/list")
def list_deleted(keyvault: KeyVault, request: Request) -> Reply:
    """The deleted certificates of the vault, with `includePending` those too that never had a version."""
    vault = vault_of(keyvault, request)
    with_pending = request.query.get("includepending", "").lower() == "true"
    shown = [deleted for deleted in keyvault.deleted_certificates.all(vault) if deleted.item.current or with_pending]
    return page_of(
        request, shown, lambda deleted: {**_deletion(vault, deleted), **item_json(vault, deleted.item, deleted=True)}
    )


@routes.get(_DELETED, name="GetDeletedCertificate", permission="certificates/get")
def get_deleted(keyvault: KeyVault, request: Request) -> Reply:
    """One deleted certificate."""
    vault = vault_of(keyvault, request)
    return Reply(200, _deleted_json(vault, keyvault.deleted_certificates.get(vault, request.params["name"])))


@routes.post(f"{_DELETED}/recover", name="RecoverDeletedCertificate", permission="certificates/recover")
def recover(keyvault: KeyVault, request: Request) -> Reply:
    """Bring a deleted certificate back."""
    vault = vault_of(keyvault, request)
    return Reply(200, certificate_json(vault, keyvault.deleted_certificates.recover(vault, request.params["name"])))


@routes.delete(_DELETED, name="PurgeDeletedCertificate", permission="certificates/purge")
def purge(keyvault: KeyVault, request: Request) -> Reply:
    """Remove a deleted certificate for good."""
    keyvault.deleted_certificates.purge(vault_of(keyvault, request), request.params["name"])
    return Reply(204)


def _deleted_json(vault: Vault, deleted: Deleted[Certificate]) -> dict[str, Any]:
    return {**_deletion(vault, deleted), **certificate_json(vault, deleted.item)}


def _deletion(vault: Vault, deleted: Deleted[Certificate]) -> dict[str, Any]:
    return deletion_json(vault, "certificates", deleted.item.name, deleted)
