"""A vault's firewall: who is let in by where the request comes from.

Source: "Configure network security for Azure Key Vault" on Microsoft Learn.
"""

from __future__ import annotations

import ipaddress

from local_azure.services.keyvault.state.vaults import NetworkRules


def admits(rules: NetworkRules, address: str) -> bool:
    """Whether *rules* let in what comes from the IP *address*.

    Rules for subnets never apply: nobody here comes from a virtual network.
    """
    if rules.default_action == "Allow":
        return True
    source = ipaddress.ip_address(address)
    return any(source in ipaddress.ip_network(rule) for rule in rules.ip_rules)
