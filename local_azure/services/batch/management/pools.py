"""Pools over HTTP behind Resource Manager: speaks, decides nothing."""

from __future__ import annotations

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.errors import bad_query
from local_azure.services.batch.management.plane import ACCOUNT, accepted, account_of, listed, routes
from local_azure.services.batch.management.pool_view import view
from local_azure.services.batch.protocol.odata import FilterError, compile_filter, select
from local_azure.services.batch.protocol.times import http_date
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.pools import Pool
from local_azure.services.batch.validation.defaults import KEPT_ALONE
from local_azure.wire.messages import Reply, Request

POOL_TYPE = f"{ACCOUNT_TYPE}/pools"
_POOLS = f"{ACCOUNT}/pools"
_POOL = f"{_POOLS}/{{pool}}"


@routes.put(_POOL, name="Pool_Create", permission=f"{POOL_TYPE}/write", lacks=KEPT_ALONE)
def put(batch: Batch, request: Request) -> Reply:
    """Create a pool, or replace it whole; answered at once while its nodes come."""
    account = account_of(batch, request)
    pool = batch.pools.put(
        account,
        request.params["pool"],
        request.json(),
        request.who(),
        api_version=request.api_version,
        if_match=request.headers.get("if-match", ""),
        if_none_match=request.headers.get("if-none-match", ""),
    )
    return _shown(batch, request, account, pool)


@routes.patch(_POOL, name="Pool_Update", permission=f"{POOL_TYPE}/write")
def patch(batch: Batch, request: Request) -> Reply:
    """Change some properties of a pool."""
    account = account_of(batch, request)
    pool = batch.pools.patch(
        account,
        request.params["pool"],
        request.json(),
        request.who(),
        api_version=request.api_version,
        if_match=request.headers.get("if-match", ""),
    )
    return _shown(batch, request, account, pool)


@routes.get(_POOL, name="Pool_Get", permission=f"{POOL_TYPE}/read")
def get(batch: Batch, request: Request) -> Reply:
    """One pool."""
    account = account_of(batch, request)
    return _shown(batch, request, account, batch.pools.get(account, request.params["pool"]))


@routes.get(_POOLS, name="Pool_ListByBatchAccount", permission=f"{POOL_TYPE}/read")
def list_pools(batch: Batch, request: Request) -> Reply:
    """The account's pools, filtered and in pages."""
    account = account_of(batch, request)
    text = request.query.get("$filter", "")
    try:
        wanted = compile_filter(text)
    except FilterError as error:
        raise bad_query("$filter", text, str(error)) from None
    rows = [view(batch, account, pool, request.api_version) for pool in batch.pools.all(account)]
    chosen = request.query.get("$select", "")
    return listed(request, [select(row, chosen and f"{chosen},id,name,type,etag") for row in rows if wanted(row)])


@routes.delete(_POOL, name="Pool_Delete", permission=f"{POOL_TYPE}/delete")
def delete(batch: Batch, request: Request) -> Reply:
    """Let a pool go: 202, then poll; 204 where there was none."""
    account = account_of(batch, request)
    pool = account.pools.get(request.params["pool"].lower())
    if pool is None:
        return Reply(204)
    batch.pools.delete(account, pool.name, if_match=request.headers.get("if-match", ""))
    base = batch.accounts.arm_id(account)
    return accepted(request, f"{base}/poolOperationResults/delete-{pool.name}-{_mark(pool)}")


@routes.get(
    f"{ACCOUNT}/poolOperationResults/{{operation}}",
    name="Pool_OperationResult",
    permission=f"{ACCOUNT_TYPE}/poolOperationResults/read",
)
def operation_result(batch: Batch, request: Request) -> Reply:
    """202 while that very pool is leaving, 204 once it is gone."""
    account = account_of(batch, request)
    name, _, mark = request.params["operation"].removeprefix("delete-").rpartition("-")
    pool = account.pools.get(name.lower())
    if pool is None or _mark(pool) != mark:
        return Reply(204)
    return accepted(request, request.path)


@routes.post(f"{_POOL}/stopResize", name="Pool_StopResize", permission=f"{POOL_TYPE}/stopResize/action")
def stop_resize(batch: Batch, request: Request) -> Reply:
    """Stop a resize that is under way."""
    account = account_of(batch, request)
    pool = batch.pools.get(account, request.params["pool"])
    batch.scale.stop(account, pool)
    return _shown(batch, request, account, pool)


@routes.post(
    f"{_POOL}/disableAutoScale", name="Pool_DisableAutoScale", permission=f"{POOL_TYPE}/disableAutoscale/action"
)
def disable_autoscale(batch: Batch, request: Request) -> Reply:
    """Go over from a formula to a fixed scale; a pool that has one already is left alone."""
    account = account_of(batch, request)
    pool = batch.pools.get(account, request.params["pool"])
    batch.scale.disable_formula(pool)
    return _shown(batch, request, account, pool)


def _shown(batch: Batch, request: Request, account: Account, pool: Pool) -> Reply:
    headers = {"ETag": f'W/"{pool.etag}"', "Last-Modified": http_date(pool.modified)}
    return Reply(200, view(batch, account, pool, request.api_version), headers)


def _mark(pool: Pool) -> str:
    """What tells this pool from one of the same name that comes later."""
    return f"{int(pool.created.timestamp() * 1_000_000):X}"
