"""A whole pool: its name, scale, start task, metadata and users.

Source: Pool in the Batch management API description 2025-06-01.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from local_azure.services.batch.errors import BatchError, invalid, missing, refusal
from local_azure.services.batch.skus import Size
from local_azure.services.batch.spelling import unknown_words
from local_azure.services.batch.times import parse_duration
from local_azure.services.batch.validation.machine import check_machine
from local_azure.services.batch.validation.network import check_network
from local_azure.services.batch.validation.shapes import integer, items, members, text

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHORTEST_RESIZE = timedelta(minutes=5)
_LONGEST_RESIZE = timedelta(days=7)
_MOST_NODES = 100_000  # far above any quota; what lies beyond is a typing mistake


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
    _check_scale(members(properties.get("scaleSettings"), "properties.scaleSettings"))
    _check_slots(properties, size)
    _check_start_task(properties.get("startTask"))
    if "displayName" in properties:
        text(properties["displayName"], "properties.displayName", 1024)
    for entry in items(properties.get("metadata"), "properties.metadata"):
        text(members(entry, "properties.metadata").get("name"), "properties.metadata.name")
    for account in items(properties.get("userAccounts"), "properties.userAccounts"):
        text(members(account, "properties.userAccounts").get("name"), "properties.userAccounts.name")
        text(account.get("password"), "properties.userAccounts.password")


def check_resize_timeout(value: Any, path: str) -> None:
    """Raises: AzureError 400 unless *value* is an ISO 8601 duration between 5 minutes and 7 days."""
    try:
        span = parse_duration(text(value, path))
    except ValueError:
        raise invalid(path, "The value must be a duration in ISO 8601 format, as PT15M.", value) from None
    if not _SHORTEST_RESIZE <= span <= _LONGEST_RESIZE:
        raise invalid(path, "The resize timeout must be between 5 minutes and 7 days.", value)


def _check_scale(scale: dict[str, Any]) -> None:
    if ("fixedScale" in scale) == ("autoScale" in scale):
        raise invalid("properties.scaleSettings", "Exactly one of fixedScale and autoScale must be specified.")
    if "autoScale" in scale:
        raise refusal(
            "UnsupportedProperty",
            {
                "PropertyName": "autoScale",
                "PropertyPath": "properties.scaleSettings.autoScale",
                "Reason": "This region does not evaluate autoscale formulas yet; use fixedScale.",
            },
        )
    path = "properties.scaleSettings.fixedScale"
    fixed = members(scale["fixedScale"], path)
    for key in ("targetDedicatedNodes", "targetLowPriorityNodes"):
        if key not in fixed:
            raise missing(f"{path}.{key}")
        integer(fixed.get(key), f"{path}.{key}", 0, _MOST_NODES)
    check_resize_timeout(fixed.get("resizeTimeout"), f"{path}.resizeTimeout")


def _check_slots(properties: dict[str, Any], size: Size) -> None:
    most = min(4 * size.cores, 256)
    integer(properties.get("taskSlotsPerNode"), "properties.taskSlotsPerNode", 1, most)


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
