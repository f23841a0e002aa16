"""The regions of each cloud, as a subscription lists them.

Source: "Azure regions list" on Microsoft Learn; Subscriptions_ListLocations for the shape.
"""

from __future__ import annotations

from typing import Any

_DISPLAY_NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "management.azure.com": (
        ("Asia Pacific", "East Asia|Southeast Asia"),
        ("Australia", "Australia Central|Australia East|Australia Southeast"),
        ("Brazil", "Brazil South"),
        ("Canada", "Canada Central|Canada East"),
        ("Europe", "North Europe|West Europe"),
        ("France", "France Central"),
        ("Germany", "Germany West Central"),
        ("India", "Central India|South India|West India"),
        ("Israel", "Israel Central"),
        ("Italy", "Italy North"),
        ("Japan", "Japan East|Japan West"),
        ("Korea", "Korea Central|Korea South"),
        ("Mexico", "Mexico Central"),
        ("Norway", "Norway East"),
        ("Poland", "Poland Central"),
        ("Qatar", "Qatar Central"),
        ("South Africa", "South Africa North"),
        ("Spain", "Spain Central"),
        ("Sweden", "Sweden Central"),
        ("Switzerland", "Switzerland North"),
        ("UAE", "UAE North"),
        ("UK", "UK South|UK West"),
        (
            "US",
            (
                "Central US|East US|East US 2|North Central US|South Central US"
                "|West Central US|West US|West US 2|West US 3"
            ),
        ),
    ),
    "management.usgovcloudapi.net": (("US Gov", "USGov Arizona|USGov Texas|USGov Virginia"),),
    "management.chinacloudapi.cn": (
        ("China", "China East|China East 2|China East 3|China North|China North 2|China North 3"),
    ),
}


def locations(subscription: str, manager: str) -> list[dict[str, Any]]:
    """The regions of the cloud whose Azure Resource Manager is at *manager*, by name."""
    found = [
        _location(subscription, geography, display)
        for geography, names in _DISPLAY_NAMES[manager]
        for display in names.split("|")
    ]
    return sorted(found, key=lambda location: str(location["name"]))


def _location(subscription: str, geography: str, display: str) -> dict[str, Any]:
    name = display.replace(" ", "").lower()
    return {
        "id": f"/subscriptions/{subscription}/locations/{name}",
        "name": name,
        "type": "Region",
        "displayName": display,
        "regionalDisplayName": f"({geography}) {display}",
        "metadata": {"regionType": "Physical", "geographyGroup": geography},
    }
