"""Expired files are removed from nodes, and nothing else is: by a node that has seen months of renewals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from batchcert.outcomes import Watched
from batchcert.repair.old_files import OldFile, old_files
from batchcert.spec import DEFAULT_STORE, VisitSpec
from batchcert.verdict.finding import Verdict
from batchcert.verdict.judging import judge_all
from local_azure.nodes.machine import Machine
from tasks.repair.pruning import prune_files
from tasks.repair.revisiting import visit_again
from tasks.watching import watched_of

from .conftest import AZURE, Farm, run

pytestmark = pytest.mark.slow

MONTHS = 4
LIMITS = VisitSpec(start_up_attempts=1, retry_seconds=0)


def machine_of(farm: Farm, node: str) -> Machine:
    key = f"{farm.target.batch_account}/{farm.pool}/{node}"
    found: Machine | None = farm.azure.call(lambda cloud: cloud.machines.find(key))
    assert found is not None
    return found


def names(machine: Machine) -> set[str]:
    """What lies in the store."""
    return {path.name for path in machine.disk.host(DEFAULT_STORE).iterdir()}


def found_on(farm: Farm, watched: Watched, node: str) -> tuple[OldFile, ...]:
    visited = run(visit_again, farm.target, watched, node, LIMITS)
    return old_files(watched.expected, visited.visits, visited.now)


def test_expired_files_go_and_all_others_stay(old_farm: Farm) -> None:
    """Those of versions that are valid, of others, and the one that the link leads to; other nodes keep theirs."""
    old_farm.azure.advance(timedelta(days=30 * MONTHS))
    node, other = sorted(old_farm.nodes())
    machine, untouched = machine_of(old_farm, node), machine_of(old_farm, other)
    (link,) = (name for name in names(machine) if not name.endswith(".PEM"))
    machine.disk.write(f"{DEFAULT_STORE}/{link}.backup.PEM", machine.disk.host(f"{DEFAULT_STORE}/{link}").read_bytes())
    before, others = names(machine), names(untouched)
    watched = watched_of(AZURE, old_farm.target, old_farm.pool)
    old = found_on(old_farm, watched, node)
    assert {file.path.rpartition("/")[2] for file in old} == before - {link, target_of(machine, link)}
    removable = [file for file in old if file.removable]
    assert len(removable) >= MONTHS - 1
    assert [file for file in old if not file.expired] != []

    pruned = run(prune_files, old_farm.target, watched, removable, LIMITS)
    assert before - names(machine) == {file.path.rpartition("/")[2] for file in removable}
    assert names(untouched) == others
    (visit,) = pruned.visits
    assert set(old_files(watched.expected, pruned.visits, pruned.now)) == set(old) - set(removable)
    lag = timedelta(minutes=15)
    (row,) = judge_all(watched.expected, pruned.nodes, {node: visit}, tolerance=lag, now=pruned.now)
    assert row.finding.verdict is Verdict.CURRENT, row.finding
    assert not visit.left_behind


def target_of(machine: Machine, link: str) -> str:
    return machine.disk.host(f"{DEFAULT_STORE}/{link}").readlink().name


def test_a_file_that_a_link_leads_to_by_now_stays(old_farm: Farm) -> None:
    """Between the visit and the removal somebody may have gone back to it: the node looks once more."""
    old_farm.azure.advance(timedelta(days=30 * MONTHS))
    node = min(old_farm.nodes())
    machine = machine_of(old_farm, node)
    watched = watched_of(AZURE, old_farm.target, old_farm.pool)
    old = found_on(old_farm, watched, node)
    kept, *rest = [file for file in old if file.removable]
    machine.disk.link(f"{DEFAULT_STORE}/went-back", kept.path)
    run(prune_files, old_farm.target, watched, [kept, *rest], LIMITS)
    left = names(machine)
    assert kept.path.rpartition("/")[2] in left
    assert not left & {file.path.rpartition("/")[2] for file in rest}
