"""The extension's settings, by version."""

import itertools

import pytest

from batchcert.extension.observed import read_extension
from batchcert.extension.settings import extension_settings
from batchcert.problems import Problem, Problems
from batchcert.spec import DEFAULT_STORE, CertificateSpec, ExtensionVersion, Reader

V1, V2, V3 = ExtensionVersion
VAULT = "https://contoso.vault.azure.net/"
CLIENT_ID = "b9f6dd56-d2d6-4967-99d7-8062d56fd84c"
AUTHENTICATION = {"msiEndpoint": "http://169.254.169.254/metadata/identity", "msiClientId": CLIENT_ID}


def certificate(name: str = "web", **fields: object) -> CertificateSpec:
    """A certificate of *fields*."""
    return CertificateSpec.model_validate({"name": name, "subject": f"CN={name}"} | fields)


def settings(version: ExtensionVersion, *certificates: CertificateSpec, **fields: object) -> dict[str, object]:
    """Settings of *version*, with other arguments where given."""
    return extension_settings(
        **{
            "version": version,
            "vault_url": VAULT,
            "certificates": certificates,
            "client_id": CLIENT_ID,
            "polling_interval_seconds": 300,
            "require_initial_sync": True,
        }
        | fields
    )


def test_version_3_has_an_object_for_each_certificate():
    """Folder, link and readers are each certificate's own; acls are switched on because one has readers."""
    web = certificate(
        store="/srv/web", link_name="web.pem", readers=[Reader(user="nginx", group="tls"), Reader(user="app")]
    )
    assert settings(V3, web, certificate("api")) == {
        "secretsManagementSettings": {
            "pollingIntervalInS": "300",
            "requireInitialSync": True,
            "aclEnabled": True,
            "observedCertificates": [
                {
                    "url": "https://contoso.vault.azure.net/secrets/web",
                    "certificateStoreLocation": "/srv/web",
                    "customSymbolicLinkName": "web.pem",
                    "acls": [{"user": "nginx", "group": "tls"}, {"user": "app"}],
                },
                {"url": "https://contoso.vault.azure.net/secrets/api", "certificateStoreLocation": DEFAULT_STORE},
            ],
        },
        "authenticationSettings": AUTHENTICATION,
    }


def test_acls_stay_off_where_nobody_but_root_reads():
    """No reader, no aclEnabled."""
    assert "aclEnabled" not in settings(V3, certificate())["secretsManagementSettings"]


def test_version_2_has_addresses_and_one_folder():
    """Strings, a store for all of them, and the initial sync as asked for."""
    assert settings(V2, certificate(), certificate("api"), require_initial_sync=False) == {
        "secretsManagementSettings": {
            "pollingIntervalInS": "300",
            "requireInitialSync": False,
            "certificateStoreLocation": DEFAULT_STORE,
            "observedCertificates": [
                "https://contoso.vault.azure.net/secrets/web",
                "https://contoso.vault.azure.net/secrets/api",
            ],
        },
        "authenticationSettings": AUTHENTICATION,
    }


def test_version_1_has_no_initial_sync():
    """1.0 does not know requireInitialSync, so it is not written, whatever was asked."""
    assert settings(V1, certificate(store="/srv/tls"))["secretsManagementSettings"] == {
        "pollingIntervalInS": "300",
        "certificateStoreLocation": "/srv/tls",
        "observedCertificates": ["https://contoso.vault.azure.net/secrets/web"],
    }


@pytest.mark.parametrize(
    ("version", "certificates", "fields", "codes"),
    [
        (V1, [certificate(store="/a"), certificate("b", store="/b")], {}, ["one-store-only"]),
        (V2, [certificate(store="/a"), certificate("b", store="/a/")], {}, []),
        (V3, [certificate(store="/a"), certificate("b", store="/b")], {}, []),
        (V1, [certificate(link_name="x")], {}, ["extension-too-old"]),
        (V2, [certificate(readers=[{"user": "u"}]), certificate("b", link_name="l")], {}, ["extension-too-old"] * 2),
        (V3, [], {}, ["no-observed-certificates"]),
        (V3, [certificate(), certificate("WEB")], {}, ["certificate-named-twice"]),
        (V3, [certificate(link_name="l"), certificate("b", link_name="l")], {}, ["same-file-twice"]),
        (V3, [certificate(link_name="l"), certificate("b", link_name="l", store="/b")], {}, []),
        (V3, [certificate()], {"client_id": "/subscriptions/x"}, ["client-id-not-a-guid"]),
        (V3, [certificate()], {"client_id": ""}, ["client-id-not-a-guid"]),
        (V3, [certificate()], {"vault_url": "contoso"}, ["not-a-vault-url"]),
        (V3, [certificate()], {"polling_interval_seconds": 0}, ["polling-interval-out-of-range"]),
    ],
)
def test_each_fault_has_its_code(version, certificates, fields, codes):
    """What the version cannot do, or nobody can, is refused by name."""
    if not codes:
        assert settings(version, *certificates, **fields)
        return
    with pytest.raises(Problem) as refused:
        settings(version, *certificates, **fields)
    found = refused.value.found if isinstance(refused.value, Problems) else [refused.value]
    assert [problem.code for problem in found] == codes


def test_all_faults_are_told_at_once():
    """Nothing is hidden behind the first."""
    with pytest.raises(Problems) as refused:
        settings(
            V1,
            certificate(store="/a", link_name="l"),
            certificate(store="/b"),
            vault_url="",
            client_id="",
            polling_interval_seconds=-1,
        )
    assert {problem.code for problem in refused.value.found} == {
        "not-a-vault-url",
        "client-id-not-a-guid",
        "polling-interval-out-of-range",
        "certificate-named-twice",
        "one-store-only",
        "extension-too-old",
    }


@pytest.mark.parametrize(
    ("version", "store", "polling"), list(itertools.product(ExtensionVersion, [DEFAULT_STORE, "/srv/tls"], [60, 86400]))
)
def test_what_is_written_is_read_back_as_it_was_meant(version, store, polling):
    """Writing and reading are each other's reverse, in every version."""
    rich = {"link_name": "web.pem", "readers": [{"user": "nginx"}]} if version is V3 else {}
    web = certificate(store=store, **rich)
    written = settings(version, web, certificate("api", store=store), polling_interval_seconds=polling)
    view = read_extension(written, version)
    assert view.faults == ()
    assert (view.client_id, view.polling_interval_seconds) == (CLIENT_ID, polling)
    assert view.require_initial_sync is (version is not V1)
    assert [(one.vault, one.name, one.pinned_version, one.store) for one in view.certificates] == [
        ("contoso", "web", "", store),
        ("contoso", "api", "", store),
    ]
    assert view.certificates[0].link_name == web.link_name
    assert list(view.certificates[0].readers) == web.readers
