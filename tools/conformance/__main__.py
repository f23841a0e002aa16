"""`python -m tools.conformance RECORDING...`: does recorded traffic keep to Microsoft's API descriptions?

The recordings are those of `local-azure serve --record`. The descriptions are looked for in the folder --specs, or
$AZURE_SPECS_DIR. Ends with 0 where nothing is wrong, 1 where something is, 2 where it cannot tell.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.conformance.checks import Conformance, Violation
from tools.conformance.exchanges import Exchange, recorded

_VARIABLE = "AZURE_SPECS_DIR"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the recordings, print what is wrong, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.conformance", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("recordings", nargs="+", type=Path, metavar="RECORDING")
    parser.add_argument("--specs", type=Path, default=os.environ.get(_VARIABLE), help=f"default: ${_VARIABLE}")
    given = parser.parse_args(arguments)
    if given.specs is None or not given.specs.is_dir():
        parser.error(f"no folder of API descriptions: give --specs or set {_VARIABLE}")
    try:
        exchanges = [exchange for recording in given.recordings for exchange in recorded(recording)]
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not exchanges:
        parser.error("nothing is recorded there")
    return judge(Conformance(given.specs), exchanges)


def judge(conformance: Conformance, exchanges: Sequence[Exchange]) -> int:
    """Print what is wrong with *exchanges*, the same fault once, and what no description speaks of."""
    violations = [violation for exchange in exchanges for violation in conformance.violations(exchange)]
    for (operation, where, what), alike in _alike(violations).items():
        print(f"{operation}: {where}: {what}\n  {len(alike)} x, first {alike[0].exchange}")  # noqa: T201
    operations = Counter(found.name for each in exchanges if (found := conformance.operation(each)))
    print(  # noqa: T201
        f"{len(exchanges)} exchanges, {operations.total()} of {len(operations)} described operations, "
        f"{len(violations)} violations"
    )
    others = Counter(each.host for each in exchanges if not conformance.judged_by(each))
    if others:
        hosts = ", ".join(f"{host} {count}" for host, count in sorted(others.items()))
        print(f"{others.total()} of them answer what no description here speaks of: {hosts}")  # noqa: T201
    return 1 if violations else 0


def _alike(violations: Sequence[Violation]) -> dict[tuple[str, str, str], list[Violation]]:
    grouped: dict[tuple[str, str, str], list[Violation]] = {}
    for each in violations:
        grouped.setdefault((each.operation, each.where, each.what), []).append(each)
    return grouped


if __name__ == "__main__":
    sys.exit(main())
