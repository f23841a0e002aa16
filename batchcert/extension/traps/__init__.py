"""The trap linter: what a pool's request body gets wrong, and what the procedure around it does."""

from collections.abc import Mapping

from batchcert.extension.pool_body import PoolBody
from batchcert.extension.traps import certificates, identity, machine, network, request, settings_form
from batchcert.extension.traps.procedure import PROCEDURE
from batchcert.extension.traps.trap import Finding, Rule, Severity, Trap

RULES: tuple[Rule, ...] = (
    *request.RULES,
    *identity.RULES,
    *certificates.RULES,
    *settings_form.RULES,
    *machine.RULES,
    *network.RULES,
)
"""Every rule, in the order in which findings of equal weight are told."""

TRAPS: tuple[Trap, ...] = (*(rule.trap for rule in RULES), *PROCEDURE)
"""Every trap that is known, whether a body can show it or not."""

CODES: frozenset[str] = frozenset(trap.code for trap in TRAPS)
"""Their codes; each has a page in docs/problems."""


def find_traps(body: Mapping[str, object]) -> list[Finding]:
    """The traps that *body*, a pool's request body, falls into, worst first."""
    pool = PoolBody(body)
    found = [
        Finding(trap.code, trap.severity, seen.field, seen.what, trap.cause, seen.cure or trap.cure, trap.source)
        for trap, look in RULES
        for seen in look(pool)
    ]
    return sorted(found, key=lambda finding: finding.severity.rank)


__all__ = ["CODES", "PROCEDURE", "RULES", "TRAPS", "Finding", "Severity", "Trap", "find_traps"]
