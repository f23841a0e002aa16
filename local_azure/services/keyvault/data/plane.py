"""What all operations at a vault's own host have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from local_azure.services.keyvault import errors
from local_azure.services.keyvault.data.guard import vault_guard
from local_azure.services.keyvault.hosts import DATA_HOSTS
from local_azure.services.keyvault.service import KeyVault
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.wire.messages import Reply, Request
from local_azure.wire.paging import page
from local_azure.wire.router import Routes

T = TypeVar("T")
_MOST = 25  # Key Vault REST API: maxresults, "If not specified the service will return up to 25 results"

_API_VERSIONS = frozenset({"7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"})


def operations(service: str) -> Routes[KeyVault]:
    """A table for operations at a vault's host, to be filled in."""
    return Routes(
        service=service,
        hosts=DATA_HOSTS,
        render=errors.render,
        not_found=errors.not_found_path,
        api_versions=_API_VERSIONS,
        bad_version=errors.bad_version,
        guard=vault_guard,
        finish=_finish,
        trouble=errors.TROUBLE,
    )


def _finish(request: Request, reply: Reply) -> Reply:
    """The usual headers; and the body as the api-version has it: 7.0 knows no recoverableDays, 7.1 brought them."""
    if request.api_version == "7.0":
        reply = replace(reply, body=_without(reply.body, "recoverableDays"))
    return errors.finish(request, reply)


def _without(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, name) for key, item in value.items() if key != name}
    return [_without(item, name) for item in value] if isinstance(value, list) else value


def vault_of(keyvault: KeyVault, request: Request) -> Vault:
    """The vault whose host was asked; the guard has seen that there is one."""
    vault = keyvault.vaults.at(request.host)
    if vault is None:
        raise LookupError(request.host)
    return vault


def page_of(request: Request, items: Sequence[T], show: Callable[[T], dict[str, Any]]) -> Reply:
    """One page of a list, with the link to the next one.

    Raises: AzureError 400 for a number or a continuation that Key Vault does not take.
    """
    wanted = request.query.get("maxresults", str(_MOST))
    if not wanted.isdecimal() or not 1 <= int(wanted) <= _MOST:
        raise errors.bad_parameter(f"maxresults has invalid value: it should be between 1 and {_MOST}")
    try:
        shown, token = page(items, int(wanted), request.query.get("$skiptoken", ""))
    except ValueError:
        raise errors.bad_parameter("$skiptoken has invalid value") from None
    link = (
        f"https://{request.host}{request.path}?api-version={request.api_version}&$skiptoken={token}&maxresults={wanted}"
    )
    return Reply(200, {"value": [show(item) for item in shown], "nextLink": link if token else None})
