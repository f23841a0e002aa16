"""What was asked of Azure while a flow ran, and when its steps ran."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prefect import Flow

from demo.prefect_api import Run
from local_azure.wire.log import Entry

from .line import Line


def begun(step: Mapping[str, Any]) -> datetime:
    """When a task run began."""
    return datetime.fromisoformat(step["start_time"])


def ended(step: Mapping[str, Any]) -> datetime:
    """When a task run ended."""
    return datetime.fromisoformat(step["end_time"])


@dataclass(frozen=True)
class Asked:
    """A run, and what was asked of Azure meanwhile, by whomever."""

    run: Run
    requests: Sequence[Entry]

    @property
    def writes(self) -> list[str]:
        """The requests that could change anything, but for the user of each visit: method and path."""
        return [
            f"{one.method} {one.path}"
            for one in self.requests
            if one.writes and not one.machine and not _USER.search(one.path)
        ]


_USER = re.compile(r"^/pools/[^/]+/nodes/[^/]+/users(/batchcert)?$")


def asking(line: Line, flow: Flow[..., Any], **parameters: Any) -> Asked:
    """Run *flow* in this process, and note what it asks of Azure."""
    line.azure.forget_requests()
    run = line.run(flow, **parameters)
    return Asked(run, line.azure.requests())
