"""The user-assigned identity: desired against observed."""

from __future__ import annotations

from dataclasses import dataclass, field

from batchcert.arm_ids import ArmId
from batchcert.changes import Action, Change
from batchcert.plan.marks import is_ours
from batchcert.problems import Problem
from batchcert.spec import IdentitySpec, Target


@dataclass(frozen=True)
class ObservedIdentity:
    """A user-assigned identity as Azure tells it.

    Attributes:
        arm_id: its ARM id, as Azure writes it.
        client_id: what a token is asked for with (a GUID).
        principal_id: its object id in Entra, what access is granted to (a GUID).
        tenant_id: the tenant it lives in.
        region: short name of its region.
    """

    arm_id: str
    client_id: str
    principal_id: str
    tenant_id: str
    region: str
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether batchcert made it."""
        return is_ours(self.tags)


def plan_identity(spec: IdentitySpec, target: Target, observed: ObservedIdentity | None) -> Change:
    """Create the identity, or leave it as it is; one that exists is never written to.

    Raises: Problem `identity-not-found` where an existing one was named and is not there.
    """
    wanted = spec.resource(target)
    resource = resource_name(wanted)
    if observed is None and not spec.ours:
        raise Problem(
            "identity-not-found",
            what=f"there is no identity {wanted}",
            cause="identity.arm_id names one that does not exist, or that you may not read",
            cure="correct the ARM id, or leave it out and give a name: the identity is then created",
        )
    if observed is None:
        return Change(Action.CREATE, resource, f"new, in resource group {wanted.resource_group}")
    why = "made by batchcert" if observed.ours else "exists; used as it is"
    return Change(Action.NOTHING, resource, why)


def resource_name(identity: ArmId | str) -> str:
    """How plans name an identity: identity/NAME."""
    return f"identity/{str(identity).rsplit('/', 1)[-1]}"
