"""Certificates as a vault's own host shows them.

Source: Key Vault REST API 7.5 and its examples; what is there and what is left out is as in the Azure CLI's test
recordings.
"""

from __future__ import annotations

from typing import Any

from local_azure.services.keyvault.certificates.bundles import leaf
from local_azure.services.keyvault.certificates.issuing import COMPLETED, FAILED, IN_PROGRESS
from local_azure.services.keyvault.data.attributes import attributes_json, tags_json
from local_azure.services.keyvault.data.policy_view import policy_json
from local_azure.services.keyvault.pki.x509 import BACKDATED, add_months
from local_azure.services.keyvault.policies.policy import UNKNOWN
from local_azure.services.keyvault.state.certificates import Certificate, Pending, Version
from local_azure.services.keyvault.state.vaults import Vault

_IN_PROGRESS_DETAILS = (
    "Pending certificate created. Certificate request is in progress. This may take some time based on the issuer "
    "provider. Please check again later."
)
_MERGE_DETAILS = "Pending certificate created. Please Perform Merge to complete the request."


def certificate_url(vault: Vault, certificate: Certificate) -> str:
    """The certificate's identifier without a version."""
    return f"https://{vault.host}/certificates/{certificate.name}"


def certificate_json(vault: Vault, certificate: Certificate) -> dict[str, Any]:
    """The current version of a certificate with the policy; while there is none, the draft of the first."""
    url, current = certificate_url(vault, certificate), certificate.current
    body = version_json(vault, certificate, current) if current else _draft_json(vault, certificate)
    body["policy"] = policy_json(certificate.policy, url)
    if certificate.operation:
        body["pending"] = {"id": f"{url}/pending"}
    return body


def version_json(vault: Vault, certificate: Certificate, version: Version) -> dict[str, Any]:
    """A version of a certificate, as it is shown to who names the version."""
    url, shown = certificate_url(vault, certificate), leaf(version)
    return {
        "id": f"{url}/{version.id}",
        "kid": f"https://{vault.host}/keys/{certificate.name}/{version.id}",
        "sid": f"https://{vault.host}/secrets/{certificate.name}/{version.id}",
        "x5t": shown.thumbprint,
        "cer": shown.der,
        "attributes": _version_attributes(version, vault),
        **tags_json(version.tags),
    }


def item_json(vault: Vault, certificate: Certificate, *, deleted: bool = False) -> dict[str, Any]:
    """A certificate in a list; that of the *deleted* ones shows how long they can be recovered."""
    current = certificate.current
    shown = version_item_json(vault, certificate, current) if current else _draft_json(vault, certificate)
    attributes = _version_attributes(current, vault) if current else shown["attributes"]
    if not deleted:
        attributes = {name: value for name, value in attributes.items() if not name.startswith("recover")}
    return {**shown, "id": certificate_url(vault, certificate), "attributes": attributes, "subject": ""}


def version_item_json(vault: Vault, certificate: Certificate, version: Version) -> dict[str, Any]:
    """One version of a certificate in a list."""
    return {
        "id": f"{certificate_url(vault, certificate)}/{version.id}",
        "x5t": leaf(version).thumbprint,
        "attributes": _version_attributes(version),
        **tags_json(version.tags),
        "subject": "",
    }


def pending_json(vault: Vault, certificate: Certificate, pending: Pending) -> dict[str, Any]:
    """A creation: while in progress what it waits for, once completed what it made."""
    url = certificate_url(vault, certificate)
    body = {
        "id": f"{url}/pending",
        "issuer": {"name": pending.issuer},
        "csr": pending.csr,
        "cancellation_requested": pending.cancellation_requested,
        "status": pending.status,
        "request_id": pending.request_id,
    }
    if pending.status == IN_PROGRESS:
        body["status_details"] = _MERGE_DETAILS if pending.issuer.lower() == UNKNOWN else _IN_PROGRESS_DETAILS
    if pending.status == COMPLETED:
        body["target"] = url
    if pending.status == FAILED:
        body["error"] = dict(zip(("code", "message"), pending.error, strict=True))
    return body


def _draft_json(vault: Vault, certificate: Certificate) -> dict[str, Any]:
    """What there is of a certificate whose first version is not made yet: disabled, with the validity to expect."""
    pending, policy = certificate.pending, certificate.policy
    if pending is None:
        raise LookupError(f"{certificate.name} has neither a version nor a creation")
    begin, end = pending.created - BACKDATED, add_months(pending.created, policy.validity_months)
    return {
        "id": f"{certificate_url(vault, certificate)}/{pending.version_id}",
        "attributes": attributes_json(vault, pending.created, pending.created, begin, end, enabled=False),
        **tags_json(pending.tags),
    }


def _version_attributes(version: Version, vault: Vault | None = None) -> dict[str, Any]:
    shown = leaf(version)
    return attributes_json(
        vault, version.created, version.updated, shown.not_before, shown.expires, enabled=version.enabled
    )
