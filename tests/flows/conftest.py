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
    VaultSpec,
)
from demo.prefect_api import Run
from flows.provision import provision

from .asked import Asked, asking
from .interruption import Interrupted, interrupt
from .line import ROOT, VAULT, Line, running_line


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


@pytest.fixture(scope="session")
def interrupted(line: Line, provisioned: Provisioned, documented: Provisioned) -> Interrupted:
    """Runs for both pools that did not get to their end by themselves."""
    return interrupt(line, to_cancel="render", to_kill="test2")


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
