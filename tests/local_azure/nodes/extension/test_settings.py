"""How the extension reads its settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local_azure.nodes.extension.settings import (
    DEFAULT_STORE,
    Authentication,
    Observed,
    Reader,
    SettingsError,
    parse_settings,
)

URL = "https://kv-one.vault.azure.net/secrets/web"
IMDS = "http://169.254.169.254/metadata/identity"


def _settings(authentication: Any = None, **secrets: Any) -> dict[str, Any]:
    given = {"secretsManagementSettings": {"pollingIntervalInS": "300", "observedCertificates": [URL], **secrets}}
    return given if authentication is None else given | {"authenticationSettings": authentication}


def test_the_document_s_settings_are_read() -> None:
    """As in "Enable automatic certificate rotation in a Batch pool"."""
    settings = parse_settings(
        _settings(
            {"msiEndpoint": IMDS, "msiClientId": "b9f6dd56"},
            certificateStoreLocation="/var/lib/waagent/Microsoft.Azure.KeyVault",
            requireInitialSync=True,
        ),
        major=1,
    )
    assert settings.certificates == (Observed(URL, "/var/lib/waagent/Microsoft.Azure.KeyVault"),)
    assert settings.interval == timedelta(seconds=300)
    assert settings.initial_sync
    assert settings.authentication == Authentication(f"{IMDS}/oauth2/token", "b9f6dd56")


@pytest.mark.parametrize("endpoint", [IMDS, f"{IMDS}/", f"{IMDS}/oauth2/token"])
def test_both_forms_of_the_endpoint_lead_to_the_token(endpoint: str) -> None:
    """People write it with and without its last segments."""
    settings = parse_settings(_settings({"msiEndpoint": endpoint}), major=3)
    assert settings.authentication == Authentication(f"{IMDS}/oauth2/token", "")


@pytest.mark.parametrize(
    ("major", "item", "management", "observed"),
    [
        (1, URL, {}, Observed(URL, DEFAULT_STORE)),
        (2, URL, {"certificateStoreLocation": "/opt/c"}, Observed(URL, "/opt/c")),
        (3, URL, {"certificateStoreLocation": "/opt/c"}, Observed(URL, "/opt/c")),
        (3, {"url": URL}, {}, Observed(URL, DEFAULT_STORE)),
        (3, {"url": URL}, {"certificateStoreLocation": "/opt/c"}, Observed(URL, "/opt/c")),
        (
            3,
            {"url": URL, "certificateStoreLocation": "/opt/own", "customSymbolicLinkName": "app"},
            {"certificateStoreLocation": "/opt/c"},
            Observed(URL, "/opt/own", "app"),
        ),
        (
            3,
            {"url": URL, "acls": [{"user": "app", "group": "apps"}, {"user": "other"}]},
            {"aclEnabled": True},
            Observed(URL, DEFAULT_STORE, "", (Reader("app", "apps"), Reader("other", ""))),
        ),
        (3, {"url": URL, "acls": [{"user": "app"}]}, {}, Observed(URL, DEFAULT_STORE)),
        (3, {"url": URL, "acls": [{"user": "app"}]}, {"aclEnabled": False}, Observed(URL, DEFAULT_STORE)),
    ],
)
def test_each_version_has_its_own_form_of_a_certificate(
    major: int, item: Any, management: dict[str, Any], observed: Observed
) -> None:
    """Strings and one store before 3.0; from then on objects with a store each, and strings still."""
    assert parse_settings(_settings(observedCertificates=[item], **management), major).certificates == (observed,)


@pytest.mark.parametrize(
    ("major", "given", "fault"),
    [
        (3, "{}", "not an object"),
        (3, None, "not an object"),
        (3, [], "not an object"),
        (3, {}, "not an object"),
        (3, {"secretsManagementSettings": "{}"}, "not an object"),
        (3, {"secretsManagementSettings": {}}, "not an array"),
        (3, _settings(observedCertificates=URL), "not an array"),
        (3, _settings(observedCertificates=[7]), "not an object"),
        (3, _settings(observedCertificates=[{}]), "not a string"),
        (2, _settings(observedCertificates=[{"url": URL}]), "not a string"),
        (3, _settings(pollingIntervalInS=300), "not a string"),
        (3, _settings(pollingIntervalInS="soon"), "stoi"),
        (3, _settings(pollingIntervalInS="0"), "stoi"),
        (3, _settings(requireInitialSync="true"), "not a boolean"),
        (3, _settings(certificateStoreLocation=1), "not a string"),
        (3, _settings("{}"), "not an object"),
        (3, _settings({"msiClientId": 1}), "not a string"),
        (3, _settings(observedCertificates=[{"url": URL, "acls": {}}], aclEnabled=True), "not an array"),
    ],
)
def test_a_fault_is_told_in_the_words_of_the_json_library(major: int, given: Any, fault: str) -> None:
    """Those are what people find in the status file."""
    with pytest.raises(SettingsError, match=f"^{fault}$"):
        parse_settings(given, major)


@pytest.mark.parametrize(
    ("url", "host", "vault", "name"),
    [
        (URL, "kv-one.vault.azure.net", "kv-one", "web"),
        (f"{URL}/0123", "kv-one.vault.azure.net", "kv-one", "web"),
        (f"{URL}/", "kv-one.vault.azure.net", "kv-one", "web"),
        ("https:///secrets/web", "", "", "web"),
        ("kv-one/secrets", "", "", "secrets"),
        ("https://kv", "kv", "kv", ""),
    ],
)
def test_names_come_from_the_url(url: str, host: str, vault: str, name: str) -> None:
    """Whatever the URL is like."""
    observed = Observed(url, "/x")
    assert (observed.host, observed.vault, observed.name) == (host, vault, name)
