"""Reading a request's JSON with its types checked, in Key Vault's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_azure.services.keyvault import errors

_MOST_TAGS = 15  # Key Vault REST API: "About keys, secrets, and certificates"


class Body:
    """A JSON object of a request. A property that is null counts as left out."""

    def __init__(self, content: Any, path: str = "") -> None:
        if content is not None and not isinstance(content, Mapping):
            raise errors.invalid_value(path)
        self._content: Mapping[str, Any] = content or {}
        self._path = path

    def __contains__(self, name: str) -> bool:
        return self._content.get(name) is not None

    def name(self, name: str) -> str:
        """The full name of a property, for messages: "policy.key_props.kty"."""
        return f"{self._path}.{name}" if self._path else name

    def part(self, name: str) -> Body:
        """An object inside; an empty one where it is left out."""
        return Body(self._content.get(name), self.name(name))

    def parts(self, name: str) -> list[Body]:
        """The objects of a list inside."""
        return [Body(item, self.name(name)) for item in self._list(name)]

    def text(self, name: str, default: str) -> str:
        """A string."""
        value = self._content.get(name)
        if value is not None and not isinstance(value, str):
            raise errors.invalid_value(self.name(name))
        return default if value is None else value

    def flag(self, name: str, default: bool) -> bool:
        """A boolean."""
        value = self._content.get(name)
        if value is not None and not isinstance(value, bool):
            raise errors.invalid_value(self.name(name))
        return default if value is None else value

    def number(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self._content.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise errors.invalid_value(self.name(name))
        return value

    def moment(self, name: str) -> datetime | None:
        """A time in seconds since 1970, or None."""
        seconds = self.number(name)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of strings."""
        if name not in self:
            return default
        values = self._list(name)
        if not all(isinstance(value, str) for value in values):
            raise errors.invalid_value(self.name(name))
        return tuple(values)

    def tags(self, default: dict[str, str]) -> dict[str, str]:
        """The `tags`: string to string."""
        if "tags" not in self:
            return default
        tags = self._content["tags"]
        texts = isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values())
        if not texts or len(tags) > _MOST_TAGS:
            raise errors.invalid_value(self.name("tags"))
        return dict(tags)

    def _list(self, name: str) -> list[Any]:
        values = self._content.get(name)
        if values is not None and not isinstance(values, list):
            raise errors.invalid_value(self.name(name))
        return values or []
