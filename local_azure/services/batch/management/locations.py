"""What Batch offers in a region, over HTTP."""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.accounts import ACCOUNT_QUOTA
from local_azure.services.batch.catalogue.regions import DOMAINS, normalized
from local_azure.services.batch.catalogue.skus import SIZES, Size
from local_azure.services.batch.errors import bad_query
from local_azure.services.batch.management.plane import LOCATION, listed, routes
from local_azure.services.batch.protocol.odata import FilterError, compile_filter
from local_azure.services.batch.protocol.times import stamp
from local_azure.services.batch.service import Batch
from local_azure.wire.messages import AzureError, Reply, Request


@routes.get(f"{LOCATION}/quotas", name="Location_GetQuotas", permission="Microsoft.Batch/locations/quotas/read")
def quotas(batch: Batch, request: Request) -> Reply:
    """How many accounts the subscription may have in the region."""
    del batch
    _check_region(request)
    return Reply(200, {"accountQuota": ACCOUNT_QUOTA})


@routes.get(
    f"{LOCATION}/virtualMachineSkus",
    name="Location_ListSupportedVirtualMachineSkus",
    permission="Microsoft.Batch/locations/virtualMachineSkus/read",
)
def virtual_machine_sizes(batch: Batch, request: Request) -> Reply:
    """The virtual machine sizes that Batch offers in the region."""
    del batch
    _check_region(request)
    text = request.query.get("$filter", "")
    try:
        wanted = compile_filter(text)
    except FilterError as error:
        raise bad_query("$filter", text, str(error)) from None
    return listed(request, [row for row in map(_view, SIZES.values()) if wanted(row)])


@routes.post(
    f"{LOCATION}/checkNameAvailability",
    name="Location_CheckNameAvailability",
    permission="Microsoft.Batch/locations/checkNameAvailability/action",
)
def check_name(batch: Batch, request: Request) -> Reply:
    """Whether an account may have this name."""
    _check_region(request)
    reason, message = batch.accounts.name_fault(str(request.json().get("name", "")))
    if not reason:
        return Reply(200, {"nameAvailable": True})
    return Reply(200, {"nameAvailable": False, "reason": reason, "message": message})


def _check_region(request: Request) -> None:
    location = request.params["location"]
    if normalized(location) not in DOMAINS:
        raise AzureError(
            404,
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location '{location}' and API version "
            f"'{request.api_version}' for type 'locations'. The supported locations are '{', '.join(DOMAINS)}'.",
        )


def _view(size: Size) -> dict[str, Any]:
    capabilities = {
        "vCPUs": size.cores,
        "vCPUsAvailable": size.cores,
        "MemoryGB": f"{size.memory:g}",
        "HyperVGenerations": size.generations,
        "CpuArchitectureType": "x64",
        "LowPriorityCapable": True,
    }
    row: dict[str, Any] = {
        "name": size.name,
        "familyName": size.family,
        "capabilities": [{"name": name, "value": str(value)} for name, value in capabilities.items()],
    }
    if size.end:
        row["batchSupportEndOfLife"] = stamp(size.end)
    return row
