"""Certificates that a vault orders from one of its issuers."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.verification import PolicyBuilder, Store

ISSUER = {"provider": "DigiCert", "credentials": {"account_id": "ours", "pwd": "hidden"}}


@pytest.fixture
def ordering(door):
    """A vault with the issuer `ca`; an order takes three seconds of the clock."""
    assert door.data("PUT", "/certificates/issuers/ca", ISSUER).status == 200
    return door


def order(door, name="web", **changes):
    policy = {**door.POLICY, "issuer": {"name": "ca"}, **changes}
    return door.data("POST", f"/certificates/{name}/create", {"policy": policy})


def pending(door, name="web"):
    return door.data("GET", f"/certificates/{name}/pending").body


def chain(door, name="web"):
    return x509.load_pem_x509_certificates(door.data("GET", f"/secrets/{name}").body["value"].encode())


def test_an_order_is_pending_until_the_authority_has_signed(ordering):
    """Meanwhile nothing else can be begun, and nobody else's signature is taken."""
    assert order(ordering).body["status"] == "inProgress"
    ordering.advance(timedelta(seconds=2))
    assert pending(ordering)["status_details"].endswith("Please check again later.")
    assert order(ordering).status == 409
    merge = ordering.data("POST", "/certificates/web/pending/merge", {"x5c": ["AAAA"]})
    assert merge.body["error"]["message"] == (
        "Merge is forbidden on pending object created with issuer : ca while it is in progess."
    )
    ordering.advance(timedelta(seconds=1))
    assert pending(ordering)["status"] == "completed"
    assert pending(ordering)["target"] == "https://kv-test.vault.azure.net/certificates/web"


def test_the_leaf_stands_on_a_real_chain(ordering):
    """It leads over an issuing certificate to a root, as a verifier of TLS servers sees it."""
    order(ordering, x509_props={"subject": "CN=www.example.com", "validity_months": 6})
    ordering.advance(timedelta(seconds=3))
    leaf, issuing, root = chain(ordering)
    now = ordering.clock.now()
    verifier = PolicyBuilder().store(Store([root])).time(now).build_server_verifier(x509.DNSName("www.example.com"))
    assert verifier.verify(leaf, [issuing]) == [leaf, issuing, root]
    assert "DigiCert" in issuing.subject.rfc4514_string()
    assert timedelta(days=180) < leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=185)
    shown = ordering.data("GET", "/certificates/web").body["cer"]
    assert shown == base64.b64encode(leaf.public_bytes(Encoding.DER)).decode()


def test_the_chain_is_part_of_a_pfx(ordering):
    """With the leaf and its key first."""
    order(ordering, secret_props={"contentType": "application/x-pkcs12"})
    ordering.advance(timedelta(seconds=3))
    content = pkcs12.load_pkcs12(base64.b64decode(ordering.data("GET", "/secrets/web").body["value"]), None)
    assert content.cert is not None
    assert len(content.additional_certs) == 2
    content.cert.certificate.verify_directly_issued_by(content.additional_certs[0].certificate)
    content.additional_certs[0].certificate.verify_directly_issued_by(content.additional_certs[1].certificate)


def test_orders_of_one_provider_have_one_root(ordering):
    """Of whatever vault and issuer; another provider has its own."""
    ordering.data("PUT", "/certificates/issuers/other", {**ISSUER, "provider": "globalsign"})
    order(ordering, "one")
    order(ordering, "two")
    order(ordering, "three", issuer={"name": "other"})
    ordering.advance(timedelta(seconds=3))
    one, two, three = (chain(ordering, name)[-1] for name in ("one", "two", "three"))
    assert one == two
    assert one.subject != three.subject


def test_the_authority_is_made_anew_before_a_leaf_outlives_it(ordering):
    """Ten years on, a chain still holds until the leaf's end."""
    order(ordering)
    ordering.advance(timedelta(days=365 * 10))
    order(ordering, "late")
    ordering.advance(timedelta(seconds=3))
    leaf, issuing, root = chain(ordering, "late")
    leaf.verify_directly_issued_by(issuing)
    assert leaf.not_valid_after_utc < issuing.not_valid_after_utc < root.not_valid_after_utc


def test_an_order_can_be_cancelled(ordering):
    """It is asked for at once, and has happened when the order would have ended."""
    order(ordering)
    asked = ordering.data("PATCH", "/certificates/web/pending", {"cancellation_requested": True})
    assert (asked.body["status"], asked.body["cancellation_requested"]) == ("inProgress", True)
    ordering.advance(timedelta(seconds=3))
    assert pending(ordering)["status"] == "cancelled"
    assert order(ordering).status == 202


def test_a_removed_order_completes_nothing(ordering):
    """Whatever the authority makes of it later."""
    order(ordering)
    assert ordering.data("DELETE", "/certificates/web/pending").status == 200
    ordering.advance(timedelta(days=1))
    assert ordering.data("GET", "/certificates/web/pending").status == 404
    assert ordering.data("GET", "/certificates/web").body["attributes"]["enabled"] is False


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"attributes": {"enabled": False}}, "Certificate issuer error", "The issuer ca is disabled."),
        ({"provider": "Nobody"}, "Certificate issuer error", "The provider Nobody of the issuer ca takes no orders."),
        (
            {"credentials": {"account_id": "ours", "pwd": ""}},
            "Request rejected",
            "DigiCert does not accept the credentials of the issuer ca.",
        ),
        (None, "Certificate issuer error", "The issuer ca does not exist in this key vault."),
    ],
)
def test_why_an_order_fails(ordering, change, code, told):
    """The operation says so; with a certificate from elsewhere it can still be merged."""
    order(ordering)
    path = "/certificates/issuers/ca"
    assert (ordering.data("PATCH", path, change) if change else ordering.data("DELETE", path)).status == 200
    ordering.advance(timedelta(seconds=3))
    ended = pending(ordering)
    assert (ended["status"], ended["error"]) == ("failed", {"code": code, "message": told})
    merge = ordering.data("POST", "/certificates/web/pending/merge", {"x5c": []})
    assert merge.status == 400
    assert "Merge is forbidden" not in merge.body["error"]["message"]


def test_an_order_goes_on_after_its_certificate_was_recovered(ordering):
    """As a creation of any other kind does."""
    order(ordering)
    ordering.data("DELETE", "/certificates/web")
    ordering.advance(timedelta(days=1))
    ordering.data("POST", "/deletedcertificates/web/recover")
    ordering.advance(timedelta(seconds=3))
    assert pending(ordering)["status"] == "completed"
