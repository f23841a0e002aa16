"""What the api-versions of a pool differ in.

Source: Pool in the Batch management API descriptions 2024-02-01 and 2025-06-01, BatchPool of azure-batch 15.1.
"""

from __future__ import annotations

from typing import Any

_WITHOUT_CLASSIC = "2025-06-01"
_DROPPED = frozenset({"applicationLicenses", "resourceTags", "targetNodeCommunicationMode"})


def in_version(properties: dict[str, Any], api_version: str) -> dict[str, Any]:
    """*properties* with those that *api_version* has and without those that it has dropped."""
    if api_version >= _WITHOUT_CLASSIC:
        return {name: value for name, value in properties.items() if name not in _DROPPED}
    # Classic node communication is retired; what a pool really speaks is Simplified.
    return {"targetNodeCommunicationMode": "Default", **properties, "currentNodeCommunicationMode": "Simplified"}
