"""The management plane's table of operations and its shape of refusals."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from local_azure.services.arm import errors as arm
from local_azure.services.arm.access import HOSTS, guard
from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.errors import BatchError, bad_query
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.paging import page
from local_azure.wire.router import Routes

SUBSCRIPTION = "/subscriptions/{subscription}"
LOCATION = f"{SUBSCRIPTION}/providers/Microsoft.Batch/locations/{{location}}"
ACCOUNTS = f"{SUBSCRIPTION}/resourceGroups/{{group}}/providers/{ACCOUNT_TYPE}"
ACCOUNT = f"{ACCOUNTS}/{{account}}"
_LARGEST_PAGE = 1000
_POLL_SECONDS = "1"  # azure-core 1.41 takes 0 for no header at all, and then waits 30 s
_SKIP = "$skiptoken"


def render(error: AzureError, request: Request) -> Reply:
    """Refusals of the Batch service itself name their target and their details; others are Resource Manager's.

    Shape as seen in Azure/Batch#85.
    """
    if not isinstance(error, BatchError):
        return arm.render(error, request)
    request_id = str(uuid.uuid4())
    content: dict[str, Any] = {
        "code": error.code,
        "message": f"{error.message}\nRequestId:{request_id}",
        "target": "BatchAccount",
    }
    if error.values:
        content["details"] = [{"code": key, "message": value} for key, value in error.values.items()]
    return Reply(error.status, {"error": content}, {"x-ms-request-id": request_id})


routes: Routes[Batch] = Routes(
    service="batch",
    hosts=HOSTS,
    render=render,
    not_found=arm.not_found,
    api_versions=frozenset({"2023-05-01", "2023-11-01", "2024-02-01", "2024-07-01", "2025-06-01"}),
    bad_version=arm.bad_version,
    guard=guard,
    finish=arm.finish,
    trouble=arm.TROUBLE,
)


def account_of(batch: Batch, request: Request) -> Account:
    """The account of the path, for an operation on what it holds.

    Raises: AzureError 404 `ResourceGroupNotFound` or, as Resource Manager says of a missing parent,
    `ParentResourceNotFound`.
    """
    try:
        return batch.accounts.get(request.params["group"], request.params["account"])
    except AzureError as error:
        if error.code != "ResourceNotFound":
            raise
        parent = request.path.partition("/batchAccounts/")[0] + f"/batchAccounts/{request.params['account']}"
        raise AzureError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform '{_verb(request)}' on resource(s) of type 'batchAccounts/pools', because the parent "
            f"resource '{parent}' could not be found.",
        ) from None


def accepted(request: Request, path: str) -> Reply:
    """202 with the address to poll, again in a second at the latest."""
    query = urlencode({"api-version": request.api_version})
    return Reply(202, None, {"Location": f"https://{request.host}{path}?{query}", "Retry-After": _POLL_SECONDS})


def listed(request: Request, rows: list[dict[str, Any]]) -> Reply:
    """One page of *rows*, with the address of the next. Raises: AzureError 400 for a bad page size or token."""
    given = request.query.get("maxresults", str(_LARGEST_PAGE))
    if not given.isdecimal() or not 1 <= int(given) <= _LARGEST_PAGE:
        raise bad_query("maxresults", given, f"The value must be between 1 and {_LARGEST_PAGE}.")
    token = request.query.get(_SKIP, "")
    try:
        found, following = page(rows, int(given), token)
    except ValueError:
        raise bad_query(_SKIP, token, "The continuation token is not valid.") from None
    content: dict[str, Any] = {"value": list(found)}
    if following:
        query = urlencode({**request.query, _SKIP: following})
        content["nextLink"] = f"https://{request.host}{request.path}?{query}"
    return Reply(200, content)


def _verb(request: Request) -> str:
    return {"GET": "read", "DELETE": "delete", "POST": "action"}.get(request.method, "write")
