"""What is wrong with an answer, and that nothing is with a right one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.conformance.checks import Conformance
from tools.conformance.exchanges import Exchange

SENT = {
    "content-type": "application/json; odata=minimalmetadata",
    "etag": "0x1",
    "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT",
    "date": "Fri, 02 Jan 2026 03:04:05 GMT",
    "request-id": "r",
}
URL = "https://account.region.batch.azure.com/pools/p?api-version=2024-02-01.19.0"
GOOD = Exchange("GET", URL, 200, {}, SENT, json.dumps({"odata.metadata": "x", "id": "p", "nodes": 1}))
REFUSAL = json.dumps({"odata.metadata": "x", "code": "PoolNotFound", "message": {"value": "gone"}})


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in SENT.items() if key != name}


RIGHT: list[tuple[str, Exchange]] = [
    ("as described", GOOD),
    ("a refusal that only `default` describes", replace(GOOD, status=404, response_body=REFUSAL)),
    ("nothing new", replace(GOOD, status=304, response_body="")),
    ("a HEAD without a body", replace(GOOD, method="HEAD", response_body="")),
    ("a HEAD of what is not there", replace(GOOD, method="HEAD", status=404, response_headers={}, response_body="")),
    ("a file of any content", replace(GOOD, url=URL.replace("/p?", "/p/files/a/b.txt?"), response_body="no JSON")),
    ("no answer at all", replace(GOOD, status=0, response_headers={}, response_body="")),
    ("a host that nothing describes", replace(GOOD, url="https://login.microsoftonline.com/x", response_body="?")),
    ("an operation that nothing describes", replace(GOOD, url=URL.replace("/p?", "/p/nodes?"), response_body="[]")),
    ("a header that all answers have", replace(GOOD, response_headers={**SENT, "dataserviceversion": "3.0"})),
    (
        "the client's id, asked for",
        replace(
            GOOD,
            request_headers={"client-request-id": "c", "return-client-request-id": "true"},
            response_headers={**SENT, "client-request-id": "c"},
        ),
    ),
    ("an empty answer", replace(GOOD, method="DELETE", status=202, response_headers={}, response_body="")),
]
WRONG: list[tuple[str, Exchange, str, str]] = [
    ("status", replace(GOOD, status=201), "status", "201 is not described"),
    ("a refusal without a default", replace(GOOD, method="DELETE", status=404), "status", "404 is not described"),
    ("no JSON", replace(GOOD, response_body="<html>"), "body", "is no JSON"),
    ("no body", replace(GOOD, response_body=""), "body", "is no JSON"),
    ("type", replace(GOOD, response_body='{"id": 1}'), "body.id", "1 is not of type 'string'"),
    (
        "format",
        replace(GOOD, response_body='{"id": "p", "nodes": 9999999999}'),
        "body.nodes",
        "9999999999 is not a 'int32'",
    ),
    ("required", replace(GOOD, response_body="{}"), "body", "'id' is a required property"),
    ("unknown property", replace(GOOD, response_body='{"id": "p", "ID": ""}'), "body", "'ID' was unexpected"),
    (
        "shape of a refusal",
        replace(GOOD, status=404, response_body='{"error": {}}'),
        "body",
        "'code' is a required property",
    ),
    (
        "shape of a refusal where nothing is described",
        replace(GOOD, url=URL.replace("/pools", "/nowhere"), status=404, response_body='{"error": {}}'),
        "body",
        "'code' is a required property",
    ),
    ("a body too many", replace(GOOD, method="DELETE", status=202), "body", "is there, and none is described"),
    (
        "media type",
        replace(GOOD, response_headers={**SENT, "content-type": "text/html"}),
        "header Content-Type",
        "is text/html",
    ),
    ("a header too few", replace(GOOD, response_headers=without("etag")), "header ETag", "is described and missing"),
    (
        "a header too many",
        replace(GOOD, response_headers={**SENT, "x-ms-keyvault-region": "westus"}),
        "header x-ms-keyvault-region",
        "is neither described nor common",
    ),
    (
        "a header's format",
        replace(GOOD, response_headers={**SENT, "last-modified": "2026-01-02T03:04:05Z"}),
        "header Last-Modified",
        "is no date-time-rfc1123",
    ),
]


@pytest.mark.parametrize("exchange", [each[1] for each in RIGHT], ids=[each[0] for each in RIGHT])
def test_a_right_answer(specs: Path, exchange: Exchange) -> None:
    """No violation."""
    assert Conformance(specs).violations(exchange) == []


@pytest.mark.parametrize(("exchange", "where", "what"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_a_wrong_answer(specs: Path, exchange: Exchange, where: str, what: str) -> None:
    """The violation says where, and what."""
    found = [(each.where, each.what) for each in Conformance(specs).violations(exchange)]
    assert any(at == where and what in said for at, said in found), found


def test_every_fault_is_told(specs: Path) -> None:
    """Those of the headers and of the body, all at once, each with its operation and its exchange."""
    broken = replace(GOOD, response_headers=without("etag"), response_body='{"id": 1, "nodes": "x"}')
    found = Conformance(specs).violations(broken)
    assert sorted(each.where for each in found) == ["body.id", "body.nodes", "header ETag"]
    assert {str(each).partition(":")[0] for each in found} == {"Pool_Get"}
    assert all(f"GET {URL} -> 200" in str(each) for each in found)


def test_a_newer_resource_is_held_to_its_newer_type(specs: Path) -> None:
    """Where Bicep has the type in a version that Swagger has not, the type counts."""
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Test/things/{name}"
    responses = {"200": {"schema": {"properties": {"name": {"type": "string"}}}}}
    document: dict[str, Any] = {
        "swagger": "2.0",
        "info": {"version": "2024-02-01"},
        "host": "management.azure.com",
        "paths": {path: {"get": {"operationId": "Things_Get", "responses": responses}}},
    }
    file = specs / "rest-api-specs/test/resource-manager/Microsoft.Test/stable/2024-02-01/test.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(document))
    body = {"name": {"type": {"$ref": "#/0"}, "flags": 0}, "colour": {"type": {"$ref": "#/0"}, "flags": 0}}
    types = [
        {"$type": "StringType"},
        {"$type": "ObjectType", "name": "things", "properties": body},
        {
            "$type": "ResourceType",
            "name": "Microsoft.Test/things@2025-06-01",
            "body": {"$ref": "#/1"},
            "writableScopes": 8,
        },
    ]
    (specs / "bicep-types").mkdir()
    (specs / "bicep-types/types.json").write_text(json.dumps(types))
    conformance = Conformance(specs)

    def faults(version: str, answer: dict[str, Any]) -> list[str]:
        url = f"https://management.azure.com{path}?api-version={version}".replace("{", "").replace("}", "")
        exchange = Exchange("GET", url, 200, {}, {"content-type": "application/json"}, json.dumps(answer))
        return [each.where for each in conformance.violations(exchange)]

    assert faults("2024-02-01", {"name": "a", "colour": "red"}) == ["body"]
    assert faults("2025-06-01", {"name": "a", "colour": "red"}) == []
    assert faults("2025-06-01", {"name": "a", "colour": 1}) == ["body.colour"]
