"""Who may reach the nodes' SSH, and through which ports."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from batchcert.spec.target import Spec

# Batch management REST, InboundNatPool and NetworkSecurityGroupRule, API version 2025-06-01.
RESERVED_PORTS = range(50000, 55001)
FEWEST_PORTS = 40
MOST_RULES = 25  # of a whole pool; the last one of ours denies everyone else


def _is_a_network(text: str) -> str:
    network = ipaddress.ip_network(text, strict=False)
    if network.prefixlen == 0:
        raise ValueError(f"{text} is everyone; name the networks from which SSH is allowed")
    if str(network.network_address) != text.partition("/")[0].lower():
        raise ValueError(f"{text} is not the start of a network; {network} is")
    return text


Cidr = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-fA-F.:]+/\d{1,3}$"),
    AfterValidator(_is_a_network),
]


class SshAccess(Spec):
    """Who may reach the nodes' SSH, through the pool's NAT pool."""

    allowed_networks: list[Cidr] = Field(
        title="Allowed networks",
        description="Networks in CIDR form from which SSH is allowed, 203.0.113.0/24 say; all others are denied.",
        min_length=1,
        max_length=MOST_RULES - 1,
    )
    first_port: int = Field(
        default=40000,
        title="First frontend port",
        description="Start of the NAT pool's port range. Batch reserves 50000 to 55000.",
        ge=1,
        le=65534,
    )
    last_port: int = Field(
        default=49999,
        title="Last frontend port",
        description="End of the NAT pool's port range: at least 40 ports, and one a node.",
        ge=1,
        le=65534,
    )

    @property
    def ports(self) -> range:
        """The frontend ports."""
        return range(self.first_port, self.last_port + 1)

    @model_validator(mode="after")
    def _ports_that_batch_accepts(self) -> Self:
        faults = port_faults(self.first_port, self.last_port)
        if faults:
            raise ValueError("; ".join(faults))
        return self


def port_faults(first: int, last: int) -> list[str]:
    """What Batch refuses in a NAT pool's range of frontend ports, in words; both ends belong to it."""
    faults = []
    if last - first + 1 < FEWEST_PORTS:
        faults.append(f"{first} to {last} is {max(0, last - first + 1)} ports; at least {FEWEST_PORTS} are needed")
    if first <= RESERVED_PORTS[-1] and last >= RESERVED_PORTS[0]:
        faults.append(f"{first} to {last} touches {RESERVED_PORTS[0]} to {RESERVED_PORTS[-1]}, which Batch reserves")
    return faults
