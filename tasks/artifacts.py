"""What runs leave to be read, by people and by later runs: the keys, and the latest version under one."""

from __future__ import annotations

import json
import re
from typing import cast

from prefect.artifacts import Artifact
from prefect.client.schemas.objects import Artifact as Known

from batchcert.spec import Target


def artifact_key(kind: str, target: Target, pool: str) -> str:
    """The artifact's key: the same for every run on a pool, in the characters that Prefect allows."""
    return re.sub(r"[^a-z0-9]+", "-", f"{kind}-{target.batch_account}-{pool}".lower()).strip("-")


def latest_table(key: str) -> list[object]:
    """The rows of the table that was left last under *key*; none where there is none, or where it is no table."""
    known = cast("Known | None", Artifact.get(key))  # async only in async code
    try:
        rows = json.loads(str(known.data)) if known else []
    except ValueError:
        return []
    return rows if isinstance(rows, list) else []
