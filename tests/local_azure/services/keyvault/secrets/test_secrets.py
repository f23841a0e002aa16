from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from local_azure.services.keyvault.pki.x509 import load_key

PEM, PFX = "application/x-pem-file", "application/x-pkcs12"


def error(reply):
    content = reply.body["error"]
    return reply.status, content["code"], content.get("innererror", {}).get("code")


@pytest.mark.parametrize("exportable", [True, False])
@pytest.mark.parametrize("key", [{"kty": "EC"}, {"kty": "RSA", "key_size": 2048}])
@pytest.mark.parametrize("content_type", [PEM, PFX])
def test_the_secret_of_a_certificate(door, content_type, key, exportable):
    """PEM or PKCS #12 by content type, with the private key only where the policy lets it out."""
    bundle = door.create(key_props={**key, "exportable": exportable}, secret_props={"contentType": content_type}).body
    leaf = x509.load_der_x509_certificate(base64.b64decode(bundle["cer"]))
    secret = door.data("GET", "/secrets/web/").body
    if content_type == PEM:
        found = x509.load_pem_x509_certificate(secret["value"].encode())
        private = load_key(secret["value"]) if "PRIVATE KEY" in secret["value"] else None
    else:
        content = pkcs12.load_pkcs12(base64.b64decode(secret["value"]), None)
        certificates = [content.cert, *content.additional_certs]
        found = next(one.certificate for one in certificates if one)
        private = content.key
    assert found == leaf
    assert (private is not None) is exportable
    assert private is None or private.public_key() == leaf.public_key()
    assert secret["id"] == bundle["sid"]
    assert secret["kid"] == bundle["kid"]
    assert (secret["contentType"], secret["managed"]) == (content_type, True)
    assert secret["attributes"] == bundle["attributes"]


def test_an_old_version_keeps_the_form_it_was_made_in(door):
    """A change of content type and exportability counts from the next version on."""
    old = door.create().body["sid"].rpartition("/")[2]
    door.data("PATCH", "/certificates/web/policy", {"secret_props": {"contentType": PFX}})
    assert door.data("GET", f"/secrets/web/{old}").body["contentType"] == PEM
    assert door.data("GET", "/secrets/web").body["contentType"] == PEM
    door.advance(timedelta(days=340))
    assert door.data("GET", "/secrets/web").body["contentType"] == PFX
    assert door.data("GET", f"/secrets/web/{old}").body["contentType"] == PEM


def test_a_disabled_version_keeps_its_secret_back(door):
    """403 SecretDisabled; the list shows it all the same."""
    version = door.create().body["id"].rpartition("/")[2]
    door.data("PATCH", f"/certificates/web/{version}", {"attributes": {"enabled": False}})
    assert error(door.data("GET", "/secrets/web")) == (403, "Forbidden", "SecretDisabled")
    (listed,) = door.data("GET", "/secrets").body["value"]
    assert listed["attributes"]["enabled"] is False


def test_the_secret_goes_and_comes_with_its_certificate(door):
    """A deleted certificate has no secret; a recovered one has it back."""
    value = door.data("GET", door.create().body["sid"].partition(".net")[2]).body["value"]
    door.data("DELETE", "/certificates/web")
    assert error(door.data("GET", "/secrets/web"))[:2] == (404, "SecretNotFound")
    door.data("POST", "/deletedcertificates/web/recover")
    assert door.data("GET", "/secrets/web").body["value"] == value


@pytest.mark.parametrize(("method", "path"), [("PUT", ""), ("DELETE", ""), ("PATCH", "/0"), ("PATCH", "/")])
def test_the_secret_of_a_certificate_is_not_written_by_itself(door, method, path):
    """Only the certificate's operations change it."""
    door.create()
    assert door.data(method, f"/secrets/web{path}", {"value": "x"}).status == 403


def test_an_ordinary_secret_has_versions(door):
    """Each set makes one; the newest is shown where none is named; lists show no values."""
    first = door.data("PUT", "/secrets/plain", {"value": "one", "contentType": "text", "tags": {"a": "b"}}).body
    second = door.data("PUT", "/secrets/plain", {"value": "two"}).body
    assert door.data("GET", "/secrets/plain").body == second
    assert door.data("GET", first["id"].partition(".net")[2]).body == first
    assert (first["value"], first["contentType"], first["tags"]) == ("one", "text", {"a": "b"})
    assert "managed" not in first
    versions = door.data("GET", "/secrets/plain/versions").body["value"]
    assert [item["id"] for item in versions] == sorted([first["id"], second["id"]])
    assert all("value" not in item for item in versions)
    assert [item["id"] for item in door.data("GET", "/secrets").body["value"]] == [
        "https://kv-test.vault.azure.net/secrets/plain"
    ]


def test_attributes_of_an_ordinary_secret_can_change(door):
    """Value stays, dates and switches follow."""
    version = door.data("PUT", "/secrets/plain", {"value": "one"}).body["id"].partition(".net")[2]
    changed = door.data("PATCH", version, {"attributes": {"exp": 2000000000, "enabled": False}}).body
    assert (changed["attributes"]["exp"], changed["attributes"]["enabled"]) == (2000000000, False)
    assert "value" not in changed
    assert door.data("GET", version).status == 403


def test_an_ordinary_secret_can_be_deleted_and_recovered(door):
    """While it is deleted its name is taken, for secrets and for certificates."""
    door.data("PUT", "/secrets/plain", {"value": "one"})
    deleted = door.data("DELETE", "/secrets/plain").body
    assert deleted["scheduledPurgeDate"] - deleted["deletedDate"] == 90 * 86400
    assert error(door.data("PUT", "/secrets/plain", {"value": "two"})) == (
        409,
        "Conflict",
        "ObjectIsDeletedButRecoverable",
    )
    assert door.data("POST", "/certificates/plain/create", {"policy": {}}).status == 409
    assert [item["recoveryId"] for item in door.data("GET", "/deletedsecrets").body["value"]] == [
        "https://kv-test.vault.azure.net/deletedsecrets/plain"
    ]
    door.data("POST", "/deletedsecrets/plain/recover")
    assert door.data("GET", "/secrets/plain").body["value"] == "one"
    door.data("DELETE", "/secrets/plain")
    assert door.data("DELETE", "/deletedsecrets/plain").status == 204
    assert door.data("GET", "/deletedsecrets/plain").status == 404


@pytest.mark.parametrize(
    ("body", "status"), [({}, 400), ({"value": 7}, 400), ({"value": "x" * 25601}, 400), ({"value": "x" * 25600}, 200)]
)
def test_a_secret_needs_a_value_of_25_kilobytes_at_most(door, body, status):
    """The limit is the service's."""
    assert door.data("PUT", "/secrets/plain", body).status == status


def test_a_secret_and_a_certificate_do_not_share_a_name(door):
    """The certificate's own secret would be in the way."""
    door.data("PUT", "/secrets/plain", {"value": "one"})
    assert error(door.data("POST", "/certificates/plain/create", {"policy": {}}))[:2] == (409, "Conflict")


@pytest.mark.parametrize("path", ["", "/", "/{version}"])
def test_a_change_is_of_the_current_version_where_none_is_named(door, path):
    """With or without the slash, which Microsoft's clients write."""
    first = door.data("PUT", "/secrets/own", {"value": "one"}).body["id"].rpartition("/")[2]
    second = door.data("PUT", "/secrets/own", {"value": "two"}).body["id"].rpartition("/")[2]
    changed = door.data("PATCH", f"/secrets/own{path.format(version=second)}", {"tags": {"team": "render"}})
    assert (changed.status, changed.body["id"].rpartition("/")[2]) == (200, second)
    assert door.data("GET", "/secrets/own").body["tags"] == {"team": "render"}
    assert "tags" not in door.data("GET", f"/secrets/own/{first}").body
