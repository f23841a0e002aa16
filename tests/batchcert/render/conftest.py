"""Rows of a pool in which something of everything goes on, and text that would like to be more than text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from batchcert.verdict.causes import Cause
from batchcert.verdict.finding import Judged, Row
from batchcert.verdict.reasons import Reason

SHA = "3f9c1a2b77d0e445" * 4

HOSTILE = (
    "<script>alert(1)</script><img src=http://evil.example/x.png> [a](javascript:alert(1)) ![b](http://evil.example/y)\n"
    "# head\n- item | cell | `tick` ``two`` **bold** _it_ ~~gone~~ $x$ https://evil.example www.evil.example"
    " m@evil.example <https://evil.example> &lt;b&gt; \\[c\\](x) \x1b[31mred\u202e [red]rich[/red] \ud800"
)


@pytest.fixture
def hostile() -> str:
    """What a node that wants to harm the reader would put into a message."""
    return HOSTILE


def make_row(node: str, reason: Judged, message: str = "what was seen", certificate: str = "kv/web") -> Row:
    """A row with this reason; a leaf only where it is current."""
    known = reason is Reason.CURRENT
    return Row(
        node, certificate, reason.finding(message), SHA if known else "", "2026-12-31T23:59:59Z" if known else ""
    )


@pytest.fixture
def rows() -> Callable[..., list[Row]]:
    """Makes rows from (node, reason) pairs or longer ones."""
    return lambda *given: [make_row(*one) for one in given]


@pytest.fixture
def pool() -> list[Row]:
    """Ten nodes, of which four are not fine, in no order."""
    reasons: dict[int, Judged] = {3: Cause.IDENTITY_NOT_FOUND, 5: Reason.ROTATION_OVERDUE, 6: Reason.ROTATION_OVERDUE}
    reasons |= {7: Reason.LEAF_EXPIRED, 8: Reason.NODE_YOUNG}
    return [
        make_row(f"tvmps_{number}c0ffee5d2b7a90412fe83ab7cd_d", reasons.get(number, Reason.CURRENT))
        for number in range(10)
    ]
