"""Which described operation a table of routes serves."""

from __future__ import annotations

from pathlib import Path

from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Routes
from tools.conformance.documents import Node
from tools.conformance.operations import MANAGER, Described
from tools.conformance.served import Served

NOTHING = Node({"responses": {}}, Path("none.json"))


def table(*operations: tuple[str, str], host: str = MANAGER) -> Routes[None]:
    routes: Routes[None] = Routes(
        service="things",
        hosts=(host,),
        render=lambda error, _request: Reply(error.status),
        not_found=lambda request: AzureError(404, "NotFound", request.path),
    )
    for method, template in operations:
        routes.on(method, template, name=f"{method} {template}")(answer)
    return routes


def answer(service: None, request: Request) -> Reply:
    return Reply(200)


def described(path: str, method: str = "GET", host: str = MANAGER, name: str = "Things_Get") -> Described:
    return Described("things", "1", host, method, path, name, NOTHING, ())


def found(served: Served, wanted: Described) -> str:
    both = served.find(wanted)
    return both[1].name if both else ""


def test_an_operation_is_served_where_a_route_has_its_path() -> None:
    """Names of parameters and case do not matter; a literal is not a parameter."""
    served = Served([table(("GET", "/things/{thing}/Parts/{part}"))], [])
    assert found(served, described("/things/{thingName}/parts/{partName}")) == "GET /things/{thing}/Parts/{part}"
    assert found(served, described("/things/{thingName}/parts/all")) == ""
    assert found(served, described("/things/{thingName}/parts/{partName}", method="PUT")) == ""
    assert found(served, described("/things/{thingName}/parts/{partName}", host="{batchUrl}")) == ""


def test_a_head_is_served_by_a_get() -> None:
    """As the router does it."""
    served = Served([table(("GET", "/pools/{pool}"), host="{account}.region.batch.azure.com")], [])
    assert found(served, described("/pools/{poolId}", method="HEAD", host="{batchUrl}")) == "GET /pools/{pool}"


def test_a_scope_is_any_path() -> None:
    """One of those that a scope can be is enough."""
    resource = "/subscriptions/{s}/resourceGroups/{g}/providers/{p}/{t}/{r}"
    served = Served([table(("GET", f"{resource}/providers/Microsoft.Test/things/{{name}}"))], [])
    assert found(served, described("/{scope}/providers/Microsoft.Test/things/{thingName}"))
    assert not found(served, described("/{scope}/providers/Microsoft.Test/others/{thingName}"))


def test_a_whole_id_is_an_id_in_parts() -> None:
    """`Things_GetById` is served where `Things_Get` is."""
    in_parts = described("/{scope}/providers/Microsoft.Test/things/{thingName}")
    served = Served([table(("GET", "/subscriptions/{s}/providers/Microsoft.Test/things/{name}"))], [in_parts])
    assert found(served, described("/{thingId}", name="Things_GetById"))
    assert not found(served, described("/{thingId}", name="Things_DeleteById"))


def test_a_version_may_be_left_out() -> None:
    """A route without it serves the operation that has it, as Key Vault does."""
    vault = "{vault}.vault.azure.net"
    served = Served([table(("GET", "/secrets/{name}"), host=vault)], [])
    assert found(served, described("/secrets/{secret-name}/{secret-version}", host="{vaultBaseUrl}"))
