"""The forms, in a real browser: a person needs neither JSON nor this repository to fill them in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from playwright.sync_api import Page, expect
from pydantic import BaseModel

from batchcert.spec import (
    CertificateSpec,
    DrillSpec,
    IdentitySpec,
    PoolSpec,
    RepairSpec,
    Target,
    ValidationSpec,
    VaultSpec,
)
from tests.e2e.browser.journey import Journey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FORMS: dict[str, dict[str, type[BaseModel] | None]] = {
    "provision/local": {
        "target": Target,
        "identity": IdentitySpec,
        "vault": VaultSpec,
        "certificates": CertificateSpec,
        "pool": PoolSpec,
        "validation": ValidationSpec,
    },
    "validate/local": {"target": Target, "pool": None, "validation": ValidationSpec, "repair": RepairSpec},
    "rotate/local": {"target": Target, "pool": None, "drill": DrillSpec, "validation": ValidationSpec},
    "teardown/local": {
        "target": Target,
        "identity": IdentitySpec,
        "vault": VaultSpec,
        "certificates": None,
        "pool": None,
        "confirm": None,
    },
}


def titles(model: type[BaseModel]) -> Iterator[str]:
    """The titles of a model's fields and of the models inside it, as a form shows them; its lists are empty."""
    for field in model.model_fields.values():
        yield field.title or ""
        if (
            isinstance(field.annotation, type)
            and not get_args(field.annotation)
            and issubclass(field.annotation, BaseModel)
        ):
            yield from titles(field.annotation)


@pytest.mark.parametrize("deployment", FORMS)
def test_a_form_shows_every_field_and_says_what_it_is_for(journey: Journey, deployment: str) -> None:
    """In the order of the models, under its title, with some words of explanation."""
    fields = journey.form(deployment).fields()
    expected = [
        title for name, model in FORMS[deployment].items() for title in (name, *(titles(model) if model else ()))
    ]
    assert [field.title for field in fields] == expected
    assert [field for field in fields if len(field.description.split()) < 4] == []


@pytest.mark.parametrize("deployment", FORMS)
def test_an_ordinary_run_needs_no_json(journey: Journey, deployment: str) -> None:
    """No field is one; the last line shows that one would have been seen."""
    form = journey.form(deployment)
    expect(form.json_editors).to_have_count(0)
    form.as_json()
    expect(form.json_editors).to_have_count(1)


def test_a_value_that_cannot_be_is_told_before_the_run(journey: Journey, page: Page) -> None:
    """The page names the field, and no run has begun."""
    before = journey.stack.count_runs()
    form = journey.form("provision/local")
    form.fill("VM size", "no such size!")
    form.press_submit()
    expect(page.get_by_text("Validation failed for field 'pool.vm_size'")).to_be_visible()
    assert journey.stack.count_runs() == before


def test_a_switch_sends_what_it_shows(journey: Journey, page: Page) -> None:
    """Turned off, it is sent as false; the request is kept from the server, since nothing is to run."""
    before = journey.stack.count_runs()
    form = journey.form("provision/local")
    form.switch("Require initial sync")
    page.route("**/create_flow_run", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/create_flow_run")) as kept:
        form.press_submit()
    page.unroute("**/create_flow_run")
    assert kept.value.post_data_json["parameters"]["pool"]["require_initial_sync"] is False
    assert journey.stack.count_runs() == before
