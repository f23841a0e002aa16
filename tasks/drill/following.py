"""How a version that was issued is followed to every node of a pool: look after look, within a limit; no Prefect."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from batchcert.drill.rollout import Holding, Issued, Rollout, Sight, Stage
from batchcert.outcomes import Visited, Watched
from batchcert.problems import Problem
from batchcert.spec import CrossCheck, DrillSpec, ValidationSpec, VisitSpec
from batchcert.verdict.evidence import Evidence, Expected
from batchcert.verdict.in_service import presented
from batchcert.verdict.seen import leaf_of
from tasks.azure_api import issuing
from tasks.azure_api.clients import Azure
from tasks.visiting import visit_pool

Look = Callable[[Rollout], Rollout]
OVERTIME_SECONDS = 60.0  # beyond the limit, for a service whose clock stands still


def issue(azure: Azure, certificate: Expected) -> Issued:
    """Have Key Vault issue the certificate's next version.

    Raises: Problem, see `tasks.azure_api.issuing.new_version`.
    """
    with azure.certificates(azure.cloud.vault_url(certificate.vault)) as api:
        version = issuing.new_version(api, certificate.name)
    return Issued(certificate.label, version.id, version.sha256, version.issued_at, bool(certificate.endpoints))


def look_at(azure: Azure, watched: Watched, limits: VisitSpec) -> Look:
    """A look at the nodes of the pool: where is what was issued now? Nodes that have everything are left in peace.

    One channel looks; a second one would only come later each time.
    """
    limits = limits.model_copy(update={"cross_check": CrossCheck.NONE})

    def look(rollout: Rollout) -> Rollout:
        visited = visit_pool(azure, watched, limits, lambda *_: None, skip=rollout.settled)
        wanted = {one.label for one in rollout.issued}
        certificates = [one for one in watched.expected if one.label in wanted]
        return rollout.after(visited.nodes, dict(_seen(visited, certificates)), visited.now)

    return look


def follow(
    look: Look,
    rollout: Rollout,
    tell: Callable[[Rollout], None],
    *,
    limit: timedelta,
    pause: float,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Rollout:
    """Look every *pause* seconds until every node has everything, or for *limit* after the last version was issued.

    The last look begins after that time, so that nobody is called late who was seen a moment before. *tell* hears of
    each look. One that fails for a reason that passes is left out.

    Raises: Problem, where a look fails for another reason.
    """
    latest = rollout.issued_at + limit
    deadline = monotonic() + limit.total_seconds() + OVERTIME_SECONDS
    while True:
        last = (rollout.seen_at is not None and rollout.seen_at >= latest) or monotonic() >= deadline
        try:
            rollout = look(rollout)
            tell(rollout)
        except Problem as problem:
            if not problem.passes:
                raise
        if rollout.done or last:
            return rollout
        sleep(pause)


def limit_of(drill: DrillSpec, watched: Watched, validation: ValidationSpec) -> timedelta:
    """How long the nodes get: as asked for, or as long as a validation would let them lag."""
    if drill.limit_minutes:
        return timedelta(minutes=drill.limit_minutes)
    return timedelta(seconds=watched.polling_interval_seconds, minutes=validation.grace_minutes)


def _seen(visited: Visited, certificates: Sequence[Expected]) -> Iterator[tuple[Holding, Sight]]:
    """Each certificate on each node that answered: the leaf on its disk, and what its services present."""
    nodes = {node.node_id: node for node in visited.nodes}
    for visit in visited.visits:
        node, report = nodes.get(visit.node_id), visit.report
        if node is None or report is None:
            continue
        at = visit.span.end if visit.span else visited.now
        for certificate in certificates:
            leaf = leaf_of(Evidence(certificate, node, tolerance=timedelta(0), report=report))
            if leaf:
                yield Holding(node.node_id, certificate.label), Sight(leaf.sha256, at)
            if shown := presented(report, certificate):
                yield Holding(node.node_id, certificate.label, Stage.SERVICE), Sight(shown, at)
