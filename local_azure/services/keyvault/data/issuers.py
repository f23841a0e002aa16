"""Certificate issuers and contacts over HTTP: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.data.issuer_view import contacts_json, issuer_json, issuer_url
from local_azure.services.keyvault.data.plane import operations, page_of, vault_of
from local_azure.services.keyvault.issuers.issuers import contacts_of, delete_contacts, set_contacts
from local_azure.services.keyvault.service import KeyVault
from local_azure.wire.messages import Reply, Request

_CONTACTS = "/certificates/contacts"
_ISSUERS = "/certificates/issuers"
_ONE = f"{_ISSUERS}/{{issuer}}"

routes = operations("keyvault-issuers")


@routes.get(_CONTACTS, name="GetCertificateContacts", permission="certificates/managecontacts")
def get_contacts(keyvault: KeyVault, request: Request) -> Reply:
    """Who is written to about certificates."""
    vault = vault_of(keyvault, request)
    return Reply(200, contacts_json(vault, contacts_of(vault)))


@routes.put(_CONTACTS, name="SetCertificateContacts", permission="certificates/managecontacts")
def put_contacts(keyvault: KeyVault, request: Request) -> Reply:
    """Replace them all."""
    vault = vault_of(keyvault, request)
    return Reply(200, contacts_json(vault, set_contacts(vault, Body(request.json()))))


@routes.delete(_CONTACTS, name="DeleteCertificateContacts", permission="certificates/managecontacts")
def remove_contacts(keyvault: KeyVault, request: Request) -> Reply:
    """Remove them all; the reply shows who they were."""
    vault = vault_of(keyvault, request)
    return Reply(200, contacts_json(vault, delete_contacts(vault)))


@routes.get(_ISSUERS, name="GetCertificateIssuers", permission="certificates/listissuers")
def list_issuers(keyvault: KeyVault, request: Request) -> Reply:
    """The issuers of the vault."""
    vault = vault_of(keyvault, request)
    return page_of(
        request,
        keyvault.issuers.all(vault),
        lambda issuer: {"id": issuer_url(vault, issuer), "provider": issuer.provider},
    )


@routes.put(_ONE, name="SetCertificateIssuer", permission="certificates/setissuers")
def put_issuer(keyvault: KeyVault, request: Request) -> Reply:
    """Create or replace an issuer."""
    vault = vault_of(keyvault, request)
    return Reply(200, issuer_json(vault, keyvault.issuers.put(vault, request.params["issuer"], Body(request.json()))))


@routes.patch(_ONE, name="UpdateCertificateIssuer", permission="certificates/setissuers")
def patch_issuer(keyvault: KeyVault, request: Request) -> Reply:
    """Change an issuer."""
    vault = vault_of(keyvault, request)
    issuer = keyvault.issuers.update(vault, request.params["issuer"], Body(request.json()))
    return Reply(200, issuer_json(vault, issuer))


@routes.get(_ONE, name="GetCertificateIssuer", permission="certificates/getissuers")
def get_issuer(keyvault: KeyVault, request: Request) -> Reply:
    """One issuer."""
    vault = vault_of(keyvault, request)
    return Reply(200, issuer_json(vault, keyvault.issuers.get(vault, request.params["issuer"])))


@routes.delete(_ONE, name="DeleteCertificateIssuer", permission="certificates/deleteissuers")
def delete_issuer(keyvault: KeyVault, request: Request) -> Reply:
    """Remove an issuer; the reply shows what it was."""
    vault = vault_of(keyvault, request)
    return Reply(200, issuer_json(vault, keyvault.issuers.delete(vault, request.params["issuer"])))
