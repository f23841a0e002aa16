"""The policy of a certificate as a vault's own host shows it."""

from __future__ import annotations

from typing import Any

from local_azure.services.keyvault.policies.policy import LifetimeAction, Policy


def policy_json(policy: Policy, certificate_url: str) -> dict[str, Any]:
    """The policy as Key Vault shows it."""
    key = {
        "exportable": policy.exportable,
        "kty": policy.kty,
        "key_size": policy.key_size,
        "reuse_key": policy.reuse_key,
    }
    issuer: dict[str, Any] = {"name": policy.issuer}
    if policy.curve:
        key["crv"] = policy.curve
    if policy.certificate_type:
        issuer["cty"] = policy.certificate_type
    if policy.transparency is not None:
        issuer["cert_transparency"] = policy.transparency
    return {
        "id": f"{certificate_url}/policy",
        "key_props": key,
        "secret_props": {"contentType": policy.content_type},
        "x509_props": _x509_json(policy),
        "lifetime_actions": [_action_json(action) for action in policy.lifetime_actions],
        "issuer": issuer,
        "attributes": {
            "enabled": policy.enabled,
            "created": int(policy.created.timestamp()),
            "updated": int(policy.updated.timestamp()),
        },
    }


def _x509_json(policy: Policy) -> dict[str, Any]:
    names = {
        "dns_names": policy.names.dns_names,
        "emails": policy.names.emails,
        "upns": policy.names.upns,
        "uris": policy.names.uris,
        "ipAddresses": policy.names.ip_addresses,
    }
    given = {kind: list(values) for kind, values in names.items() if values}
    return {
        "subject": policy.subject,
        **({"sans": given} if given else {}),
        "ekus": list(policy.ekus),
        "key_usage": list(policy.key_usage),
        "validity_months": policy.validity_months,
        "basic_constraints": {"ca": policy.ca},
    }


def _action_json(action: LifetimeAction) -> dict[str, Any]:
    trigger = {
        name: value
        for name, value in (
            ("lifetime_percentage", action.lifetime_percentage),
            ("days_before_expiry", action.days_before_expiry),
        )
        if value is not None
    }
    return {"trigger": trigger, "action": {"action_type": action.action}}
