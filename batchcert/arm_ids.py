"""Azure Resource Manager's resource ids, read and written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from batchcert.problems import Problem

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ID = re.compile(
    rf"/subscriptions/(?P<subscription>{_GUID})/resourceGroups/(?P<group>[^/]+)"
    r"/providers/(?P<provider>[^/]+)(?P<path>(?:/[^/]+/[^/]+)+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ArmId:
    """One resource: subscription, resource group, provider, and its type and name segments.

    Two ids are the same resource where `key` is equal: Azure compares them without regard to case.
    """

    subscription: str
    resource_group: str
    provider: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The resource's own name: the last segment."""
        return self.names[-1]

    @property
    def type(self) -> str:
        """The full resource type, as in `Microsoft.KeyVault/vaults`."""
        return "/".join((self.provider, *self.types))

    @property
    def key(self) -> str:
        """The id in lower case, for comparing."""
        return str(self).lower()

    def __str__(self) -> str:
        """The id as Azure writes it."""
        tail = "".join(f"/{kind}/{name}" for kind, name in zip(self.types, self.names, strict=True))
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}/providers/{self.provider}{tail}"
        )


def arm_id(subscription: str, resource_group: str, resource_type: str, *names: str) -> ArmId:
    """The id of a resource of *resource_type* (`Microsoft.Batch/batchAccounts/pools`) with its *names*."""
    provider, *types = resource_type.split("/")
    return ArmId(subscription, resource_group, provider, tuple(types), names)


def parse_arm_id(text: str, resource_type: str = "") -> ArmId:
    """Read an id; with *resource_type* it must be of that type.

    Raises: Problem `not-an-arm-id`.
    """
    match = _ID.fullmatch(text.strip().rstrip("/"))
    segments = match["path"].strip("/").split("/") if match else []
    parsed = (
        ArmId(
            match["subscription"],
            match["group"],
            match["provider"],
            tuple(segments[::2]),
            tuple(segments[1::2]),
        )
        if match
        else None
    )
    if parsed is None or (resource_type and parsed.type.lower() != resource_type.lower()):
        raise Problem(
            "not-an-arm-id",
            what=f"{text!r} is not the ARM id of a {resource_type or 'resource'}",
            cause="an ARM id names subscription, resource group, provider, type and name",
            cure=f"give it as {_example(resource_type or 'Provider/type')}",
        )
    return parsed


def _example(resource_type: str) -> ArmId:
    names = [f"<{kind}>" for kind in resource_type.split("/")[1:]]
    return arm_id("<subscription>", "<group>", resource_type, *names)
