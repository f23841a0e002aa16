"""What is run on nodes by tasks of Batch, what that is held to, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

from batchcert.problems import Problem
from batchcert.verdict.evidence import Span


@dataclass(frozen=True)
class Work:
    """A script for nodes of a pool.

    Attributes:
        prefix: how the name of its job begins; a later run finds by it what an interrupted one left.
        script: text for root's `sh -s`; whoever may read the account's jobs can read it, so it holds no secret.
    """

    pool: str
    prefix: str
    script: str


@dataclass(frozen=True)
class Bounds:
    """What it is held to; seconds throughout.

    Attributes:
        wait_seconds: how long a node may take to have a free task slot, and Batch to put the task there.
        run_seconds: how long the script may take on a node.
        most_bytes: what is read of a node's output.
        in_flight: how many outputs are read side by side.
    """

    wait_seconds: float
    run_seconds: float
    most_bytes: int
    in_flight: int


@dataclass(frozen=True)
class Ran:
    """What came of one node, however it went.

    Attributes:
        output: what the script printed, up to `most_bytes` and one more where there was more; empty where it failed.
        failure: why there is no output, or None.
        span: between which answers of the service the script ran, UTC; None where it did not.
    """

    node_id: str
    output: bytes = b""
    failure: Problem | None = None
    span: Span | None = None
