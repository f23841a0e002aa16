"""What the registration of resource providers refuses, in Azure's words."""

from __future__ import annotations

from collections.abc import Sequence

from local_azure.wire.messages import AzureError


def invalid_namespace(namespace: str) -> AzureError:
    """404: no such provider."""
    return AzureError(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")


def not_registered(namespace: str) -> AzureError:
    """409: the subscription is not registered with the provider; `target` in the details names it."""
    return AzureError(
        409,
        "MissingSubscriptionRegistration",
        f"The subscription is not registered to use namespace '{namespace}'. "
        "See https://aka.ms/rps-not-found for how to register subscriptions.",
        values={"target": namespace},
    )


def still_in_use(namespace: str, resources: Sequence[str]) -> AzureError:
    """409: a provider keeps its registration while it has resources. The rule is published, the words are not."""
    return AzureError(
        409,
        "CannotUnregisterResourceProvider",
        f"The resource provider '{namespace}' cannot be unregistered: the subscription has resources of its types: "
        f"'{', '.join(resources)}'.",
    )
