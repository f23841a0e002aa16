"""What Azure does to Batch by itself, over HTTP: Spot nodes are taken and given back, quotas are set."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import timedelta

from local_azure.admin.fields import ONE_OR_MORE, SPAN, Field, count, faults, text
from local_azure.admin.plane import Admin, table
from local_azure.services.batch.state.accounts import Quotas
from local_azure.wire.messages import AzureError, Reply, Request

routes = table("admin-batch")

_NODES = Field("a pattern of a shell for account/pool/node, as */render/*", text)
_PREEMPT = {"nodes": _NODES, "first": ONE_OR_MORE, "for_seconds": SPAN}
_QUOTAS = {quota.name: Field("a number of 0 or more", count(0)) for quota in fields(Quotas)}


@routes.post("/batch/preempt", name="Batch_Preempt")
def preempt(admin: Admin, request: Request) -> Reply:
    """Take the machines of Spot nodes; says of which."""
    body = request.json()
    _check(faults(body, _PREEMPT, what="a preemption", needs=("nodes",)))
    span = timedelta(seconds=body["for_seconds"]) if "for_seconds" in body else None
    levers = admin.levers.batch.levers
    return _nodes(body["nodes"], levers.preempt(body["nodes"], first=body.get("first"), back_after=span))


@routes.post("/batch/give-back", name="Batch_GiveBack")
def give_back(admin: Admin, request: Request) -> Reply:
    """Let preempted nodes have machines again; says which."""
    body = request.json()
    _check(faults(body, {"nodes": _NODES}, what="this", needs=("nodes",)))
    return _nodes(body["nodes"], admin.levers.batch.levers.give_back(body["nodes"]))


@routes.get("/batch/quotas", name="Batch_ListQuotas")
def list_quotas(admin: Admin, request: Request) -> Reply:
    """The quotas of every Batch account."""
    del request
    return Reply(200, {"value": [_shown(name, quotas) for name, quotas in admin.levers.batch.levers.quotas().items()]})


@routes.put("/batch/quotas/{account}", name="Batch_SetQuotas")
def set_quotas(admin: Admin, request: Request) -> Reply:
    """Set some of an account's quotas; the others stay."""
    levers, name, body = admin.levers.batch.levers, request.params["account"].lower(), request.json()
    known = levers.quotas().get(name)
    if known is None:
        raise AzureError(404, "AccountNotFound", f"There is no Batch account {name}.")
    _check(faults(body, _QUOTAS, what="a Batch account"))
    wanted = replace(known, **body)
    levers.set_quotas(name, wanted)
    return Reply(200, _shown(name, wanted))


def _check(wrong: list[str]) -> None:
    if wrong:
        raise AzureError(400, "InvalidBody", "; ".join(wrong))


def _nodes(pattern: str, found: list[str]) -> Reply:
    if not found:
        raise AzureError(404, "NodeNotFound", f"No Spot node that this could happen to is like {pattern}.")
    return Reply(200, {"value": found})


def _shown(account: str, quotas: Quotas) -> dict[str, str | int]:
    return {"account": account, **asdict(quotas)}
