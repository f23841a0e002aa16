"""The keys under which a pool's artifacts are found again."""

import re

import pytest

from tasks.report import artifact_key


def test_a_key_says_what_and_where(target):
    """Kind, Batch account, pool: the same in every run."""
    assert artifact_key("report", target, "render") == "report-batchcertlocal-render"


@pytest.mark.parametrize("pool", ["A_b-C", "__", "x" * 64, "9"])
def test_prefect_takes_the_key(target, pool):
    """Lower-case letters, digits and hyphens, none of them at an end."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", artifact_key("nodes", target, pool))
