"""The jobs of a pool that another one replaces: which go over, which stay, and why.

"You may change the Pool for a Job only when the Job is disabled". So a job of which no task runs is disabled in the way
that lets running tasks go on, gets its new pool, and is enabled again if it was enabled before. Meanwhile its metadata
say that it is on its way: a run that is interrupted leaves no job disabled for good, since the next one takes it up.
Source: Job - Patch, Job - Disable in the Batch service API description 2024-02-01.19.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MOVING = "batchcert-moves-to"  # in a job's metadata, its value is the new pool's name


@dataclass(frozen=True)
class Job:
    """A job as Batch tells it.

    Attributes:
        state: active, disabling, disabled, enabling, terminating, completed or deleting.
        pool: the pool it is bound to, or "" where it makes its own.
        running: how many of its tasks run; asked only of jobs that may move.
        metadata: name to value.
    """

    id: str
    state: str
    pool: str
    running: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


class Step(StrEnum):
    """What is done to a job."""

    MOVE = "move"  # it is disabled: it gets its pool, and stays disabled
    MOVE_AND_ENABLE = "move and enable"  # it is active, or an interrupted run has disabled it
    STAY = "stay"
    NOTHING = "nothing"  # it is not the pool's, or has ended


_ENDED = {"completed", "terminating", "deleting"}
_STOPPED = {"disabling", "disabled"}
_WHY_PASSING = "it is being enabled or disabled by somebody; run again"


@dataclass(frozen=True)
class JobStep:
    """What is done to the job of this id, and why it stays where it does."""

    job: str
    step: Step
    why: str = ""


def step_of(job: Job, old: str, new: str) -> JobStep:
    """What is to be done to *job* where pool *new* replaces pool *old*."""
    on_its_way = job.metadata.get(MOVING, "").lower() == new.lower()
    there, here = (job.pool.lower() == pool.lower() for pool in (new, old))
    if job.state in _ENDED or not (here or (there and on_its_way)):
        return JobStep(job.id, Step.NOTHING)
    if there or (on_its_way and job.state in _STOPPED):
        return JobStep(job.id, Step.MOVE_AND_ENABLE)
    if job.state == "disabled":
        return JobStep(job.id, Step.MOVE)
    if job.state != "active":
        return JobStep(job.id, Step.STAY, _WHY_PASSING)
    if job.running:
        return JobStep(job.id, Step.STAY, running(job.running))
    return JobStep(job.id, Step.MOVE_AND_ENABLE)


def running(tasks: int) -> str:
    """Why a job stays whose *tasks* run."""
    return f"{tasks} of its tasks run{'s' if tasks == 1 else ''}; run again when they have ended"


def may_move(job: Job, old: str) -> bool:
    """Whether it has to be asked how many tasks of *job* run."""
    return job.state == "active" and job.pool.lower() == old.lower()


@dataclass(frozen=True)
class JobsMoved:
    """What became of the jobs: what was done and what is left, a sentence each."""

    done: tuple[str, ...]
    left: tuple[str, ...]


def in_words(steps: Sequence[JobStep], old: str, new: str) -> JobsMoved:
    """What was done, and what was left."""
    done = [f"job {one.job} now runs on pool {new}" for one in steps if one.step is Step.MOVE_AND_ENABLE]
    done += [f"job {one.job} belongs to pool {new}, still disabled" for one in steps if one.step is Step.MOVE]
    left = [f"job {one.job} stays on pool {old}: {one.why}" for one in steps if one.step is Step.STAY]
    return JobsMoved(tuple(done), tuple(left))


def needing(jobs: Sequence[Job], pool: str) -> list[str]:
    """The ids of the jobs that have not ended and are bound to the pool."""
    return [job.id for job in jobs if job.state not in _ENDED and job.pool.lower() == pool.lower()]
