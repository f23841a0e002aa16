"""How a version is followed: looks, pauses, and the end of it. Nobody sleeps: the clock is the test's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from batchcert.drill.rollout import Holding, Issued, Rollout, Sight, Stage
from batchcert.problems import Problem
from batchcert.spec import DrillSpec, ValidationSpec
from batchcert.verdict.evidence import NodeView
from tasks.drill.following import OVERTIME_SECONDS, follow, limit_of

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEW = "b" * 64
WEB = Issued("v/web", "1", NEW, AT)
LIMIT, PAUSE = timedelta(seconds=60), 10.0


@dataclass
class Pool:
    """Nodes that get the version so many seconds after its issue, and a clock that moves when somebody sleeps.

    *stands*: the service's clock stands still, while the machine's goes on. *failures*: what the first looks end with.
    """

    gets: Mapping[str, float]
    stands: bool = False
    failures: list[Problem] = field(default_factory=list)
    now: float = 0.0
    looks: list[float] = field(default_factory=list)

    def look(self, rollout: Rollout) -> Rollout:
        self.looks.append(self.now)
        if self.failures:
            raise self.failures.pop(0)
        nodes = [NodeView(node, "idle", AT, AT) for node in self.gets]
        now = AT + timedelta(seconds=0 if self.stands else self.now)
        held = {Holding(node, "v/web"): Sight(NEW, now) for node, at in self.gets.items() if at <= self.now}
        return rollout.after(nodes, held, now)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def followed(self, tell: Callable[[Rollout], None] = lambda _: None) -> Rollout:
        clock = {"sleep": self.sleep, "monotonic": lambda: self.now}
        return follow(self.look, Rollout((WEB,)), tell, limit=LIMIT, pause=PAUSE, **clock)


def test_it_ends_with_the_last_arrival() -> None:
    """Each lag is that of the look that saw it; every look is told."""
    told: list[str] = []
    nodes = Pool({"a": 0, "b": 12, "c": 35})
    rollout = nodes.followed(lambda seen: told.append(str(seen)))
    assert rollout.done
    assert [lag.total_seconds() for lag in rollout.lags(Stage.NODE)] == [0, 20, 40]
    assert nodes.looks == [0, 10, 20, 30, 40]
    assert told[-1] == "3 of 3 have it, 40 s after it was issued"
    assert len(told) == 5


def test_it_ends_after_the_limit_with_one_more_look() -> None:
    """Who gets it in time is not late, though the look that came in time did not see it."""
    nodes = Pool({"a": 5, "b": 65, "c": 1000})
    rollout = nodes.followed()
    assert (rollout.laggards, nodes.looks[-1]) == (("c",), 70)


def test_it_ends_where_the_service_s_clock_stands_still() -> None:
    """By this machine's own, some time after the limit."""
    nodes = Pool({"a": 1000}, stands=True)
    assert nodes.followed().laggards == ("a",)
    assert nodes.looks[-1] == LIMIT.total_seconds() + OVERTIME_SECONDS


def test_a_look_that_fails_in_passing_is_made_again() -> None:
    """Azure may be busy in the middle of a drill."""
    busy = Problem("azure-unavailable", what="busy", passes=True)
    nodes = Pool({"a": 5}, failures=[busy, busy])
    rollout = nodes.followed()
    assert [lag.total_seconds() for lag in rollout.lags(Stage.NODE)] == [20]


def test_a_look_that_fails_for_good_ends_it() -> None:
    """The problem is told."""
    nodes = Pool({"a": 5}, failures=[Problem("pool-not-found", what="gone", cure="none")])
    with pytest.raises(Problem, match="gone"):
        nodes.followed()


def test_looks_that_never_succeed_end_it() -> None:
    """With nothing measured."""
    busy = Problem("azure-unavailable", what="busy", passes=True)
    nodes = Pool({"a": 5}, failures=[busy] * 1000)
    assert nodes.followed().seen_at is None


@dataclass(frozen=True)
class Polling:
    """As much of what a pool should have as a limit needs."""

    polling_interval_seconds: int


@pytest.mark.parametrize(("asked", "limit"), [(0, timedelta(minutes=15)), (3, timedelta(minutes=3))])
def test_how_long_the_nodes_get(asked: int, limit: timedelta) -> None:
    """As long as is asked for, or as long as a validation lets them lag."""
    drill, validation = DrillSpec(limit_minutes=asked), ValidationSpec(grace_minutes=10)
    assert limit_of(drill, Polling(300), validation) == limit  # type: ignore[arg-type]
