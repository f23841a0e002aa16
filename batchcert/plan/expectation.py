"""What a pool's nodes should have: what its extension observes, matched with what Key Vault holds."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from batchcert.extension.observed import ObservedCertificate as Watched
from batchcert.plan.certificate import ObservedCertificate as Held
from batchcert.plan.certificate import Version
from batchcert.plan.outlook import prospect
from batchcert.plan.services import Services, hook_of, service_of
from batchcert.problems import Problem
from batchcert.render.report import CertificateLine
from batchcert.verdict.evidence import Expected, Named


def expectation(
    watched: Watched, held: Held | None, earlier: Sequence[Version], services: Services = MappingProxyType({})
) -> Expected:
    """What every node should have of *watched*, given what Key Vault holds; *earlier*: older versions, newest first.

    *services*: what uses the pool's certificates.

    Raises: Problem `certificate-not-found`, `certificate-pending`.
    """
    label = f"{watched.vault}/{watched.name}"
    if held is None:
        raise Problem(
            "certificate-not-found",
            what=f"the pool observes {label}, which Key Vault does not have",
            cause="it was deleted or renamed, or the pool's settings name another vault",
            cure="recover it, or run provision with the certificates that the pool should have",
        )
    if held.version is None:
        raise Problem(
            "certificate-pending",
            what=f"{label}: its first version is still being issued",
            cause="its issuer still works on the request, or waits for somebody's approval",
            cure="see its pending operation in the portal, and run again once it is issued",
            passes=True,
        )
    service = service_of(watched, services)
    return Expected(
        vault=watched.vault,
        name=watched.name,
        store=watched.store,
        link_name=watched.link_name,
        pinned_version=watched.pinned_version,
        version=held.version.id,
        sha256=held.version.sha256,
        issued_at=held.version.issued_at,
        not_before=held.version.not_before,
        not_after=held.version.not_after,
        earlier_sha256=tuple(version.sha256 for version in earlier),
        readers=watched.readers,
        endpoints=tuple(service.serves) if service else (),
        hook=hook_of(watched, services),
        named=_named(held.version),
        named_before=_named(earlier[0]) if earlier else None,
    )


def _named(version: Version) -> Named | None:
    return Named(version.issuer, version.dns_names) if version.issuer else None


def certificate_line(vault: str, held: Held, version: Version) -> CertificateLine:
    """The certificate as the report shows it."""
    return CertificateLine(
        label=f"{vault}/{held.name}",
        version=version.id,
        sha256=version.sha256,
        not_before=version.not_before,
        not_after=version.not_after,
        renews_at=prospect(vault, held, version).renews_at,
    )
