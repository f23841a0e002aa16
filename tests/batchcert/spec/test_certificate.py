"""The certificate's parameters."""

import pytest
from pydantic import ValidationError

from batchcert.spec import DEFAULT_STORE, CertificateSpec, RenewalTrigger


def certificate(**fields: object) -> CertificateSpec:
    """A certificate of *fields* over the least there is."""
    return CertificateSpec.model_validate({"name": "web", "subject": "CN=web.example.com"} | fields)


def test_a_certificate_of_name_and_subject_renews_itself():
    """The defaults give a self-signed, exportable certificate that Key Vault renews 30 days before expiry."""
    spec = certificate()
    assert (spec.issuer, spec.exportable, spec.store) == ("Self", True, DEFAULT_STORE)
    assert (spec.renewal.trigger, spec.renewal.value) == (RenewalTrigger.DAYS_BEFORE_EXPIRY, 30)


@pytest.mark.parametrize(
    ("trigger", "months", "value", "taken"),
    [
        ("days-before-expiry", 12, 1, True),
        ("days-before-expiry", 12, 12 * 27, True),
        ("days-before-expiry", 12, 12 * 27 + 1, False),
        ("days-before-expiry", 1, 27, True),
        ("days-before-expiry", 1, 28, False),
        ("days-before-expiry", 1, 0, False),
        ("lifetime-percentage", 1, 99, True),
        ("lifetime-percentage", 120, 100, False),
        ("lifetime-percentage", 120, 1, True),
    ],
)
def test_the_renewals_value_keeps_to_what_key_vault_takes(trigger, months, value, taken):
    """Days run from 1 to 27 a month of validity, percent from 1 to 99."""
    fields = {"validity_months": months, "renewal": {"trigger": trigger, "value": value}}
    if taken:
        assert certificate(**fields).renewal.value == value
    else:
        with pytest.raises(ValidationError, match="renewal"):
            certificate(**fields)


def test_all_that_keeps_it_from_renewing_is_told_at_once():
    """Three reasons, one answer."""
    with pytest.raises(ValidationError) as error:
        certificate(exportable=False, issuer="unknown", validity_months=1, renewal={"value": 30})
    for reason in ("takes 1 to 27", "exportable is off", "issuer Unknown"):
        assert reason in str(error.value)


@pytest.mark.parametrize("store", ["/var/lib/waagent/Microsoft.Azure.KeyVault.Store", "/srv/tls/web.d"])
def test_stores_are_absolute_paths(store):
    """Any folder of the node."""
    assert certificate(store=store).store == store


@pytest.mark.parametrize("store", ["", "/", "srv/tls", "/srv/my tls", "/srv/$(id)", "/srv/`id`", '/srv/"', "/srv/\0"])
def test_stores_that_a_shell_could_misread_are_refused(store):
    """Blanks, quotes, substitutions and NUL have no place in a store's path."""
    with pytest.raises(ValidationError, match="store"):
        certificate(store=store)


@pytest.mark.parametrize("name", ["*.example.com", "web.example.com", "localhost", "xn--bcher-kva.example"])
def test_dns_names(name):
    """Plain, wildcard and internationalised names."""
    assert certificate(dns_names=[name]).dns_names == [name]


@pytest.mark.parametrize("name", ["", "-web.example.com", "web..example.com", "a.*.example.com", "web.example.com."])
def test_what_is_no_dns_name(name):
    """A wildcard stands in front or nowhere, a label has no hyphen at its ends."""
    with pytest.raises(ValidationError, match="dns_names"):
        certificate(dns_names=[name])


@pytest.mark.parametrize("user", ["root; id", "Root", "", "0day", "x" * 33])
def test_readers_are_names_of_linux_users(user):
    """What no Linux user is called is refused."""
    with pytest.raises(ValidationError, match="user"):
        certificate(readers=[{"user": user}])


def test_its_files_begin_with_vault_and_name():
    """What follows differs by extension version, so only the beginning is told."""
    assert certificate().file_prefix("kv") == "kv.web"
