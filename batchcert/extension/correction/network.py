"""The network of the corrected parameters: subnet, and who may reach SSH."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from batchcert.extension.correction.remarks import Remarks
from batchcert.extension.pool_body import Field, PoolBody
from batchcert.extension.traps.network import is_everyone, rules_in_order, ssh_pools
from batchcert.spec.ssh import MOST_RULES, port_faults

NOBODYS_NETWORK = "192.0.2.0/24"  # RFC 5737: for documents, never routed


def network(body: PoolBody, nodes: int, remarks: Remarks) -> dict[str, object]:
    """The pool's `ssh`, with a port for each of its *nodes*, and, where the body has one, its `subnet_id`."""
    subnet = body.properties["networkConfiguration"]["subnetId"]
    nats = ssh_pools(body)
    allowed = [source for nat in nats[:1] for source in _allowed(nat, remarks)][: MOST_RULES - 1]
    if not allowed:
        remarks.fill_in("pool.ssh.allowed_networks", "the networks you log in from; this one is nobody's")
    return {
        "ssh": {"allowed_networks": allowed or [NOBODYS_NETWORK], **(_ports(nats[0], nodes) if nats else {})},
        **({"subnet_id": subnet.text} if subnet.text and not subnet.open else {}),
    }


def _allowed(nat: Field, remarks: Remarks) -> Iterator[str]:
    """The networks that the rules allow, as far as they are networks."""
    for rule in rules_in_order(nat):
        source = rule["sourceAddressPrefix"]
        if is_everyone(source.text):
            return
        if rule["access"].text.lower() != "allow":
            remarks.leave_out(source.path, "provision allows networks and denies all others")
            continue
        try:
            yield str(ipaddress.ip_network(source.text, strict=False))
        except ValueError:
            remarks.leave_out(source.path, "provision takes networks in CIDR form")


def _ports(nat: Field, nodes: int) -> dict[str, object]:
    first, last = nat["frontendPortRangeStart"].value, nat["frontendPortRangeEnd"].value
    if not isinstance(first, int) or not isinstance(last, int):
        return {}
    fitting = last - first + 1 >= nodes and not port_faults(first, last)
    return {"first_port": first, "last_port": last} if fitting else {}
