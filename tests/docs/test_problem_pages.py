"""Every code that a person can meet has a page that explains it, and every page a code."""

from __future__ import annotations

import re

import pytest

from batchcert.extension.traps import TRAPS
from batchcert.problems import Problem, Problems
from batchcert.verdict.causes import Cause
from batchcert.verdict.defects import Defect
from batchcert.verdict.finding import Verdict
from batchcert.verdict.reasons import Reason
from batchcert.verdict.shortfalls import Shortfall
from batchcert.visit.faults import Fault

from .problem_codes import uses
from .problem_pages import HEADINGS, INDEX, codes, read_page, text_of

SEVERAL = Problems([Problem("any", what="one"), Problem("any", what="two")]).code
USES = uses()
CODES = {use.code for use in USES if use.code} | {SEVERAL}
PAGES = sorted(codes())

NO_CURE = {
    "invalid-parameter": "says which field, and what it accepts",
}
"""What stops a run and tells no cure of its own, and why."""

GIVEN_A_CODE = {
    "batchcert/problems.py": "unpickles a problem",
    "batchcert/extension/traps/trap.py": "makes the trap of a rule",
}
"""Where a code is neither written nor passed on from another problem, and why."""

VISITS = {
    "visit": Verdict.FAILED,
    "status": Verdict.FAILED,
    "store": Verdict.MISSING,
    "ssh": Verdict.UNREACHABLE,
    "task": Verdict.UNREACHABLE,
}
"""What the checks make of a failed visit, of a status file and of a certificate's file that cannot be read."""


def kind_of(code: str) -> tuple[str, str]:
    """What a page says below its title: a trap's severity, the verdict that a code leads to, or nothing."""
    severities = {trap.code: trap.severity for trap in TRAPS}
    reasons = {reason.value: reason.verdict for reason in (*Reason, *Defect, *Shortfall, *Cause)}
    if code in severities:
        return "Trap", severities[code]
    verdict = reasons.get(code) or VISITS.get(code.partition("-")[0])
    if verdict is None or code == Fault.FILE_WITH_MORE:  # its leaf is judged all the same
        return "", ""
    return "Verdict", verdict


def test_each_code_has_its_page():
    """Whatever the product names can be looked up."""
    assert sorted(CODES - set(PAGES)) == []


def test_each_page_has_its_code():
    """A page whose code is gone is gone, too."""
    assert sorted(set(PAGES) - CODES) == []


def test_codes_are_in_kebab_case():
    """A code is a file's name on every system, and a word in a link."""
    assert [code for code in CODES if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code)] == []


def test_a_code_is_written_where_its_problem_is_made():
    """Or passed on from another; so the list of codes is whole."""
    computed = {use.place.partition(":")[0] for use in USES if not use.code and not use.passed_on}
    assert computed == set(GIVEN_A_CODE)


def test_what_does_not_pass_has_a_cure():
    """Where waiting does not help, the problem says what does; exceptions have their reason above."""
    assert [use.place for use in USES if use.code not in {"", *NO_CURE} and not (use.passes or use.cured)] == []


def test_exceptions_are_still_needed():
    """An exception whose problem has got a cure is gone, too."""
    assert set(NO_CURE) <= {use.code for use in USES if not (use.passes or use.cured)}


@pytest.mark.parametrize("code", PAGES)
def test_pages_have_one_form(code):
    """A title, a line of its kind, and the sections in their order; each is a whole sentence at least."""
    page = read_page(code)
    assert page.code == code
    assert str(page) == text_of(code)
    assert set(HEADINGS[:3]) <= set(page.sections)
    assert [heading for heading, text in page.sections.items() if not re.search(r"\.`?$", text)] == []


@pytest.mark.parametrize("code", PAGES)
def test_a_page_says_what_its_code_leads_to(code):
    """A trap with its severity, a reason with its verdict."""
    page = read_page(code)
    assert (page.kind, page.weight) == kind_of(code)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.code)
def test_the_page_of_a_trap_has_all_sections(trap):
    """batchcert's answer to it, and the source that the linter cites."""
    sections = read_page(trap.code).sections
    assert set(sections) == set(HEADINGS)
    assert sections["Source"].rstrip(".").lower() == trap.source.rstrip(".").lower()


def test_the_index_lists_each_page_once():
    """By area, each with the first sentence of what one sees."""
    _, *areas = text_of(INDEX.stem).removesuffix("\n").split("\n\n## ")
    lines = [line for area in areas for line in area.split("\n\n")[1].splitlines()]
    assert sorted(lines) == sorted(f"- [{code}]({code}.md): {read_page(code).symptom}" for code in PAGES)
