"""What a person does in the browser, from an empty account to a pool with trouble."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.e2e.browser.run_form import RunForm
from tests.e2e.browser.run_page import RunPage, rows
from tests.e2e.browser.stack import PROVISION, ROTATE, VALIDATE, Stack
from tests.e2e.browser.trouble import bring_trouble

NODES = 6
POOL = "render"
_FAST = 10.0  # the nodes poll every minute of Azure's time


@dataclass(frozen=True)
class Ended:
    """A run that has ended: its id, and the state that the page showed at its end."""

    run: str
    state: str
    page: RunPage


class Journey:
    """A person with a browser, in front of *stack*."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self.stack = stack
        self._page = page

    def form(self, deployment: str) -> RunForm:
        """The form of *deployment*, opened."""
        return RunForm(self._page, f"{self.stack.ui}/deployments/deployment/{self.stack.deployment(deployment)['id']}")

    def provision(self) -> Ended:
        """Run `provision/local` for six nodes, with something changed in a field of each kind."""
        form = self.form(PROVISION)
        form.fill("Dedicated nodes", str(NODES))
        form.fill("VM size", "STANDARD_D4S_V5")
        form.choose("Task placement", "Spread")
        form.choose("Key size", "3072")
        form.add_item("DNS names", "render-2.batchcert.test")
        return self._submit(form)

    def validate(self) -> Ended:
        """Run `validate/local`, with a whole number and a fraction of one's own; a dead node is soon given up."""
        form = self.form(VALIDATE)
        form.fill("Grace in minutes", "12")
        form.fill("Seconds to connect", "7.5")
        form.fill("Seconds between attempts", "0.5")
        return self._submit(form)

    def rotate(self) -> Ended:
        """Run `rotate/local`, looking at the nodes every two seconds; Azure's minute is a tenth as long meanwhile."""
        form = self.form(ROTATE)
        form.fill("Seconds between looks", "2")
        self.stack.azure.set_speed(_FAST)
        try:
            return self._submit(form)
        finally:
            self.stack.azure.set_speed(1)

    def again(self, ended: Ended) -> Ended:
        """A run that another browser saw end, with its page in this one."""
        return Ended(ended.run, ended.state, self._run_page(ended.run))

    def trouble(self, nodes: list[str]) -> dict[str, str]:
        """Bring trouble over three of *nodes*. Returns the verdict that each deserves."""
        return bring_trouble(self.stack.azure, POOL, nodes)

    def _submit(self, form: RunForm) -> Ended:
        run = form.submit()
        page = self._run_page(run)
        return Ended(run, page.state_at_the_end(), page)

    def _run_page(self, run: str) -> RunPage:
        return RunPage(self._page, f"{self.stack.ui}/runs/flow-run/{run}")


def nodes_of(ended: Ended) -> list[str]:
    """The ids of the nodes, from the table that the run has left."""
    return [row["node id"] for row in rows(ended.page.open_table())]
