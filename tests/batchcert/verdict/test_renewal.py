"""When Key Vault renews."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batchcert.problems import Problem
from batchcert.spec import Renewal, RenewalTrigger
from batchcert.verdict.renewal import renewal_time

DAYS, PERCENT = RenewalTrigger.DAYS_BEFORE_EXPIRY, RenewalTrigger.LIFETIME_PERCENTAGE
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 11, tzinfo=UTC)  # 100 days


@pytest.mark.parametrize(
    ("trigger", "value", "expected"),
    [
        (DAYS, 1, datetime(2026, 4, 10, tzinfo=UTC)),
        (DAYS, 30, datetime(2026, 3, 12, tzinfo=UTC)),
        (DAYS, 99, datetime(2026, 1, 2, tzinfo=UTC)),
        (PERCENT, 1, datetime(2026, 1, 2, tzinfo=UTC)),
        (PERCENT, 80, datetime(2026, 3, 22, tzinfo=UTC)),
        (PERCENT, 99, datetime(2026, 4, 10, tzinfo=UTC)),
    ],
)
def test_the_moment_of_renewal(trigger, value, expected):
    """Days are counted back from the end, percents forth from the beginning."""
    assert renewal_time(BEGIN, END, Renewal(trigger=trigger, value=value)) == expected


@pytest.mark.parametrize(("trigger", "value"), [(DAYS, 100), (DAYS, 400), (PERCENT, 100)])
def test_a_trigger_outside_the_lifetime_is_told(trigger, value):
    """The accepted range is named."""
    with pytest.raises(Problem, match="1 to 99") as raised:
        renewal_time(BEGIN, END, Renewal(trigger=trigger, value=value))
    assert raised.value.code == "renewal-trigger-out-of-range"
