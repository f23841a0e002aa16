"""Batch accounts over HTTP: speaks, decides nothing."""

from __future__ import annotations

import uuid
from typing import Any

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.catalogue.regions import endpoint, node_endpoint
from local_azure.services.batch.catalogue.skus import SIZES
from local_azure.services.batch.management.plane import (
    ACCOUNT,
    ACCOUNTS,
    LOCATION,
    SUBSCRIPTION,
    accepted,
    listed,
    routes,
)
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.wire.messages import AzureError, Reply, Request

_KEPT_ALONE = "network profile, encryption, storage and vault references are kept, not acted on"
_RESULTS = f"{LOCATION}/accountOperationResults"


@routes.put(ACCOUNT, name="BatchAccount_Create", permission=f"{ACCOUNT_TYPE}/write", lacks=_KEPT_ALONE)
def put(batch: Batch, request: Request) -> Reply:
    """Create (202, then poll) or update (200) an account."""
    body = request.json()
    if not body.get("location"):
        raise AzureError(400, "LocationRequired", "The location property is required for this definition.")
    params = request.params
    account, created = batch.accounts.put(params["group"], params["account"], str(body["location"]), body)
    return _accepted(batch, request, account) if created else Reply(200, view(batch, account))


@routes.patch(ACCOUNT, name="BatchAccount_Update", permission=f"{ACCOUNT_TYPE}/write")
def patch(batch: Batch, request: Request) -> Reply:
    """Change an account's tags, identity and properties."""
    account = batch.accounts.get(request.params["group"], request.params["account"])
    return Reply(200, view(batch, batch.accounts.patch(account, request.json())))


@routes.get(ACCOUNT, name="BatchAccount_Get", permission=f"{ACCOUNT_TYPE}/read")
def get(batch: Batch, request: Request) -> Reply:
    """One account."""
    return Reply(200, view(batch, batch.accounts.get(request.params["group"], request.params["account"])))


@routes.delete(ACCOUNT, name="BatchAccount_Delete", permission=f"{ACCOUNT_TYPE}/delete")
def delete(batch: Batch, request: Request) -> Reply:
    """Remove an account with its pools: 202, then poll; 204 where there was none."""
    batch.groups.get(request.params["group"])
    account = batch.accounts.find(request.params["account"])
    if account is None or account.group.lower() != request.params["group"].lower():
        return Reply(204)
    batch.delete_account(account)
    return _accepted(batch, request, account)


@routes.get(ACCOUNTS, name="BatchAccount_ListByResourceGroup", permission=f"{ACCOUNT_TYPE}/read")
def list_group(batch: Batch, request: Request) -> Reply:
    """The accounts of one group."""
    group = batch.groups.get(request.params["group"]).name
    return listed(request, [view(batch, account) for account in batch.accounts.all(group)])


@routes.get(f"{SUBSCRIPTION}/providers/{ACCOUNT_TYPE}", name="BatchAccount_List", permission=f"{ACCOUNT_TYPE}/read")
def list_all(batch: Batch, request: Request) -> Reply:
    """All accounts of the subscription."""
    return listed(request, [view(batch, account) for account in batch.accounts.all()])


@routes.post(f"{ACCOUNT}/listKeys", name="BatchAccount_GetKeys", permission=f"{ACCOUNT_TYPE}/listKeys/action")
def list_keys(batch: Batch, request: Request) -> Reply:
    """The account's two keys."""
    return Reply(200, _keys(batch.accounts.get(request.params["group"], request.params["account"])))


@routes.post(
    f"{ACCOUNT}/regenerateKeys",
    name="BatchAccount_RegenerateKey",
    permission=f"{ACCOUNT_TYPE}/regenerateKeys/action",
)
def renew_key(batch: Batch, request: Request) -> Reply:
    """Make a new primary or secondary key."""
    account = batch.accounts.get(request.params["group"], request.params["account"])
    batch.accounts.renew_key(account, str(request.json().get("keyName", "")))
    return Reply(200, _keys(account))


@routes.get(
    f"{_RESULTS}/{{operation}}",
    name="BatchAccount_OperationResult",
    permission="Microsoft.Batch/locations/accountOperationResults/read",
)
def operation_result(batch: Batch, request: Request) -> Reply:
    """202 while the account is leaving, 200 with it once it is there, 204 once it is gone."""
    account = batch.accounts.find(request.params["operation"].partition("-")[0])
    if account is None:
        return Reply(204)
    if account.provisioning_state == "Deleting":
        return accepted(request, request.path)
    return Reply(200, view(batch, account))


def view(batch: Batch, account: Account) -> dict[str, Any]:
    """An account as Resource Manager shows it."""
    families, quotas = sorted({size.family for size in SIZES.values()}), account.quotas
    return {
        "id": batch.accounts.arm_id(account),
        "name": account.name,
        "type": ACCOUNT_TYPE,
        "location": account.location,
        "tags": account.tags,
        "identity": _identity(batch, account),
        "properties": {
            "accountEndpoint": endpoint(account.name, account.location),
            "nodeManagementEndpoint": node_endpoint(account.name, account.location),
            "provisioningState": account.provisioning_state,
            "dedicatedCoreQuota": quotas.dedicated_cores,
            "dedicatedCoreQuotaPerVMFamily": [{"name": n, "coreQuota": quotas.dedicated_cores} for n in families],
            "dedicatedCoreQuotaPerVMFamilyEnforced": True,
            "lowPriorityCoreQuota": quotas.low_priority_cores,
            "poolQuota": quotas.pools,
            "activeJobAndJobScheduleQuota": quotas.jobs,
            "allowedAuthenticationModes": ["SharedKey", "AAD", "TaskAuthenticationToken"],
            "encryption": {"keySource": "Microsoft.Batch"},
            **account.settings,
        },
    }


def _identity(batch: Batch, account: Account) -> dict[str, Any]:
    shown = dict(account.identity)
    if str(shown.get("type", "")).startswith("SystemAssigned"):
        shown["principalId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, batch.accounts.arm_id(account)))
        shown["tenantId"] = batch.access.settings.tenant
    if named := shown.get("userAssignedIdentities"):
        shown["userAssignedIdentities"] = batch.identities.view(list(named))
    return shown


def _keys(account: Account) -> dict[str, str]:
    return {"accountName": account.name, "primary": account.primary_key, "secondary": account.secondary_key}


def _accepted(batch: Batch, request: Request, account: Account) -> Reply:
    subscription = batch.access.settings.subscription
    location = LOCATION.format(subscription=subscription, location=account.location)
    return accepted(request, f"{location}/accountOperationResults/{account.name}-{uuid.uuid4()}")
