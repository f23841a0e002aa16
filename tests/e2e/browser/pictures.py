"""The pictures of the README: `python -m tests.e2e.browser.pictures docs/images`."""

from __future__ import annotations

import sys
import tempfile
from math import inf
from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page

from tests.e2e.browser.chromium import page_in_chromium
from tests.e2e.browser.journey import Ended, Journey, nodes_of
from tests.e2e.browser.stack import PROVISION, VALIDATE, running_stack

MARGIN = 16
TALLEST_FORM = 1150
LOOKS = 50  # until a page that still draws itself is given up


class Camera:
    """Takes pictures of *page* into *folder*."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page = page
        self._folder = folder

    def take(self, name: str, *, right: Locator, bottom: Locator, tallest: float = inf) -> None:
        """The page from its top, without its menu, as far as two of its parts, once it has come to rest.

        A picture is never *tallest* pixels high or more, whatever is below.
        """
        self._page.mouse.move(0, 0)
        left, edge, end = self._box(self._page.locator("main")), self._box(right), self._box(bottom)
        clip: FloatRect = {
            "x": left["x"],
            "y": 0,
            "width": edge["x"] + edge["width"] + MARGIN - left["x"],
            "height": min(tallest, end["y"] + end["height"] + MARGIN),
        }
        (self._folder / f"{name}.png").write_bytes(self._at_rest(clip))

    def _at_rest(self, clip: FloatRect) -> bytes:
        """The picture that two looks in a row have seen. Raises: TimeoutError where there are none."""
        before = b""
        for _ in range(LOOKS):
            now = self._page.screenshot(full_page=True, clip=clip, animations="disabled")
            if now == before:
                return now
            before = now
        raise TimeoutError(f"{self._page.url} does not come to rest")

    def _box(self, part: Locator) -> FloatRect:
        box = part.bounding_box()
        if box is None:
            raise LookupError(f"{part} is not on the page")
        return box


def take_all(journey: Journey, camera: Camera) -> None:
    """Go the whole way, and take a picture wherever a person would stop to look."""
    for name, deployment in (("provision-form", PROVISION), ("validate-form", VALIDATE)):
        form = journey.form(deployment).form
        camera.take(name, right=form, bottom=form, tallest=TALLEST_FORM)
    _take_graph(camera, "provision-run", journey.provision())
    fine = journey.validate()
    _take_findings(camera, "-fine", fine, until="table")
    journey.trouble(nodes_of(fine))
    troubled = journey.validate()
    _take_findings(camera, "", troubled, until="li:has-text('Where:')")
    troubled.page.artifact("TABLE")
    troubled.page.centre_graph()
    grid = troubled.page.page.get_by_test_id("flow-run-artifacts-grid")
    camera.take("validate-run", right=grid, bottom=grid)


def _take_graph(camera: Camera, name: str, ended: Ended) -> None:
    """The head of a run's page and its graph."""
    ended.page.open("Logs")
    camera.take(name, right=ended.page.graph, bottom=ended.page.centre_graph())


def _take_findings(camera: Camera, suffix: str, ended: Ended, *, until: str) -> None:
    """A validation's report, down to the last *until* in it, and its table of nodes."""
    report = ended.page.open_report()
    camera.take(f"report{suffix}", right=report, bottom=report.locator(until).last)
    ended.page.open_table()
    page = ended.page.page
    camera.take(f"nodes{suffix}", right=page.get_by_placeholder("Search"), bottom=page.get_by_text("Items per page"))


def main(folder: Path) -> None:
    """Take all pictures into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, running_stack(Path(home)) as stack, page_in_chromium() as page:
        take_all(Journey(stack, page), Camera(page, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
