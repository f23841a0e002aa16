"""What of a pool bears on its nodes: why Batch could not make them all, what its body gets wrong, the ways to them."""

from __future__ import annotations

from batchcert.extension.traps import Severity, find_traps
from batchcert.plan.pool import ObservedPool
from batchcert.plan.ssh_way import no_ssh
from batchcert.problems import Problem
from batchcert.verdict.evidence import PoolView


def pool_view(pool: ObservedPool) -> PoolView:
    """The resize errors of *pool*, the traps that break its nodes, each with cause and cure, and why it has no SSH."""
    return PoolView(
        resize_errors=tuple(f"{error.code}: {error.message}" for error in pool.resize_errors),
        faults=tuple(
            Problem(trap.code, what=f"{_short(trap.field)}: {trap.what}", cause=trap.cause, cure=trap.cure)
            for trap in find_traps(pool.body)
            if trap.severity is Severity.BREAKS
        ),
        no_ssh=no_ssh(pool.body),
    )


def _short(field: str) -> str:
    """A path in the body, from the machine's own members on: what lies above them is the same in every pool."""
    return field.rpartition("virtualMachineConfiguration.")[2]
