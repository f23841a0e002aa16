"""The form from which a person starts a run of a deployment, on the page of Prefect's server."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

# Before the fieldset that a person fills in, there is its label and its description.
_FIELDS = """form => [...form.querySelectorAll("fieldset")].map(fieldset => {
    const head = fieldset.previousElementSibling;
    return {
        label: head?.querySelector("label")?.innerText ?? "",
        description: head?.querySelector("p")?.innerText ?? "",
    };
})"""
_MAY_BE_LEFT = " (Optional)"
_BUSY = 503  # Prefect's server while another request holds its SQLite database: a person presses the button again
_TRIES = 5


@dataclass(frozen=True)
class Field:
    """What a person reads above a field."""

    label: str
    description: str

    @property
    def title(self) -> str:
        """The label, without what the page adds."""
        return self.label.removesuffix(_MAY_BE_LEFT)


class RunForm:
    """The form of one deployment, opened as a person opens it; *address* is the deployment's page."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        page.goto(address)
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Custom run").click()
        self.form = page.locator("form")
        self.form.locator("fieldset").first.wait_for()

    @property
    def json_editors(self) -> Locator:
        """The places where a person has to type raw JSON."""
        return self.form.locator(".cm-editor")

    def fields(self) -> list[Field]:
        """Every field, those inside of others too, in the order of the page."""
        return [Field(**found) for found in self.form.evaluate(_FIELDS)]

    def fill(self, label: str, value: str) -> None:
        """Type *value* into the first field called *label*."""
        self.form.get_by_label(label).first.fill(value)

    def choose(self, label: str, value: str) -> None:
        """Choose *value* from the list of the field called *label*."""
        self.form.get_by_label(f"Select {label}").click()
        self._page.get_by_role("option", name=value, exact=True).click()
        # It gives the focus back when it is gone, which closes the next one that is open by then.
        expect(self._page.get_by_role("option")).to_have_count(0)

    def switch(self, label: str) -> None:
        """Turn the switch of the field called *label* to its other side."""
        self.form.get_by_label(label).click()

    def add_item(self, label: str, value: str) -> None:
        """Add *value* to the list of texts called *label*."""
        items = self.form.locator(f'div:has(> div > label:text("{label}")) + fieldset')
        items.get_by_role("button", name="Add item").click()
        items.get_by_role("textbox").last.fill(value)

    def as_json(self) -> None:
        """Turn the first field into one that takes raw JSON, as its menu offers."""
        self.form.get_by_role("button", name="Open menu").first.click()
        self._page.get_by_role("menuitem", name="Use JSON input").click()

    def press_submit(self) -> None:
        """Press the button, whatever comes of it."""
        self.form.get_by_role("button", name="Submit").click()

    def submit(self) -> str:
        """Start the run and open its page, and try again where the server is busy. Returns the run's id."""
        for _ in range(_TRIES):
            with self._page.expect_response(lambda answer: answer.url.endswith("/create_flow_run")) as answer:
                self.press_submit()
            if answer.value.status != _BUSY:
                break
        self._page.get_by_role("button", name="View run").click()
        self._page.wait_for_url("**/runs/flow-run/*")
        return self._page.url.rpartition("/")[2].partition("?")[0]
