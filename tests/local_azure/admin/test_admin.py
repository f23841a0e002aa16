"""The admin port: who gets in, and what the levers do."""

from __future__ import annotations

import dataclasses
import json
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from local_azure.admin.client import AdminClient
from local_azure.admin.ready import Ready
from local_azure.admin.server import TABLES
from local_azure.cloud import Cloud
from local_azure.services.keyvault.state.issuers import Contact
from local_azure.services.keyvault.state.vaults import Vault
from local_azure.serving import LocalAzure

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEVERS = [
    (operation.method, re.sub(r"\{\w+\}", "any", operation.template))
    for table in TABLES
    for operation in table.operations
]


@pytest.fixture
def admin(fresh_azure: LocalAzure) -> AdminClient:
    return AdminClient(fresh_azure.ready)


@pytest.mark.parametrize(("method", "path"), LEVERS)
@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer guess", "Basic {token}"])
def test_nobody_gets_in_without_the_token(
    shared_azure: LocalAzure, method: str, path: str, authorization: str | None
) -> None:
    """Neither to look nor to move; the answer has nothing of what is behind."""
    ready = shared_azure.ready
    headers = {"Authorization": authorization.format(token=ready.admin_token)} if authorization else {}
    reply = httpx.request(method, f"{ready.admin_url}{path}", headers=headers, json={"seconds": 1}, trust_env=False)
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "Unauthorized")
    assert ready.admin_token not in reply.text


def test_both_ports_are_on_loopback_alone(shared_azure: LocalAzure) -> None:
    """Another address of the same machine refuses."""
    for url in (shared_azure.ready.admin_url, shared_azure.env["HTTPS_PROXY"]):
        host, _, port = url.removeprefix("http://").rpartition(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), 5):
            pass
        with pytest.raises(OSError, match=r"."), socket.create_connection(("127.0.0.2", int(port)), 2):
            pass


def test_the_admin_port_tunnels_for_nobody(shared_azure: LocalAzure) -> None:
    """It is no proxy, whoever asks."""
    with (
        httpx.Client(proxy=shared_azure.ready.admin_url, trust_env=False) as client,
        pytest.raises(httpx.ProxyError),
    ):
        client.get("https://management.azure.com/")


def test_only_the_owner_reads_what_is_secret(tmp_path: Path) -> None:
    """The CA's key, the state and the ready file are 0600 in folders that nobody else enters."""
    with LocalAzure(state=tmp_path / "state") as azure:
        azure.ready.write(tmp_path / "ready" / "ready.json")
    secret = ["state/ca-key.pem", "state/state.json", "ready/ready.json"]
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in secret} == {0o600}
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("state", "ready")} == {0o700}
    held = dataclasses.asdict(azure.ready)
    assert json.loads((tmp_path / "ready/ready.json").read_text()) == held


def test_the_clock_is_moved_and_set_to_a_speed(admin: AdminClient) -> None:
    """The new speed is told, and a wrong one refused."""
    assert admin.clock()["speed"] == 1
    assert admin.set_speed(0)["speed"] == 0
    before = admin.clock()["now"]
    assert admin.clock()["now"] == before
    moved = admin.advance(timedelta(days=1))
    assert (moved["now"][:10] > before[:10], moved["moving"]) == (True, False)
    for wrong in (-1, 100_000):
        with pytest.raises(httpx.HTTPStatusError) as refused:
            admin.set_speed(wrong)
        assert refused.value.response.json()["error"]["code"] == "InvalidSpeed"


def test_rules_come_and_go(admin: AdminClient) -> None:
    """Added, listed in their order, taken out by id, all cleared; an unknown id is told."""
    first = admin.add_fault({"effect": "throttled", "operation": "Vaults_*"})
    second = admin.add_fault({"effect": "ssh-refused", "resource": "*/no-such-pool/*"})
    assert [rule["id"] for rule in admin.faults()] == [first["id"], second["id"]]
    admin.clear_faults(first["id"])
    assert admin.faults() == [second]
    with pytest.raises(httpx.HTTPStatusError) as unknown:
        admin.clear_faults("f99")
    assert unknown.value.response.status_code == 404
    admin.clear_faults()
    assert admin.faults() == []


def test_mails_are_listed(fresh_azure: LocalAzure, admin: AdminClient) -> None:
    """With time, receivers, certificate, reason and text."""
    assert admin.mails() == []

    def send(cloud: Cloud) -> None:
        vault = Vault("kv-a", "g", "westus2", "kv-a.vault.azure.net", "", "standard", NOW, NOW, "", "")
        vault.contacts = [Contact("a@example.com", "", ""), Contact("b@example.com", "", "")]
        cloud.keyvault.mailbox.send(vault, "web", "NearExpiry", "It is time.")

    fresh_azure.call(send)
    (mail,) = admin.mails()
    moment = datetime.fromisoformat(mail.pop("time"))
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)
    assert mail == {
        "to": ["a@example.com", "b@example.com"],
        "vault": "kv-a",
        "certificate": "web",
        "event": "NearExpiry",
        "text": "It is time.",
    }


def test_a_wrong_rule_is_refused_and_not_kept(admin: AdminClient) -> None:
    """With all that is wrong in the message."""
    with pytest.raises(httpx.HTTPStatusError) as refused:
        admin.add_fault({"effect": "error", "operation": "Vualts_*"})
    message = refused.value.response.json()["error"]["message"]
    assert "status: error needs it" in message
    assert "'Vualts_*'" in message
    assert admin.faults() == []


def test_rules_and_speed_survive_a_restart(tmp_path: Path) -> None:
    """Counting goes on where it was."""
    with LocalAzure(state=tmp_path / "state") as azure:
        azure.add_fault("throttled", operation="ResourceGroups_*", nth=2)
        azure.set_speed(60)
    with LocalAzure(state=tmp_path / "state") as azure:
        admin = AdminClient(Ready(**dataclasses.asdict(azure.ready)))
        assert [(rule["id"], rule["nth"]) for rule in admin.faults()] == [("f1", 2)]
        assert admin.clock()["speed"] == 60
