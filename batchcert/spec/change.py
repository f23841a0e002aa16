"""How a pool that differs is brought to what is asked for."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from batchcert.spec.target import Spec


class WayChoice(StrEnum):
    """The way of a change, or that batchcert is to choose it."""

    AUTO = "auto"
    AT_ZERO_NODES = "at-zero-nodes"
    NEW_POOL = "new-pool"


class JobsChoice(StrEnum):
    """What becomes of the jobs of a pool that another one replaces."""

    MOVE = "move"
    LEAVE = "leave"


class OldPoolChoice(StrEnum):
    """What becomes of a pool that another one has replaced."""

    KEEP = "keep"
    EMPTY = "empty"


class ChangeSpec(Spec):
    """How the change is made. No choice here ever ends a task that runs."""

    way: WayChoice = Field(
        default=WayChoice.AUTO,
        title="Way",
        description=(
            "auto: the least that the differences need. at-zero-nodes: let all nodes go, update, and make them anew. "
            "new-pool: a pool beside the old one, whose nodes serve until the new ones are current."
        ),
    )
    suffix: str = Field(
        default="",
        title="Suffix of a new pool",
        description="A new pool is named NAME-SUFFIX. Empty: a digest of the order, by which a second run finds it.",
        pattern=r"^[-a-zA-Z0-9_]{0,20}$",
    )
    jobs: JobsChoice = Field(
        default=JobsChoice.MOVE,
        title="Jobs of the old pool",
        description=(
            "move: jobs of which no task runs go to the new pool once its nodes are current; a job with running "
            "tasks stays. leave: all stay."
        ),
    )
    old_pool: OldPoolChoice = Field(
        default=OldPoolChoice.KEEP,
        title="Nodes of the old pool",
        description=(
            "keep: they stay until you let them go. empty: they go once the new nodes are current, no job needs them "
            "and no task runs on them. The pool itself stays, without nodes."
        ),
    )
    current_minutes: float = Field(
        default=30,
        title="Minutes to be current",
        description="How long new nodes may take, once they are ready, to have every certificate.",
        gt=0,
        le=1440,
    )
    approval_hours: float = Field(
        default=24,
        title="Hours to approve",
        description="How long the run waits for somebody to approve its plan; its worker waits with it.",
        gt=0,
        le=168,
    )
