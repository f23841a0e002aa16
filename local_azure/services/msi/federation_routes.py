"""Federated credentials of identities over HTTP: speaks, decides nothing."""

from __future__ import annotations

from typing import Any

from local_azure.services.arm.lists import listed
from local_azure.services.entra.principals import FederatedCredential
from local_azure.services.msi import federation
from local_azure.services.msi.federation import CREDENTIAL_TYPE
from local_azure.services.msi.identities import Identities, Identity
from local_azure.services.msi.identity_routes import ONE, identity_of, routes
from local_azure.wire.messages import AzureError, Reply, Request

_ALL = f"{ONE}/federatedIdentityCredentials"
_CREDENTIAL = f"{_ALL}/{{credential}}"


@routes.put(_CREDENTIAL, name="FederatedIdentityCredentials_CreateOrUpdate", permission=f"{CREDENTIAL_TYPE}/write")
def put(identities: Identities, request: Request) -> Reply:
    """Create or replace a credential."""
    identity, given = identity_of(identities, request), request.json().get("properties")
    if not isinstance(given, dict) or not isinstance(given.get("audiences", []), list):
        raise AzureError(
            400, "BadRequest", "The request body must have properties with an issuer, a subject, audiences."
        )
    credential = FederatedCredential(
        name=request.params["credential"],
        issuer=str(given.get("issuer") or ""),
        subject=str(given.get("subject") or ""),
        audiences=tuple(str(audience) for audience in given.get("audiences", [])),
    )
    created = federation.put(identity, credential)
    return Reply(201 if created else 200, _json(identities, identity, credential))


@routes.get(_CREDENTIAL, name="FederatedIdentityCredentials_Get", permission=f"{CREDENTIAL_TYPE}/read")
def get(identities: Identities, request: Request) -> Reply:
    """One credential."""
    identity = identity_of(identities, request)
    return Reply(200, _json(identities, identity, federation.get(identity, request.params["credential"])))


@routes.get(_ALL, name="FederatedIdentityCredentials_List", permission=f"{CREDENTIAL_TYPE}/read")
def list_all(identities: Identities, request: Request) -> Reply:
    """The credentials of an identity, by name."""
    identity = identity_of(identities, request)
    found = [_json(identities, identity, credential) for _, credential in sorted(identity.federated.items())]
    return listed(request, found)


@routes.delete(_CREDENTIAL, name="FederatedIdentityCredentials_Delete", permission=f"{CREDENTIAL_TYPE}/delete")
def delete(identities: Identities, request: Request) -> Reply:
    """Remove a credential: 200, or 204 where there was none."""
    known = federation.delete(identity_of(identities, request), request.params["credential"])
    return Reply(200 if known else 204)


def _json(identities: Identities, identity: Identity, credential: FederatedCredential) -> dict[str, Any]:
    parent = identities.arm_id(identity.group, identity.name)
    return {
        "id": f"{parent}/federatedIdentityCredentials/{credential.name}",
        "name": credential.name,
        "type": CREDENTIAL_TYPE,
        "properties": {
            "issuer": credential.issuer,
            "subject": credential.subject,
            "audiences": list(credential.audiences),
        },
    }
