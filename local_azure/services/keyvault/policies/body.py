"""From the policy of a request to a `Policy`, or to Key Vault's refusal."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from cryptography import x509

from local_azure.services.keyvault import errors
from local_azure.services.keyvault.bodies import Body
from local_azure.services.keyvault.policies.policy import (
    AUTO_RENEW,
    EC_BITS,
    EMAIL_CONTACTS,
    PEM,
    PKCS12,
    RSA_BITS,
    SELF,
    UNKNOWN,
    AlternativeNames,
    LifetimeAction,
    Policy,
)
from local_azure.services.keyvault.policies.subject import parse_subject

_KEY_TYPES = ("RSA", "RSA-HSM", "EC", "EC-HSM")
_USAGES = frozenset(
    {
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    }
)
_MOST_MONTHS = 1200  # keeps the expiry within what X.509 can say
_LONGEST_SUBJECT = 200  # "Importing Azure Key Vault certificates FAQ"
_DAYS_PER_MONTH = 27  # the highest days_before_expiry is 27 for each month of validity


def read_policy(body: Body, base: Policy, now: datetime, *, new: bool = False) -> Policy:
    """*base* with what *body* gives changed; a *new* policy that gives no lifetime action gets Key Vault's own.

    Raises: AzureError 400 `BadParameter`, for what each part says by itself; `check_policy` looks at the whole.
    Source: Key Vault REST API 7.5, CertificatePolicy and its parts.
    """
    policy = _with_key(base, body.part("key_props"))
    policy = _with_x509(policy, body.part("x509_props"))
    policy = _with_issuer(policy, body.part("issuer"))
    content_type = body.part("secret_props").text("contentType", policy.content_type)
    if content_type not in {PKCS12, PEM}:
        raise errors.invalid_value("policy.secret_props.contentType", f"it is {PKCS12} or {PEM}")
    if "lifetime_actions" in body:
        policy = replace(policy, lifetime_actions=tuple(_action(part) for part in body.parts("lifetime_actions")))
    elif new:
        policy = replace(policy, lifetime_actions=(_default_action(policy.issuer),))
    enabled = body.part("attributes").flag("enabled", policy.enabled)
    return replace(policy, content_type=content_type, enabled=enabled, updated=now)


def _with_key(policy: Policy, key: Body) -> Policy:
    kty = key.text("kty", policy.kty)
    if kty not in _KEY_TYPES:
        raise errors.invalid_value(key.name("kty"), f"it is one of {', '.join(_KEY_TYPES)}")
    hardware = kty.endswith("-HSM")
    exportable = key.flag("exportable", policy.exportable and not hardware)
    if hardware and exportable:
        raise errors.invalid_value(key.name("exportable"), f"a key of type {kty} cannot be exportable")
    reuse_key = key.flag("reuse_key", policy.reuse_key)
    policy = replace(policy, kty=kty, exportable=exportable, reuse_key=reuse_key)
    return _with_curve(policy, key) if kty.startswith("EC") else _with_size(policy, key)


def _with_curve(policy: Policy, key: Body) -> Policy:
    curve = key.text("crv", policy.curve or "P-256")
    if curve not in EC_BITS:
        raise errors.invalid_value(key.name("crv"), f"it is one of {', '.join(EC_BITS)}")
    if key.number("key_size") not in {None, EC_BITS[curve]}:
        raise errors.invalid_value(key.name("key_size"), f"the curve {curve} has {EC_BITS[curve]} bits")
    return replace(policy, curve=curve, key_size=EC_BITS[curve])


def _with_size(policy: Policy, key: Body) -> Policy:
    if "crv" in key:
        raise errors.invalid_value(key.name("crv"), "only EC keys have a curve")
    size = key.number("key_size") or (policy.key_size if not policy.curve else RSA_BITS[0])
    if size not in RSA_BITS:
        raise errors.invalid_value(key.name("key_size"), "it is 2048, 3072 or 4096")
    return replace(policy, curve="", key_size=size)


def _with_x509(policy: Policy, given: Body) -> Policy:
    subject = given.text("subject", policy.subject)
    names = _names(given.part("sans"), policy.names) if "sans" in given else policy.names
    if len(subject) > _LONGEST_SUBJECT:
        raise errors.invalid_value(given.name("subject"), f"it has more than {_LONGEST_SUBJECT} characters")
    try:
        parse_subject(subject)
    except ValueError:
        raise errors.bad_parameter("The subject name provided is not a valid X500 name.") from None
    usage = tuple(sorted(given.texts("key_usage", policy.key_usage)))
    if unknown := sorted(set(usage) - _USAGES):
        raise errors.invalid_value(given.name("key_usage"), ", ".join(unknown))
    months = given.number("validity_months")
    if months is not None and not 1 <= months <= _MOST_MONTHS:
        raise errors.invalid_value(given.name("validity_months"), f"it is 1 to {_MOST_MONTHS}")
    return replace(
        policy,
        subject=subject,
        names=names,
        key_usage=usage,
        ekus=_ekus(given, policy.ekus),
        validity_months=months or policy.validity_months,
    )


def _names(given: Body, base: AlternativeNames) -> AlternativeNames:
    names = AlternativeNames(
        dns_names=given.texts("dns_names", base.dns_names),
        emails=given.texts("emails", base.emails),
        upns=given.texts("upns", base.upns),
        uris=given.texts("uris", base.uris),
        ip_addresses=given.texts("ipAddresses", base.ip_addresses),
    )
    for address in names.ip_addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise errors.invalid_value(given.name("ipAddresses"), address) from None
    for text in (*names.dns_names, *names.emails, *names.uris):
        if not text.isascii():
            raise errors.invalid_value(given.name("sans"), text)
    return names


def _ekus(given: Body, base: tuple[str, ...]) -> tuple[str, ...]:
    ekus = given.texts("ekus", base)
    for eku in ekus:
        try:
            x509.ObjectIdentifier(eku)
        except ValueError:
            raise errors.invalid_value(given.name("ekus"), eku) from None
    return ekus


def _with_issuer(policy: Policy, issuer: Body) -> Policy:
    transparency = (
        issuer.flag("cert_transparency", default=False) if "cert_transparency" in issuer else policy.transparency
    )
    return replace(
        policy,
        issuer=issuer.text("name", policy.issuer),
        certificate_type=issuer.text("cty", policy.certificate_type),
        transparency=transparency,
    )


def _default_action(issuer: str) -> LifetimeAction:
    """At 80 % of the lifetime, what the issuer lets Key Vault do, as in the Azure CLI's test recordings."""
    return LifetimeAction(AUTO_RENEW if issuer.lower() == SELF else EMAIL_CONTACTS, lifetime_percentage=80)


def _action(given: Body) -> LifetimeAction:
    action = given.part("action").text("action_type", "")
    known = next((name for name in (AUTO_RENEW, EMAIL_CONTACTS) if name.lower() == action.lower()), None)
    if known is None:
        raise errors.invalid_value("policy.lifetime_actions.action.action_type", action)
    trigger = given.part("trigger")
    days, percentage = trigger.number("days_before_expiry"), trigger.number("lifetime_percentage")
    if (days is None) == (percentage is None):
        raise errors.invalid_value(
            "policy.lifetime_actions.trigger", "one of days_before_expiry and lifetime_percentage is needed"
        )
    return LifetimeAction(known, days, percentage)


def check_policy(policy: Policy, authorities: Collection[str] = ()) -> None:
    """That the parts of *policy* go together, and its issuer is one of the vault's *authorities* (lower-cased names).

    Raises: AzureError 400 `BadParameter`.
    """
    if not policy.subject and policy.names == AlternativeNames():
        raise errors.invalid_value("policy.x509_props", "a subject or a subject alternative name is needed")
    if policy.issuer.lower() not in {SELF, UNKNOWN, *authorities}:
        raise errors.issuer_not_found(policy.issuer)
    if len(policy.lifetime_actions) > 1:
        raise errors.invalid_value("policy.lifetime_actions", "a policy has one lifetime action at most")
    highest = policy.validity_months * _DAYS_PER_MONTH
    for action in policy.lifetime_actions:
        if action.lifetime_percentage is not None and not 1 <= action.lifetime_percentage <= 99:
            raise errors.invalid_value(
                "policy.lifetime_actions.trigger.lifetime_percentage", "it should be between 1 and 99"
            )
        if action.days_before_expiry is not None and not 1 <= action.days_before_expiry <= highest:
            raise errors.invalid_value(
                "policy.lifetime_actions.trigger.days_before_expiry",
                f"it should be between 1 and validity_in_months multiplied by 27 ({highest})",
            )
