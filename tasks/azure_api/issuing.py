"""How versions of a certificate come to be: requests to Key Vault, what becomes of them, and who issues."""

from __future__ import annotations

from datetime import timedelta

from azure.core.exceptions import HttpResponseError
from azure.core.polling import LROPoller
from azure.keyvault.certificates import CertificateClient, CertificateOperation, CertificatePolicy, KeyVaultCertificate

from batchcert.plan.certificate import Version
from batchcert.plan.marks import TAGS
from batchcert.plan.policy import CertificatePolicy as Policy
from batchcert.problems import Problem
from tasks.azure_api.certificate_policies import to_sdk
from tasks.azure_api.certificate_values import version_of
from tasks.azure_api.faults import explained
from tasks.azure_api.patience import AT_ONCE
from tasks.azure_api.waiting import found

ISSUING_LIMIT = timedelta(minutes=10)  # a certificate authority behind the vault may take that long
POLLING_SECONDS = 1
IN_PROGRESS, COMPLETED = "inProgress", "completed"


@explained
def create(api: CertificateClient, name: str, policy: Policy) -> None:
    """Create the certificate, marked as made by batchcert, and wait until its first version is issued.

    Raises: Problem `certificate-not-issued`, `certificate-pending`.
    """
    _issue(api, name, to_sdk(policy), dict(TAGS))


@explained
def new_version(api: CertificateClient, name: str) -> Version:
    """Have Key Vault issue the certificate's next version now, by its own policy, and wait for it.

    The version bears the tags of the one before: Key Vault keeps them with each version.

    Raises: Problem `certificate-not-issued`, `certificate-pending`, also where a request is under way already.
    """
    known = api.get_certificate(name)
    if known.policy is None or known.properties is None:
        raise HttpResponseError(f"Key Vault answered without the properties of {name}")
    if request_state(api, name) == IN_PROGRESS:
        raise pending(name, "a request for its next version is under way already")
    _issue(api, name, known.policy, dict(known.properties.tags or {}))
    version = version_of(api.get_certificate(name))
    if version is None or version.id == known.properties.version:
        raise pending(name)
    return version


@explained
def request_state(api: CertificateClient, name: str) -> str:
    """What has become of the newest request for a version: "" where it is done or there is none, else its status.

    "failed" comes with the issuer's own code and message.
    """
    operation = found(lambda: api.get_certificate_operation(name))
    if operation is None or operation.status == COMPLETED:
        return ""
    return f"{operation.status}: {_said(operation)}" if operation.error else str(operation.status)


@explained
def issuer_fault(api: CertificateClient, issuer: str) -> str:
    """Why the vault's *issuer* cannot issue, or "" where nothing is known against it.

    Raises: Problem, where whoever runs this may not read issuers.
    """
    known = found(lambda: api.get_issuer(issuer, **AT_ONCE))
    if known is None:
        return "the vault has no issuer of that name"
    return "it is disabled in the vault" if known.enabled is False else ""


def check(name: str, operation: CertificateOperation) -> None:
    """Do nothing where the request is done.

    Raises: Problem `certificate-not-issued`.
    """
    if operation.status == COMPLETED:
        return
    said = _said(operation) if operation.error else operation.status_details or "without a reason"
    raise Problem(
        "certificate-not-issued",
        what=f"certificate {name}: its issuer ended {operation.status}: {said}",
        cause=f"issuer {operation.issuer_name} refused the request",
        cure="correct the certificate's parameters, or the issuer's account in the vault",
    )


def pending(name: str, what: str = f"not issued in {ISSUING_LIMIT.total_seconds() / 60:.0f} minutes") -> Problem:
    """The issuer takes its time."""
    return Problem(
        "certificate-pending",
        what=f"certificate {name}: {what}",
        cause="its issuer still works on the request, or waits for somebody's approval",
        cure="see its pending operation in the portal, and run again once it is issued",
    )


def _issue(api: CertificateClient, name: str, policy: CertificatePolicy, tags: dict[str, str]) -> None:
    poller: LROPoller[KeyVaultCertificate | CertificateOperation] = api.begin_create_certificate(
        name, policy, tags=tags, _polling_interval=POLLING_SECONDS
    )
    poller.wait(ISSUING_LIMIT.total_seconds())
    if not poller.done():
        raise pending(name)
    result = poller.result()
    if isinstance(result, CertificateOperation):
        check(name, result)


def _said(operation: CertificateOperation) -> str:
    error = operation.error
    return f"{error.code}: {error.message}" if error else ""
