"""From a request to its operation."""

from __future__ import annotations

import json

import pytest

from local_azure.wire.messages import AzureError, Caller, Reply, Request
from local_azure.wire.router import Router, Routes


def table(host: str = "{name}.example.net") -> Routes[str]:
    return Routes(
        service="example",
        hosts=(host,),
        render=lambda error, _request: Reply(error.status, {"code": error.code}),
        not_found=lambda request: AzureError(404, "NotFound", request.path),
    )


def ask(routes: Routes[str], path: str, *, method: str = "GET", host: str = "a.example.net") -> Reply:
    router = Router()
    router.mount(routes, "service")
    return router.answer(Request(method=method, host=host, path=path, query={}, headers={}))


@pytest.mark.parametrize("literal_first", [True, False])
def test_a_literal_segment_beats_a_parameter_in_any_order(literal_first: bool) -> None:
    """The order in which operations are declared never decides."""
    routes = table()
    declared = [("/things/pending", "literal"), ("/things/{thing}", "parameter")]
    for template, answer in declared if literal_first else reversed(declared):
        routes.get(template, name=answer)(lambda _service, _request, answer=answer: Reply(200, answer))
    assert ask(routes, "/things/pending").body == "literal"
    assert ask(routes, "/things/other").body == "parameter"


@pytest.mark.parametrize(
    ("template", "path", "params"),
    [
        ("/a/{x}", "/A/one", {"name": "a", "x": "one"}),
        ("/a/{x}/", "/a/one", {"name": "a", "x": "one"}),
        ("/a/{x}", "/a/one/", {"name": "a", "x": "one"}),
        ("/files/{file}", "/files/startup%2Fstdout.txt", {"name": "a", "file": "startup/stdout.txt"}),
        ("/files/{file:path}", "/files/startup/stdout.txt", {"name": "a", "file": "startup/stdout.txt"}),
    ],
)
def test_parameters_come_from_host_and_path(template: str, path: str, params: dict[str, str]) -> None:
    """Literal segments are compared without case; parameters are percent-decoded one segment at a time."""
    routes = table()
    routes.get(template, name="echo")(lambda _service, request: Reply(200, dict(request.params)))
    assert ask(routes, path).body == params


def test_a_path_nobody_has_is_refused_in_the_services_shape() -> None:
    """The host decides whose refusal it is."""
    reply = ask(table(), "/nowhere")
    assert (reply.status, reply.body) == (404, {"code": "NotFound"})


def test_a_host_nobody_has_is_refused() -> None:
    """Nothing is ever forwarded."""
    assert ask(table(), "/", host="www.example.org").status == 502


def test_a_fault_of_ours_is_a_500_in_the_services_shape(caplog: pytest.LogCaptureFixture) -> None:
    """A client sees Azure's 500, never a closed connection; the log has the reason."""
    routes = table()

    @routes.get("/broken", name="broken")
    def broken(_service: str, _request: Request) -> Reply:
        raise RuntimeError("on purpose")

    assert ask(routes, "/broken").body == {"code": "InternalServerError"}
    assert "on purpose" in caplog.text


def test_an_unknown_version_is_refused_before_anything_else() -> None:
    """A service with versions answers only for those it has."""
    routes: Routes[str] = Routes(
        service="versioned",
        hosts=("a.example.net",),
        render=lambda error, _request: Reply(error.status, {"code": error.code}),
        not_found=lambda request: AzureError(404, "NotFound", request.path),
        api_versions=frozenset({"2025-06-01"}),
        bad_version=lambda request, _served: AzureError(400, "BadVersion", request.api_version),
    )
    routes.get("/a", name="a")(lambda _service, _request: Reply(200))
    assert ask(routes, "/a").body == {"code": "BadVersion"}


def test_the_guard_names_the_caller() -> None:
    """A guarded operation knows who asks; a public one has no guard."""
    routes: Routes[str] = Routes(
        service="guarded",
        hosts=("a.example.net",),
        render=lambda error, _request: Reply(error.status, {"code": error.code}),
        not_found=lambda request: AzureError(404, "NotFound", request.path),
        guard=lambda _service, _request, operation: Caller(operation.permission, "", ""),
    )
    routes.get("/a", name="a", permission="may/read")(lambda _s, request: Reply(200, request.who().object_id))
    routes.get("/b", name="b", public=True)(lambda _s, request: Reply(200, request.caller))
    assert ask(routes, "/a").body == "may/read"
    assert ask(routes, "/b").body is None


def test_a_head_is_answered_by_the_get_without_a_head_of_its_own() -> None:
    """HEAD falls back to GET; the server leaves the body out."""
    routes = table()
    routes.get("/a", name="a")(lambda _service, _request: Reply(200, "body"))
    assert ask(routes, "/a", method="HEAD").status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_a_400(body: bytes) -> None:
    """Broken JSON is the client's fault and is told as such."""
    request = Request(method="PUT", host="a", path="/", query={}, headers={}, body=body)
    with pytest.raises(AzureError) as caught:
        request.json()
    assert caught.value.status == 400


def test_a_reply_is_json_unless_it_is_bytes() -> None:
    """Node files go out as they are."""
    assert Reply(200, b"raw").content() == b"raw"
    assert json.loads(Reply(200, {"a": 1}).content()) == {"a": 1}
    assert Reply(204).content() == b""


def test_a_service_that_is_mounted_later_is_found() -> None:
    """Which services answer at a host is remembered, and forgotten with the next one."""
    router = Router()
    router.mount(table("a.example.net"), "first")
    assert not router.serves("b.example.net")
    router.mount(table("b.example.net"), "second")
    assert router.serves("b.example.net")
