"""Whether a pool lets its nodes be looked at over SSH, by its own body."""

from __future__ import annotations

from collections.abc import Mapping

from batchcert.extension.pool_body import Field, PoolBody
from batchcert.extension.traps.network import is_everyone, rules_in_order, ssh_pools
from batchcert.visit.host_keys import BEGIN


def no_ssh(body: Mapping[str, object]) -> str:
    """Why not, or "" where nothing in *body* (a pool in ARM's form) speaks against it.

    It takes a port, somebody who is let in, and a start task that prints the host keys: else nobody knows beforehand
    whom a visit speaks to. A start task that prints them from a file of its own is not seen through.
    """
    pool = PoolBody(body)
    nats = ssh_pools(pool)
    if not nats:
        return "no inbound NAT pool leads to port 22"
    if not any(_lets_in(nat) for nat in nats):
        return "the NAT pool for port 22 lets nobody in"
    if BEGIN not in pool.properties["startTask"]["commandLine"].text:
        return "the start task's command line prints no host keys"
    return ""


def _lets_in(nat: Field) -> bool:
    """Whether anybody gets in; without rules, Batch lets everyone in."""
    rules = rules_in_order(nat)
    for rule in rules:
        if rule["access"].text.lower() == "allow":
            return True
        if is_everyone(rule["sourceAddressPrefix"].text):
            return False
    return not rules
