"""One line for all tests of the flows, and the runs that several of them look at."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.identity import EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient

from batchcert.spec import (
    CertificateSpec,
    IdentitySpec,
    PoolSpec,
    SshAccess,
    Target,
    ValidationSpec,
    VaultSpec,
    VisitSpec,
)
from demo.prefect_api import Run
from flows.provision import provision
from flows.validate import validate
from local_azure.nodes.machine import Machine

from .line import ROOT, VAULT, Asked, Line, asking, running_line

HUNG = "/root/hung"  # where a node's shell that hangs says that it has begun to


@dataclass(frozen=True)
class Provisioned:
    """A run of provision, and what it was given."""

    parameters: dict[str, Any]
    asked: Asked

    @property
    def run(self) -> Run:
        """How it ended."""
        return self.asked.run


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Started by the first test that wants it, stopped at the end."""
    with running_line(tmp_path_factory.mktemp("line")) as made:
        yield made


@pytest.fixture(scope="session")
def provisioned(line: Line) -> Provisioned:
    """The pool `render`: three nodes with one certificate, made from nothing."""
    parameters = wanted(line.target, "render", nodes=3)
    return Provisioned(parameters, asking(line, provision, **parameters))


@pytest.fixture(scope="session")
def documented(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Provisioned:
    """The pool `test2` of Microsoft's document, by the parameters that `batchcert explain` makes of its body.

    They are completed where the command says that the body does not tell, or that it names another's resources.
    """
    file = tmp_path_factory.mktemp("explained") / "parameters.json"
    command = [Path(sys.executable).with_name("batchcert"), "explain", ROOT / "tests/data/document-2021.json"]
    done = subprocess.run([*command, "-o", file], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr  # findings
    parameters = json.loads(file.read_text())
    parameters["target"] = line.target.model_dump(mode="json")
    name = parameters["identity"]["arm_id"].rpartition("/")[2]
    parameters["identity"]["arm_id"] = identity_of_another(line, name)
    parameters["vault"]["create"] = True
    parameters["pool"]["ssh"]["allowed_networks"] = ["127.0.0.0/8"]
    return Provisioned(parameters, asking(line, provision, **parameters))


@dataclass(frozen=True)
class Interrupted:
    """What was seen of runs of validate that a worker ran, and that did not get to their end by themselves.

    Attributes:
        side_by_side: the states of the two runs, one for each pool, when both were visiting.
        visiting: the users on the nodes of both pools then.
        waiting: the steps that a third run, for the first one's pool, had made by then.
        cancelled, left_by_cancelled: the first run, and the users on its pool's nodes once it had ended.
        waited: the third run, which went on afterwards.
        killed, left_by_killed: the second run, and the users on its pool's nodes once it had ended.
    """

    side_by_side: tuple[str, str]
    visiting: tuple[set[str], set[str]]
    waiting: dict[str, Any]
    cancelled: Run
    left_by_cancelled: set[str]
    waited: Run
    killed: Run
    left_by_killed: set[str]


@pytest.fixture(scope="session")
def interrupted(line: Line, provisioned: Provisioned, documented: Provisioned) -> Interrupted:
    """Two runs that hang in mid-visit, since one node of each pool never answers: one is cancelled, one killed."""
    first, second = "render", "test2"
    hanging = [next(iter(line.machines(pool).values())) for pool in (first, second)]
    for machine in hanging:
        hang(machine)
    deployment = line.deploy("validate")
    patient = ValidationSpec(visit=VisitSpec(command_timeout=600)).model_dump(mode="json")
    target = line.target.model_dump(mode="json")
    to_cancel, to_kill = (
        line.start(deployment, {"target": target, "pool": pool, "validation": patient}) for pool in (first, second)
    )
    for machine in hanging:
        line.until("a visit", machine.disk.host(HUNG).exists, 120)
    side_by_side = (line.api.run(to_cancel).state, line.api.run(to_kill).state)
    visiting = (line.users(first), line.users(second))

    line.kill(to_kill)
    with line.beside(validate, target=line.target, pool=first) as third:
        waits = line.until("the third run's wait for the lease", lambda: _waiting(line, to_cancel), 60)
        waiting = line.steps(waits)
        for machine in hanging:
            repair(machine)
        line.cancel(to_cancel)
        cancelled = line.ended(to_cancel, 120)
        left_by_cancelled = line.users(first)
        waited = third.result(60)
    return Interrupted(
        side_by_side=side_by_side,
        visiting=visiting,
        waiting=waiting,
        cancelled=cancelled,
        left_by_cancelled=left_by_cancelled,
        waited=waited,
        killed=line.ended(to_kill),
        left_by_killed=line.users(second),
    )


def _waiting(line: Line, holder: str) -> str | None:
    """The id of a running run of the same name as *holder* that waits for the lease which that one has."""
    name = line.api.run(holder).name
    others = [run for run in line.running(name) if run != holder]
    return next((run for run in others if "taking the lease" in line.log(run)), None)


def wanted(target: Target, name: str, *, nodes: int = 1, identity: str = "batchcert") -> dict[str, Any]:
    """Parameters of provision for a pool *name* with a certificate of the same name."""
    return {
        "target": target,
        "identity": IdentitySpec(name=identity),
        "vault": VaultSpec(name=VAULT, create=True),
        "certificates": [CertificateSpec(name=name, subject=f"CN={name}.example.com")],
        "pool": PoolSpec(name=name, nodes=nodes, ssh=SshAccess(allowed_networks=["127.0.0.0/8"])),
    }


def identity_of_another(line: Line, name: str) -> str:
    """The ARM id of an identity that somebody else made."""
    with line.inside(), ManagedServiceIdentityClient(EnvironmentCredential(), line.target.subscription_id) as api:
        made = api.user_assigned_identities.create_or_update(line.target.resource_group, name, {"location": "westus2"})
        return str(made.id)


def foreign_pool(line: Line, name: str, *, nodes: int) -> None:
    """Have a pool be made that is none of batchcert's: no identity, no extension, no mark."""
    machine = {
        "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
        "nodeAgentSkuId": "batch.node.ubuntu 24.04",
    }
    properties = {
        "vmSize": "STANDARD_D2S_V5",
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
    }
    target = line.target
    with line.inside(), BatchManagementClient(EnvironmentCredential(), target.subscription_id) as api:
        api.pool.create(target.resource_group, target.batch_account, name, {"properties": properties})


def hang(machine: Machine) -> None:
    """From now on root's shell on the node never ends; it leaves a mark when it begins."""
    machine.disk.write("/usr/local/bin/sh", '#!/bin/sh\n: >"$HOME/hung"\nexec sleep 3600\n', 0o755)


def repair(machine: Machine) -> None:
    """The usual shell again, for those who come after."""
    machine.disk.remove("/usr/local/bin/sh")
    machine.disk.remove(HUNG)
