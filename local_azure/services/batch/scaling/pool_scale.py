"""How many nodes a pool shall have: fixed or by a formula, changed, stopped; the rules, without HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local_azure.clock import Clock
from local_azure.services.batch.errors import invalid, refusal
from local_azure.services.batch.jobs.clearing import OPTIONS
from local_azure.services.batch.protocol.shapes import chosen_option, items, text
from local_azure.services.batch.protocol.spelling import canonical
from local_azure.services.batch.scaling.auto_scaler import AutoScaler
from local_azure.services.batch.scaling.resizing import Scaling, targets_of
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.pools import AutoScaleRun, Pool
from local_azure.services.batch.validation.defaults import TARGETS, completed
from local_azure.services.batch.validation.pool import check_pool
from local_azure.services.batch.validation.scale import check_formula, check_interval, check_resize_timeout

_MOST_REMOVED = 100  # NodeRemoveParameter: "A maximum of 100 nodes may be removed per request."
_SOONEST = timedelta(seconds=30)  # Pool - Enable Auto Scale: not "more than once every 30 seconds"


class PoolScale:
    """The scale of all pools."""

    def __init__(self, clock: Clock, scaling: Scaling, scaler: AutoScaler) -> None:
        self._clock = clock
        self._scaling = scaling
        self._scaler = scaler

    def apply(self, account: Account, pool: Pool) -> None:
        """Set out for what the scale settings of a new or changed pool say.

        Raises: AzureError 409 while another resize is under way.
        """
        settings = pool.properties["scaleSettings"]
        if "autoScale" in settings:
            self._refuse_resizing(pool)
            self._scaler.begin(account, pool)
            return
        self._scaler.end(pool)
        fixed = settings["fixedScale"]
        self._scaling.begin(
            account,
            pool,
            dedicated=fixed["targetDedicatedNodes"],
            low_priority=fixed["targetLowPriorityNodes"],
            timeout=fixed["resizeTimeout"],
            option=fixed.get("nodeDeallocationOption", "Requeue"),
        )

    def resize(self, account: Account, pool: Pool, wanted: dict[str, Any]) -> None:
        """Resize to the fixed scale *wanted*; a target that it leaves out stays as it is.

        Raises: AzureError 400 for bad settings, 409 for a pool that scales by a formula, is resizing or being deleted.
        """
        given = {name: value for name, value in wanted.items() if value is not None}
        targets = dict(zip(sorted(TARGETS), targets_of(pool), strict=True))
        scale = {**targets, **given} if TARGETS & set(given) else given
        properties = completed({**pool.properties, "scaleSettings": {"fixedScale": scale}})
        check_pool(properties, self._clock.now())
        self._refuse_deleting(pool)
        if _by_formula(pool):
            raise refusal("OperationNotValidOnPool", {"Reason": "Automatic scaling is enabled on the pool."})
        self._refuse_resizing(pool)
        pool.properties = properties
        self.apply(account, pool)
        pool.touch(self._clock.now())

    def remove_nodes(self, account: Account, pool: Pool, body: dict[str, Any]) -> None:
        """Let the nodes of `nodeList` leave; the pool's target shrinks by as many.

        Raises: AzureError 400 for a bad body, 404 for an unknown node, 409 while the pool is resizing.
        """
        names = [str(name) for name in items(body.get("nodeList"), "nodeList")]
        if not 1 <= len(names) <= _MOST_REMOVED:
            raise invalid("nodeList", f"Between 1 and {_MOST_REMOVED} nodes must be specified.", len(names))
        if not set(names) <= set(pool.nodes):
            raise refusal("NodeNotFound")
        timeout = body.get("resizeTimeout") or "PT15M"
        check_resize_timeout(timeout, "resizeTimeout")
        self._refuse_deleting(pool)
        option = chosen_option(body.get("nodeDeallocationOption"), "nodeDeallocationOption", OPTIONS)
        option = canonical(option, "nodeDeallocationOption")
        self._scaling.remove(account, pool, [pool.nodes[name] for name in set(names)], timeout, option)
        self._take_target(pool)

    def stop(self, account: Account, pool: Pool) -> None:
        """Stop a resize that is under way. Raises: AzureError 409 where none is."""
        self._scaling.stop(account, pool)
        self._take_target(pool)

    def enable_formula(self, account: Account, pool: Pool, formula: Any, interval: Any) -> None:
        """Let a formula scale the pool, or change formula or interval of one that does; None leaves one as it is.

        Raises: AzureError 400 for a bad formula or interval, 409 while the pool is resizing or being deleted, 503 for
        the second such request within 30 seconds.
        """
        old = pool.properties["scaleSettings"].get("autoScale", {})
        if formula is None and interval is None:
            raise refusal("InvalidAutoScalingSettings", {"Reason": "A formula or an interval must be specified."})
        settings = {
            "formula": text(old.get("formula") if formula is None else formula, "autoScaleFormula"),
            "evaluationInterval": interval or old.get("evaluationInterval", "PT15M"),
        }
        check_formula(settings["formula"], "autoScaleFormula")
        check_interval(settings["evaluationInterval"], "autoScaleEvaluationInterval")
        self._refuse_deleting(pool)
        self._refuse_resizing(pool)
        if old and pool.auto_scale_since and self._clock.now() - pool.auto_scale_since < _SOONEST:
            raise refusal("TooManyEnableAutoScaleRequests")
        pool.properties["scaleSettings"] = {"autoScale": settings}
        self._scaler.begin(account, pool)
        pool.touch(self._clock.now())

    def disable_formula(self, pool: Pool) -> None:
        """Let the pool keep the number of nodes that its formula gave it; one without a formula is left alone.

        Raises: AzureError 409 for a pool that is being deleted.
        """
        self._refuse_deleting(pool)
        if not _by_formula(pool):
            return
        dedicated, low_priority = targets_of(pool)
        fixed = {"targetDedicatedNodes": dedicated, "targetLowPriorityNodes": low_priority, "resizeTimeout": "PT15M"}
        pool.properties["scaleSettings"] = {"fixedScale": fixed}
        self._scaler.end(pool)
        pool.touch(self._clock.now())

    def evaluate(self, account: Account, pool: Pool, formula: Any) -> AutoScaleRun:
        """What a formula would do now; nothing is done. Raises: AzureError 409 for a pool that has none."""
        wanted = text(formula, "autoScaleFormula")
        if not _by_formula(pool):
            raise refusal("OperationNotValidOnPool", {"Reason": "Automatic scaling is not enabled on the pool."})
        return self._scaler.run_of(self._scaler.evaluate(account, pool, wanted))

    def empty(self, account: Account, pool: Pool) -> None:
        """Let all nodes of a pool that is being deleted leave."""
        self._scaler.end(pool)
        self._scaling.empty(account, pool)

    def _take_target(self, pool: Pool) -> None:
        if pool.resize is not None and not _by_formula(pool):
            scale = pool.properties["scaleSettings"]["fixedScale"]
            scale["targetDedicatedNodes"] = pool.resize.dedicated
            scale["targetLowPriorityNodes"] = pool.resize.low_priority
        pool.touch(self._clock.now())

    def _refuse_deleting(self, pool: Pool) -> None:
        if pool.deleting:
            raise refusal("PoolBeingDeleted")

    def _refuse_resizing(self, pool: Pool) -> None:
        if pool.allocation_state != "Steady":
            raise refusal("PoolBeingResized")


def _by_formula(pool: Pool) -> bool:
    return "autoScale" in pool.properties["scaleSettings"]
