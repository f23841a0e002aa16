"""What is to be done to a pool that differs: each difference with its way and why, and the way of the whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batchcert.changes import Action, Change, FieldChange
from batchcert.plan.changing.bodies import lost_in_new_pool, lost_in_update
from batchcert.plan.changing.ways import Way, rule_of, strongest
from batchcert.plan.json_path import at
from batchcert.plan.pool import ObservedPool, pool_differences
from batchcert.plan.pool_fields import pool_fields
from batchcert.problems import Problem
from batchcert.spec.change import ChangeSpec, WayChoice

LONGEST_NAME = 64  # characters of a pool's id
_DIGITS = 6  # of the digest that names a new pool: two orders for one pool never meet by chance
_CHOSEN = {WayChoice.AT_ZERO_NODES: Way.AT_ZERO, WayChoice.NEW_POOL: Way.BESIDE}
# It follows from the identity, and is not known before the identity is made.
_CLIENT_ID = ".authenticationSettings.msiClientId"


@dataclass(frozen=True)
class Difference:
    """A field that differs. *way* is the weakest that changes it, *why* says why not a weaker one."""

    path: str
    before: str
    after: str
    way: Way
    why: str


@dataclass(frozen=True)
class ChangePlan:
    """What is to be done to a pool.

    Attributes:
        pool: its name.
        way: the way of the whole, the weakest that covers all differences; None where there are none.
        differences: in the order of their paths.
        new_pool: the name of the pool beside it, or "" where the way needs none.
        unwanted: ARM ids of identities that the pool has and nobody asked for.
        lost: what of the pool does not come along, in words.
        ours: whether batchcert made the pool.
        nodes: how many nodes it has now.
    """

    pool: str
    way: Way | None
    differences: tuple[Difference, ...] = ()
    new_pool: str = ""
    unwanted: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    ours: bool = True
    nodes: int = 0

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the fields that differ."""
        return tuple(difference.path for difference in self.differences)

    @property
    def change(self) -> Change:
        """The same as plans of other resources tell it."""
        fields = tuple(FieldChange(one.path, one.before, one.after, one.why) for one in self.differences)
        if self.way is None:
            return Change(Action.NOTHING, f"pool/{self.pool}", "equal to what is asked for")
        if self.way is Way.BESIDE:
            return Change(Action.REPLACE, f"pool/{self.pool}", f"by pool/{self.new_pool}", fields)
        return Change(Action.UPDATE, f"pool/{self.pool}", self.way.value, fields)

    def agrees_with(self, later: ChangePlan) -> bool:
        """Whether who approved this plan has approved *later*: the same fields, in the same way, to the same pool."""
        return (self.paths, self.way, self.new_pool, self.unwanted, self.lost) == (
            later.paths,
            later.way,
            later.new_pool,
            later.unwanted,
            later.lost,
        )


def plan_change(name: str, desired: Mapping[str, object], observed: ObservedPool, asked: ChangeSpec) -> ChangePlan:
    """What brings pool *name*, *observed*, to *desired*, an ARM body.

    Raises: Problem `change-way-too-weak`, `pool-name-too-long`, `new-pool-without-nodes`.
    """
    found = pool_differences(pool_fields(desired), pool_fields(observed.body))
    paths = [field.path for field in found]
    unwanted = _unwanted(desired, observed)
    way = _way(name, paths, observed, asked.way) if found else _way_to_lose(unwanted, asked.way)
    return ChangePlan(
        pool=name,
        way=way,
        differences=tuple(_difference(field) for field in found),
        new_pool=_new_name(name, desired, asked.suffix) if way is Way.BESIDE else "",
        unwanted=unwanted,
        lost=lost_in_new_pool(observed.body) if way is Way.BESIDE else lost_in_update(observed.body, paths),
        ours=observed.ours,
        nodes=observed.current_nodes,
    )


def plan_outdated(pool: str) -> Problem:
    """The pool is not any more as it was when its plan was approved."""
    return Problem(
        "plan-outdated",
        what=f"pool/{pool} differs otherwise now than the plan that was approved says; nothing of it was changed",
        cause="somebody changed the pool while the run waited for its approval",
        cure="run change again, and approve the new plan",
    )


def _difference(field: FieldChange) -> Difference:
    rule = rule_of(field.path)
    return Difference(field.path, field.before, field.after, rule.way, rule.why)


def _way(name: str, paths: Sequence[str], observed: ObservedPool, asked: WayChoice) -> Way:
    """On a pool without nodes a try at what Azure's descriptions allow interrupts nobody."""
    rules = [rule_of(path) for path in paths]
    least = strongest([rule.least for rule in rules])
    empty = not observed.current_nodes and not observed.target_nodes
    way = least if empty else strongest([rule.way for rule in rules])
    if asked is WayChoice.AUTO:
        return way
    chosen = _CHOSEN[asked]
    if not chosen.covers(least):
        raise _too_weak(name, chosen, [path for path in paths if not chosen.covers(rule_of(path).least)])
    return chosen


def _way_to_lose(unwanted: Sequence[str], asked: WayChoice) -> Way | None:
    """Identities that nobody asks for harm no node: only who asks for a new pool gets one to be rid of them."""
    return Way.BESIDE if unwanted and asked is WayChoice.NEW_POOL else None


def _too_weak(name: str, chosen: Way, paths: Sequence[str]) -> Problem:
    fields = ", ".join(dict.fromkeys(paths))
    return Problem(
        "change-way-too-weak",
        what=f"pool/{name}: {chosen.value} cannot change {fields}",
        cause="Batch does not let these fields be changed in that way",
        cure="set change.way to auto or to new-pool",
    )


def _new_name(name: str, desired: Mapping[str, object], suffix: str) -> str:
    if not at(desired, "properties.scaleSettings.fixedScale.targetDedicatedNodes"):
        raise Problem(
            "new-pool-without-nodes",
            what=f"pool/{name} is to be replaced by a pool without nodes",
            cause="a new pool replaces an old one once its nodes are proved, and it would have none",
            cure="set pool.nodes to 1 at least; or empty the old pool first, then it is updated as it is",
        )
    new = f"{name}-{suffix or _digest(desired)}"
    if len(new) > LONGEST_NAME:
        raise Problem(
            "pool-name-too-long",
            what=f"the new pool would be named {new}, which has {len(new)} characters",
            cause=f"a pool's name has {LONGEST_NAME} at most",
            cure="give a shorter change.suffix",
        )
    return new


def _digest(desired: Mapping[str, object]) -> str:
    """The same for the same order, so that a second run finds the pool that the first one made."""
    told = {
        path: value.shown
        for path, value in pool_fields(desired).items()
        if not path.startswith("scaleSettings.") and not path.endswith(_CLIENT_ID)
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def _unwanted(desired: Mapping[str, object], observed: ObservedPool) -> tuple[str, ...]:
    """Identities that only a new pool is rid of: an update adds identities and takes none away."""
    wanted = {path for path in pool_fields(desired) if path.startswith("identity.")}
    return tuple(one for one in observed.identities if f"identity.userAssignedIdentities[{one.lower()}]" not in wanted)
