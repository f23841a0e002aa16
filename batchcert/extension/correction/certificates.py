"""The certificates of the corrected parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from batchcert.extension.correction.remarks import Remarks
from batchcert.extension.observed import ObservedCertificate, read_extension
from batchcert.extension.pool_body import PoolBody
from batchcert.extension.traps.certificates import HANDLER_PREFIX
from batchcert.spec import DEFAULT_STORE, CertificateSpec, ServiceSpec

_UNKNOWN = (
    "the body knows its name alone: give subject, DNS names, key and validity; "
    "a certificate that exists gets the policy that stands here"
)


def observed_certificates(pool: PoolBody, remarks: Remarks) -> list[ObservedCertificate]:
    """What the body's extensions observe, each certificate once, of the first vault alone."""
    found: dict[str, ObservedCertificate] = {}
    for place, one in _entries(pool):
        first = next(iter(found.values()), one)
        if one.vault_url != first.vault_url:
            remarks.leave_out(place, f"{one.name} of {one.vault_url}: a provision works with one vault")
        elif one.name.lower() in found:
            remarks.leave_out(place, f"{one.name} again: each certificate is given once")
        else:
            found[one.name.lower()] = one
    return list(found.values())


def _entries(pool: PoolBody) -> Iterator[tuple[str, ObservedCertificate]]:
    """Each readable entry, and the path of the list it is in."""
    for extension in pool.observing:
        secrets = extension.secrets.value if isinstance(extension.secrets.value, Mapping) else {}
        switched_on = {"secretsManagementSettings": {**secrets, "aclEnabled": True}}  # readers are meant to read
        for one in read_extension(switched_on).certificates:
            yield extension.secrets["observedCertificates"].path, one


def certificates(
    observed: list[ObservedCertificate], services: Sequence[ServiceSpec], remarks: Remarks
) -> list[dict[str, object]]:
    """The parameters of each observed certificate with what uses it, or of one to be filled in."""
    if not observed:
        remarks.fill_in("certificates[0]", "no observed address names a certificate")
        return [{"name": "replace-me", "subject": "CN=replace-me"}]
    return [_certificate(number, one, services, remarks) for number, one in enumerate(observed)]


def _certificate(
    number: int, one: ObservedCertificate, services: Sequence[ServiceSpec], remarks: Remarks
) -> dict[str, object]:
    where = f"certificates[{number}]"
    remarks.fill_in(where, _UNKNOWN)
    wanted: dict[str, object] = {"name": one.name, "subject": f"CN={one.name}"}
    if one.store == HANDLER_PREFIX:
        remarks.fill_in(f"{where}.store", f"{DEFAULT_STORE}, no longer {one.store}: services must look there")
        wanted["store"] = DEFAULT_STORE
    elif one.store != DEFAULT_STORE:
        wanted["store"] = one.store
    if one.link_name:
        wanted["link_name"] = one.link_name
    readers = [reader for reader in one.readers if not reader.user.startswith("_azbatch")]
    if readers:
        wanted["readers"] = [reader.model_dump(exclude_defaults=True) for reader in readers]
    label = f"{one.vault}/{one.name}".lower()
    for service in (service for service in services if service.certificate.lower() == label):
        wanted |= service.model_dump(mode="json", exclude_defaults=True, exclude={"certificate"})
    return remarks.held_to(CertificateSpec, wanted, {}, where)
