"""Lists of Resource Manager's resources in pages."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from local_azure.services.arm.lists import listed
from local_azure.wire.messages import AzureError, Request

ROWS = [{"name": name} for name in "abcde"]
PATH = "/subscriptions/s/providers/Microsoft.KeyVault/vaults"


def request(**query: str) -> Request:
    named = {"api-version": "2023-07-01", **{f"${name}": value for name, value in query.items()}}
    return Request("GET", "management.azure.com", PATH, named, {})


def test_without_a_wish_all_come_at_once() -> None:
    """There is no next page, and an empty list is a list."""
    assert listed(request(), ROWS).body == {"value": ROWS}
    assert listed(request(), []).body == {"value": []}


def test_pages_follow_each_other_to_the_end() -> None:
    """The link keeps the size of the page and the api-version; the last page has none."""
    seen, wanted = [], request(top="2")
    while True:
        body = listed(wanted, ROWS).body
        seen.append([row["name"] for row in body["value"]])
        if "nextLink" not in body:
            break
        link = urlsplit(body["nextLink"])
        assert (link.hostname, link.path) == ("management.azure.com", PATH)
        wanted = Request("GET", link.hostname or "", link.path, dict(parse_qsl(link.query)), {})
    assert seen == [["a", "b"], ["c", "d"], ["e"]]
    assert wanted.api_version == "2023-07-01"


@pytest.mark.parametrize("query", [{"top": "0"}, {"top": "-1"}, {"top": "many"}, {"skiptoken": "elsewhere"}])
def test_what_is_no_page_is_refused(query: dict[str, str]) -> None:
    """400."""
    with pytest.raises(AzureError) as refused:
        listed(request(**query), ROWS)
    assert refused.value.status == 400
