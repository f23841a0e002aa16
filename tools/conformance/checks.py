"""What is wrong with an answer, by the descriptions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tools.conformance import headers
from tools.conformance.departures import departures
from tools.conformance.documents import Documents, Node
from tools.conformance.exchanges import Exchange
from tools.conformance.operations import BATCH, MANAGER, Described, Operations, version_key
from tools.conformance.resource_types import ResourceTypes, type_of
from tools.conformance.schemas import Schemas

_NOTHING_NEW = 304
_LONG = 160  # characters of a fault's text


@dataclass(frozen=True)
class Violation:
    """One fault of an answer: in which operation's, where in it, and what."""

    operation: str
    exchange: Exchange
    where: str
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.operation}: {self.exchange}: {self.where}: {self.what}"


class Conformance:
    """The descriptions below *folder*, ready to judge by. `rest-api-specs` and `bicep-types` lie there."""

    def __init__(self, folder: Path) -> None:
        documents = Documents(folder / "rest-api-specs")
        self.operations = Operations(documents)
        self.documents = documents
        self._types = ResourceTypes(folder / "bicep-types")
        self._schemas: dict[tuple[str, str], Schemas] = {}
        self._validators: dict[object, Draft202012Validator] = {}

    def operation(self, exchange: Exchange) -> Described | None:
        """The described operation that was asked for."""
        return self.operations.at(exchange.method, exchange.host, exchange.path, exchange.api_version)

    def judged_by(self, exchange: Exchange) -> Described | None:
        """The operation that the answer is held to: the one asked for; for a refusal any other of the host's.

        None where no description speaks of the answer, or where there was none.
        """
        if not exchange.status:
            return None
        refused = self.operations.of_host(exchange.host) if exchange.status >= 400 else None
        return self.operation(exchange) or refused

    def violations(self, exchange: Exchange) -> list[Violation]:
        """All that is wrong with the answer; nothing is where no description speaks of it."""
        operation = self.operation(exchange)
        name = operation.name if operation else "(none)"
        described = self.judged_by(exchange)
        faults = self._faults(exchange, described) if described else ()
        return [Violation(name, exchange, where, what) for where, what in faults]

    def _faults(self, exchange: Exchange, described: Described) -> Iterator[tuple[str, str]]:
        response = described.response(exchange.status)
        if response is None and exchange.status != _NOTHING_NEW:
            yield "status", f"{exchange.status} is not described"
            return
        yield from ((f"header {name}", what) for name, what in headers.faults(exchange, described, response))
        if exchange.method != "HEAD":
            yield from self._body_faults(exchange, described, response)

    def _body_faults(
        self, exchange: Exchange, operation: Described, response: Node | None
    ) -> Iterator[tuple[str, str]]:
        schema = response.value.get("schema") if response else None
        if response is None or schema is None:
            if exchange.response_body:
                yield "body", "is there, and none is described"
            return
        if _is_file(self.documents.follow(response.part(schema))):
            return
        media = exchange.response_headers.get("content-type", "application/json").partition(";")[0]
        if media != "application/json":
            yield "header Content-Type", f"is {media}, and JSON is described"
        try:
            body = json.loads(exchange.response_body)
        except ValueError:
            yield "body", "is no JSON"
            return
        validator = self._validator(exchange, operation, response.part(schema))
        validator = self._validator(exchange, operation, response.part(schema))
        for error in validator.iter_errors(_plain(body, operation)):
            yield from _faults_of(error)

    def _validator(self, exchange: Exchange, operation: Described, schema: Node) -> Draft202012Validator:
        """By the operation's description; or by the type of the resource, where that is of a nearer version."""
        version = exchange.api_version
        name, listed = type_of(exchange.path)
        if exchange.method == "POST":
            name, listed = f"{name}()", False
        nearer = self._types.version(name, version)
        newer = version_key(version) > version_key(operation.version)
        if operation.host == MANAGER and newer and nearer and exchange.status < 400:
            return self._cached((name, nearer, listed), lambda: self._types.validator(name, nearer, listed=listed))
        key = operation.service, version, operation.name, exchange.status
        return self._cached(key, lambda: self._schemas_of(operation.service, version).validator(schema))

    def _schemas_of(self, service: str, version: str) -> Schemas:
        if (service, version) not in self._schemas:
            self._schemas[service, version] = Schemas(self.documents, departures(service, version))
        return self._schemas[service, version]

    def _cached(self, key: object, make: Callable[[], Draft202012Validator]) -> Draft202012Validator:
        if key not in self._validators:
            self._validators[key] = make()
        return self._validators[key]


def _is_file(schema: Node) -> bool:
    return schema.value.get("type") == "file" or schema.value.get("format") == "file"


def _plain(body: Any, operation: Described) -> Any:
    """*body* without OData's annotation of the whole document. Source: OData JSON Format 3.0, section 4.5.1."""
    if operation.host == BATCH and isinstance(body, dict):
        return {name: value for name, value in body.items() if name != "odata.metadata"}
    return body


def _faults_of(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Where and what; of alternatives, the faults of each but null."""
    alternatives = [each for each in error.context or () if each.validator_value != "null"]
    for each in alternatives:
        yield from _faults_of(each)
    if not alternatives:
        text = error.message
        yield f"body{error.json_path[1:]}", text if len(text) <= _LONG else f"{text[:_LONG]}..."
