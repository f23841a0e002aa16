"""The step that publishes a drill: its report, and the history of the pool's drills with one more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.logging import get_run_logger

from batchcert.drill.history import DrillRecord, from_rows, to_rows, trend, with_drill
from batchcert.drill.rollout import Rollout, Stage
from batchcert.drill.statistics import lag_statistics
from batchcert.outcomes import Watched
from batchcert.render.drill import DrillReport, drill_headline, drill_markdown
from batchcert.spec import DrillSpec, Target, ValidationSpec
from batchcert.verdict.finding import Row
from batchcert.verdict.words import lasting
from tasks.artifacts import artifact_key, latest_table
from tasks.drill.following import limit_of


@task(name="drill report", task_run_name="report on the drill of {watched.pool}")
def publish_drill(  # noqa: PLR0917 - each is a part of the report
    target: Target,
    watched: Watched,
    rollout: Rollout,
    rows: Sequence[Row],
    drill: DrillSpec,
    validation: ValidationSpec,
) -> None:
    """Write the report, and the history under a key that stays: its latest version has every drill so far."""
    key = artifact_key("drills", target, watched.pool)
    history = with_drill(from_rows(latest_table(key)), _record(rollout, drill))
    report = DrillReport(
        pool=watched.pool,
        place=f"Batch account {target.batch_account}, {target.region}",
        ran_at=rollout.issued_at,
        rollout=rollout,
        limit=limit_of(drill, watched, validation),
        exact_to=timedelta(seconds=drill.look_seconds),
        rows=rows,
        history=history,
    )
    create_markdown_artifact(
        key=artifact_key("drill", target, watched.pool),
        markdown=drill_markdown(report),
        description=drill_headline(report),
    )
    create_table_artifact(key=key, table=to_rows(history), description=_told(history))
    get_run_logger().info("%s; %s", drill_headline(report), _told(history))


def _record(rollout: Rollout, drill: DrillSpec) -> DrillRecord:
    served = lag_statistics(rollout.lags(Stage.SERVICE))
    return DrillRecord(
        at=rollout.issued_at,
        certificates=tuple(one.label for one in rollout.issued),
        nodes=rollout.nodes,
        laggards=len(rollout.laggards),
        lags=lag_statistics(rollout.lags(Stage.NODE)),
        exact_to=timedelta(seconds=drill.look_seconds),
        service_p95=served.p95 if served else None,
    )


def _told(history: Sequence[DrillRecord]) -> str:
    seen = trend(history)
    if seen.latest is None:
        return "nothing was measured"
    if seen.usual is None:
        return "the first drill of this pool that has measured anything"
    return f"{seen.trend}: p95 {lasting(seen.latest)}, usually {lasting(seen.usual)}"
