"""The one clock and its queue."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from local_azure.clock import Clock


def test_moving_runs_events_in_order_each_at_its_own_date() -> None:
    """An event sees its own date as now, however far the clock is moved."""

    async def scenario() -> list[tuple[str, float]]:
        clock, seen, start = Clock(), [], datetime.now(UTC)
        clock.on("tick", lambda name: seen.append((name, round((clock.now() - start).total_seconds()))))
        clock.schedule(start + timedelta(days=2), "tick", "second")
        clock.schedule(start + timedelta(days=1), "tick", "first")
        await clock.advance(timedelta(days=3))
        return seen

    assert asyncio.run(scenario()) == [("first", 86400), ("second", 2 * 86400)]


def test_an_event_may_schedule_the_next_one_of_a_chain() -> None:
    """A monthly renewal that schedules its successor happens twelve times in a year's move."""

    async def scenario() -> int:
        clock, seen = Clock(), []

        def renew() -> None:
            seen.append(clock.now())
            clock.schedule(clock.now() + timedelta(days=30), "renew")

        clock.on("renew", renew)
        clock.schedule(clock.now() + timedelta(days=30), "renew")
        await clock.advance(timedelta(days=365))
        return len(seen)

    assert asyncio.run(scenario()) == 12


def test_moving_waits_for_what_events_started() -> None:
    """Time does not pass on while the work of an instant is under way."""

    async def scenario() -> list[str]:
        clock, seen = Clock(), []

        async def poll() -> None:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append("polled")

        clock.on("poll", poll)
        clock.on("next", lambda: seen.append("next"))
        clock.schedule(clock.now() + timedelta(hours=1), "poll")
        clock.schedule(clock.now() + timedelta(hours=2), "next")
        await clock.advance(timedelta(hours=3))
        return seen

    assert asyncio.run(scenario()) == ["polled", "next"]


def test_an_overdue_event_and_what_it_schedules_for_now_run_in_one_move() -> None:
    """A move by nothing runs all that is due already, and what that asks for at once."""

    async def scenario() -> list[str]:
        clock, seen = Clock(), []
        clock.on("next", lambda: seen.append("next"))
        clock.on("overdue", lambda: (seen.append("overdue"), clock.schedule(clock.now(), "next"))[0])
        clock.schedule(clock.now() - timedelta(days=1), "overdue")
        await clock.advance(timedelta(0))
        return seen

    assert asyncio.run(scenario()) == ["overdue", "next"]


def test_real_time_runs_what_is_due() -> None:
    """Without a move, an event runs when real time reaches it."""

    async def scenario() -> None:
        clock, ran = Clock(), asyncio.Event()
        clock.on("tick", ran.set)
        running = asyncio.create_task(clock.run())
        clock.schedule(clock.now() + timedelta(milliseconds=20), "tick")
        await asyncio.wait_for(ran.wait(), 5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scenario())


@pytest.mark.parametrize("between", range(5))
def test_a_clock_that_is_cancelled_just_as_it_is_woken_ends(between: int) -> None:
    """Whoever closes the embedded Azure in the moment in which something is scheduled does not wait for ever."""

    async def scenario() -> bool:
        clock = Clock()
        clock.on("later", lambda: None)
        clock.schedule(clock.now() + timedelta(days=1), "later")
        running = asyncio.create_task(clock.run())
        await _turns(5)
        clock.schedule(clock.now() + timedelta(days=2), "later")
        await _turns(between)
        running.cancel()
        await asyncio.wait({running}, timeout=5)
        return running.cancelled()

    assert asyncio.run(scenario())


async def _turns(count: int) -> None:
    """Let the loop go round *count* times."""
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_failing_event_does_not_stop_time() -> None:
    """What comes after a broken event still happens."""

    async def scenario() -> list[str]:
        clock, seen = Clock(), []

        def broken() -> None:
            raise RuntimeError("broken on purpose")

        clock.on("broken", broken)
        clock.on("after", lambda: seen.append("after"))
        clock.schedule(clock.now() + timedelta(hours=1), "broken")
        clock.schedule(clock.now() + timedelta(hours=2), "after")
        await clock.advance(timedelta(hours=3))
        return seen

    assert asyncio.run(scenario()) == ["after"]


def test_a_cancelled_event_does_not_happen() -> None:
    """Cancelling goes by name and arguments together."""

    async def scenario() -> list[str]:
        clock, seen = Clock(), []
        clock.on("tick", seen.append)
        clock.schedule(clock.now() + timedelta(hours=1), "tick", "a")
        clock.schedule(clock.now() + timedelta(hours=1), "tick", "b")
        clock.cancel("tick", "a")
        await clock.advance(timedelta(hours=2))
        return seen

    assert asyncio.run(scenario()) == ["b"]


def test_saved_events_come_back_in_order() -> None:
    """A restart keeps the queue: pending events of one clock run on another."""

    async def scenario() -> list[str]:
        first, second, seen = Clock(), Clock(), []
        for clock in (first, second):
            clock.on("tick", seen.append)
        first.schedule(first.now() + timedelta(hours=2), "tick", "b")
        first.schedule(first.now() + timedelta(hours=1), "tick", "a")
        second.restore(first.pending())
        await second.advance(timedelta(hours=3))
        return seen

    assert asyncio.run(scenario()) == ["a", "b"]


def test_the_clock_moves_forward_only() -> None:
    """A move backwards is refused."""
    with pytest.raises(ValueError, match="forward"):
        asyncio.run(Clock().advance(timedelta(seconds=-1)))


def test_an_event_needs_a_handler() -> None:
    """A name nobody handles is a fault of the program, found when it is scheduled."""
    clock = Clock()
    with pytest.raises(ValueError, match="no handler"):
        clock.schedule(clock.now(), "unheard-of")


@pytest.mark.parametrize("speed", [0, 0.5, 1, 60, 86_400])
def test_the_clock_goes_at_the_speed_it_was_given(speed: float) -> None:
    """Between two looks, real time passes and the clock's own time so many times as much."""
    clock = Clock(offset=timedelta(days=3))
    clock.set_speed(speed)
    real, ours = datetime.now(UTC), clock.now()
    while datetime.now(UTC) - real < timedelta(milliseconds=20):
        pass
    later, real_later = clock.now(), datetime.now(UTC)
    assert clock.speed == speed
    assert timedelta(milliseconds=20) * speed <= later - ours <= (real_later - real) * speed + timedelta(seconds=speed)


def test_another_speed_does_not_make_the_clock_jump() -> None:
    """It goes on from where it is, and a move starts from there too."""

    async def scenario() -> None:
        clock = Clock()
        clock.set_speed(0)
        before = clock.now()
        await clock.advance(timedelta(days=2))
        assert clock.now() - before == timedelta(days=2)
        clock.set_speed(1)
        assert timedelta(days=2) <= clock.now() - before < timedelta(days=2, minutes=1)

    asyncio.run(scenario())


def test_events_come_sooner_when_the_clock_is_fast() -> None:
    """An hour passes at once; while the clock stands still nothing falls due, and what is due already runs."""

    async def scenario() -> list[str]:
        clock, seen = Clock(), []
        reached = asyncio.Event()
        clock.on("now", lambda: seen.append("now"))
        clock.on("hour", reached.set)
        clock.set_speed(0)
        runner = asyncio.create_task(clock.run())
        clock.schedule(clock.now() + timedelta(hours=1), "hour")
        clock.schedule(clock.now(), "now")
        for _ in range(5):
            await asyncio.sleep(0)
        assert not reached.is_set()
        clock.set_speed(86_400)
        await asyncio.wait_for(reached.wait(), 30)
        runner.cancel()
        return seen

    assert asyncio.run(scenario()) == ["now"]


@pytest.mark.parametrize("speed", [-1, 86_401, float("nan")])
def test_a_speed_that_no_clock_has_is_refused(speed: float) -> None:
    """Time never goes back, and no faster than a day a second."""
    clock = Clock()
    with pytest.raises(ValueError, match="between 0 and 86400"):
        clock.set_speed(speed)
    assert clock.speed == 1
