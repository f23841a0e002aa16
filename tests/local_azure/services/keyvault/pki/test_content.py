from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from local_azure.services.keyvault.pki.content import read_content
from local_azure.services.keyvault.pki.imported import policy_of
from local_azure.services.keyvault.pki.x509 import key_pem, load_key
from local_azure.services.keyvault.policies.policy import PEM, PKCS12, Policy
from local_azure.wire.messages import AzureError

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def issued(authority):
    return authority.issue_cert("www.example.com", "10.0.0.1")


def key_of(issued):
    return load_key(issued.private_key_pem.bytes().decode())


def chain(issued, authority):
    leaf = issued.cert_chain_pems[0].bytes()
    return [x509.load_pem_x509_certificate(pem) for pem in (leaf, authority.cert_pem.bytes())]


def pem(issued, authority, *, password=b"", key_first=True):
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    key = key_of(issued).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    certificates = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in reversed(chain(issued, authority)))
    return (key + certificates if key_first else certificates + key).decode()


def pfx(issued, authority, *, password=b"", key=True):
    leaf, ca = chain(issued, authority)
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    content = pkcs12.serialize_key_and_certificates(None, key_of(issued) if key else None, leaf, [ca], encryption)
    return base64.b64encode(content).decode()


@pytest.mark.parametrize("key_first", [True, False])
@pytest.mark.parametrize("password", [b"", b"secret"])
def test_pem_is_read_in_any_order_with_the_leaf_first(issued, authority, key_first, password):
    """The leaf is the certificate of the key, wherever it stands."""
    text = pem(issued, authority, password=password, key_first=key_first)
    content = read_content(text, password.decode(), PEM, NOW)
    assert list(content.certificates) == chain(issued, authority)
    assert key_pem(content.key) == key_pem(key_of(issued))


def test_pem_may_come_in_base64(issued, authority):
    """As the clients for Python and .NET send it."""
    text = base64.b64encode(pem(issued, authority).encode()).decode()
    assert list(read_content(text, "", PEM, NOW).certificates) == chain(issued, authority)


@pytest.mark.parametrize("password", [b"", b"secret"])
def test_pfx_is_read_with_its_chain(issued, authority, password):
    """With and without a password."""
    content = read_content(pfx(issued, authority, password=password), password.decode(), PKCS12, NOW)
    assert list(content.certificates) == chain(issued, authority)


def leaf_pem(issued, authority):
    return issued.cert_chain_pems[0].bytes().decode()


def foreign_key(issued, authority):
    return key_pem(key_of(authority.issue_cert("other.example.com")))


@pytest.mark.parametrize(
    ("make", "content_type", "password", "message"),
    [
        pytest.param(pem, PKCS12, "", "PKCS#12 X.509 certificate content can not be read", id="PEM as PFX"),
        pytest.param(pfx, PEM, "", "No certificate with private key found", id="PFX as PEM"),
        pytest.param(
            lambda *made: pem(*made).replace("\n", "\r\n"), PEM, "", "unexpected format", id="Windows line ends"
        ),
        pytest.param(lambda *made: pem(*made, password=b"a"), PEM, "b", "unexpected format", id="wrong PEM password"),
        pytest.param(lambda *made: pfx(*made, password=b"a"), PKCS12, "b", "can not be read", id="wrong PFX password"),
        pytest.param(leaf_pem, PEM, "", "No certificate with private key found", id="no key in PEM"),
        pytest.param(
            lambda *made: pfx(*made, key=False), PKCS12, "", "No certificate with private key found", id="no key in PFX"
        ),
        pytest.param(
            lambda *made: foreign_key(*made) + leaf_pem(*made), PEM, "", "does not match the public", id="another key"
        ),
        pytest.param(foreign_key, PEM, "", "unexpected format", id="only a key"),
        pytest.param(lambda *_made: "", PKCS12, "", "can not be read", id="nothing"),
    ],
)
def test_bad_content_is_refused_in_key_vaults_words(  # noqa: PLR0917 - one column each
    issued, authority, make, content_type, password, message
):
    """Each says what is wrong with it."""
    with pytest.raises(AzureError) as refusal:
        read_content(make(issued, authority), password, content_type, NOW)
    assert (refusal.value.status, refusal.value.code) == (400, "BadParameter")
    assert message in refusal.value.message


def test_an_expired_pfx_is_refused_and_an_expired_pem_is_not(issued, authority):
    """The clock of the vault decides."""
    later = issued_until(issued) + timedelta(seconds=1)
    with pytest.raises(AzureError, match="expired"):
        read_content(pfx(issued, authority), "", PKCS12, later)
    assert read_content(pem(issued, authority), "", PEM, later).leaf


def issued_until(issued):
    return x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()).not_valid_after_utc


def test_the_policy_of_an_import_is_what_the_certificate_says(issued, authority):
    """Subject, names, key and uses come from the certificate; exportable and issuer from the policy given."""
    content = read_content(pem(issued, authority), "", PEM, NOW)
    policy = policy_of(content, Policy(NOW, NOW, subject="CN=ignored", exportable=False, issuer="Unknown"))
    assert (policy.kty, policy.curve, policy.key_size) == ("EC", "P-256", 256)
    assert policy.subject.startswith('OU="Testing cert')
    assert policy.names.dns_names == ("www.example.com",)
    assert policy.names.ip_addresses == ("10.0.0.1",)
    assert policy.ekus == ("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3")
    assert policy.key_usage == ("digitalSignature", "keyEncipherment")
    assert (policy.ca, policy.exportable, policy.issuer) == (False, False, "Unknown")


def test_an_imported_certificate_has_issuer_unknown_and_never_renews(door, issued, authority):
    """Without a policy only a mail is written near the end, and the clock makes no new version."""
    imported = door.data("POST", "/certificates/own/import", {"value": pfx(issued, authority)})
    assert imported.status == 200
    policy = imported.body["policy"]
    assert policy["issuer"] == {"name": "Unknown"}
    assert policy["lifetime_actions"][0]["action"] == {"action_type": "EmailContacts"}
    assert "pending" not in imported.body
    renewing = {"lifetime_actions": [{"trigger": {"days_before_expiry": 5}, "action": {"action_type": "AutoRenew"}}]}
    assert door.data("PATCH", "/certificates/own/policy", renewing).status == 200
    door.advance(timedelta(days=3650))
    assert len(door.versions("own")) == 1


def test_a_chain_that_was_imported_is_in_the_secret(door, issued, authority):
    """PEM: the key, then the leaf, then the authority."""
    body = {"value": pem(issued, authority), "policy": {"secret_props": {"contentType": PEM}}}
    door.data("POST", "/certificates/own/import", body)
    value = door.data("GET", "/secrets/own").body["value"]
    assert load_key(value[: value.index("-----BEGIN CERT")]).public_key() == key_of(issued).public_key()
    assert x509.load_pem_x509_certificates(value.encode()) == chain(issued, authority)


def test_an_import_over_an_existing_certificate_follows_its_policy(door, issued, authority):
    """The content type kept with the name decides how the value is read."""
    door.create()
    assert door.data("POST", "/certificates/web/import", {"value": pfx(issued, authority)}).status == 400
    assert door.data("POST", "/certificates/web/import", {"value": pem(issued, authority)}).status == 200
    assert len(door.versions()) == 2


def test_what_somebody_signed_is_merged_with_the_pending_key(door, authority, issued):
    """201 with the version; a certificate of another key is refused."""
    policy = {"x509_props": {"subject": "CN=manual"}, "key_props": {"kty": "EC"}, "issuer": {"name": "Unknown"}}
    started = door.data("POST", "/certificates/manual/create", {"policy": policy}).body
    other = base64.b64encode(chain(issued, authority)[0].public_bytes(serialization.Encoding.DER)).decode()
    refused = door.data("POST", "/certificates/manual/pending/merge", {"x5c": [other]})
    assert "does not match" in refused.body["error"]["message"]
    signed = sign(started["csr"], authority)
    merged = door.data("POST", "/certificates/manual/pending/merge", {"x5c": [signed], "tags": {"a": "b"}})
    assert (merged.status, merged.body["cer"], merged.body["tags"]) == (201, signed, {"a": "b"})
    assert door.data("GET", "/certificates/manual/pending").body["status"] == "completed"
    assert door.data("POST", "/certificates/manual/pending/merge", {"x5c": [signed]}).status == 404


@pytest.mark.parametrize("written", ["der", "pem", "base64"])
def test_a_merge_takes_a_certificate_as_clients_write_it(door, authority, written):
    """Each once more in base64, as the protocol wants it."""
    policy = {"x509_props": {"subject": "CN=manual"}, "key_props": {"kty": "EC"}, "issuer": {"name": "Unknown"}}
    started = door.data("POST", "/certificates/manual/create", {"policy": policy}).body
    signed = sign(started["csr"], authority)
    pem = f"-----BEGIN CERTIFICATE-----\n{signed}\n-----END CERTIFICATE-----\n"
    content = {"der": base64.b64decode(signed), "pem": pem.encode(), "base64": signed.encode()}[written]
    x5c = [base64.b64encode(content).decode()]
    merged = door.data("POST", "/certificates/manual/pending/merge", {"x5c": x5c})
    assert (merged.status, merged.body.get("cer")) == (201, signed)


def sign(csr, authority):
    request = x509.load_der_x509_csr(base64.b64decode(csr))
    ca = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    key = serialization.load_pem_private_key(authority.private_key_pem.bytes(), None)
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(ca.subject)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=30))
    )
    certificate = builder.sign(key, hashes.SHA256())
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def test_pem_is_known_by_its_first_line_where_nothing_names_the_format(door, authority):
    """As the Azure CLI sends it; the secret then is PEM, and the next import keeps to what the policy says."""
    pem = authority.issue_cert("own.example.com").private_key_and_cert_chain_pem.bytes().decode()
    made = door.data("POST", "/certificates/own/import", {"value": pem}).body
    assert made["policy"]["secret_props"] == {"contentType": "application/x-pem-file"}
    again = base64.b64encode(pem.encode()).decode()
    assert door.data("POST", "/certificates/own/import", {"value": again}).status == 200
    named = {"value": pem, "policy": {"secret_props": {"contentType": "application/x-pkcs12"}}}
    assert door.data("POST", "/certificates/other/import", named).status == 400
