"""A fault as a person reads it."""

from __future__ import annotations

import pytest

from deployments.faults import Fault, field_path


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.yaml", 3, "pool.nodes", "is too many", "fewer"), "a.yaml:3: pool.nodes: is too many\n  cure: fewer"),
        (Fault("a.yaml", 0, "", "there is no such file"), "a.yaml: there is no such file"),
    ],
)
def test_a_fault_names_its_place(fault: Fault, text: str) -> None:
    """File and line first, in the form that editors can jump to."""
    assert str(fault) == text


def test_a_fault_becomes_a_problem() -> None:
    """The build step raises the product's error, cure apart."""
    problem = Fault("a.yaml", 3, "x", "is wrong", "mend it").problem()
    assert (problem.code, problem.what, problem.cure) == ("invalid-deployment", "a.yaml:3: x: is wrong", "mend it")


def test_a_path_is_written_as_people_do() -> None:
    """Indices in brackets."""
    assert field_path(("deployments", 3, "schedules", 0, "cron")) == "deployments[3].schedules[0].cron"
