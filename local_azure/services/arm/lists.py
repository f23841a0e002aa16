"""Lists of Resource Manager's resources, in pages where the client wants that."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.paging import page

_SKIP = "$skiptoken"


def listed(request: Request, rows: list[dict[str, Any]]) -> Reply:
    """All *rows*, or with `$top` so many of them and the address of the next.

    Source: `$top` and `nextLink` in the descriptions of Key Vault's management and of Managed Identity. Raises:
    AzureError 400 for a number or a token that is none.
    """
    given, token = request.query.get("$top", ""), request.query.get(_SKIP, "")
    if given and not (given.isdecimal() and int(given)):
        raise AzureError(400, "BadRequest", f"The value '{given}' of the query parameter '$top' is not valid.")
    try:
        shown, following = page(rows, int(given) if given else max(len(rows), 1), token)
    except ValueError:
        raise AzureError(400, "BadRequest", f"The query parameter '{_SKIP}' is not valid.") from None
    content: dict[str, Any] = {"value": list(shown)}
    if following:
        query = urlencode({**request.query, _SKIP: following})
        content["nextLink"] = f"https://{request.host}{request.path}?{query}"
    return Reply(200, content)
