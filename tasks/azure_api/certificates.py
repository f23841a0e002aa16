"""Certificates, their policies and their versions: Key Vault's data plane."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from azure.keyvault.certificates import CertificateClient

from batchcert.plan.certificate import DeletedCertificate, ObservedCertificate, Version
from batchcert.plan.policy import CertificatePolicy
from batchcert.problems import Problem
from tasks.azure_api.certificate_policies import to_sdk
from tasks.azure_api.certificate_values import deleted_certificate, observed_certificate, version_of
from tasks.azure_api.faults import explained
from tasks.azure_api.issuing import IN_PROGRESS, ISSUING_LIMIT, POLLING_SECONDS, check, pending
from tasks.azure_api.waiting import found

RECOVERY_LIMIT = timedelta(minutes=5)


@explained
def read(api: CertificateClient, name: str) -> ObservedCertificate | None:
    """The certificate with its policy and current version, or None where there is none."""
    known = found(lambda: api.get_certificate(name))
    return observed_certificate(api.vault_url, known) if known else None


@explained
def read_deleted(api: CertificateClient, name: str) -> DeletedCertificate | None:
    """The soft-deleted certificate that holds *name*, or None."""
    known = found(lambda: api.get_deleted_certificate(name))
    return deleted_certificate(name, known) if known else None


@explained
def earlier_versions(api: CertificateClient, name: str, *, most: int = 3) -> tuple[Version, ...]:
    """The versions before the current one, newest first: a request each, so *most* at most."""
    current = _current_id(api, name)
    # told by its id, since Key Vault tells times to the second
    others = [one for one in api.list_properties_of_certificate_versions(name) if one.version != current]
    others.sort(key=lambda version: str(version.created_on), reverse=True)
    read_again = (api.get_certificate_version(name, str(version.version)) for version in others[:most])
    return tuple(version for version in map(version_of, read_again) if version)


@explained
def read_issued(
    api: CertificateClient, name: str, *, sleep: Callable[[float], None]
) -> tuple[ObservedCertificate, Version]:
    """The certificate with its current version; waits for a first one that an earlier run asked for.

    Raises: Problem `certificate-not-issued`, `certificate-pending`.
    """
    observed = observed_certificate(api.vault_url, api.get_certificate(name))
    if observed.version is None:
        _await_first_version(api, name, sleep)
        observed = observed_certificate(api.vault_url, api.get_certificate(name))
    if observed.version is None:
        raise pending(name)
    return observed, observed.version


@explained
def recover(api: CertificateClient, name: str) -> None:
    """Bring a soft-deleted certificate back, and wait until it is there."""
    poller = api.begin_recover_deleted_certificate(name, _polling_interval=POLLING_SECONDS)
    poller.wait(RECOVERY_LIMIT.total_seconds())
    if not poller.done():
        raise Problem(
            "azure-operation-slow",
            what=f"certificate {name} is not recovered in {RECOVERY_LIMIT.total_seconds() / 60:.0f} minutes",
            cause="Key Vault accepted it and still works on it",
            cure="run again: what is done already is not done twice",
            passes=True,
        )


@explained
def update_policy(api: CertificateClient, name: str, policy: CertificatePolicy) -> None:
    """Correct the policy; what batchcert does not decide (key usages, say) stays as it is."""
    api.update_certificate_policy(name, to_sdk(policy, api.get_certificate_policy(name)))


@explained
def delete(api: CertificateClient, name: str) -> None:
    """Delete the certificate; the vault keeps it recoverable for its retention time. One that is gone is fine."""
    found(lambda: api.begin_delete_certificate(name).result())


def _current_id(api: CertificateClient, name: str) -> str | None:
    properties = api.get_certificate(name).properties
    return properties.version if properties else None


def _await_first_version(api: CertificateClient, name: str, sleep: Callable[[float], None]) -> None:
    waited = 0.0
    while (operation := api.get_certificate_operation(name)).status == IN_PROGRESS:
        if waited >= ISSUING_LIMIT.total_seconds():
            raise pending(name)
        sleep(POLLING_SECONDS)
        waited += POLLING_SECONDS
    check(name, operation)
