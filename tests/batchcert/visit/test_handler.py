"""Which handler version counts."""

from __future__ import annotations

import pytest

from batchcert.visit.handler import newest_enabled
from batchcert.visit.report import Handler


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        ([], None),
        ([("3.0.1", "Enabled")], "3.0.1"),
        ([("3.0.9", "Enabled"), ("3.0.10", "Enabled")], "3.0.10"),
        ([("10.0", "Enabled"), ("9.9.9", "Enabled")], "10.0"),
        ([("3.0", "Enabled"), ("3.0.0.1", "Enabled")], "3.0.0.1"),
        ([("3.0.2", "NotInstalled"), ("3.0.1", "Enabled")], "3.0.1"),
        ([("3.0.2", "FailedUpgrade"), ("3.0.1", "Enabled")], "3.0.1"),
        ([("3.0.2", ""), ("3.0.1", "Enabled")], "3.0.1"),
        ([("3.0.2", "Installed"), ("3.0.1", "Enabled")], "3.0.2"),  # the agent takes the highest that remains
        ([("3.0.2", "NotInstalled"), ("3.0.1", "FailedUpgrade")], None),
    ],
)
def test_the_highest_that_is_installed_counts(installed, expected):
    """As the guest agent does: two states are ignored, versions are compared by number."""
    found = newest_enabled(Handler(version, state, None, None) for version, state in installed)
    assert (found.version if found else None) == expected
