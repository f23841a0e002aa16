"""Sending an example, and comparing what comes back with what the example shows."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.conformance import (  # noqa: F401 - importing declares what prepares the examples of each service
    preparing_batch,
    preparing_batch_data,
    preparing_management,
    preparing_vault,
)
from tests.conformance.examples import Example
from tests.conformance.excuses import REFUSED
from tests.conformance.preparing import prepare
from tests.conformance.scene import Scene
from tests.conformance.shape import missing
from tests.conformance.speaker import RefusedError, Speaker
from tests.conformance.waiting import until
from tools.conformance.checks import Conformance
from tools.conformance.exchanges import Exchange

_ACCEPTED = 202


@dataclass(frozen=True)
class Played:
    """An example that has been sent, its answers, and the outcome of an operation that took longer last."""

    scene: Scene
    exchanges: list[Exchange]

    @property
    def answer(self) -> Exchange:
        """The last answer."""
        return self.exchanges[-1]

    @property
    def code(self) -> str:
        """The code of a refusal."""
        body = json.loads(self.answer.response_body)
        return str(body.get("error", body).get("code", ""))

    def lacking(self) -> Iterator[str]:
        """Headers and properties that the example shows for the answer's status, and the answer lacks."""
        wanted = self.scene.example.responses[str(self.answer.status)]
        for name, value in {**wanted, **wanted.get("headers", {})}.items():
            if name not in {"body", "headers"} and isinstance(value, str):
                yield from [] if name.lower() in self.answer.response_headers else [f"header {name}"]
        if isinstance(wanted.get("body"), dict | list):
            yield from missing(self.scene.mapped(wanted["body"]), json.loads(self.answer.response_body))


def play(
    speaker: Speaker, example: Example, conformance: Conformance, before: Callable[[], object] = lambda: None
) -> Played:
    """Send *example*, once all that it needs is there; *before* is called just then.

    Raises: RefusedError where what it needs cannot be.
    """
    scene = Scene(speaker, example, conformance)
    with contextlib.suppress(*((RefusedError,) if str(example) in REFUSED else ())):
        prepare(scene)
    headers = example.asked("header", scene.values)
    before()
    exchanges = [speaker.ask(example.operation.method, scene.url(), scene.body, headers)]
    if _goes_on(exchanges[0], example):
        place = exchanges[0].response_headers["location"]
        exchanges.append(until(lambda: speaker.ask("GET", place), lambda polled: polled.status != _ACCEPTED))
    return Played(scene, exchanges)


def _goes_on(exchange: Exchange, example: Example) -> bool:
    """Whether the example shows an outcome beyond "accepted"."""
    return exchange.status == _ACCEPTED and "location" in exchange.response_headers and "200" in example.responses
