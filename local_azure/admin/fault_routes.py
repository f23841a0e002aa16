"""The fault rules over HTTP."""

from __future__ import annotations

from typing import Any

from local_azure.admin.fault_body import read_rule, rule_json
from local_azure.admin.plane import Admin, Levers, table
from local_azure.wire.faults import Rule
from local_azure.wire.messages import AzureError, Reply, Request

routes = table("admin-faults")


@routes.get("/faults", name="Faults_List")
def list_all(admin: Admin, request: Request) -> Reply:
    """The rules, oldest first, and whether the nodes are still being brought to them."""
    del request
    rules = [rule_json(rule) for rule in admin.levers.faults.state.rules]
    return Reply(200, {"value": rules, "applying": admin.applications.going_on})


@routes.post("/faults", name="Faults_Add")
def add(admin: Admin, request: Request) -> Reply:
    """Add a rule; answers at once, nodes follow."""
    rule = add_rule(admin.levers, request.json())
    admin.applications.start(admin.levers.apply_faults(rule))
    return Reply(201, rule_json(rule))


@routes.delete("/faults", name="Faults_Clear")
def clear(admin: Admin, request: Request) -> Reply:
    """Take all rules out; nodes follow."""
    del request
    admin.levers.faults.clear()
    admin.applications.start(admin.levers.apply_faults())
    return Reply(202)


@routes.delete("/faults/{fault}", name="Faults_Remove")
def remove(admin: Admin, request: Request) -> Reply:
    """Take one rule out; nodes follow."""
    name = request.params["fault"]
    try:
        admin.levers.faults.remove(name)
    except KeyError:
        raise AzureError(404, "FaultNotFound", f"There is no fault {name}.") from None
    admin.applications.start(admin.levers.apply_faults())
    return Reply(202)


def add_rule(levers: Levers, body: dict[str, Any]) -> Rule:
    """Add the rule that *body* asks for. Raises: AzureError 400, naming all that is wrong."""
    wanted = read_rule(body, levers.operations(), levers.clock.now())
    return levers.faults.add(
        wanted.domain, wanted.effect, operation=wanted.operation, resource=wanted.resource, when=wanted.when
    )
