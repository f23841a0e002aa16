"""Traps in the pool's network: who reaches SSH, and how the nodes reach Azure."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator

from batchcert.extension.pool_body import Field, PoolBody, shown
from batchcert.extension.traps.trap import Severity, Sighting, rule
from batchcert.spec.ssh import MOST_RULES, port_faults

SSH_PORT = 22
_BATCH_PORTS = (29876, 29877)
_PRIORITIES = range(150, 4097)
_ENDPOINTS = "Configure remote access to compute nodes in an Azure Batch pool"
_NAT_REST = "Batch management REST 2025-06-01, InboundNatPool and NetworkSecurityGroupRule"


def ssh_pools(pool: PoolBody) -> list[Field]:
    """The NAT pools that lead to SSH."""
    return [nat for nat in pool.nat_pools if nat["backendPort"].value == SSH_PORT]


def rules_in_order(nat: Field) -> list[Field]:
    """The rules of a NAT pool, in the order in which Batch asks them."""
    return sorted(nat["networkSecurityGroupRules"].elements, key=lambda one: _number(one["priority"]))


def _number(field: Field) -> int:
    return field.value if isinstance(field.value, int) else 0


def is_everyone(source: str) -> bool:
    """Whether a rule's sourceAddressPrefix means any address: `*`, `Internet`, or a network of prefix 0."""
    if source.lower() in {"*", "any", "internet"}:
        return True
    try:
        return ipaddress.ip_network(source, strict=False).prefixlen == 0
    except ValueError:
        return False


@rule(
    "no-ssh-nat-pool",
    Severity.WEAKENS,
    cause="Batch no longer maps a port to SSH, for pools made after 30 November 2025 or by API version 2024-07-01",
    cure="add an inbound NAT pool for port 22, limited to the networks you log in from",
    answer="creates the NAT pool for the given networks, and denies all others",
    source=_ENDPOINTS,
)
def _no_ssh_nat_pool(pool: PoolBody) -> Iterator[Sighting]:
    if not ssh_pools(pool) and pool.machine.present and not (pool.image and pool.image.family == "windows"):
        nats = pool.properties["networkConfiguration"]["endpointConfiguration"]["inboundNatPools"]
        yield Sighting(nats.path, "no inbound NAT pool leads to port 22, so nobody can log in to look at 1.status")


@rule(
    "ssh-open-to-everyone",
    Severity.WEAKENS,
    cause="the nodes hold private keys, and their SSH answers the whole internet; without rules Batch allows everyone",
    cure="allow the networks you log in from, and deny * behind them",
    answer="has no default for the allowed networks, and refuses one that is everyone",
    source=_ENDPOINTS + "; " + _NAT_REST,
)
def _ssh_open_to_everyone(pool: PoolBody) -> Iterator[Sighting]:
    for nat in ssh_pools(pool):
        rules = rules_in_order(nat)
        if not rules:
            yield Sighting(nat["networkSecurityGroupRules"].path, "there are no rules, so everyone is allowed")
        for one in rules:
            source = one["sourceAddressPrefix"]
            if is_everyone(source.text):
                if one["access"].text.lower() == "allow":
                    yield Sighting(source.path, f"{shown(source.value)} is allowed")
                break  # what stands behind a rule for everyone is never asked


@rule(
    "ssh-not-closed",
    Severity.WEAKENS,
    cause="the rules say who is allowed, and leave the others to defaults outside this pool",
    cure="end the rules with one that denies *",
    answer="ends its rules with one that denies everyone else",
    source=_ENDPOINTS,
)
def _ssh_not_closed(pool: PoolBody) -> Iterator[Sighting]:
    for nat in ssh_pools(pool):
        rules = rules_in_order(nat)
        if rules and not any(is_everyone(one["sourceAddressPrefix"].text) for one in rules):
            yield Sighting(nat["networkSecurityGroupRules"].path, "no rule covers the sources that are not named")


@rule(
    "nat-pool-refused",
    Severity.BREAKS,
    cause="Batch answers 400 to ports it reserves, ranges under 40 ports, and rules beyond its bounds",
    cure="take ports outside 50000 to 55000, 40 at least, priorities from 150 to 4096, 25 rules a pool at most",
    answer="checks ports and rules before it asks Batch",
    source=_NAT_REST,
)
def _nat_pool_refused(pool: PoolBody) -> Iterator[Sighting]:
    for nat in pool.nat_pools:
        first, last = nat["frontendPortRangeStart"], nat["frontendPortRangeEnd"]
        if isinstance(first.value, int) and isinstance(last.value, int):
            yield from (Sighting(first.path, fault) for fault in port_faults(first.value, last.value))
        if nat["backendPort"].value in _BATCH_PORTS:
            yield Sighting(nat["backendPort"].path, f"port {nat['backendPort'].value} is Batch's own")
        yield from _refused_priorities(nat)
    count = sum(len(rules_in_order(nat)) for nat in pool.nat_pools)
    if count > MOST_RULES:
        yield Sighting(pool.nat_pools[0].path, f"{count} rules in all NAT pools together")


def _refused_priorities(nat: Field) -> Iterator[Sighting]:
    given = [one["priority"] for one in rules_in_order(nat)]
    for number, count in Counter(_number(one) for one in given).items():
        if count > 1 or number not in _PRIORITIES:
            place = next(one for one in given if _number(one) == number)
            yield Sighting(place.path, f"priority {number} {'is given twice' if count > 1 else 'is out of range'}")


@rule(
    "classic-communication",
    Severity.WEAKENS,
    cause="the retirement of the classic mode of node communication is announced for 31 March 2026",
    cure='leave targetNodeCommunicationMode out, or set it to "Simplified"',
    answer="never sets it, so that Batch uses the simplified mode",
    source="Azure Batch, simplified compute node communication",
)
def _classic_communication(pool: PoolBody) -> Iterator[Sighting]:
    mode = pool.properties["targetNodeCommunicationMode"]
    if mode.text.lower() == "classic":
        yield Sighting(mode.path, shown(mode.value))


@rule(
    "no-way-out",
    Severity.NOTES,
    cause="nodes without public addresses reach Key Vault, Entra and Batch only through a way out that you provide",
    cure="give the subnet a NAT gateway, firewall or private endpoints; log in from inside its network",
    answer="reports a node whose SSH it cannot reach as unreachable",
    source="Azure Batch, simplified compute node communication without public IP addresses",
)
def _no_way_out(pool: PoolBody) -> Iterator[Sighting]:
    provision = pool.properties["networkConfiguration"]["publicIPAddressConfiguration"]["provision"]
    if provision.text.lower() == "nopublicipaddresses":
        yield Sighting(provision.path, shown(provision.value))


RULES = (
    _nat_pool_refused,
    _ssh_open_to_everyone,
    _ssh_not_closed,
    _no_ssh_nat_pool,
    _classic_communication,
    _no_way_out,
)
