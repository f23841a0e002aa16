"""Codes, causes, cures and their pages hold together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from batchcert.verdict.finding import Verdict
from batchcert.verdict.reasons import Reason
from batchcert.visit.faults import Explained, Fault

PAGES = Path(__file__).parents[3] / "docs" / "problems"
CODES = [*Reason, *Fault]
PAGE = re.compile(
    r"# (?P<code>[a-z0-9-]+)\n\n(?:Verdict: \*\*(?P<verdict>\w+)\*\*\n\n)?"
    r"## What you see\n\n(?P<seen>.+?)\n\n## Why\n\n(?P<why>.+?)\n\n## What to do\n\n(?P<do>.+?)\n",
    re.DOTALL,
)


def _verdict(code: Explained) -> str | None:
    if isinstance(code, Reason):
        return code.verdict
    if code is Fault.FILE_WITH_MORE:  # its leaf is judged all the same
        return None
    return Verdict.MISSING if code.value.startswith("store-") else Verdict.FAILED


PAGES_WANTED = {**{code.value: _verdict(code) for code in CODES}, "renewal-trigger-out-of-range": None}


@pytest.mark.parametrize(("code", "verdict"), PAGES_WANTED.items())
def test_each_code_has_its_page(code, verdict):
    """What you see, why, what to do, and the verdict that the code leads to."""
    page = PAGE.fullmatch((PAGES / f"{code}.md").read_text(encoding="utf-8"))
    assert page is not None, "the page is not laid out as the others are"
    assert (page["code"], page["verdict"]) == (code, verdict)


@pytest.mark.parametrize("code", CODES, ids=str)
def test_the_links_of_its_page_lead_somewhere(code):
    """A page that points to another points to one that exists."""
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert [target for target in re.findall(r"\]\(([^)]+)\)", text) if not (PAGES / target).is_file()] == []


@pytest.mark.parametrize("code", CODES, ids=str)
def test_each_code_explains_itself(code):
    """A kebab-case name and a cause; a cure where there is something to be done."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code.value)
    assert code.cause
    assert code.cure or code in {Reason.CURRENT, Reason.NODE_LEAVING}


def test_codes_are_not_used_twice():
    """A code is one thing, over both sets."""
    assert len({code.value for code in CODES}) == len(CODES)


def test_a_nearer_cause_goes_before_the_reason_s_own():
    """The extension's message may know better than the reason."""
    own = Reason.NODE_UNUSABLE.finding("m")
    assert (own.cause, own.cure) == (Reason.NODE_UNUSABLE.cause, Reason.NODE_UNUSABLE.cure)
    nearer = Reason.NODE_UNUSABLE.finding("m", cause="c", cure="d")
    assert (nearer.cause, nearer.cure, nearer.reason) == ("c", "d", "node-unusable")
