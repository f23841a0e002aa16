"""Whether a pool lets its nodes be looked at over SSH, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from batchcert.plan.pool import ObservedPool
from batchcert.plan.pool_view import pool_view
from batchcert.plan.ssh_way import no_ssh
from batchcert.visit.host_keys import START_TASK_COMMAND

OURS = {"commandLine": START_TASK_COMMAND}
NO_PORT = "no inbound NAT pool leads to port 22"
NOBODY = "the NAT pool for port 22 lets nobody in"
NO_KEYS = "the start task's command line prints no host keys"


def rule(priority: int, access: str, source: str) -> dict[str, Any]:
    """A rule of a NAT pool."""
    return {"priority": priority, "access": access, "sourceAddressPrefix": source}


ALLOW, DENY = rule(150, "Allow", "203.0.113.0/24"), rule(151, "Deny", "*")


def body(
    rules: list[dict[str, Any]] | None = None, *, port: int = 22, start_task: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A pool with a NAT pool of these rules."""
    nat: dict[str, Any] = {"name": "ssh", "protocol": "TCP", "backendPort": port}
    nat |= {} if rules is None else {"networkSecurityGroupRules": rules}
    properties: dict[str, Any] = {"networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [nat]}}}
    return {"properties": properties | ({"startTask": start_task} if start_task else {})}


@pytest.mark.parametrize(
    ("pool", "why"),
    [
        (body([ALLOW, DENY], start_task=OURS), ""),
        (body([DENY, ALLOW], start_task=OURS), ""),
        (body(start_task=OURS), ""),
        (body([], start_task=OURS), ""),
        (body([DENY], start_task=OURS), NOBODY),
        (body([rule(150, "deny", "Internet"), rule(151, "allow", "203.0.113.0/24")], start_task=OURS), NOBODY),
        (body([rule(150, "Deny", "198.51.100.0/24")], start_task=OURS), NOBODY),
        (body([ALLOW, DENY], port=3389, start_task=OURS), NO_PORT),
        ({"properties": {}}, NO_PORT),
        ({}, NO_PORT),
        (body([ALLOW]), NO_KEYS),
        (body([ALLOW], start_task={"commandLine": "/bin/sh -c 'apt-get update'"}), NO_KEYS),
        (body([ALLOW], start_task={"commandLine": None}), NO_KEYS),
    ],
    ids=[
        "as provision makes it",
        "rules count in their order",
        "no rules",
        "an empty list of rules",
        "everyone denied",
        "everyone denied before anybody is allowed",
        "nobody allowed",
        "another port",
        "no endpoints",
        "no body",
        "no start task",
        "another start task",
        "a start task without a command line",
    ],
)
def test_why_there_is_no_ssh(pool: dict[str, Any], why: str) -> None:
    """A port, somebody who is let in, and host keys that are told; the first that is missing is named."""
    assert no_ssh(pool) == why
    observed = ObservedPool("/pools/p", pool, "Steady", "Succeeded", 1, 1, ())
    assert pool_view(observed).no_ssh == why
