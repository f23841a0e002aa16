"""Answers of the data plane: one object, or one page of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from local_azure.services.batch.errors import bad_query, refusal
from local_azure.services.batch.protocol.odata import FilterError, compile_filter, select
from local_azure.wire.messages import Reply, Request
from local_azure.wire.paging import page

T = TypeVar("T")

_LARGEST_PAGE = 1000
_SKIP = "$skiptoken"


def shown(request: Request, entity: str, row: dict[str, Any], headers: dict[str, str] | None = None) -> Reply:
    """One object, with `$select` obeyed."""
    chosen = select(row, request.query.get("$select", ""))
    metadata = f"https://{request.host}/$metadata#{entity}/@Element"
    return Reply(200, {"odata.metadata": metadata, **chosen}, headers or {})


def listed(request: Request, entity: str, items: Sequence[T], view: Callable[[T], dict[str, Any]]) -> Reply:
    """One page of *items* as *view* shows them, with `$filter`, `$select` and `maxresults` obeyed.

    Without a filter only the page itself is looked at, so that a long list costs no more than its pages.

    Raises: AzureError 400 for one of these that cannot be obeyed.
    """
    size = _page_size(request)
    text, token = request.query.get("$filter", ""), request.query.get(_SKIP, "")
    try:
        wanted = compile_filter(text)
    except FilterError as error:
        raise bad_query("$filter", text, str(error)) from None
    try:
        found, following = page([item for item in items if wanted(view(item))] if text else items, size, token)
    except ValueError:
        raise bad_query(_SKIP, token, "The continuation token is not valid.") from None
    chosen = request.query.get("$select", "")
    content: dict[str, Any] = {
        "odata.metadata": f"https://{request.host}/$metadata#{entity}",
        "value": [select(view(item), chosen) for item in found],
    }
    if following:
        query = urlencode({**request.query, _SKIP: following})
        content["odata.nextLink"] = f"https://{request.host}{request.path}?{query}"
    return Reply(200, content)


def _page_size(request: Request) -> int:
    given = request.query.get("maxresults", str(_LARGEST_PAGE))
    if not given.isdecimal() or not 1 <= int(given) <= _LARGEST_PAGE:
        values = {"QueryParameterName": "maxresults", "QueryParameterValue": given}
        raise refusal("OutOfRangeQueryParameterValue", {**values, "MinimumAllowed": "1", "MaximumAllowed": "1000"})
    return int(given)
