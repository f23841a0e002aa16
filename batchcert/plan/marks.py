"""How batchcert marks what it made, so that a teardown removes that and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

MARK = "batchcert"
MADE = "made"
TAGS: Mapping[str, str] = {MARK: MADE}
"""The tag of a resource or certificate; a pool carries the same pair in its metadata."""

_GRANTS = uuid.UUID("5f0f6a4e-2f3c-5c1b-9b53-6c0e1d7a8b24")  # a namespace of our own, by RFC 9562, section 5.5


def is_ours(tags: Mapping[str, str] | None) -> bool:
    """Whether a resource's tags say that batchcert made it."""
    return (tags or {}).get(MARK) == MADE


def metadata_is_ours(metadata: Sequence[Mapping[str, object]]) -> bool:
    """Whether a pool's metadata says that batchcert made it."""
    return any(item.get("name") == MARK and item.get("value") == MADE for item in metadata)


def grant_name(scope: str, principal_id: str, role_id: str) -> str:
    """The name (a GUID) of batchcert's own role assignment: the same grant always has the same name.

    A role assignment carries no tags, so this name is what tells ours from somebody else's.
    """
    return str(uuid.uuid5(_GRANTS, "|".join((scope, principal_id, role_id)).lower()))
