"""What is wrong with the headers of an answer.

A described header must be there and of its type. Others must be HTTP's own, or among those that the service documents
for all its answers. Sources: RFC 9110 and 9111; "Common API details" of Resource Manager's RPC
(Azure/azure-resource-manager-rpc); Batch service REST reference, "Common request and response headers"; Key Vault REST
reference, "Authentication, requests and responses".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema.exceptions import FormatError

from tools.conformance.documents import Node
from tools.conformance.exchanges import Exchange
from tools.conformance.formats import FORMATS
from tools.conformance.operations import BATCH, MANAGER, VAULT, Described

_HTTP = (
    "accept-ranges|azure-asyncoperation|cache-control|content-(encoding|length|range|type)|date|etag|expires"
    "|last-modified|location|pragma|retry-after|server|strict-transport-security|transfer-encoding|vary"
    "|www-authenticate|x-content-type-options"
)
_COMMON = {
    MANAGER: "x-ms-(client-request-id|correlation-request-id|failure-cause|ratelimit-[a-z-]+|request-id"
    "|routing-request-id)|x-ms-arm-[a-z-]+|x-ms-operation-identifier",
    VAULT: "x-ms-(client-request-id|keyvault-[a-z-]+|request-id)",
    BATCH: "client-request-id|dataservice(id|version)|request-id",
}
_TYPES: Mapping[str, Callable[[str], bool]] = {
    "boolean": lambda text: text.lower() in {"true", "false"},
    "integer": lambda text: re.fullmatch(r"-?\d+", text) is not None,
    "string": bool,
}


def faults(exchange: Exchange, operation: Described, response: Node | None) -> Iterator[tuple[str, str]]:
    """Each header that is wrong, and what is wrong, by what is described of the *response*."""
    described: Mapping[str, Any] = {} if response is None else response.value.get("headers", {})
    sent = exchange.response_headers
    for name, said in described.items():
        if name.lower() in sent:
            yield from _wrong(name, sent[name.lower()], said)
        elif not _left_out(name.lower(), exchange, operation):
            yield name, "is described and missing"
    known = re.compile(f"{_HTTP}|{_COMMON[operation.host]}")
    for name in sent:
        if not known.fullmatch(name) and name not in {each.lower() for each in described}:
            yield name, "is neither described nor common to the service's answers"


def _wrong(name: str, text: str, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not _TYPES[said["type"]](text):
        yield name, f"{text!r} is no {said['type']}"
    elif said["type"] == "string" and "format" in said:
        try:
            FORMATS.check(text, said["format"])
        except FormatError:
            yield name, f"{text!r} is no {said['format']}"


def _left_out(name: str, exchange: Exchange, operation: Described) -> bool:
    """Whether a described header may be missing.

    Batch repeats the client's id where the client asks for that. It describes ETag and Last-Modified for nearly every
    answer; only pools, jobs, their schedules and tasks have them, as their models (`eTag`) tell.
    """
    if name == "client-request-id":
        asked = exchange.request_headers.get("return-client-request-id", "").lower() == "true"
        return not (asked and "client-request-id" in exchange.request_headers)
    group, _, verb = operation.name.partition("_")
    unversioned = group not in {"Job", "JobSchedule", "Pool", "Task"} or "List" in verb
    return operation.host == BATCH and name in {"etag", "last-modified"} and unversioned
