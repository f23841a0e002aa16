"""Resources of all types in one list, as Azure Resource Manager keeps them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_azure.wire.messages import AzureError

_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_EQUALS = re.compile(r"(\w+)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)


@dataclass(frozen=True)
class Resource:
    """What Azure Resource Manager knows of a resource without asking its provider.

    *more* holds what some types show beside that: `identity`, `sku`, `kind`.
    """

    id: str
    name: str
    type: str
    location: str
    tags: Mapping[str, str]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """The resource group, from the id."""
        return self.id.split("/")[4]

    def as_json(self) -> dict[str, Any]:
        """The resource as a list of resources shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "location": self.location,
            "tags": dict(self.tags),
            **self.more,
        }


_FIELDS: dict[str, Callable[[Resource], str]] = {
    "location": lambda resource: resource.location,
    "name": lambda resource: resource.name,
    "resourcegroup": lambda resource: resource.group,
    "resourcetype": lambda resource: resource.type,
}


def matching(condition: str) -> Callable[[Resource], bool]:
    """The test that a `$filter` asks for: comparisons with `eq` joined by `and`; "" lets everything through.

    `tagName eq 'a' and tagValue eq 'b'` asks for one tag. Raises: AzureError 400 `InvalidFilterInQueryString`.
    Source: Resources_List in the Resource Manager REST reference.
    """
    pairs = [_pair(condition, term) for term in _AND.split(condition.strip())] if condition.strip() else []
    wanted = dict(pairs)
    tag_name, tag_value = wanted.pop("tagname", None), wanted.pop("tagvalue", None)
    if unknown := wanted.keys() - _FIELDS.keys():
        raise _refused(condition, f"the property '{min(unknown)}' cannot be compared")

    def test(resource: Resource) -> bool:
        if tag_name is not None and (tag_name not in resource.tags or tag_value not in {None, resource.tags[tag_name]}):
            return False
        return all(_FIELDS[name](resource).lower() == value.lower() for name, value in wanted.items())

    return test


def _pair(condition: str, term: str) -> tuple[str, str]:
    match = _EQUALS.fullmatch(term.strip("() "))
    if match is None:
        raise _refused(condition, "comparisons with 'eq' joined by 'and' are served")
    return match[1].lower(), match[2].replace("''", "'")


def _refused(condition: str, why: str) -> AzureError:
    message = f"Invalid $filter '{condition}' specified in the query: {why}."
    return AzureError(400, "InvalidFilterInQueryString", message)
