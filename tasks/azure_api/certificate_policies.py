"""A certificate policy between our plain values and the SDK's classes."""

from __future__ import annotations

from azure.keyvault.certificates import CertificatePolicy as SdkPolicy
from azure.keyvault.certificates import LifetimeAction as SdkAction

from batchcert.plan.policy import CertificatePolicy, LifetimeAction
from tasks.azure_api.plain import word

_OTHER_NAMES = (
    ("email", "san_emails"),
    ("upn", "san_user_principal_names"),
    ("ip", "san_ip_addresses"),
    ("uri", "san_uris"),
)


class _WholePolicy(SdkPolicy):
    """A policy that says "no names of this kind" where the SDK's own class would say nothing, and so change nothing."""

    @property
    def san_dns_names(self) -> list[str]:
        return super().san_dns_names or []

    @property
    def san_emails(self) -> list[str]:
        return []

    @property
    def san_user_principal_names(self) -> list[str]:
        return []


def from_sdk(policy: SdkPolicy) -> CertificatePolicy:
    """The plain values of what Key Vault told."""
    return CertificatePolicy(
        subject=policy.subject or "",
        dns_names=tuple(policy.san_dns_names or ()),
        other_names=tuple(f"{kind}:{name}" for kind, field in _OTHER_NAMES for name in getattr(policy, field) or ()),
        key_type=word(policy.key_type),
        key_size=policy.key_size,
        curve=word(policy.key_curve_name),
        exportable=bool(policy.exportable),
        content_type=word(policy.content_type),
        issuer=policy.issuer_name or "",
        validity_months=policy.validity_in_months,
        actions=tuple(
            LifetimeAction(word(action.action), action.days_before_expiry, action.lifetime_percentage)
            for action in policy.lifetime_actions or ()
        ),
    )


def to_sdk(policy: CertificatePolicy, kept: SdkPolicy | None = None) -> SdkPolicy:
    """The SDK's form of *policy*; what *policy* does not decide is taken over from *kept*."""
    return _WholePolicy(
        issuer_name=policy.issuer,
        subject=policy.subject,
        san_dns_names=list(policy.dns_names),
        key_type=policy.key_type,
        key_size=policy.key_size,
        key_curve_name=policy.curve or None,
        exportable=policy.exportable,
        # a new key with each version, unless somebody decided otherwise
        reuse_key=bool(kept.reuse_key) if kept else False,
        content_type=policy.content_type,
        validity_in_months=policy.validity_months,
        lifetime_actions=[
            SdkAction(
                action.action,
                lifetime_percentage=action.lifetime_percentage,
                days_before_expiry=action.days_before_expiry,
            )
            for action in policy.actions
        ],
        enhanced_key_usage=kept.enhanced_key_usage if kept else None,
        key_usage=kept.key_usage if kept else None,
        certificate_type=kept.certificate_type if kept and kept.issuer_name == policy.issuer else None,
        certificate_transparency=kept.certificate_transparency if kept else None,
    )
