"""The step that says whether a rotation drill may start, and of what; nothing is written before it."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect import task
from prefect.logging import get_run_logger

from batchcert.drill.clearance import chosen, clearance, last_validation
from batchcert.outcomes import Watched
from batchcert.problems import Problem, raise_all
from batchcert.spec import DrillSpec, Target, VisitSpec
from batchcert.verdict.evidence import Expected
from batchcert.verdict.looked import sees_no_leaf
from tasks.artifacts import artifact_key, latest_table


@task(name="clearance", task_run_name="may a drill start on {watched.pool}")
def clear_for_drill(target: Target, watched: Watched, drill: DrillSpec, visit: VisitSpec) -> tuple[Expected, ...]:
    """The certificates that the drill is about, where nothing speaks against it. *visit*: how nodes are looked at.

    Raises: all at once, Problem `channel-sees-no-leaf`, `drill-not-validated`, `drill-validation-not-clean`,
    `drill-validation-too-old`, `drill-outside-window`, `drill-certificate-not-observed`, `drill-certificate-pinned`,
    `drill-not-renewable`; `invalid-parameter` for a time zone that nobody knows.
    """
    zone = _zone(drill.window.timezone)
    validation = last_validation(latest_table(artifact_key("nodes", target, watched.pool)))
    now = watched.seen_at
    certificates, unfit = chosen(drill, watched.expected, watched.outlook.certificates)
    blind = sees_no_leaf(visit, "a drill")
    raise_all(
        [
            *([blind] if blind else []),
            *clearance(watched.pool, validation, drill, now=now, local=now.astimezone(zone)),
            *unfit,
        ]
    )
    get_run_logger().info("the drill is cleared: %s", ", ".join(one.label for one in certificates))
    return certificates


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Problem(
            "invalid-parameter",
            what=f"drill.window.timezone: {name} is no time zone",
            cure="use an IANA name: America/Los_Angeles",
        ) from None
