"""What certificates and secrets show alike.

Source: Key Vault REST API 7.5 and its examples; what is there and what is left out is as in the Azure CLI's test
recordings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local_azure.services.keyvault.state.deleted import Deleted
from local_azure.services.keyvault.state.vaults import DEFAULT_RETENTION_DAYS, Vault


def deletion_json(vault: Vault, kind: str, name: str, deleted: Deleted[Any]) -> dict[str, Any]:
    """What a deleted object shows beside itself; *kind* is "certificates" or "secrets"."""
    return {
        "recoveryId": f"https://{vault.host}/deleted{kind}/{name}",
        "deletedDate": int(deleted.deleted_at.timestamp()),
        "scheduledPurgeDate": int(deleted.purge_at.timestamp()),
    }


def attributes_json(
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


def tags_json(tags: dict[str, str]) -> dict[str, Any]:
    """The `tags`, where there are any."""
    return {"tags": tags} if tags else {}


def _recovery_level(vault: Vault) -> str:
    """Source: Key Vault REST API, DeletionRecoveryLevel."""
    customized = "" if vault.retention.days == DEFAULT_RETENTION_DAYS else "Customized"
    return f"{customized}Recoverable" + ("" if vault.purge_protection else "+Purgeable")
