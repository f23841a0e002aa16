"""Where Batch runs, and under which host names.

Source: "Batch service endpoints" and "Azure geographies" on Microsoft Learn; sovereign clouds from their own
documentation.
"""

from __future__ import annotations

import uuid

_REGIONS: dict[str, tuple[str, ...]] = {
    "batch.azure.com": (
        "australiacentral",
        "australiaeast",
        "australiasoutheast",
        "brazilsouth",
        "canadacentral",
        "canadaeast",
        "centralindia",
        "centralus",
        "eastasia",
        "eastus",
        "eastus2",
        "francecentral",
        "germanywestcentral",
        "israelcentral",
        "italynorth",
        "japaneast",
        "japanwest",
        "koreacentral",
        "koreasouth",
        "mexicocentral",
        "northcentralus",
        "northeurope",
        "norwayeast",
        "polandcentral",
        "qatarcentral",
        "southafricanorth",
        "southcentralus",
        "southeastasia",
        "southindia",
        "spaincentral",
        "swedencentral",
        "switzerlandnorth",
        "uaenorth",
        "uksouth",
        "ukwest",
        "westcentralus",
        "westeurope",
        "westindia",
        "westus",
        "westus2",
        "westus3",
    ),
    "batch.usgovcloudapi.net": ("usgovarizona", "usgovtexas", "usgovvirginia"),
    "batch.chinacloudapi.cn": ("chinaeast", "chinaeast2", "chinaeast3", "chinanorth", "chinanorth2", "chinanorth3"),
}

AUDIENCES = frozenset(
    {"https://batch.core.windows.net", "https://batch.core.usgovcloudapi.net", "https://batch.chinacloudapi.cn"}
)
DOMAINS: dict[str, str] = {region: domain for domain, regions in _REGIONS.items() for region in regions}
DATA_HOSTS: tuple[str, ...] = tuple(f"{{account}}.{region}.{domain}" for region, domain in DOMAINS.items())


def normalized(location: str) -> str:
    """A region's name as Azure writes it back: "West US 2" and "westus2" are the same."""
    return location.replace(" ", "").lower()


def endpoint(account: str, location: str) -> str:
    """The account's data plane host, without a scheme."""
    return f"{account}.{location}.{DOMAINS[location]}"


def node_endpoint(account: str, location: str) -> str:
    """Where the account's nodes report to: an id of the account's own below the region's service domain."""
    return f"{uuid.uuid5(uuid.NAMESPACE_DNS, endpoint(account, location))}.{location}.service.{DOMAINS[location]}"
