"""Resource providers over HTTP: speaks, decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, guard
from local_azure.services.arm.lists import listed
from local_azure.services.arm.plane import API_VERSIONS
from local_azure.services.arm.providers.providers import Provider, Providers
from local_azure.wire.messages import Reply, Request
from local_azure.wire.router import Routes

_ALL = "/subscriptions/{subscription}/providers"
_ONE = f"{_ALL}/{{provider}}"

routes: Routes[Providers] = Routes(
    service="providers",
    hosts=HOSTS,
    api_versions=API_VERSIONS,
    guard=guard,
    render=errors.render,
    bad_version=errors.bad_version,
    not_found=errors.not_found,
    finish=errors.finish,
    trouble=errors.TROUBLE,
)


@routes.get(_ALL, name="Providers_List")
def list_all(providers: Providers, request: Request) -> Reply:
    """Every provider that is served."""
    return listed(request, [_json(providers, provider) for provider in providers.all()])


@routes.get(_ONE, name="Providers_Get")
def get(providers: Providers, request: Request) -> Reply:
    """A provider with its registration."""
    return Reply(200, _json(providers, providers.get(request.params["provider"])))


@routes.post(f"{_ONE}/register", name="Providers_Register")
def register(providers: Providers, request: Request) -> Reply:
    """Register the subscription; whoever wants to know when it is done asks again."""
    return _changed(providers, request, providers.register, "register")


@routes.post(f"{_ONE}/unregister", name="Providers_Unregister")
def unregister(providers: Providers, request: Request) -> Reply:
    """End the registration."""
    return _changed(providers, request, providers.unregister, "unregister")


def _changed(providers: Providers, request: Request, change: Callable[[str], Provider], verb: str) -> Reply:
    """The permission to register has the provider's own name."""
    namespace = providers.get(request.params["provider"]).namespace
    providers.access.require(request.who(), f"{namespace}/{verb}/action", request.path)
    return Reply(200, _json(providers, change(namespace)))


def _json(providers: Providers, provider: Provider) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{providers.access.settings.subscription}/providers/{provider.namespace}",
        "namespace": provider.namespace,
        "registrationState": provider.state,
        "registrationPolicy": "RegistrationFree" if provider.free else "RegistrationRequired",
        "resourceTypes": [],
    }
