"""Marketplace images and sizes that exist, in the place of those that the examples name and that have been retired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_AGENT = ("nodeAgentSkuId", "nodeAgentSKUId")  # of the management and of the data plane
_LINUX = ("batch.node.ubuntu 22.04", "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts")
_WINDOWS = ("batch.node.windows amd64", "MicrosoftWindowsServer", "WindowsServer", "2022-datacenter")
_SIZES = {"small": "standard_d2s_v3", "standard_a1": "standard_d2s_v3", "standard_dc2s_v2": "standard_d2s_v3"}


def available(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    """*configuration*; where it names an image and a node agent, or a size, then those of their kind that exist."""
    if "vmSize" in configuration:
        size = str(configuration["vmSize"])
        return {**configuration, "vmSize": _SIZES.get(size.lower(), size)}
    agent = next((name for name in _AGENT if name in configuration), "")
    if not agent or "imageReference" not in configuration:
        return configuration
    known, publisher, offer, sku = _WINDOWS if "windows" in configuration[agent] else _LINUX
    reference = configuration["imageReference"]
    if "publisher" in reference:
        reference = {**reference, "publisher": publisher, "offer": offer, "sku": sku}
    return {**configuration, agent: known, "imageReference": reference}
