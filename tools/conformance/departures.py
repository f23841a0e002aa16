"""Where the services are known to answer otherwise than the descriptions at hand say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.conformance.operations import version_key


@dataclass(frozen=True)
class Departure:
    """How one schema differs, from an api-version on.

    Attributes:
        more: properties that the service sends and the schema lacks.
        less: properties that the schema requires and the service keeps back.
        words: by property, values that its enumeration lacks.
        source: who says so.
    """

    service: str
    schema: str
    since: str
    source: str
    more: frozenset[str] = frozenset()
    less: frozenset[str] = frozenset()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def applied(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The schema's *properties* as the service keeps to them."""
        more: dict[str, Any] = {name: {} for name in self.more}
        less = {name: {"x-ms-secret": True} for name in self.less}
        words = {
            name: {**properties[name], "enum": [*properties[name]["enum"], *values]}
            for name, values in self.words.items()
            if name in properties
        }
        return {**properties, **more, **less, **words}


_VAULT, _BATCH = "keyvault/data-plane", "batch/data-plane"
_RECORDED = "the service's answers, recorded in Azure/azure-sdk-for-js, sdk/keyvault/keyvault-certificates/recordings"
_COUNTS = "BatchNodeCounts of azure-batch 15, api-version 2024-07-01.20.0"
_STATES = "BatchNodeState of azure-batch 15, api-version 2024-07-01.20.0"
_SECRET = "x-ms-secret at the same property in the description of Batch's management, 2024-02-01"  # noqa: S105
ALL = (
    Departure(_VAULT, "CertificateBundle", "7.0", _RECORDED, more=frozenset({"pending"})),
    Departure(_VAULT, "CertificateItem", "7.0", _RECORDED, more=frozenset({"subject"})),
    Departure(_VAULT, "X509CertificateProperties", "7.0", _RECORDED, more=frozenset({"basic_constraints"})),
    Departure(_BATCH, "NodeCounts", "2024-07-01.20.0", _COUNTS, more=frozenset({"deallocated", "deallocating"})),
    Departure(_BATCH, "ComputeNode", "2024-07-01.20.0", _STATES, words={"state": ("deallocated", "deallocating")}),
    Departure(_BATCH, "AzureFileShareConfiguration", "2024-02-01.19.0", _SECRET, less=frozenset({"accountKey"})),
    Departure(_BATCH, "CIFSMountConfiguration", "2024-02-01.19.0", _SECRET, less=frozenset({"password"})),
    Departure(_BATCH, "UserAccount", "2024-02-01.19.0", _SECRET, less=frozenset({"password"})),
)


def departures(service: str, version: str) -> Mapping[str, Departure]:
    """The departures of *service* in *version*, by the name of the schema."""
    known = (each for each in ALL if each.service == service)
    return {each.schema: each for each in known if version_key(each.since) <= version_key(version)}
