"""What uses a pool's certificates: kept in the pool's metadata, where a validation finds it, or told by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from batchcert.extension.observed import ObservedCertificate
from batchcert.extension.services import SERVICES
from batchcert.hook.hook import Hook
from batchcert.problems import Problem, raise_all
from batchcert.spec import CertificateSpec
from batchcert.spec.service import ServiceSpec

Services = Mapping[str, ServiceSpec]
"""What uses each certificate that anything uses, by its label in lower case: vault/certificate."""


def services_metadata(vault: str, certificates: Iterable[CertificateSpec]) -> list[dict[str, object]]:
    """The item of a pool's metadata that tells of the services of *certificates*; none where there are no services."""
    kept = [
        ServiceSpec(certificate=f"{vault}/{one.name}", serves=one.serves, on_rotation=one.on_rotation)
        for one in certificates
        if one.serves or one.on_rotation
    ]
    value = json.dumps([one.model_dump(mode="json", exclude_defaults=True) for one in kept], separators=(",", ":"))
    return [{"name": SERVICES, "value": value}] if kept else []


def services_of(
    observed: Sequence[ObservedCertificate], kept: Iterable[ServiceSpec], given: Iterable[ServiceSpec]
) -> Services:
    """What uses each of the *observed* certificates: as *given* by hand, else as *kept* in the pool's metadata.

    What is kept for a certificate that is observed no more is left aside.

    Raises: every fault of what is given at once: Problem or Problems `service-unknown`.
    """
    labels = [_label(one.vault, one.name) for one in observed]
    told = {one.certificate.lower(): one for one in kept if one.certificate.lower() in labels}
    faults = []
    for one in given:
        fitting = [label for label in labels if one.certificate.lower() in {label, label.partition("/")[2]}]
        if len(fitting) == 1:
            told[fitting[0]] = one
        else:
            faults.append(_unknown(one, fitting or labels, several=bool(fitting)))
    raise_all(faults)
    return told


def hook_of(observed: ObservedCertificate, services: Services) -> Hook | None:
    """The command for new versions of *observed*, or None where there is none."""
    service = services.get(_label(observed.vault, observed.name))
    if service is None or not service.on_rotation:
        return None
    stem = f"{observed.vault}.{observed.name}"
    file = f"{observed.store.rstrip('/')}/{observed.link_name or stem}"
    return Hook(stem, observed.store, file, service.on_rotation)


def service_of(observed: ObservedCertificate, services: Services) -> ServiceSpec | None:
    """What uses *observed*."""
    return services.get(_label(observed.vault, observed.name))


def _label(vault: str, name: str) -> str:
    return f"{vault}/{name}".lower()


def _unknown(given: ServiceSpec, labels: Sequence[str], *, several: bool) -> Problem:
    which = "is the name of several certificates" if several else "is no certificate that the pool observes"
    return Problem(
        "service-unknown",
        what=f"validation.services: {given.certificate} {which}: {', '.join(labels)}",
        cause="a service is compared with one certificate of the pool's extension",
        cure="give it as VAULT/NAME, as in the list",
    )
