"""Addresses of secrets, read and built."""

import pytest

from batchcert.extension.secret_urls import SecretUrl, parse_secret_url, secret_url
from batchcert.problems import Problem

VERSION = "8f5f3f491afd48cb99286ba2aacd39af"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://kv.vault.azure.net/secrets/web", SecretUrl("kv.vault.azure.net", "web")),
        ("https://kv.vault.azure.net/secrets/web/", SecretUrl("kv.vault.azure.net", "web")),
        (f"https://kv.vault.azure.net/secrets/web/{VERSION}", SecretUrl("kv.vault.azure.net", "web", VERSION)),
        ("https://KV.vault.azure.net:443/secrets/Web", SecretUrl("kv.vault.azure.net", "Web")),
        (" https://kv.vault.usgovcloudapi.net/secrets/web ", SecretUrl("kv.vault.usgovcloudapi.net", "web")),
    ],
)
def test_addresses_of_secrets(text, expected):
    """Host in lower case, the name as it is, the version where there is one."""
    assert parse_secret_url(text) == expected


def test_the_vaults_name_is_the_first_label_of_its_host():
    """The address without version always means the newest."""
    url = parse_secret_url(f"https://kv.vault.azure.net/secrets/web/{VERSION}")
    assert (url.vault, url.vault_url) == ("kv", "https://kv.vault.azure.net")
    assert url.versionless == "https://kv.vault.azure.net/secrets/web"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web",
        "/secrets/web",
        "https:///secrets/web",
        "https://kv/secrets/web",
        "http://kv.vault.azure.net/secrets/web",
        "https://kv.vault.azure.net/",
        "https://kv.vault.azure.net/secrets",
        "https://kv.vault.azure.net/secrets/we_b",
        "https://kv.vault.azure.net/secrets/web/v1/v2",
        "https://kv.vault.azure.net/secrets/web/../x",
        "https://kv.vault.azure.net/secrets/web?api-version=7.5",
        "https://kv.vault.azure.net:8443/secrets/web",
        "https://user:pass@kv.vault.azure.net/secrets/web",
        "https://[::1/secrets/web",
        "https://kv.vault.azure.net:port/secrets/web",
        "https://kv.vault.azure.net/storage/web",
        "https://kv.vault.azure.net/secrets/" + "x" * 3000,
    ],
)
def test_what_is_no_address_of_a_secret_is_refused(text):
    """The extension would fail on it, so it is told before."""
    with pytest.raises(Problem) as refused:
        parse_secret_url(text)
    assert refused.value.code == "not-a-secret-url"
    assert len(refused.value.what) < 2200


@pytest.mark.parametrize("collection", ["certificates", "keys"])
def test_the_certificates_own_address_is_told_apart(collection):
    """It names the right thing in the wrong place, and the cure is the address to use."""
    with pytest.raises(Problem) as refused:
        parse_secret_url(f"https://kv.vault.azure.net/{collection}/web/{VERSION}")
    assert refused.value.code == "certificate-url-observed"
    assert refused.value.cure == "observe https://kv.vault.azure.net/secrets/web"


@pytest.mark.parametrize(
    "vault", ["https://kv.vault.azure.net", "https://kv.vault.azure.net/", "https://KV.vault.azure.net"]
)
def test_an_address_is_built_from_the_vaults_with_or_without_its_slash(vault):
    """ARM writes the vault's address with a slash, people without."""
    assert secret_url(vault, "web") == "https://kv.vault.azure.net/secrets/web"


@pytest.mark.parametrize("vault", ["", "kv", "http://kv.vault.azure.net", "https://kv.vault.azure.net/secrets"])
def test_what_is_no_vault_is_refused(vault):
    """A name or a longer address is not taken for a vault."""
    with pytest.raises(Problem) as refused:
        secret_url(vault, "web")
    assert refused.value.code == "not-a-vault-url"


def test_a_name_that_no_certificate_can_have_is_refused():
    """A name never widens the address."""
    with pytest.raises(Problem):
        secret_url("https://kv.vault.azure.net", "web/../other")
