"""The step that has Key Vault issue a version now."""

from __future__ import annotations

from prefect import task
from prefect.logging import get_run_logger

from batchcert.drill.rollout import Issued
from batchcert.spec import Target
from batchcert.verdict.evidence import Expected
from batchcert.verdict.words import short
from tasks.connecting import connect
from tasks.drill.following import issue


@task(name="issue", task_run_name="issue the next version of {certificate.label}")
def issue_version(target: Target, certificate: Expected) -> Issued:
    """Issue the certificate's next version by its own policy. Never tried twice: each try would issue one.

    Raises: Problem `certificate-not-issued`, `certificate-pending`.
    """
    issued = issue(connect(target), certificate)
    get_run_logger().info("%s: issued version %s, %s", issued.label, short(issued.version), short(issued.sha256))
    return issued
