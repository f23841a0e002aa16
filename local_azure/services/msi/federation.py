"""Federated credentials of user-assigned identities: the rules; knows no HTTP.

Source: "Important considerations and restrictions for federated identity credentials" on Microsoft Learn.
"""

from __future__ import annotations

import re

from local_azure.services.arm.errors import resource_not_found
from local_azure.services.entra.principals import FederatedCredential
from local_azure.services.msi.identities import IDENTITY_TYPE, Identity
from local_azure.wire.messages import AzureError

CREDENTIAL_TYPE = f"{IDENTITY_TYPE}/federatedIdentityCredentials"
_MOST = 20
_NAME = re.compile(r"[A-Za-z0-9][\w-]{2,119}", re.ASCII)
_LONGEST = 600  # characters of an issuer, a subject or an audience


def put(identity: Identity, credential: FederatedCredential) -> bool:
    """Create or replace the credential of this name; says whether it is new.

    Raises: AzureError 400 for a name or value that Azure refuses, all faults at once; 409 for another credential's
    issuer and subject.
    """
    if faults := list(_faults(identity, credential)):
        raise AzureError(400, "BadRequest", " ".join(faults))
    for name, other in identity.federated.items():
        if name != credential.name.lower() and (other.issuer, other.subject) == (credential.issuer, credential.subject):
            raise AzureError(
                409,
                "Conflict",
                "Issuer and subject combination already exists for this Managed Identity: federated identity "
                f"credential '{other.name}'.",
            )
    created = credential.name.lower() not in identity.federated
    identity.federated[credential.name.lower()] = credential
    return created


def get(identity: Identity, name: str) -> FederatedCredential:
    """The credential. Raises: AzureError 404 `ResourceNotFound`."""
    found = identity.federated.get(name.lower())
    if found is None:
        raise resource_not_found(CREDENTIAL_TYPE, f"{identity.name}/{name}", identity.group)
    return found


def delete(identity: Identity, name: str) -> bool:
    """Remove the credential; says whether there was one."""
    return identity.federated.pop(name.lower(), None) is not None


def _faults(identity: Identity, credential: FederatedCredential) -> list[str]:
    faults = []
    if not _NAME.fullmatch(credential.name):
        faults.append(
            f"Federated identity credential name '{credential.name}' must be 3 to 120 letters, digits, hyphens and "
            "underscores, beginning with a letter or digit."
        )
    if credential.name.lower() not in identity.federated and len(identity.federated) >= _MOST:
        faults.append(f"Too many Federated Identity Credentials for this Managed Identity: at most {_MOST}.")
    if not credential.issuer.startswith("https://"):
        faults.append("The issuer must be an https URL.")
    if len(credential.audiences) != 1:
        faults.append("Exactly one audience must be given.")
    values = {"issuer": credential.issuer, "subject": credential.subject, "audience": "".join(credential.audiences)}
    for name, value in values.items():
        if not value or len(value) > _LONGEST or "*" in value:
            faults.append(f"The {name} must have 1 to {_LONGEST} characters and no wildcard.")
    return faults
