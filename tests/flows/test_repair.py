"""Validate with repair: stale nodes become current by a reboot or a reimage; where most are stale, none is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from batchcert.render.nodes import short_node as short
from batchcert.spec import BusyChoice, RepairChoice, RepairSpec, ValidationSpec
from demo.prefect_api import Run
from flows.provision import provision
from flows.validate import validate

from .asked import Asked, asking
from .conftest import Provisioned, wanted
from .line import VAULT, Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

POOL = "mending"
TOLERATED = timedelta(minutes=1)  # the shortest polling interval, and no grace
AT_ONCE = ValidationSpec(grace_minutes=0)
WANTED = RepairSpec(stale_nodes=RepairChoice.REIMAGE, busy_nodes=BusyChoice.DRAIN, current_minutes=0.05)
RESTART = re.compile(rf"POST /pools/{POOL}/nodes/(.+)/(reboot|reimage)")


@dataclass(frozen=True)
class Stale:
    """Two nodes of four that keep an old version: one whose extension stands still, one whose disk has something."""

    frozen: str
    stuck: str


@pytest.fixture(scope="module")
def stale(line: Line, provisioned: Provisioned) -> Iterator[Stale]:
    """A new version is out for longer than nodes may take; on the second node the extension lies about it."""
    parameters = wanted(line.target, POOL, nodes=4, identity=POOL)
    parameters["pool"] = parameters["pool"].model_copy(update={"polling_interval_seconds": 60})
    run = line.run(provision, **parameters)
    assert run.state == "COMPLETED", run.said
    frozen, stuck = sorted(line.machines(POOL))[1:3]
    machine = line.machines(POOL)[frozen]
    line.azure.call(lambda _: machine.agent.stop())
    with line.azure.fault("lying", kind="old", resource=f"*{stuck}"):
        issue_version(line)
        yield Stale(frozen, stuck)


def issue_version(line: Line) -> None:
    """Have Key Vault issue a version, and let the time go by that nodes have to get it."""
    with line.inside(), CertificateClient(f"https://{VAULT}.vault.azure.net", EnvironmentCredential()) as api:
        policy = api.get_certificate_policy(POOL)
        api.begin_create_certificate(POOL, policy).result()
    line.azure.advance(2 * TOLERATED)


def validated(line: Line, repair: RepairSpec) -> Asked:
    return asking(line, validate, target=line.target, pool=POOL, validation=AT_ONCE, repair=repair)


def left_by(line: Line, run: Run) -> Mapping[str, Any]:
    """What the run left to be read, by the kind of its key."""
    return {one.key.split("-")[0]: one.data for one in line.api.artifacts(run.id) if one.key}


def restarts(asked: Asked) -> list[tuple[str, str]]:
    """What was done to which node, in its order; nothing else was written."""
    found = [RESTART.fullmatch(write) for write in asked.writes]
    assert all(found), asked.writes
    return [(match[1], match[2]) for match in found if match]


def test_nothing_is_done_unless_it_is_wanted(line: Line, stale: Stale) -> None:
    """Two of four are stale: that is told, and no node is touched."""
    asked = validated(line, RepairSpec())
    assert asked.run.said == "Failed: 4 nodes: 2 stale, 2 current"
    assert asked.writes == []
    report = left_by(line, asked.run)["report"]
    assert "Repair" not in report
    assert (
        f"## Old files on the nodes\n\n- `{VAULT}/{POOL}`: 2 old files on 2 nodes, 1 on one at most; 0 expired\n"
        in report
    )


def test_a_reboot_helps_one_and_a_reimage_the_other(line: Line, stale: Stale) -> None:
    """One after the other; each is visited again, and all is told in the report and in the run's state."""
    nodes = set(line.machines(POOL))
    asked = validated(line, WANTED)
    assert asked.run.state == "COMPLETED", line.log(asked.run.id)
    assert asked.run.said == "Completed: 4 nodes: 4 current; 2 repaired (1 by reboot, 1 by reimage)"
    assert restarts(asked) == [(stale.frozen, "reboot"), (stale.stuck, "reboot"), (stale.stuck, "reimage")]
    assert set(line.machines(POOL)) == nodes
    left = left_by(line, asked.run)
    assert {row["verdict"] for row in left["nodes"]} == {"current"}
    assert "🔧 **Repair:** 2 repaired (1 by reboot, 1 by reimage)" in left["report"]
    assert [line.rpartition("**: ")[0] or line for line in left["report"].split("\n") if "ed `tvmps" in line] == [
        f"- rebooted `{short(stale.frozen)}` for `{VAULT}/{POOL}`: **current**",
        f"- rebooted `{short(stale.stuck)}` for `{VAULT}/{POOL}`: **still stale",
        f"- reimaged `{short(stale.stuck)}` for `{VAULT}/{POOL}`: **current**",
    ]
    assert line.users(POOL) == set()


def test_a_pool_that_is_fine_is_not_touched(line: Line, stale: Stale) -> None:
    """Nothing to repair, nothing to tell."""
    asked = validated(line, WANTED)
    assert (asked.run.said, asked.writes) == ("Completed: 4 nodes: 4 current", [])


def test_where_most_are_stale_it_is_not_the_nodes(line: Line, stale: Stale) -> None:
    """The identity may not read the vault any more: no node is touched, and one line has the cause and the cure."""
    forbid(line)
    issue_version(line)
    asked = validated(line, WANTED)
    assert asked.run.said == "Failed: 4 nodes: 4 stale; not repaired: repair-majority-stale"
    assert asked.writes == []
    report = left_by(line, asked.run)["report"]
    (told,) = [line for line in report.split("\n") if "It is not the nodes" in line]
    assert f"nodes that do not get {VAULT}/{POOL}: 4 of 4" in told
    assert "**Why:** so many nodes do not break alike by themselves" in told
    assert "**What to do:** see that the identity is on the pool and may read the vault" in told
    off = validated(line, RepairSpec())
    assert "It is not the nodes" in left_by(line, off.run)["report"]


def forbid(line: Line) -> None:
    """Take the identity's role on the vault away."""
    target = line.target
    with (
        line.inside(),
        ManagedServiceIdentityClient(EnvironmentCredential(), target.subscription_id) as identities,
        AuthorizationManagementClient(EnvironmentCredential(), target.subscription_id) as access,
    ):
        reader = identities.user_assigned_identities.get(target.resource_group, POOL)
        vault = f"{target.account_id}".partition("/providers/")[0] + f"/providers/Microsoft.KeyVault/vaults/{VAULT}"
        grants = [
            one for one in access.role_assignments.list_for_scope(vault) if one.principal_id == reader.principal_id
        ]
        assert grants
        for grant in grants:
            access.role_assignments.delete_by_id(str(grant.id))
