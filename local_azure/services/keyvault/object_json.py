"""Certificates and secrets as a vault's own host shows them.

Source: Key Vault REST API 7.5 and its examples; what is there and what is left out is as in the Azure CLI's test
recordings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local_azure.services.keyvault.bundles import leaf
from local_azure.services.keyvault.issuing import COMPLETED, FAILED, IN_PROGRESS
from local_azure.services.keyvault.policy import UNKNOWN, policy_json
from local_azure.services.keyvault.secrets import SecretView
from local_azure.services.keyvault.state import DEFAULT_RETENTION_DAYS, Certificate, Deleted, Pending, Vault, Version
from local_azure.services.keyvault.x509 import BACKDATED, add_months

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
        **_tags(version.tags),
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
        **_tags(version.tags),
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


def deletion_json(vault: Vault, kind: str, name: str, deleted: Deleted[Any]) -> dict[str, Any]:
    """What a deleted object shows beside itself; *kind* is "certificates" or "secrets"."""
    return {
        "recoveryId": f"https://{vault.host}/deleted{kind}/{name}",
        "deletedDate": int(deleted.deleted_at.timestamp()),
        "scheduledPurgeDate": int(deleted.purge_at.timestamp()),
    }


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
    body["attributes"] = _attributes(
        vault, view.created, view.updated, view.not_before, view.expires, enabled=view.enabled
    )
    return body | _tags(view.tags)


def _draft_json(vault: Vault, certificate: Certificate) -> dict[str, Any]:
    """What there is of a certificate whose first version is not made yet: disabled, with the validity to expect."""
    pending, policy = certificate.pending, certificate.policy
    if pending is None:
        raise LookupError(f"{certificate.name} has neither a version nor a creation")
    begin, end = pending.created - BACKDATED, add_months(pending.created, policy.validity_months)
    return {
        "id": f"{certificate_url(vault, certificate)}/{pending.version_id}",
        "attributes": _attributes(vault, pending.created, pending.created, begin, end, enabled=False),
        **_tags(pending.tags),
    }


def _version_attributes(version: Version, vault: Vault | None = None) -> dict[str, Any]:
    shown = leaf(version)
    return _attributes(
        vault, version.created, version.updated, shown.not_before, shown.expires, enabled=version.enabled
    )


def _attributes(
    vault: Vault | None,
    created: datetime,
    updated: datetime,
    not_before: datetime | None,
    expires: datetime | None,
    *,
    enabled: bool,
) -> dict[str, Any]:
    """Times in seconds since 1970; with *vault*, how long the object can be recovered."""
    body: dict[str, Any] = {"enabled": enabled}
    if not_before:
        body["nbf"] = int(not_before.timestamp())
    if expires:
        body["exp"] = int(expires.timestamp())
    body |= {"created": int(created.timestamp()), "updated": int(updated.timestamp())}
    if vault:
        body |= {"recoveryLevel": _recovery_level(vault), "recoverableDays": vault.retention.days}
    return body


def _recovery_level(vault: Vault) -> str:
    """Source: Key Vault REST API, DeletionRecoveryLevel."""
    customized = "" if vault.retention.days == DEFAULT_RETENTION_DAYS else "Customized"
    return f"{customized}Recoverable" + ("" if vault.purge_protection else "+Purgeable")


def _tags(tags: dict[str, str]) -> dict[str, Any]:
    return {"tags": tags} if tags else {}
