"""Problems: what a person reads, and what survives a process boundary."""

import pickle

import pytest
from pydantic import BaseModel, Field, ValidationError

from batchcert.problems import Problem, Problems, invalid_parameters, raise_all

FIREWALL = Problem("vault-firewall", what="kv refuses 10.0.0.4", cause="its firewall is on", cure="allow the subnet")
BUSY = Problem("throttled", what="kv is busy", passes=True, retry_after=12.5)


def test_a_problem_reads_as_what_cause_and_cure():
    """The code stands behind what happened; cause and cure follow, each on its line."""
    assert str(FIREWALL).splitlines() == [
        "kv refuses 10.0.0.4 [vault-firewall]",
        "  cause: its firewall is on",
        "  cure:  allow the subnet",
    ]


def test_what_is_unknown_leaves_no_empty_line():
    """Without cause and cure there is one line."""
    assert str(BUSY) == "kv is busy [throttled]"


@pytest.mark.parametrize("problem", [FIREWALL, BUSY])
def test_a_problem_survives_pickling_whole(problem):
    """A spawned process hands back every field."""
    copy = pickle.loads(pickle.dumps(problem))  # noqa: S301 - our own bytes
    assert type(copy) is Problem
    assert vars(copy) == vars(problem)


def test_several_problems_survive_pickling():
    """The problems held come back in order."""
    copy = pickle.loads(pickle.dumps(Problems([FIREWALL, BUSY])))  # noqa: S301 - our own bytes
    assert [vars(problem) for problem in copy.found] == [vars(FIREWALL), vars(BUSY)]
    assert str(copy) == f"{FIREWALL}\n{BUSY}"


@pytest.mark.parametrize(
    ("found", "passes"), [([BUSY, BUSY], True), ([BUSY, FIREWALL], False), ([FIREWALL, FIREWALL], False)]
)
def test_several_problems_pass_only_if_each_does(found, passes):
    """Waiting helps where it helps against every one of them."""
    assert Problems(found).passes is passes


def test_raising_none_one_and_several():
    """Nothing is raised for none, the problem itself for one, all of them for more."""
    raise_all([])
    with pytest.raises(Problem) as one:
        raise_all([FIREWALL])
    assert one.value is FIREWALL
    with pytest.raises(Problems) as several:
        raise_all([FIREWALL, BUSY])
    assert several.value.found == (FIREWALL, BUSY)
    assert several.value.code == "several-problems"


class Inner(BaseModel):
    size: int = Field(ge=1)


class Outer(BaseModel):
    password: int
    inner: list[Inner]


def test_each_fault_of_a_parameter_names_its_field_and_never_its_value():
    """pydantic's faults become problems, all of them, without what was typed in."""
    with pytest.raises(ValidationError) as error:
        Outer.model_validate({"password": "hunter2", "inner": [{"size": 0}]})
    problems = invalid_parameters(error.value, "westus2.yaml: ")
    assert [problem.what.partition(": ")[2].split(":")[0] for problem in problems] == ["password", "inner.0.size"]
    assert all(problem.what.startswith("westus2.yaml: ") for problem in problems)
    assert "greater than or equal to 1" in problems[1].what
    assert not any("hunter2" in str(problem) for problem in problems)
