"""Evaluates the formulas of pools when their time comes, and brings the pools to what they say.

Source: AutoScaleSettings in the Batch management API description; Pool - Enable Auto Scale in the Batch service REST
reference: the schedule starts at the request, as the example of a pool's update shows.
"""

from __future__ import annotations

from local_azure.clock import Clock
from local_azure.services.batch.autoscale.evaluation import Evaluation, Targets, evaluate
from local_azure.services.batch.autoscale.metrics import metrics_of
from local_azure.services.batch.jobs.scheduling.scheduler import jobs_of
from local_azure.services.batch.protocol.spelling import canonical
from local_azure.services.batch.protocol.times import parse_duration
from local_azure.services.batch.scaling.resizing import Scaling, targets_of
from local_azure.services.batch.state.accounts import Account, BatchState
from local_azure.services.batch.state.pools import AutoScaleRun, Pool

_EVENT = "batch.pool.autoscale"
_TIMEOUT = "PT15M"  # an evaluation cannot ask for another
_MESSAGES = {
    "InsufficientSampleData": "Autoscale evaluation failed due to insufficient sample data",
    "AutoScalingFormulaSyntaxError": "The specified auto-scaling formula has a syntax error.",
}
_OTHERWISE = "Autoscale evaluation failed due to an error in the formula"


class AutoScaler:
    """The pools that scale by a formula."""

    def __init__(self, state: BatchState, clock: Clock, scaling: Scaling) -> None:
        self._state = state
        self._clock = clock
        self._scaling = scaling
        clock.on(_EVENT, self._due)

    def begin(self, account: Account, pool: Pool) -> None:
        """Evaluate the pool's formula now, and from now on at its interval; an earlier schedule counts no more."""
        pool.auto_scale_epoch += 1
        pool.auto_scale_since = self._clock.now()
        self._run(account, pool)

    def end(self, pool: Pool) -> None:
        """Evaluate no more."""
        pool.auto_scale_epoch += 1
        pool.auto_scale_run = None

    def evaluate(self, account: Account, pool: Pool, formula: str) -> Evaluation:
        """What *formula* would make of the pool now."""
        now, (dedicated, low_priority) = self._clock.now(), targets_of(pool)
        metrics = metrics_of(pool, jobs_of(account, pool.name), now)
        return evaluate(formula, Targets(dedicated, low_priority), metrics, now)

    def run_of(self, evaluation: Evaluation) -> AutoScaleRun:
        """An evaluation as a pool remembers it."""
        run = AutoScaleRun(self._clock.now(), evaluation.results)
        if evaluation.error:
            run.error_code = evaluation.error.code
            run.error_message = _MESSAGES.get(run.error_code, _OTHERWISE)
            run.error_detail = evaluation.error.detail
        return run

    def _due(self, account_name: str, pool_name: str, epoch: str) -> None:
        account = self._state.accounts.get(account_name)
        pool = account.pools.get(pool_name) if account else None
        if account and pool and str(pool.auto_scale_epoch) == epoch and not pool.deleting:
            self._run(account, pool)

    def _run(self, account: Account, pool: Pool) -> None:
        settings = pool.properties["scaleSettings"]["autoScale"]
        evaluation = self.evaluate(account, pool, settings["formula"])
        pool.auto_scale_run = self.run_of(evaluation)
        wanted = (evaluation.targets.dedicated, evaluation.targets.low_priority)
        if evaluation.error is None and wanted != targets_of(pool):
            self._scaling.begin(
                account,
                pool,
                dedicated=wanted[0],
                low_priority=wanted[1],
                timeout=_TIMEOUT,
                option=canonical(evaluation.targets.option, "nodeDeallocationOption"),
                override=True,
            )
        names = (account.name.lower(), pool.name.lower(), str(pool.auto_scale_epoch))
        self._clock.schedule(self._clock.now() + parse_duration(settings["evaluationInterval"]), _EVENT, *names)
