"""What a pool's metadata tells of the use of its certificates; batchcert wrote it there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter, ValidationError

from batchcert.problems import Problem
from batchcert.spec import ServiceSpec

SERVICES = "batchcert-services"
"""The name of the item in a pool's metadata; its value is JSON, a list of `ServiceSpec`."""

_KEPT = TypeAdapter(list[ServiceSpec])


def services_text(metadata: Iterable[Mapping[str, object]]) -> str:
    """The value of the item, "" where there is none."""
    return next((str(item.get("value") or "") for item in metadata if item.get("name") == SERVICES), "")


def kept_services(text: str) -> list[ServiceSpec]:
    """The services that *text*, the item's value in a pool's metadata, tells of.

    Raises: Problem `services-unreadable`.
    """
    if not text:
        return []
    try:
        return _KEPT.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise Problem(
            "services-unreadable",
            what=f"the pool's metadata: {SERVICES} cannot be read: {fault['msg']}",
            cause="somebody edited the pool's metadata, or a newer batchcert wrote it",
            cure="run change with the certificates as they should be, which writes it anew",
        ) from None
