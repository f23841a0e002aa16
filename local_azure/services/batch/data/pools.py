"""Pools at the account's host: speaks, decides nothing."""

from __future__ import annotations

from typing import Any

from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.data.plane import account_of, pool_of, routes
from local_azure.services.batch.data.pool_body import new_properties_of, properties_of, replacing_properties_of
from local_azure.services.batch.data.pool_view import pool_view, run_view
from local_azure.services.batch.data.replies import listed, shown
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.protocol.conditions import check_conditions, known_already
from local_azure.services.batch.protocol.shapes import text
from local_azure.services.batch.protocol.times import http_date
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.pools import Pool
from local_azure.services.batch.validation.defaults import KEPT_ALONE
from local_azure.wire.messages import Reply, Request

_READ = f"{ACCOUNT_TYPE}/pools/read"
_WRITE = f"{ACCOUNT_TYPE}/pools/write"
_POOL = "/pools/{pool}"


@routes.get("/pools", name="Pool_List", permission=_READ)
def list_pools(batch: Batch, request: Request) -> Reply:
    """The account's pools."""
    account = account_of(batch, request)
    return listed(request, "pools", batch.pools.all(account), lambda pool: pool_view(batch, request, pool))


@routes.post("/pools", name="Pool_Add", permission=_WRITE, lacks=KEPT_ALONE)
def add(batch: Batch, request: Request) -> Reply:
    """Create a pool; one with identities can only be made through Resource Manager."""
    account = account_of(batch, request)
    name = text(request.json().get("id"), "id")
    if name.lower() in account.pools:
        raise refusal("PoolExists")
    body = {"properties": new_properties_of(request.json())}
    pool = batch.pools.put(account, name, body, request.who(), api_version=request.api_version)
    return Reply(201, None, {**_headers(pool), "DataServiceId": f"https://{request.host}/pools/{pool.name}"})


@routes.get(_POOL, name="Pool_Get", permission=_READ)
def get(batch: Batch, request: Request) -> Reply:
    """One pool."""
    _, pool = pool_of(batch, request)
    check_conditions(pool, request.headers.get("if-match", ""), "")
    if known_already(pool, request.headers.get("if-none-match", "")):
        return Reply(304, None, _headers(pool))
    return shown(request, "pools", pool_view(batch, request, pool), _headers(pool))


@routes.on("HEAD", _POOL, name="Pool_Exists", permission=_READ)
def exists(batch: Batch, request: Request) -> Reply:
    """200 for a pool that exists; 404 otherwise."""
    return Reply(200, None, _headers(pool_of(batch, request)[1]))


@routes.delete(_POOL, name="Pool_Delete", permission=f"{ACCOUNT_TYPE}/pools/delete")
def delete(batch: Batch, request: Request) -> Reply:
    """Let a pool go; its nodes leave first."""
    account, pool = pool_of(batch, request)
    batch.pools.delete(account, pool.name, if_match=request.headers.get("if-match", ""))
    return Reply(202)


@routes.patch(_POOL, name="Pool_Patch", permission=_WRITE)
def patch(batch: Batch, request: Request) -> Reply:
    """Change some properties of a pool."""
    return Reply(200, None, _changed(batch, request, properties_of(request.json())))


@routes.post(f"{_POOL}/updateproperties", name="Pool_UpdateProperties", permission=_WRITE)
def update_properties(batch: Batch, request: Request) -> Reply:
    """Replace all properties that may be changed on a pool with nodes, but for its scale."""
    return Reply(204, None, _changed(batch, request, replacing_properties_of(request.json())))


@routes.post(f"{_POOL}/resize", name="Pool_Resize", permission=_WRITE)
def resize(batch: Batch, request: Request) -> Reply:
    """Set another number of nodes."""
    account, pool = pool_of(batch, request)
    check_conditions(pool, request.headers.get("if-match", ""), "")
    batch.scale.resize(account, pool, request.json())
    return Reply(202, None, _headers(pool))


@routes.post(f"{_POOL}/stopresize", name="Pool_StopResize", permission=_WRITE)
def stop_resize(batch: Batch, request: Request) -> Reply:
    """Stop a resize that is under way."""
    account, pool = pool_of(batch, request)
    check_conditions(pool, request.headers.get("if-match", ""), "")
    batch.scale.stop(account, pool)
    return Reply(202, None, _headers(pool))


@routes.post(f"{_POOL}/removenodes", name="Pool_RemoveNodes", permission=_WRITE)
def remove_nodes(batch: Batch, request: Request) -> Reply:
    """Let certain nodes leave."""
    account, pool = pool_of(batch, request)
    check_conditions(pool, request.headers.get("if-match", ""), "")
    batch.scale.remove_nodes(account, pool, request.json())
    return Reply(202, None, _headers(pool))


@routes.post(f"{_POOL}/enableautoscale", name="Pool_EnableAutoScale", permission=_WRITE)
def enable_autoscale(batch: Batch, request: Request) -> Reply:
    """Let a formula scale the pool."""
    account, pool = pool_of(batch, request)
    check_conditions(pool, request.headers.get("if-match", ""), "")
    body = request.json()
    batch.scale.enable_formula(account, pool, body.get("autoScaleFormula"), body.get("autoScaleEvaluationInterval"))
    return Reply(200, None, _headers(pool))


@routes.post(f"{_POOL}/disableautoscale", name="Pool_DisableAutoScale", permission=_WRITE)
def disable_autoscale(batch: Batch, request: Request) -> Reply:
    """Let the pool keep the nodes that its formula gave it."""
    _, pool = pool_of(batch, request)
    batch.scale.disable_formula(pool)
    return Reply(200, None, _headers(pool))


@routes.post(f"{_POOL}/evaluateautoscale", name="Pool_EvaluateAutoScale", permission=f"{ACCOUNT_TYPE}/pools/read")
def evaluate_autoscale(batch: Batch, request: Request) -> Reply:
    """What a formula would make of the pool."""
    account, pool = pool_of(batch, request)
    run = batch.scale.evaluate(account, pool, request.json().get("autoScaleFormula"))
    return shown(request, "autoscalerun", run_view(run), _headers(pool))


def _changed(batch: Batch, request: Request, properties: dict[str, Any]) -> dict[str, str]:
    account, pool = pool_of(batch, request)
    body = {"properties": properties}
    version, if_match = request.api_version, request.headers.get("if-match", "")
    batch.pools.patch(account, pool.name, body, request.who(), api_version=version, if_match=if_match)
    return _headers(pool)


def _headers(pool: Pool) -> dict[str, str]:
    return {"ETag": pool.etag, "Last-Modified": http_date(pool.modified)}
