"""A pool's virtual machines: size, image, node agent, extensions.

Source: VirtualMachineConfiguration, ImageReference and VMExtension in the Batch management API description;
`batchSupportEndOfLife` in Account List Supported Images of the Batch service; "Use extensions with Batch pools".
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from local_azure.services.batch.catalogue import images
from local_azure.services.batch.catalogue.skus import SIZES, Size
from local_azure.services.batch.errors import invalid, refusal
from local_azure.services.batch.protocol.shapes import items, members, text

_PATH = "properties.deploymentConfiguration.virtualMachineConfiguration"
_IMAGE = f"{_PATH}.imageReference"
_AGENT = f"{_PATH}.nodeAgentSkuId"
_EXTENSIONS = f"{_PATH}.extensions"
_VERSION = re.compile(r"\d+(\.\d+){0,3}")
_RESERVED_TYPES = frozenset({"customscript", "customscriptextension"})


def check_machine(properties: dict[str, Any], now: datetime) -> Size:
    """The size of the pool's machines.

    Raises: AzureError 400 for an unknown or retired size or image, a node agent that does not go with the image, or
    an extension that Batch does not take.
    """
    size = _check_size(text(properties.get("vmSize"), "properties.vmSize"), now)
    deployment = members(properties.get("deploymentConfiguration"), "properties.deploymentConfiguration")
    if deployment.get("cloudServiceConfiguration"):
        raise refusal(
            "UnsupportedProperty",
            {
                "PropertyName": "cloudServiceConfiguration",
                "Reason": "Pools of Cloud Services have been retired; use virtualMachineConfiguration.",
            },
        )
    machine = members(deployment.get("virtualMachineConfiguration"), _PATH)
    reference = members(machine.get("imageReference"), _IMAGE)
    agent = text(machine.get("nodeAgentSkuId"), _AGENT)
    if "id" in reference:
        _check_gallery_image(reference, agent)
    else:
        _check_marketplace_image(reference, agent, now)
    _check_extensions(items(machine.get("extensions"), _EXTENSIONS))
    return size


def _check_size(name: str, now: datetime) -> Size:
    size = SIZES.get(name.upper())
    if size is None:
        raise invalid("properties.vmSize", "The specified VM size is not supported.", name)
    if size.retired(now):
        raise invalid("properties.vmSize", "The specified VM size has been retired.", name)
    return size


def _check_gallery_image(reference: dict[str, Any], agent: str) -> None:
    if {"publisher", "offer", "sku"} & set(reference):
        raise invalid(_IMAGE, "The id is mutually exclusive with publisher, offer, sku and version.")
    if agent not in images.AGENTS:
        raise invalid(_AGENT, "The specified node agent SKU does not exist.", agent)


def _check_marketplace_image(reference: dict[str, Any], agent: str, now: datetime) -> None:
    for key in ("publisher", "offer", "sku"):
        text(reference.get(key), f"{_IMAGE}.{key}")
    named = f"publisher '{reference['publisher']}', offer '{reference['offer']}' and sku '{reference['sku']}'"
    image = images.find(reference)
    if image is None:
        raise invalid(_IMAGE, f"The specified image with {named} is not supported.")
    if image.end is not None and image.end <= now:
        raise invalid(_IMAGE, f"The specified image with {named} has reached the end of its support by Batch.")
    if agent.lower() != image.agent:
        raise invalid(
            _AGENT,
            f"The specified node agent SKU '{agent}' is not compatible with the image with {named}; "
            f"'{image.agent}' is.",
            agent,
        )


def _check_extensions(extensions: list[Any]) -> None:
    names: list[str] = []
    for extension in extensions:
        names.append(text(members(extension, _EXTENSIONS).get("name"), f"{_EXTENSIONS}.name").lower())
        text(extension.get("publisher"), f"{_EXTENSIONS}.publisher")
        kind = text(extension.get("type"), f"{_EXTENSIONS}.type")
        if kind.lower() in _RESERVED_TYPES:
            raise invalid(f"{_EXTENSIONS}.type", "The extension type is reserved for use by the Batch service.", kind)
        version = extension.get("typeHandlerVersion")
        if version is not None and not _VERSION.fullmatch(str(version)):
            raise invalid(f"{_EXTENSIONS}.typeHandlerVersion", "The version must be of the form major.minor.", version)
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise invalid(f"{_EXTENSIONS}.name", "The names of a pool's extensions must be unique.", twice)
    for extension in extensions:
        for name in items(extension.get("provisionAfterExtensions"), f"{_EXTENSIONS}.provisionAfterExtensions"):
            if str(name).lower() not in names:
                raise invalid(f"{_EXTENSIONS}.provisionAfterExtensions", "There is no extension of this name.", name)
