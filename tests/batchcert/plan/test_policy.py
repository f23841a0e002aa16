"""A certificate's policy: what drift is, and what is only another spelling."""

from dataclasses import replace

import pytest

from batchcert.plan.policy import LifetimeAction, desired_policy, policy_drift
from batchcert.spec import CertificateSpec, Renewal, RenewalTrigger

SPEC = CertificateSpec(
    name="web", subject="CN=web.example.com, O=Example", dns_names=["a.example.com", "b.example.com"]
)
POLICY = desired_policy(SPEC)
EC = desired_policy(SPEC.model_copy(update={"key_type": "EC", "curve": "P-384"}))


@pytest.mark.parametrize(
    "spelt",
    [
        {"subject": "cn=web.example.com,O=Example"},
        {"dns_names": ("B.EXAMPLE.COM", "a.example.com")},
        {"key_type": "rsa"},
        {"content_type": "application/X-PEM-file"},
        {"issuer": "self"},
        {"curve": "P-256"},
        {"actions": (LifetimeAction("autorenew", days_before_expiry=30),)},
    ],
    ids=lambda spelt: next(iter(spelt)),
)
def test_another_spelling_is_no_drift(spelt):
    """Blanks, case and order that Key Vault does not keep, and a curve on an RSA key, mean nothing."""
    assert policy_drift(POLICY, replace(POLICY, **spelt)) == ()


def test_the_size_that_key_vault_tells_of_an_ec_key_is_no_drift():
    """It gives 384 for P-384, where nobody asked for a size."""
    assert policy_drift(EC, replace(EC, key_size=384)) == ()


@pytest.mark.parametrize(
    ("changed", "path", "before", "after"),
    [
        ({"subject": "CN=old.example.com"}, "subject", "CN=old.example.com", "CN=web.example.com, O=Example"),
        ({"subject": "CN=WEB.example.com, O=Example"}, "subject", "CN=WEB.example.com, O=Example", None),
        ({"dns_names": ("a.example.com",)}, "dns_names", "a.example.com", "a.example.com, b.example.com"),
        ({"other_names": ("email:a@b.c",)}, "other_names", "email:a@b.c", ""),
        ({"key_type": "EC"}, "key_type", "EC", "RSA"),
        ({"key_size": 4096}, "key_size", "4096", "2048"),
        ({"exportable": False}, "exportable", "false", "true"),
        ({"content_type": "application/x-pkcs12"}, "content_type", "application/x-pkcs12", "application/x-pem-file"),
        ({"issuer": "DigiCert"}, "issuer", "DigiCert", "Self"),
        ({"validity_months": 3}, "validity_months", "3", "12"),
        ({"actions": ()}, "renewal", "", "AutoRenew 30 days before expiry"),
        (
            {"actions": (LifetimeAction("EmailContacts", lifetime_percentage=80),)},
            "renewal",
            "EmailContacts at 80 % of the lifetime",
            "AutoRenew 30 days before expiry",
        ),
        (
            {"actions": (LifetimeAction("AutoRenew", days_before_expiry=5),)},
            "renewal",
            "AutoRenew 5 days before expiry",
            "AutoRenew 30 days before expiry",
        ),
    ],
)
def test_each_field_that_differs_is_told_with_both_values(changed, path, before, after):
    """What is there now, and what is asked for."""
    drift = {field.path: field for field in policy_drift(POLICY, replace(POLICY, **changed))}
    assert drift[path].before == before
    if after is not None:
        assert drift[path].after == after


def test_only_the_renewal_takes_effect_at_once():
    """The rest shapes versions, so a version that exists keeps what it has."""
    different = replace(POLICY, subject="CN=x", actions=())
    whys = {field.path: field.why for field in policy_drift(POLICY, different)}
    assert whys == {"subject": "from the next version on", "renewal": ""}


@pytest.mark.parametrize(
    ("renewal", "action"),
    [
        (Renewal(value=20), LifetimeAction("AutoRenew", days_before_expiry=20)),
        (
            Renewal(trigger=RenewalTrigger.LIFETIME_PERCENTAGE, value=75),
            LifetimeAction("AutoRenew", lifetime_percentage=75),
        ),
    ],
)
def test_both_triggers_become_auto_renew(renewal, action):
    """Days before expiry, or a percentage of the lifetime; never both."""
    policy = desired_policy(SPEC.model_copy(update={"renewal": renewal}))
    assert policy.actions == (action,)
    assert policy.renewal == action


def test_what_does_not_apply_to_a_key_is_left_out():
    """RSA has a size, EC a curve."""
    assert (POLICY.key_size, POLICY.curve) == (2048, "")
    assert (EC.key_size, EC.curve) == (None, "P-384")
