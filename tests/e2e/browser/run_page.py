"""The page of a run, and those of what it has left: its report and its table of nodes."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

RUN_MS = 300_000
ENDED = re.compile("^(Completed|Failed|Crashed|Cancelled)$")


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

    def artifact(self, kind: str) -> Locator:
        """The card of the run's artifact of *kind*, MARKDOWN or TABLE, with what it says of itself."""
        self.open("Artifacts")
        card = self.page.get_by_test_id("flow-run-artifacts-grid").get_by_role("link").filter(has_text=kind)
        card.locator("hr + div p").wait_for()
        return card

    def open_report(self) -> Locator:
        """Open the report. Returns what it says."""
        self.artifact("MARKDOWN").click()
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
    """The rows that the table shows, by the names of its columns."""
    names = table.get_by_role("columnheader").all_inner_texts()
    lines = table.locator("tbody").get_by_role("row").all()
    return [dict(zip(names, line.get_by_role("cell").all_inner_texts(), strict=True)) for line in lines]
