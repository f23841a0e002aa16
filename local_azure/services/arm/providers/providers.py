"""Resource providers: which of them the subscription is registered with, and what is refused without; knows no HTTP.

Sources: "Azure resource providers and types" and "Resolve errors for resource provider registration" on Microsoft
Learn; Azure/azure-sdk-for-node#2305 for the shape of the refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from local_azure.clock import Clock
from local_azure.services.arm.groups import Groups
from local_azure.services.arm.providers import errors
from local_azure.wire.messages import Request

REGISTERED, REGISTERING, UNREGISTERED, NOT_REGISTERED = "Registered", "Registering", "Unregistered", "NotRegistered"
_FREE = frozenset({"microsoft.authorization", "microsoft.resources"})  # registrationPolicy: RegistrationFree
_NAMES = (
    "Microsoft.Authorization",
    "Microsoft.Batch",
    "Microsoft.KeyVault",
    "Microsoft.ManagedIdentity",
    "Microsoft.Resources",
)
_REGISTER = "providers.register"
_DURATION = timedelta(seconds=5)  # the real one takes a minute or more; clients poll until it is done
_READS = frozenset({"GET", "HEAD"})


@dataclass
class ProvidersState:
    """The registration of each provider that is not simply registered, by lower-cased namespace."""

    states: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Provider:
    """A resource provider. *free*: it needs no registration, and cannot lose it."""

    namespace: str
    state: str
    free: bool


class Providers:
    """The providers of the subscription; all are registered but those that the settings leave out.

    A provider that is not registered is read, and nothing of its is written.
    """

    def __init__(self, groups: Groups, clock: Clock, state: ProvidersState | None = None) -> None:
        self._groups = groups
        self._clock = clock
        left_out = groups.access.settings.unregistered_providers
        self.state = state or ProvidersState({name.lower(): NOT_REGISTERED for name in left_out})
        self.access = groups.access
        clock.on(_REGISTER, self._registered)
        groups.access.checks.append(self.check)

    def get(self, namespace: str) -> Provider:
        """The provider. Raises: AzureError 404 `InvalidResourceNamespace`."""
        known = next((name for name in _NAMES if name.lower() == namespace.lower()), None)
        if known is None:
            raise errors.invalid_namespace(namespace)
        return Provider(known, self.state.states.get(known.lower(), REGISTERED), known.lower() in _FREE)

    def all(self) -> list[Provider]:
        """Every provider, by namespace."""
        return [self.get(name) for name in _NAMES]

    def register(self, namespace: str) -> Provider:
        """Begin to register; what is created meanwhile is let through already, as Azure does region by region."""
        provider = self.get(namespace)
        if provider.state not in {REGISTERED, REGISTERING}:
            self.state.states[namespace.lower()] = REGISTERING
            self._clock.schedule(self._clock.now() + _DURATION, _REGISTER, namespace.lower())
        return self.get(namespace)

    def unregister(self, namespace: str) -> Provider:
        """End the registration. Raises: AzureError 409 while the subscription has resources of the provider's."""
        provider = self.get(namespace)
        held = [one.id for one in self._groups.resources() if one.type.partition("/")[0] == provider.namespace]
        if held:
            raise errors.still_in_use(provider.namespace, held)
        if not provider.free:
            self._clock.cancel(_REGISTER, namespace.lower())
            self.state.states[namespace.lower()] = UNREGISTERED
        return self.get(namespace)

    def check(self, request: Request) -> None:
        """Raises: AzureError 409 `MissingSubscriptionRegistration` for a write to a provider without registration."""
        namespace = _addressed(request.path)
        state = self.state.states.get(namespace.lower(), REGISTERED)
        if request.method not in _READS and state in {NOT_REGISTERED, UNREGISTERED}:
            raise errors.not_registered(self.get(namespace).namespace)

    def _registered(self, namespace: str) -> None:
        self.state.states.pop(namespace, None)


def _addressed(path: str) -> str:
    """The namespace of the provider that a request to *path* is for: the last one named.

    "" for none, and for the registration of one, whose address ends like `/providers/Microsoft.Batch/register`.
    """
    _, found, below = path.rpartition("/providers/")
    namespace, _, rest = below.partition("/")
    return namespace if found and rest.lower() not in {"register", "unregister"} else ""
