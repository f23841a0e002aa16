"""Which call goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local_azure.wire.faults import Effect, Faults, FaultsState, Rule, When

START = datetime(2026, 5, 1, tzinfo=UTC)
SLOW, BUSY = Effect("slow", seconds=2), Effect("error", status=503)


class World:
    """Faults with a time that is set by hand."""

    def __init__(self, state: FaultsState | None = None) -> None:
        self.now = START
        self.touched = 0
        self.faults = Faults(lambda: self.now, self._touch, state)

    def _touch(self) -> None:
        self.touched += 1

    def calls(self, number: int, operation: str = "Pool_Get", *resources: str) -> list[int]:
        """Which of so many calls, from 1, went wrong."""
        resources = resources or ("/pools/render",)
        return [n for n in range(1, number + 1) if self.faults.strike("request", operation, *resources)]


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        (When(), [1, 2, 3, 4, 5, 6]),
        (When(nth=3), [3]),
        (When(every=2), [2, 4, 6]),
        (When(first=2), [1, 2]),
        (When(every=2, first=4), [2, 4]),
        (When(nth=3, first=2), []),
        (When(chance=0), []),
        (When(chance=1), [1, 2, 3, 4, 5, 6]),
    ],
)
def test_which_calls_go_wrong(when: When, struck: list[int]) -> None:
    """All that is set must hold for a call."""
    world = World()
    world.faults.add("request", SLOW, when=when)
    assert world.calls(6) == struck


def test_a_rule_with_an_end_ends() -> None:
    """From its date on nothing goes wrong, and calls are not counted."""
    world = World()
    rule = world.faults.add("request", SLOW, when=When(until=START + timedelta(minutes=5)))
    assert world.calls(2) == [1, 2]
    world.now = START + timedelta(minutes=5)
    assert world.calls(2) == []
    assert (rule.seen, rule.struck) == (2, 2)


def test_a_chance_is_the_same_in_each_run() -> None:
    """Which calls go wrong follows from the seed; another seed strikes others, about as many."""

    def struck(seed: str) -> list[int]:
        world = World()
        world.faults.add("request", SLOW, when=When(chance=0.3, seed=seed))
        return world.calls(1000)

    assert struck("a") == struck("a")
    assert struck("a") != struck("b")
    assert all(250 < len(struck(seed)) < 350 for seed in "abc")


@pytest.mark.parametrize(
    ("operation", "resource", "matches"),
    [
        ("*", "*", True),
        ("Pool_*", "*", True),
        ("pool_get", "*", True),
        ("Pool", "*", False),
        ("Certificate*", "*", False),
        ("*", "/pools/render", True),
        ("*", "/POOLS/*", True),
        ("*", "account.example.net/pools/*", True),
        ("*", "*/render", True),
        ("*", "/pools/other", False),
        ("*", "render", False),
        ("Pool_[GL]*", "/pools/rende?", True),
    ],
)
def test_patterns(operation: str, resource: str, matches: bool) -> None:
    """Both must match: the operation's name, and any name of the resource; a pattern covers the whole of it."""
    rule = Rule("f1", "request", SLOW, operation, resource)
    assert rule.matches("Pool_Get", ("/pools/render", "account.example.net/pools/render")) is matches


def test_the_oldest_rule_that_strikes_decides_and_all_count() -> None:
    """A rule counts the calls that another one takes."""
    world = World()
    world.faults.add("request", SLOW, when=When(nth=2))
    second = world.faults.add("request", BUSY, when=When(first=2))
    effects = [rule and rule.effect for rule in (world.faults.strike("request", "Pool_Get", "/") for _ in range(3))]
    assert effects == [BUSY, SLOW, None]
    assert (second.seen, second.struck) == (3, 2)


def test_another_domain_is_left_alone() -> None:
    """A rule about nodes strikes no request."""
    world = World()
    rule = world.faults.add("node", SLOW)
    assert world.calls(3) == []
    assert rule.seen == 0


def test_what_clings_is_decided_once() -> None:
    """Every second thing is struck, and stays struck however often it is asked about."""
    world = World()
    world.faults.add("node", SLOW, resource="a/*", when=When(every=2))
    asked = ["a/1", "a/2", "b/1", "a/1", "a/2", "a/3", "a/4"]
    assert [bool(world.faults.cling("node", key)) for key in asked] == [False, True, False, False, True, False, True]


def test_taking_rules_out() -> None:
    """One by its id, all at once; an unknown one is an error, and ids are not given twice."""
    world = World()
    first, second = world.faults.add("request", SLOW), world.faults.add("request", BUSY)
    world.faults.remove(first.id)
    assert world.faults.state.rules == [second]
    with pytest.raises(KeyError):
        world.faults.remove(first.id)
    world.faults.clear()
    assert world.faults.state.rules == []
    assert world.faults.add("request", SLOW).id not in {first.id, second.id}


def test_whoever_waits_is_told() -> None:
    """Adding, taking out and every call that is counted may change the next one's fate; other calls do not."""
    world = World()
    rule = world.faults.add("request", SLOW, operation="Pool_Get")
    assert world.touched == 1
    world.faults.strike("request", "Pool_List", "/")
    assert world.touched == 1
    world.faults.strike("request", "Pool_Get", "/")
    assert world.touched == 2
    world.faults.remove(rule.id)
    assert world.touched == 3


def test_counting_goes_on_from_a_saved_state() -> None:
    """A restart neither repeats nor skips a call."""
    first = World()
    first.faults.add("request", SLOW, when=When(nth=3))
    assert first.calls(2) == []
    assert World(first.faults.state).calls(2) == [1]
