"""A rotation drill as a person sees it in a real browser: the form, the numbers, and the picture."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.journey import NODES, Ended, Journey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

HEADLINE = f"✔ Drill on pool render: all {NODES} nodes have it, the last after "
_DRAWN = "image => image.complete && image.naturalWidth"


@pytest.fixture(scope="module")
def rotated(journey: Journey, provisioned: Ended) -> Ended:
    """A drill on a pool that provision has just proved; its nodes poll every minute."""
    assert provisioned.state == "Completed"
    return journey.rotate()


def test_its_report_has_the_numbers_and_a_picture_that_is_drawn(rotated: Ended) -> None:
    """The page loads no image from elsewhere, and shows this one, which comes inside of the report."""
    assert rotated.state == "Completed"
    report = rotated.page.open_report(HEADLINE)
    expect(report.get_by_role("heading").first).to_contain_text(HEADLINE)
    picture = report.get_by_role("img", name="arrivals over time")
    expect(picture).to_be_visible()
    assert picture.evaluate(_DRAWN) >= 400
    cells = report.get_by_role("table").first.get_by_role("cell").all_inner_texts()
    assert cells[:2] == ["the nodes", str(NODES)]
    assert all(cell.endswith(("s", "min")) for cell in cells[2:])


def test_the_run_s_page_says_how_long_it_took(rotated: Ended) -> None:
    """In the state's own line."""
    rotated.page.open("Details")
    said = rotated.page.page.get_by_text("Key Vault to nodes: median ")
    expect(said.first).to_contain_text(f"{NODES} nodes: {NODES} current")
