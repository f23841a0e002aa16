"""The step that publishes what was found: a report, a table of nodes, both under keys that stay the same."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.logging import get_run_logger

from batchcert.changes import Change
from batchcert.render.headline import counts, headline
from batchcert.render.looked import looked_words
from batchcert.render.markdown import report_markdown
from batchcert.render.report import RunReport
from batchcert.render.table import node_rows, node_table
from batchcert.spec import Target
from batchcert.verdict.rollup import roll_up
from tasks.artifacts import artifact_key
from tasks.azure_api import pools
from tasks.connecting import connect

_LOG_WIDTH = 96  # what the page of a run gives a line of its log, on an ordinary screen


@task(name="report", task_run_name="report on {report.pool}")
def publish(target: Target, report: RunReport) -> None:
    """Write the report and, where nodes were looked at, the table of nodes; the log gets the table too."""
    _publish(target, report)


@task(name="report", task_run_name="report on {pool}")
def publish_changes(target: Target, pool: str, changes: Sequence[Change]) -> None:
    """Write the report of a run that looked at no nodes."""
    azure = connect(target)
    with azure.pools(target.subscription_id) as api:
        pools.read_account(api, target.account_id)  # for the service's own time
    place = f"Batch account {target.batch_account}, {target.region}"
    _publish(target, RunReport(pool=pool, place=place, ran_at=azure.clock.now, changes=changes))


def _publish(target: Target, report: RunReport) -> None:
    create_markdown_artifact(
        key=artifact_key("report", target, report.pool),
        markdown=report_markdown(report),
        description=headline(report),
    )
    for warning in report.ahead:
        get_run_logger().warning("ahead: %s: %s [%s]", warning.subject, warning.message, warning.code)
    rows: Sequence[dict[str, str]] = node_rows(report.rows or (), report.ran_at)
    if not rows:
        return
    through = f"; {looked_words(report.looked).lstrip(', ')}" if report.looked else ""
    create_table_artifact(
        key=artifact_key("nodes", target, report.pool),
        table=list(rows),
        description=f"{counts(roll_up(report.rows or ()))}: each certificate on each node, the worst first{through}",
    )
    table = node_table(report.rows or (), _LOG_WIDTH)
    get_run_logger().info("nodes of pool %s%s:\n%s", report.pool, looked_words(report.looked), table)
