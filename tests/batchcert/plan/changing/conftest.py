"""A pool that differs in chosen fields from what is asked for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from batchcert.plan.pool import ObservedPool

MACHINE = ("properties", "deploymentConfiguration", "virtualMachineConfiguration")
EXTENSION = (*MACHINE, "extensions", 0)
SECRETS = (*EXTENSION, "settings", "secretsManagementSettings")
NAT = ("properties", "networkConfiguration", "endpointConfiguration", "inboundNatPools", 0)
OTHER_EXTENSION = {"name": "ama", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent"}

Edit = tuple[tuple[str | int, ...], Any]
Having = Callable[..., ObservedPool]


def edited(body: dict[str, Any], *edits: Edit) -> dict[str, Any]:
    """A copy of *body* with the value at each path set."""
    result = copy.deepcopy(body)
    for path, value in edits:
        holder: Any = result
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value
    return result


@pytest.fixture
def having(body: dict[str, Any], pool: ObservedPool) -> Having:
    """The pool as it was asked for, but for the edits given; *nodes* are those it has and is to have."""

    def made(*edits: Edit, nodes: int = 3) -> ObservedPool:
        return replace(pool, body=edited(body, *edits), current_nodes=nodes, target_nodes=nodes)

    return made
