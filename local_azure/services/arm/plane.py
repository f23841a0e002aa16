"""What the operations of Microsoft.Resources have in common."""

from __future__ import annotations

API_VERSIONS = frozenset(
    {
        "2015-11-01",
        "2016-02-01",  # in which azure-mgmt-core registers resource providers by itself
        "2016-06-01",
        "2019-11-01",
        "2020-01-01",
        "2021-04-01",
        "2022-09-01",
        "2022-12-01",
        "2024-11-01",
        "2025-04-01",
    }
)
