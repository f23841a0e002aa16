"""A pool's inbound NAT pools and network security group rules.

Source: InboundNatPool and NetworkSecurityGroupRule in the Batch management API description 2025-06-01: at most 5 NAT
pools and 25 rules, 40 ports a range, 50000 to 55000 and 29876, 29877 reserved, priorities 150 to 4096.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from typing import Any

from local_azure.services.batch.errors import invalid
from local_azure.services.batch.protocol.shapes import integer, items, members, text
from local_azure.services.batch.protocol.spelling import member

_PATH = "properties.networkConfiguration.endpointConfiguration.inboundNatPools"
_NAME = re.compile(r"[A-Za-z0-9]([\w.-]{0,75}\w)?", re.ASCII)
_SERVICE_TAG = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_PORTS = re.compile(r"\*|\d{1,5}(-\d{1,5})?")
_RESERVED_BACKEND = frozenset({29876, 29877})
_RESERVED_FRONTEND = range(50000, 55001)
_LEAST_PORTS = 40
_MOST_POOLS = 5
_MOST_RULES = 25


def check_network(properties: dict[str, Any]) -> None:
    """Raises: AzureError 400 for the first rule that the pool's endpoint configuration breaks."""
    network = properties.get("networkConfiguration")
    if network is None:
        return
    members(network, "properties.networkConfiguration")
    nat_pools = items(member(network, "endpointConfiguration", "inboundNatPools"), _PATH)
    if not nat_pools:
        return
    if member(network, "publicIPAddressConfiguration", "provision") == "NoPublicIPAddresses":
        raise invalid(_PATH, "Inbound NAT pools cannot be specified for a pool without public IP addresses.")
    if len(nat_pools) > _MOST_POOLS:
        raise invalid(_PATH, f"At most {_MOST_POOLS} inbound NAT pools can be specified.", len(nat_pools))
    for nat_pool in nat_pools:
        _check_nat_pool(members(nat_pool, _PATH))
    _check_distinct(nat_pools)
    _check_rules([rule for nat_pool in nat_pools for rule in items(nat_pool.get("networkSecurityGroupRules"), _PATH)])


def _check_nat_pool(nat_pool: dict[str, Any]) -> None:
    name = text(nat_pool.get("name"), f"{_PATH}.name")
    if not _NAME.fullmatch(name):
        raise invalid(
            f"{_PATH}.name",
            "The name can contain letters, numbers, underscores, periods and hyphens, must start with a letter or "
            "number, end with a letter, number or underscore, and cannot exceed 77 characters.",
            name,
        )
    text(nat_pool.get("protocol"), f"{_PATH}.protocol")
    backend = integer(nat_pool.get("backendPort"), f"{_PATH}.backendPort", 1, 65535)
    if backend in _RESERVED_BACKEND:
        raise invalid(f"{_PATH}.backendPort", "Ports 29876 and 29877 are reserved.", backend)
    start = integer(nat_pool.get("frontendPortRangeStart"), f"{_PATH}.frontendPortRangeStart", 1, 65534)
    end = integer(nat_pool.get("frontendPortRangeEnd"), f"{_PATH}.frontendPortRangeEnd", 1, 65534)
    if end - start + 1 < _LEAST_PORTS:
        raise invalid(
            f"{_PATH}.frontendPortRangeEnd", f"Each range must contain at least {_LEAST_PORTS} ports.", f"{start}-{end}"
        )
    if start < _RESERVED_FRONTEND.stop and end >= _RESERVED_FRONTEND.start:
        raise invalid(f"{_PATH}.frontendPortRangeStart", "Ports from 50000 to 55000 are reserved.", f"{start}-{end}")


def _check_distinct(nat_pools: list[dict[str, Any]]) -> None:
    for key in ("name", "backendPort"):
        values = [str(nat_pool[key]).lower() for nat_pool in nat_pools]
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise invalid(f"{_PATH}.{key}", "The value must be unique within a pool.", twice)
    ranges = sorted((p["frontendPortRangeStart"], p["frontendPortRangeEnd"]) for p in nat_pools)
    for (_, end), (start, _) in itertools.pairwise(ranges):
        if start <= end:
            raise invalid(
                f"{_PATH}.frontendPortRangeStart",
                "All ranges within a pool must be distinct and cannot overlap.",
                start,
            )


def _check_rules(rules: list[Any]) -> None:
    path = f"{_PATH}.networkSecurityGroupRules"
    if len(rules) > _MOST_RULES:
        raise invalid(path, f"At most {_MOST_RULES} rules can be specified across all endpoints.", len(rules))
    seen: set[int] = set()
    for rule in rules:
        priority = integer(members(rule, path).get("priority"), f"{path}.priority", 150, 4096)
        if priority in seen:
            raise invalid(f"{path}.priority", "Priorities within a pool must be unique.", priority)
        seen.add(priority)
        text(rule.get("access"), f"{path}.access")
        _check_source(text(rule.get("sourceAddressPrefix"), f"{path}.sourceAddressPrefix"), path)
        for ports in items(rule.get("sourcePortRanges"), f"{path}.sourcePortRanges"):
            _check_ports(str(ports), path)


def _check_source(prefix: str, path: str) -> None:
    if prefix == "*" or _SERVICE_TAG.fullmatch(prefix):
        return
    try:
        ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        raise invalid(
            f"{path}.sourceAddressPrefix",
            "Valid values are a single IP address, an IP subnet, a service tag, or * for all addresses.",
            prefix,
        ) from None


def _check_ports(ports: str, path: str) -> None:
    numbers = [int(number) for number in ports.split("-")] if _PORTS.fullmatch(ports) and ports != "*" else []
    if ports != "*" and (not numbers or max(numbers) > 65535 or numbers[0] > numbers[-1]):
        raise invalid(
            f"{path}.sourcePortRanges", "Valid values are *, a port, or a range of ports from 0 to 65535.", ports
        )
