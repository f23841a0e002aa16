"""A deployment's run, from its start to its end, told as it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from demo.failure import DemoFailedError
from demo.prefect_api import PrefectApi, Run
from demo.screen import Screen

RUN_SECONDS = 240


@dataclass
class Follower:
    """Tells the end of each task of one run, once."""

    api: PrefectApi
    screen: Screen
    run: Run
    told: set[str] = field(default_factory=set)

    def ended(self) -> Run | None:
        """The run once it has ended, None before."""
        run = self.api.run(self.run.id)
        self._tell_tasks()
        return run if run.ended else None

    def _tell_tasks(self) -> None:
        for task in self.api.tasks(self.run.id):
            if task.ended and task.id not in self.told:
                self.told.add(task.id)
                outcome = "" if task.state == "COMPLETED" else f"  {task.said}"
                self.screen.say(f"  {task.name}  {task.seconds:.1f} s{outcome}")


def run_to_the_end(api: PrefectApi, screen: Screen, deployment: str, check: Callable[[], None]) -> Run:
    """Run *deployment* and wait for its end, good or bad. *check* raises where waiting has become useless.

    Raises: DemoFailedError where it does not end in time.
    """
    run = api.start(deployment)
    follower = Follower(api, screen, run)
    ended = screen.wait_for(f"{deployment}, run {run.name}", follower.ended, seconds=RUN_SECONDS, check=check)
    screen.say(f"{deployment} {ended.state.lower()}: {ended.name}")
    return ended


def require_completed(api: PrefectApi, run: Run, deployment: str) -> None:
    """Raises: DemoFailedError with the run's own words where it has not completed."""
    if run.state != "COMPLETED":
        raise DemoFailedError("\n".join([f"{deployment} did not complete: {run.said}", *api.errors(run.id)[-3:]]))
