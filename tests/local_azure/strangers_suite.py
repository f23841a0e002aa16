"""The tests of somebody who has never seen this project. test_pytest_plugin.py runs them, in a pytest of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

GROUP = "our-tests"  # as their conftest.py has it


@pytest.fixture
def identities() -> Iterator[Any]:
    """A helper of theirs: it finds everything in the environment, as the code under test does."""
    subscription = os.environ["AZURE_SUBSCRIPTION_ID"]
    with ManagedServiceIdentityClient(DefaultAzureCredential(), subscription, retry_total=0) as api:
        yield api.user_assigned_identities


def make(identities: Any, name: str) -> None:
    identities.create_or_update(os.environ["AZURE_RESOURCE_GROUP"], name, {"location": "westus2"})


def make_certificate() -> CertificateClient:
    """A certificate of a year in a vault of its own."""
    environ, credential = os.environ, DefaultAzureCredential()
    properties = {"tenantId": environ["AZURE_TENANT_ID"], "sku": {"family": "A", "name": "standard"}}
    with KeyVaultManagementClient(credential, environ["AZURE_SUBSCRIPTION_ID"]) as api:
        body = {"location": "westus2", "properties": properties}
        api.vaults.begin_create_or_update(GROUP, "our-vault", body, polling_interval=0).result()
    certificates = CertificateClient("https://our-vault.vault.azure.net", credential)
    policy = CertificatePolicy("Self", subject="CN=ours", validity_in_months=12)  # renewed at 80 % of its life
    certificates.begin_create_certificate("web", policy, _polling_interval=0).result()
    return certificates


def versions(certificates: CertificateClient) -> int:
    return len(list(certificates.list_properties_of_certificate_versions("web")))


@pytest.mark.parametrize("name", ["first", "second"])
def test_each_begins_alike(local_azure: Any, identities: Any, name: str) -> None:
    """Whichever of the two comes second finds neither the other's requests nor its fault."""
    assert local_azure.requests() == []
    make(identities, name)
    written = [(entry.method, entry.path.rpartition("/")[2], entry.status) for entry in local_azure.requests()]
    assert ("PUT", name, 201) in written
    local_azure.add_fault("throttled", operation="UserAssignedIdentities_*")
    with pytest.raises(HttpResponseError) as refused:
        make(identities, name)
    assert refused.value.status_code == 429


def test_the_settings_are_theirs(local_azure: Any, fresh_local_azure: Any) -> None:
    """Both embedded Azures start out as their conftest.py says."""
    assert {azure.env["AZURE_RESOURCE_GROUP"] for azure in (local_azure, fresh_local_azure)} == {GROUP}


def test_the_environment_is_as_it_was() -> None:
    """A test that asks for no Azure finds what the process was started with."""
    assert (os.environ["https_proxy"], os.environ["AZURE_CLIENT_SECRET"]) == ("http://127.0.0.1:9", "theirs")
    assert "AZURE_FEDERATED_TOKEN_FILE" not in os.environ


def test_their_own_changes_go_too(monkeypatch: pytest.MonkeyPatch, local_azure: Any) -> None:
    """A variable that is set beside the fixture, in whatever order, is no trace of it: see the next test."""
    assert os.environ["AZURE_CLIENT_SECRET"] == local_azure.env["AZURE_CLIENT_SECRET"]
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")


test_nothing_of_it_is_left = test_the_environment_is_as_it_was


def test_the_clock_is_moved(fresh_local_azure: Any) -> None:
    """Ten months later the certificate has been renewed."""
    with make_certificate() as certificates:
        assert versions(certificates) == 1
        fresh_local_azure.advance(timedelta(days=300))
        assert versions(certificates) == 2


@pytest.mark.parametrize("name", ["alone", "alone as well"])
def test_a_fresh_one_is_empty(fresh_local_azure: Any, identities: Any, name: str) -> None:
    """And has the real time."""
    assert list(identities.list_by_subscription()) == []
    make(identities, name.replace(" ", "-"))
    ahead = fresh_local_azure.call(lambda cloud: cloud.clock.now()) - datetime.now(UTC)
    assert abs(ahead) < timedelta(minutes=1)
    fresh_local_azure.advance(timedelta(days=1))


@pytest.mark.parametrize(("lever", "value"), [("advance", timedelta(days=1)), ("set_speed", 60)])
def test_the_shared_clock_is_not_moved(local_azure: Any, lever: str, value: object) -> None:
    """The refusal says what to ask for instead."""
    with pytest.raises(RuntimeError, match="fresh_local_azure"):
        getattr(local_azure, lever)(value)
