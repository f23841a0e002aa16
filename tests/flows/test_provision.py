"""Provision: from nothing to a pool proved node by node, and from there to nothing to do."""

from __future__ import annotations

import hashlib

import pytest
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient

from batchcert.spec import ExtensionVersion
from flows.provision import provision

from .asked import asking, begun, ended
from .conftest import Provisioned
from .line import VAULT, Line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def in_key_vault(line: Line, vault: str, name: str) -> str:
    """The fingerprint of Key Vault's current version, by Microsoft's client and calculated here."""
    with line.inside(), CertificateClient(f"https://{vault}.vault.azure.net", EnvironmentCredential()) as api:
        return hashlib.sha256(bytes(api.get_certificate(name).cer or b"")).hexdigest()


def test_it_ends_with_every_node_proved(line: Line, provisioned: Provisioned) -> None:
    """The run has a name that tells, says what it found, and leaves a report and a table with Key Vault's digest."""
    run = provisioned.run
    assert (run.name, run.said) == ("provision render in westus2", "Completed: 3 nodes: 3 current")
    left = {artifact.key: artifact for artifact in line.api.artifacts(run.id) if artifact.key}
    assert set(left) == {f"{kind}-batchcertlocal-render" for kind in ("report", "nodes", "nodes-ready", "visits")}
    rows = left["nodes-batchcertlocal-render"].data
    assert [row["verdict"] for row in rows] == ["current"] * 3
    assert {row["node id"] for row in rows} == set(line.machines("render"))
    assert {row["leaf sha256"] for row in rows} == {in_key_vault(line, VAULT, "render")}
    report = left["report-batchcertlocal-render"].data
    for made in ("vault/flows-vault", "identity/batchcert", "certificate/flows-vault/render", "pool/render"):
        assert f"**created** `{made}`" in report


def test_access_is_there_before_the_pool(provisioned: Provisioned) -> None:
    """An extension that starts without access makes its node unusable. Nothing else is written, and all of it once."""
    kinds = [write.split("/providers/")[-1].split("/")[-2] for write in provisioned.asked.writes]
    assert sorted(kinds) == sorted(["userAssignedIdentities", "vaults", "render", "roleAssignments", "pools"])
    assert kinds[-2:] == ["roleAssignments", "pools"]


def test_each_step_waits_for_those_it_needs(line: Line, provisioned: Provisioned) -> None:
    """The graph: preflight, then identity beside the certificates, then access, pool, nodes, visits, report."""
    steps = line.steps(provisioned.run.id)
    graph = [
        ("preflight for render", "identity for batchcertlocal"),
        ("preflight for render", "vault flows-vault"),
        ("vault flows-vault", "certificate flows-vault/render"),
        ("identity for batchcertlocal", "access to vault flows-vault"),
        ("certificate flows-vault/render", "access to vault flows-vault"),
        ("access to vault flows-vault", "pool render"),
        ("pool render", "wait for the nodes of render"),
        ("wait for the nodes of render", "what pool render should have"),
        ("what pool render should have", "visit the nodes of render"),
        ("visit the nodes of render", "report on render"),
    ]
    assert set(steps) == {name for edge in graph for name in edge}
    assert {step["state_type"] for step in steps.values()} == {"COMPLETED"}
    for before, after in graph:
        assert ended(steps[before]) <= begun(steps[after]), (before, after)


def test_visits_leave_no_user(line: Line, provisioned: Provisioned) -> None:
    """Each node had one, and has none."""
    put = [one for one in provisioned.asked.requests if one.path.endswith("/users") and one.method == "POST"]
    assert len(put) == 3
    assert line.users("render") == set()


def test_a_second_run_writes_nothing(line: Line, provisioned: Provisioned) -> None:
    """By the list of requests that the embedded Azure received; the users of the visits aside, which come and go."""
    again = asking(line, provision, **provisioned.parameters)
    assert again.run.said == "Completed: 3 nodes: 3 current"
    assert again.writes == []
    (report,) = (one.data for one in line.api.artifacts(again.run.id) if one.type == "markdown")
    assert "created" not in report
    assert "updated" not in report


def test_the_document_s_own_pool(line: Line, documented: Provisioned) -> None:
    """What `explain` makes of Microsoft's example becomes a pool whose nodes hold a certificate that renews itself."""
    assert documented.run.said == "Completed: 1 node: 1 current"
    assert documented.parameters["pool"]["extension_version"] == ExtensionVersion.V3
    rows = next(one.data for one in line.api.artifacts(documented.run.id) if one.type == "table")
    certificate = documented.parameters["certificates"][0]["name"]
    vault = documented.parameters["vault"]["name"]
    assert [row["leaf sha256"] for row in rows] == [in_key_vault(line, vault, certificate)]
