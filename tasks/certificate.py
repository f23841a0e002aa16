"""The step that sees to one certificate: there, with the right policy, and renewing itself."""

from __future__ import annotations

import time
from dataclasses import replace

from azure.keyvault.certificates import CertificateClient
from prefect import task
from prefect.logging import get_run_logger

from batchcert.changes import Action, Change
from batchcert.outcomes import CertificateReady, VaultReady
from batchcert.plan.certificate import not_taken, plan_certificate
from batchcert.plan.outlook import prospect
from batchcert.plan.policy import desired_policy
from batchcert.render.plan import change_text
from batchcert.spec import CertificateSpec, Target
from tasks.azure_api import certificates, issuing
from tasks.connecting import connect
from tasks.retrying import STEP_DELAYS, STEP_RETRIES, can_pass


@task(
    name="certificate",
    task_run_name="certificate {vault.name}/{spec.name}",
    retries=STEP_RETRIES,
    retry_delay_seconds=STEP_DELAYS,
    retry_condition_fn=can_pass,
)
def ensure_certificate(target: Target, vault: VaultReady, spec: CertificateSpec) -> CertificateReady:
    """Create the certificate, recover it or correct its policy, and read it back.

    Raises: Problem `certificate-imported`, `certificate-disabled`, `certificate-soft-deleted`,
    `certificate-not-issued`, `certificate-pending`, `certificate-policy-not-taken`.
    """
    with connect(target).certificates(vault.url) as api:
        change = _bring_about(api, vault.name, spec)
        observed, version = certificates.read_issued(api, spec.name, sleep=time.sleep)
    left = plan_certificate(spec, vault.name, observed, None)
    if left.writes:
        raise not_taken(left)
    return CertificateReady(
        vault=vault.name,
        name=spec.name,
        secret_id=observed.secret_id,
        version=version.id,
        sha256=version.sha256,
        issued_at=version.issued_at,
        not_before=version.not_before,
        not_after=version.not_after,
        renews_at=prospect(vault.name, observed, version).renews_at,
        change=change,
    )


def _bring_about(api: CertificateClient, vault: str, spec: CertificateSpec) -> Change:
    """Write what differs, and after a recovery what differs then; returns what was done."""
    change = _planned(api, vault, spec)
    if change.action is Action.CREATE:
        issuing.create(api, spec.name, desired_policy(spec))
    elif change.action is Action.UPDATE:
        certificates.update_policy(api, spec.name, desired_policy(spec))
    elif change.action is Action.RECOVER:
        certificates.recover(api, spec.name)
        return replace(change, fields=_bring_about(api, vault, spec).fields)
    return change


def _planned(api: CertificateClient, vault: str, spec: CertificateSpec) -> Change:
    observed = certificates.read(api, spec.name)
    deleted = None if observed else certificates.read_deleted(api, spec.name)
    change = plan_certificate(spec, vault, observed, deleted)
    get_run_logger().info(change_text(change))
    return change
