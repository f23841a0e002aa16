"""The page of a run, and those of what it has left: its report and its table of nodes."""

from __future__ import annotations

import re
from base64 import b64encode

from playwright.sync_api import Locator, Page, expect

RUN_MS = 300_000
LOOKS = 100
FEWEST_PIXELS = 500  # of all bars together
ENDED = re.compile("^(Completed|Failed|Crashed|Cancelled)$")

# A canvas tells nothing but its pixels: those of a bar are of a strong green, as is the line below the graph.
_BARS = """async picture => {
    const drawn = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
    const context = new OffscreenCanvas(drawn.width, drawn.height).getContext("2d");
    context.drawImage(drawn, 0, 0);
    const pixels = context.getImageData(0, 0, drawn.width, drawn.height - 16).data;
    let bars = 0;
    for (let i = 0; i < pixels.length; i += 4) {
        const [red, green, blue] = pixels.subarray(i, i + 3);
        if (green > red + 80 && green > blue + 60) bars += 1;
    }
    return bars;
}"""


class RunPage:
    """The page of one run; *address* is where it is."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    def open(self, tab: str) -> None:
        """Open it, with one of its tabs."""
        self.page.goto(f"{self._address}?tab={tab}")
        self.page.get_by_role("tab", name=tab, selected=True).wait_for()

    def state_at_the_end(self) -> str:
        """What the page calls the run's last state. It is open already, and shows the end by itself."""
        self.page.get_by_role("tab", name="Job Variables").wait_for()
        badge = self.page.locator("[data-slot=badge]").filter(has_text=ENDED).first
        expect(badge).to_be_visible(timeout=RUN_MS)
        return badge.inner_text()

    @property
    def graph(self) -> Locator:
        """The run's steps, drawn as bars."""
        return self.page.locator("canvas")

    def centre_graph(self) -> Locator:
        """Bring the whole graph into view by its first button, once its bars are drawn. Returns the graph.

        Raises: TimeoutError where they are not.
        """
        centre = self.graph.locator("xpath=../..").get_by_role("button").first
        for _ in range(LOOKS):
            centre.click()
            picture = b64encode(self.graph.screenshot()).decode()
            if self.page.evaluate(_BARS, picture) > FEWEST_PIXELS:
                centre.click()
                return self.graph
        raise TimeoutError(f"{self.page.url} draws no graph")

    def artifact(self, kind: str) -> Locator:
        """The card of the run's artifact of *kind*, MARKDOWN or TABLE, or with words that no other card has."""
        self.open("Artifacts")
        card = self.page.get_by_test_id("flow-run-artifacts-grid").get_by_role("link").filter(has_text=kind)
        card.locator("hr + div p").wait_for()
        return card

    def open_report(self, words: str = "MARKDOWN") -> Locator:
        """Open the report, that with *words* on its card where there are several. Returns what it says."""
        self.artifact(words).click()
        report = self.page.get_by_test_id("markdown-display")
        report.get_by_role("heading", level=1).wait_for()
        return report

    def open_table(self) -> Locator:
        """Open the table of nodes. Returns the table."""
        self.artifact("TABLE").click()
        table = self.page.get_by_role("table")
        table.get_by_role("cell").first.wait_for()
        return table


def rows(table: Locator) -> list[dict[str, str]]:
    """The rows that the table shows, by the names of its columns; read at once, since the page may draw it anew."""
    names, *lines = table.evaluate("table => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText))")
    return [dict(zip(names, line, strict=True)) for line in lines]
