from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from pydantic import TypeAdapter

from local_azure.services.keyvault.service import KeyVaultState


def error(reply):
    return reply.status, reply.body["error"]["code"]


@pytest.fixture
def slow_door(new_door):
    """A Key Vault in which a creation takes ten seconds of the clock."""
    door = new_door(issuance=timedelta(seconds=10))
    door.vault()
    return door


def test_a_creation_is_pending_and_then_completed(slow_door):
    """202 with a signing request and the way to its progress; then the target, and the certificate is there."""
    started = slow_door.data("POST", "/certificates/web/create", {"policy": slow_door.POLICY})
    assert started.status == 202
    assert started.body["status"] == "inProgress"
    assert started.body["status_details"].startswith("Pending certificate created.")
    assert x509.load_der_x509_csr(base64.b64decode(started.body["csr"])).is_signature_valid
    assert started.headers["Location"] == (
        "https://kv-test.vault.azure.net/certificates/web/pending?api-version=7.6"
        f"&request_id={started.body['request_id']}"
    )
    assert slow_door.data("GET", "/certificates/web/pending").body == started.body
    slow_door.advance(timedelta(seconds=10))
    done = slow_door.data("GET", "/certificates/web/pending").body
    assert done["status"] == "completed"
    assert done["target"] == "https://kv-test.vault.azure.net/certificates/web"
    assert "status_details" not in done
    assert slow_door.data("GET", "/certificates/web").body["attributes"]["enabled"] is True


def test_before_the_first_version_there_is_a_draft(slow_door):
    """Disabled, without certificate, key or secret, with the validity to expect; it is listed on request alone."""
    slow_door.data("POST", "/certificates/web/create", {"policy": slow_door.POLICY})
    draft = slow_door.data("GET", "/certificates/web").body
    assert set(draft) == {"id", "attributes", "policy", "pending"}
    assert draft["attributes"]["enabled"] is False
    assert slow_door.data("GET", "/secrets/web").status == 404
    assert slow_door.data("GET", "/certificates").body["value"] == []
    (item,) = slow_door.data("GET", "/certificates", includepending="true").body["value"]
    assert set(item) == {"id", "attributes", "subject"}
    slow_door.advance(timedelta(seconds=10))
    made = slow_door.data("GET", "/certificates/web").body
    assert made["id"] == draft["id"]
    assert made["attributes"]["exp"] - draft["attributes"]["exp"] == 10


def test_a_second_creation_waits_for_the_first(slow_door):
    """409 while one is in progress, for create and import alike."""
    slow_door.data("POST", "/certificates/web/create", {"policy": slow_door.POLICY})
    again = slow_door.data("POST", "/certificates/WEB/create", {"policy": slow_door.POLICY})
    assert error(again) == (409, "Forbidden")
    assert "status is inProgress" in again.body["error"]["message"]
    assert slow_door.data("POST", "/certificates/web/import", {"value": "x"}).status == 409
    slow_door.advance(timedelta(seconds=10))
    assert slow_door.data("POST", "/certificates/web/create", {"policy": slow_door.POLICY}).status == 202


def test_a_cancelled_creation_ends_without_a_version(slow_door):
    """Cancellation is asked for; the creation ends as cancelled, and cannot be cancelled twice."""
    slow_door.data("POST", "/certificates/web/create", {"policy": slow_door.POLICY})
    asked = slow_door.data("PATCH", "/certificates/web/pending", {"cancellation_requested": True}).body
    assert (asked["cancellation_requested"], asked["status"]) == (True, "inProgress")
    slow_door.advance(timedelta(seconds=10))
    assert slow_door.data("GET", "/certificates/web/pending").body["status"] == "cancelled"
    assert slow_door.versions() == []
    again = slow_door.data("PATCH", "/certificates/web/pending", {"cancellation_requested": True})
    assert again.body["error"]["message"] == "Pending status must be in progress to allow update."


def test_a_forgotten_creation_never_completes(slow_door):
    """DELETE answers with the operation; afterwards there is none, and no version comes of it."""
    slow_door.data("POST", "/certificates/web/create", {"policy": slow_door.POLICY})
    assert slow_door.data("DELETE", "/certificates/web/pending").body["status"] == "inProgress"
    assert error(slow_door.data("GET", "/certificates/web/pending")) == (404, "PendingCertificateNotFound")
    slow_door.advance(timedelta(seconds=10))
    assert slow_door.versions() == []
    assert "pending" not in slow_door.data("GET", "/certificates/web").body
    assert slow_door.data("POST", "/certificates/web/create", {}).status == 202


def test_the_request_id_filters_the_pending_creation(door):
    """Another id than the newest creation's finds nothing."""
    door.create()
    mine = door.data("GET", "/certificates/web/pending").body["request_id"]
    assert door.data("GET", "/certificates/web/pending", request_id=mine).status == 200
    assert door.data("GET", "/certificates/web/pending", request_id="0" * 32).status == 404


def test_the_bundle_identifies_certificate_key_and_secret(door):
    """Ids share name and version; x5t and cer are of the very certificate; times are whole seconds."""
    bundle = door.create().body
    der = base64.b64decode(bundle["cer"])
    certificate = x509.load_der_x509_certificate(der)
    version = bundle["id"].rpartition("/")[2]
    assert len(version) == 32
    assert int(version, 16)
    assert bundle["kid"] == f"https://kv-test.vault.azure.net/keys/web/{version}"
    assert bundle["sid"] == f"https://kv-test.vault.azure.net/secrets/web/{version}"
    assert base64.urlsafe_b64decode(bundle["x5t"] + "=") == hashlib.sha1(der, usedforsecurity=False).digest()
    attributes = bundle["attributes"]
    assert attributes["nbf"] == int(certificate.not_valid_before_utc.timestamp())
    assert attributes["exp"] == int(certificate.not_valid_after_utc.timestamp())
    assert attributes["created"] - attributes["nbf"] == 600
    assert (attributes["recoveryLevel"], attributes["recoverableDays"]) == ("Recoverable+Purgeable", 90)
    assert bundle["pending"] == {"id": "https://kv-test.vault.azure.net/certificates/web/pending"}


@pytest.mark.parametrize(
    ("properties", "level"),
    [
        ({}, "Recoverable+Purgeable"),
        ({"softDeleteRetentionInDays": 7}, "CustomizedRecoverable+Purgeable"),
        ({"softDeleteRetentionInDays": 7, "enablePurgeProtection": True}, "CustomizedRecoverable"),
        ({"enablePurgeProtection": True}, "Recoverable"),
    ],
)
def test_the_recovery_level_is_the_vaults(new_door, properties, level):
    """Retention and purge protection, in Key Vault's one word."""
    door = new_door()
    door.vault(body=door.vault_body(**properties))
    assert door.create().body["attributes"]["recoveryLevel"] == level


def test_a_named_version_is_shown_without_the_policy(door):
    """The policy belongs to the certificate, not to a version."""
    newest = door.create().body
    version = newest["id"].rpartition("/")[2]
    named = door.data("GET", f"/certificates/web/{version}").body
    assert "policy" not in named
    assert named == {key: newest[key] for key in named}


def test_a_new_policy_makes_a_new_version_of_an_existing_certificate(door):
    """The old version stays; the policy's creation date too."""
    first = door.create().body
    door.advance(timedelta(days=1))
    second = door.create(x509_props={"subject": "CN=second"}).body
    assert first["id"] != second["id"]
    assert second["policy"]["x509_props"]["subject"] == "CN=second"
    assert second["policy"]["attributes"]["created"] == first["policy"]["attributes"]["created"]
    assert second["policy"]["attributes"]["updated"] > first["policy"]["attributes"]["updated"]
    assert door.data("GET", "/certificates/web/" + first["id"].rpartition("/")[2]).body["cer"] == first["cer"]


def test_without_a_policy_the_existing_one_is_used(door):
    """A create on an existing certificate may be empty; a new certificate needs a policy."""
    policy = door.create().body["policy"]
    assert door.data("POST", "/certificates/web/create", {"tags": {"by": "hand"}}).status == 202
    door.advance(timedelta(0))
    again = door.data("GET", "/certificates/web").body
    assert (again["policy"], again["tags"]) == (policy, {"by": "hand"})
    assert error(door.data("POST", "/certificates/new/create", {})) == (400, "BadParameter")


def test_a_refused_policy_leaves_nothing_behind(door):
    """Neither a new certificate nor a changed one."""
    bad = {"policy": {**door.POLICY, "x509_props": {"subject": "nobody"}}}
    assert door.data("POST", "/certificates/new/create", bad).status == 400
    assert door.data("GET", "/certificates", includepending="true").body["value"] == []
    before = door.create().body["policy"]
    assert door.data("POST", "/certificates/web/create", bad).status == 400
    assert door.data("PATCH", "/certificates/web/policy", bad["policy"]).status == 400
    assert door.data("GET", "/certificates/web/policy").body == before


def test_names_keep_their_case_and_do_not_depend_on_it(door):
    """As first written in every id, whatever later requests say."""
    door.create("WebServer")
    assert "/certificates/WebServer/" in door.data("GET", "/certificates/webserver").body["id"]
    assert "/certificates/WebServer/" in door.create("WEBSERVER").body["id"]


@pytest.mark.parametrize("name", ["a_b", "a.b", "a" * 128, "ä"])
def test_a_bad_name_is_refused(door, name):
    """Letters, digits and hyphens, 127 at most."""
    reply = door.data("POST", f"/certificates/{name}/create", {"policy": door.POLICY})
    assert error(reply) == (400, "BadParameter")
    assert reply.body["error"]["message"] == f"The request URI contains an invalid name: {name}"


def test_attributes_and_tags_of_a_version_can_change(door):
    """Each version has its own; what is not named stays."""
    version = door.create().body["id"].rpartition("/")[2]
    door.data("PATCH", f"/certificates/web/{version}", {"tags": {"a": "b"}})
    changed = door.data("PATCH", f"/certificates/web/{version}", {"attributes": {"enabled": False}}).body
    assert (changed["attributes"]["enabled"], changed["tags"]) == (False, {"a": "b"})
    assert "tags" not in door.create().body


def test_too_many_tags_are_refused(door):
    """Key Vault takes fifteen."""
    tags = {str(number): "x" for number in range(16)}
    assert error(door.data("POST", "/certificates/web/create", {"policy": door.POLICY, "tags": tags})) == (
        400,
        "BadParameter",
    )


def test_certificates_are_listed_in_pages(door):
    """`nextLink` leads on; 25 at most fit a page."""
    for number in range(3):
        door.create(f"c{number}")
    first = door.data("GET", "/certificates", maxresults="2").body
    assert [item["id"].rpartition("/")[2] for item in first["value"]] == ["c0", "c1"]
    assert set(first["value"][0]) == {"id", "x5t", "attributes", "subject"}
    token = first["nextLink"].partition("$skiptoken=")[2].partition("&")[0]
    second = door.data("GET", "/certificates", maxresults="2", **{"$skiptoken": token}).body
    assert [item["id"].rpartition("/")[2] for item in second["value"]] == ["c2"]
    assert second["nextLink"] is None
    assert error(door.data("GET", "/certificates", maxresults="26")) == (400, "BadParameter")
    assert error(door.data("GET", "/certificates", **{"$skiptoken": "moon"})) == (400, "BadParameter")


def test_versions_are_listed_in_the_order_of_their_ids(door):
    """Not in that of their making: who wants the newest looks at the dates."""
    for _ in range(4):
        door.create()
    listed = [item["id"].rpartition("/")[2] for item in door.data("GET", "/certificates/web/versions").body["value"]]
    assert listed == sorted(door.versions())


def test_a_certificate_signed_elsewhere_waits_for_its_merge(door):
    """Issuer Unknown stays pending, however long it takes."""
    door.data("POST", "/certificates/manual/create", {"policy": {**door.POLICY, "issuer": {"name": "Unknown"}}})
    door.advance(timedelta(days=1))
    pending = door.data("GET", "/certificates/manual/pending").body
    assert (pending["status"], pending["status_details"]) == (
        "inProgress",
        "Pending certificate created. Please Perform Merge to complete the request.",
    )


def test_all_of_it_survives_a_restart(door, new_door):
    """The state is saved as JSON, read back, and goes on renewing by the saved events."""
    door.create()
    door.create("gone")
    door.data("DELETE", "/certificates/gone")
    door.data("PUT", "/secrets/plain", {"value": "x"})
    door.vault("kv-gone")
    door.vault("kv-gone", "DELETE")
    adapter = TypeAdapter(KeyVaultState)
    state = adapter.validate_json(adapter.dump_json(door.keyvault.state))
    assert state == door.keyvault.state
    again = new_door(state=state, tokens=door.tokens)
    again.clock.restore(door.clock.pending())
    again.advance(timedelta(days=340))
    assert len(again.versions()) == 2
    assert again.data("GET", "/deletedcertificates/gone").status == 404
    assert "PRIVATE KEY" not in repr(again.keyvault.state)
