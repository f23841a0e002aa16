"""Each reason and each fault explains itself."""

from __future__ import annotations

import re

import pytest

from batchcert.extension.traps import TRAPS
from batchcert.verdict.causes import BEHIND, Cause
from batchcert.verdict.defects import Defect
from batchcert.verdict.reasons import Reason
from batchcert.verdict.shortfalls import Shortfall
from batchcert.visit.faults import Fault

CODES = [*Reason, *Defect, *Shortfall, *Cause, *Fault]


@pytest.mark.parametrize("code", CODES, ids=str)
def test_each_code_explains_itself(code):
    """A kebab-case name and a cause; a cure where there is something to be done."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code.value)
    assert code.cause
    assert code.cure or code in {Reason.CURRENT, Reason.NODE_LEAVING}


def test_codes_are_not_used_twice():
    """A code is one thing, over both sets."""
    assert len({code.value for code in CODES}) == len(CODES)


def test_the_traps_behind_a_cause_exist():
    """Each is one that `batchcert explain` finds."""
    known = {trap.code for trap in TRAPS}
    assert [code for codes in BEHIND.values() for code in codes if code not in known] == []


def test_a_nearer_cause_goes_before_the_reason_s_own():
    """The extension's message may know better than the reason."""
    own = Reason.NODE_UNUSABLE.finding("m")
    assert (own.cause, own.cure) == (Reason.NODE_UNUSABLE.cause, Reason.NODE_UNUSABLE.cure)
    nearer = Reason.NODE_UNUSABLE.finding("m", cause="c", cure="d")
    assert (nearer.cause, nearer.cure, nearer.reason) == ("c", "d", "node-unusable")
