"""The data plane's table of operations: who may ask, and the shape of answers and refusals.

Source: Batch service REST reference: error response, headers; refusals as seen in azure-sdk-for-net#8026 (wrong
audience) and BatchExplorer#2203 (shape of an error).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from local_azure.services.batch.catalogue.regions import AUDIENCES, DATA_HOSTS
from local_azure.services.batch.data.conditional import as_asked, check_change
from local_azure.services.batch.data.shared_key import fault, is_signed
from local_azure.services.batch.errors import TROUBLE, BatchError, refusal
from local_azure.services.batch.service import Batch
from local_azure.services.batch.state.accounts import Account
from local_azure.services.batch.state.pools import Pool
from local_azure.wire.messages import AzureError, Caller, Reply, Request
from local_azure.wire.router import Operation, Routes
from local_azure.wire.tokens import TokenError

_JSON = "application/json; odata=minimalmetadata"
_ENTITIES = "Microsoft.Azure.Batch.Protocol.Entities.Container"
_CHANGES = frozenset({"PATCH", "POST", "PUT"})  # their answers name what they applied to: DataServiceId
_WRONG_TOKEN = {
    "missing": "Authentication failed. The 'Authorization' header is missing.",
    "expired": "The access token expiry UTC time is earlier than current UTC time.",
    "signature": "The access token is invalid: its signature does not hold.",
    "malformed": "The access token is invalid.",
}


def guard(batch: Batch, request: Request, operation: Operation[Any]) -> Caller:
    """Who asks, where they may, and where what they would change is in the state that they name."""
    account = account_of(batch, request)
    caller = _key_holder(batch, account, request) if is_signed(request) else _holder(batch, account, request, operation)
    check_change(batch, account, request)
    return caller


def _holder(batch: Batch, account: Account, request: Request, operation: Operation[Any]) -> Caller:
    """Who holds the operation's permission on the account, as an action or a data action."""
    try:
        caller = batch.access.authenticate(request, AUDIENCES)
    except TokenError as error:
        raise _unauthenticated(batch, _wrong_token(error)) from None
    _check_mode(batch, account, "AAD", "AADToken")
    scope = batch.accounts.arm_id(account)
    action = operation.permission
    allows = batch.access.allows
    if not (allows(caller.object_id, action, scope) or allows(caller.object_id, action, scope, data=True)):
        detail = (
            f"The user identity used for this operation does not have the required privilege {action} on the "
            f"specified resource {scope}"
        )
        raise refusal("InsufficientPermissions", {"Reason": detail})
    return caller


def _key_holder(batch: Batch, account: Account, request: Request) -> Caller:
    """Whoever has a key of the account may do everything at its host."""
    _check_mode(batch, account, "SharedKey", "SharedKey")
    if detail := fault(account, request):
        raise _unauthenticated(batch, detail, status=403)
    return Caller("", account.name, batch.access.settings.tenant)


def _check_mode(batch: Batch, account: Account, mode: str, called: str) -> None:
    if mode not in account.settings.get("allowedAuthenticationModes", [mode]):
        detail = f"The specified type of authentication {called} is not allowed for this account."
        raise _unauthenticated(batch, detail, status=403)


def render(error: AzureError, request: Request) -> Reply:
    """`{code, message{lang, value}, values}`."""
    request_id = str(uuid.uuid4())
    metadata = f"https://{request.host}/$metadata#{_ENTITIES}.errors/@Element"
    content = error_content(error, f"\nRequestId:{request_id}")
    return Reply(error.status, {"odata.metadata": metadata, **content}, {"request-id": request_id})


def error_content(error: AzureError, behind: str = "") -> dict[str, Any]:
    """The refusal itself, with *behind* after its message."""
    content: dict[str, Any] = {
        "code": error.code,
        "message": {"lang": "en-US", "value": f"{error.message}{behind}"},
    }
    if error.values:
        content["values"] = [{"key": key, "value": value} for key, value in error.values.items()]
    return content


def finish(request: Request, reply: Reply) -> Reply:
    """The headers of every answer, and what a conditional read makes of it.

    The client's own id comes back where it asks for that.
    """
    reply = as_asked(request, reply)
    sent = {"DataServiceVersion": "3.0", "request-id": str(uuid.uuid4()), "Cache-Control": "no-cache"}
    given = request.headers.get("client-request-id")
    if given and request.headers.get("return-client-request-id", "").lower() == "true":
        sent["client-request-id"] = given
    if request.method in _CHANGES and reply.status < 400:
        sent["DataServiceId"] = f"https://{request.host}{request.path}"
    if reply.body is not None and not isinstance(reply.body, bytes):
        sent["Content-Type"] = _JSON
    return replace(reply, headers={**sent, **reply.headers})


def bad_version(request: Request, served: frozenset[str]) -> AzureError:
    """A missing api-version, or one that the service does not speak."""
    given = request.api_version
    if not given:
        return BatchError(
            400,
            "MissingRequiredQueryParameter",
            "A required query parameter was not specified for this request.",
            values={"QueryParameterName": "api-version"},
        )
    reason = f"The supported versions are {', '.join(sorted(served))}."
    return refusal("UnsupportedRequestVersion", {"RequestVersion": given, "Reason": reason})


def not_found(request: Request) -> AzureError:
    """A path that no operation has."""
    return BatchError(
        400,
        "InvalidUri",
        "The requested URI does not represent any resource on the server.",
        values={"Uri": request.path},
    )


routes: Routes[Batch] = Routes(
    service="batch-data",
    hosts=DATA_HOSTS,
    render=render,
    not_found=not_found,
    api_versions=frozenset({"2022-10-01.16.0", "2024-02-01.19.0", "2024-07-01.20.0", "2025-06-01"}),
    bad_version=bad_version,
    guard=guard,
    finish=finish,
    ignores=frozenset({"$expand"}),
    trouble=TROUBLE,
)


def account_of(batch: Batch, request: Request) -> Account:
    """The account whose host is asked. Raises: AzureError 404 where there is none in that region."""
    name, _, rest = request.host.partition(".")
    account = batch.accounts.find(name)
    if account is None or rest.partition(".")[0] != account.location or account.provisioning_state == "Deleting":
        raise refusal("ResourceNotFound", {"Reason": f"There is no Batch account at {request.host}."})
    return account


def pool_of(batch: Batch, request: Request) -> tuple[Account, Pool]:
    """The account asked, and the pool of the path. Raises: AzureError 404 `PoolNotFound`."""
    account = account_of(batch, request)
    return account, batch.pools.get(account, request.params["pool"])


def _wrong_token(error: TokenError) -> str:
    if error.reason == "audience":
        return (
            f"The access token has been obtained from wrong audience or resource '{error.detail}'. It should exactly "
            "match (including forward slash) with one of the allowed audiences 'https://batch.core.windows.net/'"
        )
    if error.reason == "tenant":
        return "The access token is from the wrong issuer: it does not belong to the account's tenant."
    return _WRONG_TOKEN.get(error.reason, "The access token is invalid.")


def _unauthenticated(batch: Batch, detail: str, *, status: int = 401) -> BatchError:
    tenant = batch.access.settings.tenant
    challenge = (
        f'Bearer authorization_uri="https://login.microsoftonline.com/{tenant}", '
        'resource_id="https://batch.core.windows.net/"'
    )
    return BatchError(
        status,
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly.",
        values={"AuthenticationErrorDetail": detail},
        headers={"WWW-Authenticate": challenge} if status == 401 else {},
    )
