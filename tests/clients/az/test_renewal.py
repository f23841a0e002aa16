"""A year of a certificate that is renewed each month, in an Azure of its own, since its clock is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

MONTHS = 12
BEFORE_EXPIRY = timedelta(days=30)  # as the policy says


@pytest.fixture(scope="module")
def az(serve: Any, cli: Callable[[Any], Any], sign_in: Callable[..., Any]) -> Iterator[Any]:
    """`az`, signed in as the operator."""
    with serve("az-year") as azure:
        command = cli(azure)
        sign_in(command, "--password", "AZURE_CLIENT_SECRET")
        yield command


@pytest.fixture(scope="module")
def certificate(az: Any, write_policy: Callable[[Any], str]) -> str:
    """Where a certificate is whose versions are valid for two months."""
    create = "keyvault create --resource-group {} --name kv-cli-year --location westus2 --retention-days 7"
    vault = az(create, az.azure.group)["name"]
    az("keyvault certificate create --vault-name {} --name monthly --policy {}", vault, write_policy(az))
    return f"--vault-name {vault} --name monthly"


def moment(version: Any, name: str) -> datetime:
    return datetime.fromisoformat(version["attributes"][name])


def test_a_year_of_monthly_renewals(az: Any, certificate: str) -> None:
    """Each month the CLI sees one version more, made on the day that the policy names, and shows it as the current."""
    az.azure.advance(timedelta(days=1))  # and so to the day after each renewal
    current = first = az(f"keyvault certificate show {certificate}")
    seen = [current["id"]]
    for _ in range(MONTHS):
        due = moment(current, "expires") - BEFORE_EXPIRY
        month = due - moment(current, "created")
        assert timedelta(days=28) <= month <= timedelta(days=32)
        az.azure.advance(month)
        renewed = az(f"keyvault certificate show {certificate}")
        assert renewed["id"] not in seen
        assert abs(moment(renewed, "created") - due) < timedelta(minutes=1)
        seen.append(renewed["id"])
        versions = az(f"keyvault certificate list-versions {certificate}")
        assert sorted(one["id"] for one in versions) == sorted(seen)
        current = renewed
    assert moment(current, "created") - moment(first, "created") > timedelta(days=360)
