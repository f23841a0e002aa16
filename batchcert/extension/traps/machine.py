"""Traps in the machines: image, node agent and VM size."""

from __future__ import annotations

from collections.abc import Iterator

from batchcert.extension.machines import SUPPORT_ENDS, agent_fits, successor
from batchcert.extension.pool_body import PoolBody
from batchcert.extension.traps.trap import Severity, Sighting, rule
from batchcert.spec import ImageSpec, PoolSpec

_TODAY = ImageSpec()
_TODAYS_IMAGE = f"{_TODAY.publisher}/{_TODAY.offer}/{_TODAY.sku} with node agent {_TODAY.node_agent}"
_TODAYS_SIZE = PoolSpec.model_fields["vm_size"].default


@rule(
    "image-retired",
    Severity.BREAKS,
    cause="Batch has retired the image, and the extension supports Ubuntu from 22.04 on",
    cure=f"use {_TODAYS_IMAGE}",
    answer="uses a current image, and checks it against the account's supported images before writing anything",
    source="Azure/Batch#174; Key Vault virtual machine extension for Linux, operating system",
)
def _image_retired(pool: PoolBody) -> Iterator[Sighting]:
    if pool.image and pool.image.retired:
        ended = SUPPORT_ENDS.get(pool.image.ubuntu)
        when = f", which ended in Batch on {ended}" if ended else ", which has ended"
        yield Sighting(pool.machine["imageReference"].path, f"Ubuntu {pool.image.ubuntu}{when}")


@rule(
    "image-never-published",
    Severity.BREAKS,
    cause="Canonical publishes 20.04 and later under other offers than UbuntuServer",
    cure=f"use {_TODAYS_IMAGE}",
    answer="checks the image against the account's supported images before writing anything",
    source="MicrosoftDocs/azure-docs#98836 and #124665, hashicorp/terraform-provider-azurerm#22065",
)
def _image_never_published(pool: PoolBody) -> Iterator[Sighting]:
    if pool.image and pool.image.never_published:
        yield Sighting(pool.machine["imageReference"].path, f"{pool.image} is not in the marketplace")


@rule(
    "image-ending",
    Severity.NOTES,
    cause="Batch ends its support for an image when its publisher does",
    cure=f"plan the move to {_TODAYS_IMAGE}",
    answer="uses a later image by default",
    source="Azure/Batch#200",
)
def _image_ending(pool: PoolBody) -> Iterator[Sighting]:
    ends = SUPPORT_ENDS.get(pool.image.ubuntu) if pool.image else None
    if pool.image and ends and not pool.image.retired:
        yield Sighting(pool.machine["imageReference"].path, f"Ubuntu {pool.image.ubuntu} ends in Batch on {ends}")


@rule(
    "image-unsupported",
    Severity.WEAKENS,
    cause="the extension supports Ubuntu 22.04 and later, and Azure Linux",
    cure=f"use {_TODAYS_IMAGE}",
    answer="takes any image that Batch supports, and shows on each node whether the extension runs there",
    source="Key Vault virtual machine extension for Linux, operating system",
)
def _image_unsupported(pool: PoolBody) -> Iterator[Sighting]:
    if pool.image and not pool.image.retired and not pool.image.supported and pool.image.family != "windows":
        yield Sighting(pool.machine["imageReference"].path, f"{pool.image} is neither Ubuntu nor Azure Linux")


@rule(
    "node-agent-mismatch",
    Severity.BREAKS,
    cause="each image goes with one node agent SKU; Batch refuses another",
    cure="take the pair from Batch's list of supported images (az batch pool supported-images list)",
    answer="checks image and agent as a pair against the account's supported images",
    source="Batch management REST 2025-06-01, VirtualMachineConfiguration.nodeAgentSkuId",
)
def _node_agent_mismatch(pool: PoolBody) -> Iterator[Sighting]:
    agent = pool.machine["nodeAgentSkuId"]
    if not agent.present:
        yield Sighting(agent.path, "not given")
    elif pool.image and not agent.open and not agent_fits(agent.text, pool.image):
        yield Sighting(agent.path, f"{agent.text} does not go with {pool.image}")


@rule(
    "vm-size-ending",
    Severity.WEAKENS,
    cause="the end of the D, Ds, Dv2 and Dsv2 series is announced",
    cure=f"use {_TODAYS_SIZE}, or a larger size of its series",
    answer=f"uses {_TODAYS_SIZE} by default, and proposes a size with as many cores for one that is ending",
    source="Azure/Batch#140",
)
def _vm_size_ending(pool: PoolBody) -> Iterator[Sighting]:
    size = pool.properties["vmSize"]
    if successor(size.text):
        yield Sighting(size.path, f"{size.text} belongs to a series that is ending", f"use {successor(size.text)}")


RULES = (
    _image_retired,
    _image_never_published,
    _node_agent_mismatch,
    _image_unsupported,
    _vm_size_ending,
    _image_ending,
)
