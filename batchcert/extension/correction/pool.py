"""The pool of the corrected parameters: what was fine is kept, what has ended is replaced."""

from __future__ import annotations

from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from batchcert.extension.correction.network import network
from batchcert.extension.correction.remarks import Remarks
from batchcert.extension.machines import Image, agent_fits, successor
from batchcert.extension.pool_body import Field, PoolBody
from batchcert.spec import ExtensionVersion, ImageSpec, PoolSpec

_DEFAULT = {name: field.default for name, field in PoolSpec.model_fields.items()}


def pool(body: PoolBody, remarks: Remarks) -> dict[str, object]:
    """Name, nodes, size, image, fill type, polling, timeout, subnet and SSH networks of *body*."""
    nodes = _nodes(body, remarks)
    wanted: dict[str, object] = {
        "name": _name(body, remarks),
        "nodes": nodes,
        **_resize_timeout(body),
        "vm_size": _vm_size(body),
        **_fill_type(body),
        "image": _image(body, remarks),
        "extension_version": ExtensionVersion.V3.value,
        "polling_interval_seconds": _polling(body),
        "require_initial_sync": True,
        **network(body, nodes, remarks),
    }
    return remarks.held_to(PoolSpec, wanted, {"name": "replace-me"}, "pool")


def _name(body: PoolBody, remarks: Remarks) -> str:
    named = body.root["name"] if body.root["name"].text else body.root["id"]
    if named.text and not named.open:
        return named.text.rpartition("/")[2]  # a template names it ACCOUNT/POOL, its own id ends in it
    remarks.fill_in("pool.name", "the body does not say")
    return "replace-me"


def _fixed_scale(body: PoolBody) -> Field:
    """Where the pool's size stands; the data plane has the same names at the top."""
    scale = body.properties["scaleSettings"]
    return scale["fixedScale"] if scale.present else body.properties


def _nodes(body: PoolBody, remarks: Remarks) -> int:
    scale, fixed = body.properties["scaleSettings"], _fixed_scale(body)
    if scale["autoScale"].present:
        remarks.leave_out(scale["autoScale"].path, "provision makes a pool of a fixed size")
    if fixed["targetLowPriorityNodes"].value:
        remarks.leave_out(fixed["targetLowPriorityNodes"].path, "provision makes dedicated nodes")
    nodes = fixed["targetDedicatedNodes"].value
    return nodes if isinstance(nodes, int) else int(_DEFAULT["nodes"])


def _resize_timeout(body: PoolBody) -> dict[str, object]:
    """Whole minutes of an ISO 8601 duration, PT15M say."""
    try:
        timeout = TypeAdapter(timedelta).validate_python(_fixed_scale(body)["resizeTimeout"].text)
    except ValidationError:
        return {}
    return {"resize_timeout_minutes": int(timeout.total_seconds() // 60)}


def _vm_size(body: PoolBody) -> object:
    size = body.properties["vmSize"]
    return successor(size.text) or size.text if size.text and not size.open else _DEFAULT["vm_size"]


def _fill_type(body: PoolBody) -> dict[str, object]:
    fill = body.properties["taskSchedulingPolicy"]["nodeFillType"]
    return {"node_fill_type": fill.text.capitalize()} if fill.text and not fill.open else {}


def _polling(body: PoolBody) -> object:
    given = (str(extension.secrets["pollingIntervalInS"].value) for extension in body.observing)
    seconds = (int(text) for text in given if text.isascii() and text.isdigit() and len(text) < 8)
    return next(seconds, _DEFAULT["polling_interval_seconds"])


def _image(body: PoolBody, remarks: Remarks) -> dict[str, object]:
    reference = body.machine["imageReference"]
    for custom in (reference[name] for name in ("id", "sharedGalleryImageId", "communityGalleryImageId")):
        if custom.present:
            remarks.leave_out(custom.path, "provision takes images of the marketplace")
    if body.image is None or not body.image.supported or body.image.never_published:
        return ImageSpec().model_dump()
    return {
        "publisher": body.image.publisher,
        "offer": body.image.offer,
        "sku": body.image.sku,
        "version": reference["version"].text or "latest",
        "node_agent": _agent(body.machine["nodeAgentSkuId"].text, body.image, remarks),
    }


def _agent(given: str, image: Image, remarks: Remarks) -> str:
    if given and agent_fits(given, image):
        return given
    if image.ubuntu:
        return f"batch.node.ubuntu {image.ubuntu}"
    remarks.fill_in("pool.image.node_agent", f"the one that goes with {image}")
    return "replace-me"
