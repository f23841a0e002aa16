"""The pool: desired against observed, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from batchcert.changes import Action, Change, FieldChange
from batchcert.plan.json_path import at, objects
from batchcert.plan.marks import metadata_is_ours
from batchcert.plan.pool_fields import Fields, pool_fields
from batchcert.problems import Problem

# "Update pool properties", Microsoft Learn: what a pool takes while it has nodes.
_IN_PLACE = ("scaleSettings.", "startTask.", "metadata[")
# Where something more than what was asked for changes its meaning: an open port, a rule, a reader of a key.
_NOTHING_MORE = ("inboundNatPools[", "extensions[")
NEEDS_REPLACING = "cannot be changed on a pool with nodes"


@dataclass(frozen=True)
class ResizeError:
    """Why Batch could not give a pool its nodes: Batch's own code and message."""

    code: str
    message: str


@dataclass(frozen=True)
class ObservedPool:
    """A pool as Azure Resource Manager tells it: its body in plain JSON, and the parts that decisions ask for.

    Attributes:
        allocation: Steady, Resizing or Stopping.
        provisioning: Succeeded or Deleting.
        target_nodes, current_nodes: dedicated and spot nodes together.
        resize_errors: why the last resize did not get all nodes.
    """

    arm_id: str
    body: Mapping[str, object] = field(hash=False)
    allocation: str
    provisioning: str
    target_nodes: int
    current_nodes: int
    resize_errors: tuple[ResizeError, ...] = ()

    @property
    def name(self) -> str:
        """The pool's id in its account."""
        return self.arm_id.rsplit("/", 1)[-1]

    @property
    def ours(self) -> bool:
        """Whether its metadata says that batchcert made it."""
        return metadata_is_ours(objects(at(self.body, "properties.metadata")))

    @property
    def identities(self) -> tuple[str, ...]:
        """The ARM ids of its user-assigned identities, as Azure writes them."""
        return tuple(at(self.body, "identity.userAssignedIdentities") or ())

    @property
    def extensions(self) -> list[Mapping[str, object]]:
        """Its extensions in ARM's form."""
        return objects(at(self.body, "properties.deploymentConfiguration.virtualMachineConfiguration.extensions"))


def plan_pool(name: str, desired: Mapping[str, object], observed: ObservedPool | None) -> Change:
    """Create the pool, leave an equal one alone, or tell each field in which it differs.

    A difference gives UPDATE where all of it can be changed on a pool with nodes, else REPLACE.

    Raises: Problem `pool-being-deleted`, which passes.
    """
    resource = f"pool/{name}"
    if observed is None:
        return Change(Action.CREATE, resource, "new")
    if observed.provisioning.lower() == "deleting":
        raise pool_being_deleted(name)
    differences = pool_differences(pool_fields(desired), pool_fields(observed.body))
    if not differences:
        return Change(Action.NOTHING, resource, "equal to what is asked for")
    replace = any(difference.why for difference in differences)
    return Change(Action.REPLACE if replace else Action.UPDATE, resource, "differs from what is asked for", differences)


def pool_differences(desired: Fields, observed: Fields) -> tuple[FieldChange, ...]:
    """Each field in which *observed* is not as *desired*, in the order of paths."""
    more = [path for path in observed if path not in desired and path.startswith(_NOTHING_MORE)]
    return tuple(
        FieldChange(path, _shown(observed, path), _shown(desired, path), _why(path))
        for path in sorted([*desired, *more])
        if _compared(desired, path) != _compared(observed, path)
    )


def pool_being_deleted(name: str) -> Problem:
    """The pool is on its way out."""
    return Problem(
        "pool-being-deleted",
        what=f"pool/{name} is being deleted",
        cause="its name is free only once all its nodes are gone",
        cure="run again in some minutes, or choose another name",
        passes=True,
    )


def no_pool(name: str) -> Problem:
    """The pool is not there."""
    return Problem(
        "pool-not-found",
        what=f"there is no pool {name}",
        cause="its name is misspelt, it was deleted, or the target names another account",
        cure="correct the parameters, or run provision first",
    )


def pool_differs(change: Change) -> Problem:
    """The refusal to touch a pool that differs; it lists every field."""
    lines = [f"{field.path}: {field.before or '(none)'} -> {field.after or '(none)'}" for field in change.fields]
    return Problem(
        "pool-differs",
        what="\n    ".join([f"{change.resource} exists and differs from what is asked for:", *lines]),
        cause="provision never changes or replaces a pool that exists",
        cure="run change: it shows each difference with its way and carries it out once it is approved; or correct the "
        "parameters, or give the pool another name",
    )


def _why(path: str) -> str:
    return "" if path.startswith(_IN_PLACE) else NEEDS_REPLACING


def _compared(fields: Fields, path: str) -> object:
    return fields[path].compared if path in fields else None


def _shown(fields: Fields, path: str) -> str:
    return fields[path].shown if path in fields else ""
