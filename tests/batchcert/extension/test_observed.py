"""What a pool observes, read from settings of any origin."""

import json

import pytest

from batchcert.extension.document import read_document
from batchcert.extension.observed import USUAL_POLLING_SECONDS, find_extension, read_extension
from batchcert.spec import DEFAULT_STORE, Reader

CLIENT_ID = "b9f6dd56-d2d6-4967-99d7-8062d56fd84c"
VERSION = "8f5f3f491afd48cb99286ba2aacd39af"
URL = "https://contoso.vault.azure.net/secrets/web"


def settings(**secrets: object) -> dict:
    """Settings that are right but for *secrets*."""
    return {
        "secretsManagementSettings": {"pollingIntervalInS": "300", "observedCertificates": [URL]} | secrets,
        "authenticationSettings": {"msiEndpoint": "http://169.254.169.254/metadata/identity", "msiClientId": CLIENT_ID},
    }


def codes(given: object) -> list[str]:
    """The codes of what is wrong with the settings *given*."""
    return [fault.code for fault in read_extension(given).faults]


@pytest.mark.parametrize("name", ["2021", "2026"])
def test_the_documents_own_pools_are_read(document, name):
    """Pinned to a version, in the document's folder, under 1.0 and as strings under 3.0."""
    body, _ = read_document(document(name))
    machine = body["properties"]["deploymentConfiguration"]["virtualMachineConfiguration"]
    view = find_extension(machine["extensions"])
    assert view is not None
    (observed,) = view.certificates
    assert (observed.vault, observed.name, observed.pinned_version) == (
        "testkvwestus2s",
        "authcertforumatesting",
        VERSION,
    )
    assert observed.store == "/var/lib/waagent/Microsoft.Azure.KeyVault"
    assert (view.version, view.client_id) == ({"2021": "1.0", "2026": "3.0"}[name], CLIENT_ID)
    assert view.faults == ()


def test_settings_as_text_are_read_like_the_object():
    """Batch's data plane returns them as JSON text."""
    given = settings(requireInitialSync=True)
    assert read_extension(json.dumps(given), "3.0") == read_extension(given, "3.0")


@pytest.mark.parametrize("given", [None, "", "not JSON", "[]", '"text"', 7, [], "[" * 100_000, " " * (1 << 21)])
def test_what_is_no_object_is_one_fault_and_no_certificate(given):
    """Nothing raises, whatever a pool's owner wrote."""
    view = read_extension(given)
    assert [fault.code for fault in view.faults] == ["settings-not-an-object"]
    assert view.certificates == ()


def test_objects_and_strings_may_stand_side_by_side():
    """Each entry is read for itself: its own folder, else the common one, else the extension's."""
    own = {"url": f"{URL}2", "certificateStoreLocation": "/srv/tls/", "customSymbolicLinkName": "two.pem"}
    view = read_extension(settings(certificateStoreLocation="/srv/all", observedCertificates=[URL, own]))
    assert [(one.name, one.store, one.link_name) for one in view.certificates] == [
        ("web", "/srv/all", ""),
        ("web2", "/srv/tls", "two.pem"),
    ]
    assert read_extension(settings()).certificates[0].store == DEFAULT_STORE


def test_readers_are_those_that_the_extension_lets_in():
    """acls count only where aclEnabled is true."""
    entry = {"url": URL, "acls": [{"user": "nginx", "group": "tls"}, {"user": "app"}]}
    on = read_extension(settings(observedCertificates=[entry], aclEnabled=True))
    off = read_extension(settings(observedCertificates=[entry]))
    assert on.certificates[0].readers == (Reader(user="nginx", group="tls"), Reader(user="app"))
    assert off.certificates[0].readers == ()


def test_entries_that_cannot_be_read_do_not_hide_the_others():
    """The good one is there, and each bad one is a fault that says which."""
    view = read_extension(settings(observedCertificates=[7, None, "kv/web", URL, {"link": URL}, {"url": 5}]))
    assert [one.name for one in view.certificates] == ["web"]
    assert [fault.code for fault in view.faults] == ["not-a-secret-url"] * 5
    assert [fault.what.split(":")[0] for fault in view.faults] == [
        f"observedCertificates[{n}]" for n in (0, 1, 2, 4, 5)
    ]


@pytest.mark.parametrize(
    ("value", "seconds", "faulty"),
    [
        ("300", 300, False),
        (300, 300, False),
        (" 60 ", 60, False),
        ("0", USUAL_POLLING_SECONDS, True),
        ("-5", USUAL_POLLING_SECONDS, True),
        ("5m", USUAL_POLLING_SECONDS, True),
        ("³", USUAL_POLLING_SECONDS, True),
        ("9" * 5000, USUAL_POLLING_SECONDS, True),
        (True, USUAL_POLLING_SECONDS, True),
        (None, USUAL_POLLING_SECONDS, True),
        ({}, USUAL_POLLING_SECONDS, True),
    ],
)
def test_polling_intervals(value, seconds, faulty):
    """A number or the text of one; anything else is told, and the usual interval assumed."""
    view = read_extension(settings(pollingIntervalInS=value))
    assert view.polling_interval_seconds == seconds
    assert [fault.code for fault in view.faults] == ["polling-interval-out-of-range"] * faulty


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"authenticationSettings": {}}, ["authentication-settings-missing"]),
        ({"authenticationSettings": None}, ["authentication-settings-missing"]),
        ({"authenticationSettings": {"msiClientId": "/subscriptions/x"}}, ["client-id-not-a-guid"]),
        ({"authenticationSettings": {"msiClientId": 7}}, ["client-id-not-a-guid"]),
        ({"secretsManagementSettings": None}, ["polling-interval-out-of-range", "no-observed-certificates"]),
        ({"secretsManagementSettings": []}, ["polling-interval-out-of-range", "no-observed-certificates"]),
    ],
)
def test_faults_of_the_whole(change, expected):
    """Each has the code of the trap that it is."""
    assert codes(settings() | change) == expected


def test_authentication_settings_in_the_wrong_place_are_not_called_missing():
    """The commonest mistake has its own name."""
    given = settings(authenticationSettings={"msiClientId": CLIENT_ID}) | {"authenticationSettings": None}
    assert codes(given) == ["authentication-settings-misplaced"]


@pytest.mark.parametrize("observed", [None, [], URL, {"url": URL}, 7])
def test_nothing_observed(observed):
    """A list is wanted, and something in it."""
    assert codes(settings(observedCertificates=observed)) == ["no-observed-certificates"]


@pytest.mark.parametrize("acl", [{}, {"user": ""}, {"user": "not a user"}, "root", {"user": "ok", "group": "not ok"}])
def test_acls_that_name_nobody(acl):
    """They are told, and the certificate is read all the same."""
    view = read_extension(settings(aclEnabled=True, observedCertificates=[{"url": URL, "acls": [acl]}]))
    assert [fault.code for fault in view.faults] == ["acl-names-nobody"]
    assert view.certificates[0].readers == ()


def test_the_extension_is_found_among_others_whatever_its_case():
    """Azure compares type and publisher without regard to case."""
    other = {"type": "OmsAgentForLinux", "publisher": "Microsoft.EnterpriseCloud.Monitoring"}
    ours = {
        "type": "keyvaultforlinux",
        "publisher": "MICROSOFT.AZURE.KEYVAULT",
        "settings": settings(),
        "typeHandlerVersion": "2.0",
    }
    found = find_extension([other, ours])
    assert found is not None
    assert found.version == "2.0"
    assert find_extension([other]) is None
    assert find_extension([]) is None
