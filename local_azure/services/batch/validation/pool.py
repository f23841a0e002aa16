"""A whole pool: its name, scale, start task, metadata and users.

Source: Pool, UserAccount and LinuxUserConfiguration in the Batch management API description 2025-06-01.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from local_azure.services.batch.catalogue.skus import Size
from local_azure.services.batch.errors import BatchError, invalid, missing, refusal
from local_azure.services.batch.protocol.shapes import integer, items, members, text
from local_azure.services.batch.protocol.spelling import unknown_words
from local_azure.services.batch.validation.machine import check_machine
from local_azure.services.batch.validation.network import check_network
from local_azure.services.batch.validation.scale import check_scale

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_USER = 20  # characters: UserAccount


def check_name(name: str) -> None:
    """Raises: AzureError 400 for a pool name that Batch does not take."""
    if not _NAME.fullmatch(name):
        raise invalid(
            "name",
            "The pool name can contain any combination of alphanumeric characters including hyphens and underscores, "
            "and cannot contain more than 64 characters.",
            name,
        )


def check_retired(given: dict[str, Any], api_version: str) -> None:
    """Raises: AzureError 400 where the body still names Batch certificates."""
    if not given.get("certificates"):
        return
    if api_version >= "2025-06-01":
        raise refusal(
            "UnsupportedProperty", {"PropertyName": "certificates", "PropertyPath": "properties.certificates"}
        )
    raise BatchError(
        400,
        "CertificateRetired",
        "Certificates have been retired from the Batch service. Use the Azure Key Vault extension instead: "
        "https://learn.microsoft.com/azure/batch/batch-certificate-migration-guide",
    )


def check_pool(properties: dict[str, Any], now: datetime) -> None:
    """*properties* are complete, in Azure's spelling. Raises: AzureError 400 for the first rule that is broken."""
    size = check_machine(properties, now)
    for path, word, accepted in unknown_words(properties, "properties"):
        raise invalid(path, f"The value must be one of {accepted}.", word)
    check_network(properties)
    check_scale(members(properties.get("scaleSettings"), "properties.scaleSettings"))
    _check_slots(properties, size)
    _check_start_task(properties.get("startTask"))
    if "displayName" in properties:
        text(properties["displayName"], "properties.displayName", 1024)
    for entry in items(properties.get("metadata"), "properties.metadata"):
        text(members(entry, "properties.metadata").get("name"), "properties.metadata.name")
    _check_users(items(properties.get("userAccounts"), "properties.userAccounts"))


def _check_slots(properties: dict[str, Any], size: Size) -> None:
    most = min(4 * size.cores, 256)
    integer(properties.get("taskSlotsPerNode"), "properties.taskSlotsPerNode", 1, most)


def _check_users(accounts: list[Any]) -> None:
    path = "properties.userAccounts"
    for account in accounts:
        text(members(account, path).get("name"), f"{path}.name", _LONGEST_USER)
        text(account.get("password"), f"{path}.password")
        linux = f"{path}.linuxUserConfiguration"
        ids = members(account.get("linuxUserConfiguration") or {}, linux)
        if (ids.get("uid") is None) != (ids.get("gid") is None):
            raise invalid(linux, "The uid and gid properties must be specified together or not at all.")


def _check_start_task(task: Any) -> None:
    if task is None:
        return
    path = "properties.startTask"
    if not members(task, path).get("commandLine"):
        raise missing(f"{path}.commandLine")
    text(task["commandLine"], f"{path}.commandLine")
    integer(task["maxTaskRetryCount"], f"{path}.maxTaskRetryCount", -1, 2**31 - 1)
    for entry in items(task.get("environmentSettings"), f"{path}.environmentSettings"):
        text(members(entry, f"{path}.environmentSettings").get("name"), f"{path}.environmentSettings.name")
