"""What a fault does to a request, asked through the router."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from local_azure.wire.distortion import ERROR, LOST, RESET, SLOW, THROTTLED, TRUNCATED
from local_azure.wire.faults import Effect, Faults
from local_azure.wire.messages import AzureError, Delivery, Reply, Request
from local_azure.wire.router import Router, Routes


class World:
    """A service with one operation, which counts how often it is performed."""

    def __init__(self) -> None:
        self.performed = 0
        self.faults = Faults(lambda: datetime(2026, 5, 1, tzinfo=UTC), lambda: None)
        self.router = Router(self.faults)
        routes: Routes[World] = Routes(
            service="example",
            hosts=("a.example.net",),
            render=lambda error, _request: Reply(error.status, {"said": [error.code, error.message]}),
            not_found=lambda request: AzureError(404, "NotFound", request.path),
            trouble={429: ("Throttled", "Too many.")},
        )
        routes.get("/things/{thing}", name="Thing_Get")(World._get)
        self.router.mount(routes, self)

    def _get(self, request: Request) -> Reply:
        self.performed += 1
        return Reply(200, {"thing": request.params["thing"]})

    def ask(self) -> Reply:
        return self.router.answer(Request("GET", "a.example.net", "/things/one%20two", {}, {}))


@pytest.mark.parametrize(
    ("effect", "status", "said", "headers"),
    [
        (Effect(THROTTLED, status=429), 429, ["Throttled", "Too many."], {}),
        (Effect(THROTTLED, status=429, retry_after=7), 429, ["Throttled", "Too many."], {"Retry-After": "7"}),
        (Effect(ERROR, status=502), 502, ["BadGateway", "Invalid responses from another server/proxy"], {}),
        (Effect(ERROR, status=503, code="Busy", message="Later."), 503, ["Busy", "Later."], {}),
    ],
)
def test_a_refusal_is_in_the_services_shape_and_words(
    effect: Effect, status: int, said: list[str], headers: dict[str, str]
) -> None:
    """The service's own words where it has some, else HTTP's, else those of the rule; nothing is performed."""
    world = World()
    world.faults.add("request", effect)
    reply = world.ask()
    assert (reply.status, reply.body, dict(reply.headers)) == (status, {"said": said}, headers)
    assert reply.delivery == Delivery(fault="f1")
    assert world.performed == 0


@pytest.mark.parametrize(
    ("effect", "performed", "delivery"),
    [
        (Effect(RESET), 0, Delivery("f1", lost=True)),
        (Effect(LOST), 1, Delivery("f1", lost=True)),
        (Effect(SLOW, seconds=3), 1, Delivery("f1", delay=3)),
        (Effect(TRUNCATED), 1, Delivery("f1", keep=0.5)),
    ],
)
def test_how_an_answer_travels(effect: Effect, performed: int, delivery: Delivery) -> None:
    """A reset request is not performed; one whose answer is lost, late or cut is."""
    world = World()
    world.faults.add("request", effect)
    assert world.ask().delivery == delivery
    assert world.performed == performed


@pytest.mark.parametrize(
    ("resource", "struck"),
    [("/things/one two", True), ("a.example.net/*", True), ("b.example.net/*", False), ("/other/*", False)],
)
def test_a_resource_is_the_decoded_path_with_or_without_host(resource: str, struck: bool) -> None:
    """A rule names what a person would name."""
    world = World()
    world.faults.add("request", Effect(ERROR, status=500), operation="Thing_*", resource=resource)
    assert (world.ask().status == 500) is struck


def test_the_names_of_operations_can_be_asked_for() -> None:
    """So that a rule about an unknown one can be refused."""
    assert World().router.operations() == {"Thing_Get"}
