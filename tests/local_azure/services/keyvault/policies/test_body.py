from __future__ import annotations

from datetime import UTC, datetime

import pytest

from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.data.policy_view import policy_json
from local_azure.services.keyvault.policies.body import check_policy, read_policy
from local_azure.services.keyvault.policies.policy import LifetimeAction, Policy
from local_azure.wire.messages import AzureError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SELF = {"x509_props": {"subject": "CN=a"}, "issuer": {"name": "Self"}}


def read(content, base=None, *, new=True):
    policy = read_policy(Body(content, "policy"), base or Policy(NOW, NOW), NOW, new=new)
    check_policy(policy)
    return policy


def action(kind="AutoRenew", **trigger):
    return {"lifetime_actions": [{"trigger": trigger, "action": {"action_type": kind}}]}


def test_what_is_left_out_has_key_vaults_default():
    """The defaults that the service shows for a policy of a subject and an issuer."""
    shown = policy_json(read(SELF), "https://v/certificates/c")
    assert shown == {
        "id": "https://v/certificates/c/policy",
        "key_props": {"exportable": True, "kty": "RSA", "key_size": 2048, "reuse_key": False},
        "secret_props": {"contentType": "application/x-pkcs12"},
        "x509_props": {
            "subject": "CN=a",
            "ekus": ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
            "key_usage": ["digitalSignature", "keyEncipherment"],
            "validity_months": 12,
            "basic_constraints": {"ca": False},
        },
        "lifetime_actions": [{"trigger": {"lifetime_percentage": 80}, "action": {"action_type": "AutoRenew"}}],
        "issuer": {"name": "Self"},
        "attributes": {"enabled": True, "created": int(NOW.timestamp()), "updated": int(NOW.timestamp())},
    }


@pytest.mark.parametrize(
    ("issuer", "expected"), [("Self", "AutoRenew"), ("self", "AutoRenew"), ("Unknown", "EmailContacts")]
)
def test_the_default_lifetime_action_follows_the_issuer(issuer, expected):
    """Key Vault renews what it signs itself; for the rest it can only write a mail."""
    assert read({**SELF, "issuer": {"name": issuer}}).lifetime_actions == (
        LifetimeAction(expected, lifetime_percentage=80),
    )


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"key_props": {"kty": "DSA"}}, "policy.key_props.kty"),
        ({"key_props": {"key_size": 1024}}, "policy.key_props.key_size"),
        ({"key_props": {"key_size": "2048"}}, "policy.key_props.key_size"),
        ({"key_props": {"kty": "EC", "crv": "P-192"}}, "policy.key_props.crv"),
        ({"key_props": {"kty": "EC", "crv": "P-256", "key_size": 2048}}, "policy.key_props.key_size"),
        ({"key_props": {"kty": "RSA", "crv": "P-256"}}, "policy.key_props.crv"),
        ({"key_props": {"kty": "RSA-HSM", "exportable": True}}, "policy.key_props.exportable"),
        ({"key_props": "RSA"}, "policy.key_props"),
        ({"secret_props": {"contentType": "text/plain"}}, "policy.secret_props.contentType"),
        ({"x509_props": {"subject": "www.example.com"}}, "The subject name provided is not a valid X500 name."),
        ({"x509_props": {"subject": "CN=" + "a" * 198}}, "policy.x509_props.subject"),
        ({"x509_props": {}}, "policy.x509_props"),
        ({"x509_props": {"subject": "CN=a", "ekus": ["server"]}}, "policy.x509_props.ekus"),
        ({"x509_props": {"subject": "CN=a", "key_usage": ["flying"]}}, "policy.x509_props.key_usage"),
        ({"x509_props": {"subject": "CN=a", "validity_months": 0}}, "policy.x509_props.validity_months"),
        ({"x509_props": {"subject": "CN=a", "validity_months": 1201}}, "policy.x509_props.validity_months"),
        ({"x509_props": {"subject": "CN=a", "sans": {"ipAddresses": ["1.2.3"]}}}, "policy.x509_props.sans.ipAddresses"),
        ({"x509_props": {"subject": "CN=a", "sans": {"dns_names": "a"}}}, "policy.x509_props.sans.dns_names"),
        ({"x509_props": {"subject": "CN=a", "sans": {"dns_names": ["ü.de"]}}}, "policy.x509_props.sans"),
        ({"issuer": {"name": "DigiCert-of-ours"}}, "Issuer DigiCert-of-ours specified in the policy was not found"),
        (action(days_before_expiry=0), "days_before_expiry"),
        (action(days_before_expiry=12 * 27 + 1), "multiplied by 27 (324)"),
        (action(lifetime_percentage=0), "lifetime_percentage"),
        (action(lifetime_percentage=100), "between 1 and 99"),
        (action(), "policy.lifetime_actions.trigger"),
        (action(days_before_expiry=30, lifetime_percentage=80), "policy.lifetime_actions.trigger"),
        (action("Celebrate", days_before_expiry=30), "action_type"),
        ({"lifetime_actions": action(lifetime_percentage=80)["lifetime_actions"] * 2}, "one lifetime action"),
    ],
)
def test_a_bad_policy_is_refused_and_says_where(given, fault):
    """400 BadParameter names the property."""
    with pytest.raises(AzureError) as refusal:
        read({**SELF, **given})
    assert (refusal.value.status, refusal.value.code) == (400, "BadParameter")
    assert fault in refusal.value.message


@pytest.mark.parametrize(
    "given",
    [
        action(days_before_expiry=1),
        action(days_before_expiry=12 * 27),
        action(lifetime_percentage=1),
        action(lifetime_percentage=99),
        action("emailcontacts", days_before_expiry=30),
        {"lifetime_actions": []},
        {"key_props": {"key_size": 4096}},
        {"key_props": {"kty": "EC", "crv": "P-521", "key_size": 521}},
        {"key_props": {"kty": "EC-HSM"}},
        {"x509_props": {"subject": "", "sans": {"dns_names": ["a.example.com"]}}},
        {"key_props": None, "secret_props": None},
    ],
)
def test_the_edges_of_what_is_taken(given):
    """The lowest and highest triggers, each kind of key, a name without a subject."""
    assert read({**SELF, **given}).issuer == "Self"


def test_the_keys_of_hardware_stay_inside():
    """A key of an -HSM type is not exportable unless somebody asks for it, which is refused."""
    assert read({**SELF, "key_props": {"kty": "RSA-HSM"}}).exportable is False


def test_a_change_leaves_alone_what_it_does_not_name():
    """PATCH on an EC policy: only the trigger changes, and no default comes in."""
    base = read({**SELF, "key_props": {"kty": "EC", "crv": "P-384"}, **action(days_before_expiry=30)})
    changed = read(action(lifetime_percentage=50), base, new=False)
    assert changed.lifetime_actions == (LifetimeAction("AutoRenew", lifetime_percentage=50),)
    assert (changed.curve, changed.key_size, changed.subject) == ("P-384", 384, "CN=a")
    assert read({"x509_props": {"validity_months": 6}}, base, new=False).lifetime_actions == base.lifetime_actions


def test_a_shorter_validity_has_to_fit_the_trigger():
    """The whole policy is looked at, not the change alone."""
    base = read({**SELF, **action(days_before_expiry=300)})
    with pytest.raises(AzureError, match="days_before_expiry"):
        read({"x509_props": {"validity_months": 6}}, base, new=False)


def test_from_ec_to_rsa_the_curve_goes():
    """Another key type brings its own default size."""
    base = read({**SELF, "key_props": {"kty": "EC"}})
    changed = read({"key_props": {"kty": "RSA"}}, base, new=False)
    assert (changed.kty, changed.key_size, changed.curve) == ("RSA", 2048, "")
