"""The page on coverage says what is true today."""

from __future__ import annotations

from tools.conformance.checks import Conformance
from tools.conformance.coverage import PAGE, page


def test_the_page_is_up_to_date(conformance: Conformance) -> None:
    """Else make it anew: `python -m tools.conformance.coverage`."""
    assert PAGE.read_text(encoding="utf-8") == page(conformance.operations)
