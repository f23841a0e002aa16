"""Who is asking, and what their roles allow: the one place that every service's guard goes to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local_azure import happenings
from local_azure.clock import Clock
from local_azure.services.arm import errors
from local_azure.services.arm.clouds import CLOUDS, cloud_at
from local_azure.services.arm.roles import ROLES, Role
from local_azure.settings import Settings
from local_azure.wire.faults import Faults
from local_azure.wire.messages import AzureError, Caller, Request
from local_azure.wire.router import Operation
from local_azure.wire.tokens import TokenError, Tokens

HOSTS = tuple(cloud.manager for cloud in CLOUDS)
AUDIENCES = frozenset(audience for cloud in CLOUDS for audience in cloud.audiences)
Check = Callable[[Request], None]


@dataclass
class Assignment:
    """A role given to a principal at a scope. *effective_at*: grants take a while to reach every service."""

    name: str
    scope: str
    role_id: str
    principal_id: str
    principal_type: str
    created: datetime
    effective_at: datetime


@dataclass
class AccessState:
    """The role assignments, by lower-cased ARM id, and the custom roles, by id."""

    assignments: dict[str, Assignment] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)


class Access:
    """Authentication by token and authorization by role assignments.

    The operator's service principal is Owner of the subscription and Key Vault Administrator, as a person who tries
    things out in an own subscription would be. Others add to `checks` what a request behind Azure Resource Manager
    must stand once its caller may make it; each raises AzureError.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        tokens: Tokens,
        state: AccessState | None = None,
        *,
        faults: Faults | None = None,
    ) -> None:
        self._faults = faults
        self.settings = settings
        self.clock = clock
        self.tokens = tokens
        self.state = state or AccessState()
        self.checks: list[Check] = []
        if state is None:
            for name, role in (
                ("00000000-0000-4000-8000-0000000000b1", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
                ("00000000-0000-4000-8000-0000000000b2", "00482a5a-887f-4fb3-b363-3b7fe8e74483"),
            ):
                self.assign(name, f"/subscriptions/{settings.subscription}", role, settings.object_id, at_once=True)

    def authenticate(self, request: Request, audiences: Collection[str]) -> Caller:
        """Who the bearer token names. Raises: TokenError, which each service puts into its own words."""
        return self.tokens.verify(request.bearer, audiences, self.settings.tenant)

    def allows(self, object_id: str, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether a role that has taken effect lets *object_id* do *action* at *scope* or below one above it."""
        now = self.clock.now()
        return any(
            assignment.principal_id == object_id
            and assignment.effective_at <= now
            and _covers(assignment.scope, scope)
            and (role := self.role(assignment.role_id)) is not None
            and role.allows(action, data=data)
            for assignment in self.state.assignments.values()
        )

    def role(self, role_id: str) -> Role | None:
        """The built-in or custom role of this id, or None."""
        return ROLES.get(role_id.lower()) or self.state.roles.get(role_id.lower())

    def roles(self) -> list[Role]:
        """Every role, the built-in ones first."""
        return [*ROLES.values(), *self.state.roles.values()]

    def has_role(self, object_id: str) -> bool:
        """Whether *object_id* has any role anywhere in the subscription that has taken effect."""
        now = self.clock.now()
        return any(
            assignment.principal_id == object_id and assignment.effective_at <= now
            for assignment in self.state.assignments.values()
        )

    def require(self, caller: Caller, action: str, scope: str) -> None:
        """Raises: AzureError 403 `AuthorizationFailed`, where *caller* may not do *action* at *scope*."""
        if not self.allows(caller.object_id, action, scope):
            raise errors.authorization_failed(caller.client_id, caller.object_id, action, scope)

    def grant_delay(self, resource: str) -> timedelta:
        """How long access that is given now to the resource of this ARM id takes until it has effect."""
        rule = self._faults and self._faults.strike(happenings.DOMAIN, happenings.GRANT, resource)
        return timedelta(seconds=rule.effect.seconds if rule else self.settings.grant_seconds)

    def assign(
        self,
        name: str,
        scope: str,
        role_id: str,
        principal_id: str,
        *,
        principal_type: str = "ServicePrincipal",
        at_once: bool = False,
    ) -> Assignment:
        """Give a role; it takes effect after the settings' grant delay, unless *at_once*."""
        now = self.clock.now()
        delay = timedelta(0) if at_once else self.grant_delay(scope)
        assignment = Assignment(name, scope, role_id, principal_id, principal_type, now, now + delay)
        self.state.assignments[assignment_id(scope, name).lower()] = assignment
        return assignment


def assignment_id(scope: str, name: str) -> str:
    """The ARM id of a role assignment."""
    return f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{name}"


def guard(service: Any, request: Request, operation: Operation[Any]) -> Caller:
    """The guard of every service behind Azure Resource Manager.

    *service* has an attribute `access`. The operation's permission is an ARM action; its scope is the request's path
    up to the resource it names.
    """
    access: Access = service.access
    try:
        caller = access.authenticate(request, AUDIENCES)
    except TokenError as error:
        raise errors.invalid_token(error, cloud_at(request.host), access.settings.tenant) from None
    subscription = request.params.get("subscription", "")
    if subscription and subscription.lower() != access.settings.subscription:
        raise AzureError(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
    if operation.permission:
        access.require(caller, operation.permission, request.path)
    for check in access.checks:
        check(request)
    return caller


def _covers(granted: str, scope: str) -> bool:
    above, below = granted.lower().rstrip("/"), scope.lower().rstrip("/")
    return below == above or below.startswith(above + "/")
