"""The command `local-azure`, run as a person runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local_azure.admin.effects import EFFECTS

COMMAND = (sys.executable, "-m", "local_azure")


@dataclass
class Served:
    """A `local-azure serve` in the background."""

    process: subprocess.Popen[str]
    ready_file: Path
    record: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, ready_file=self.ready_file)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def run(*words: str, ready_file: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of local-azure against the one that *ready_file* names."""
    return subprocess.run(
        [*COMMAND, *words],
        env={**os.environ, "LOCAL_AZURE_READY_FILE": str(ready_file), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def serve(folder: Path, *words: str) -> Served:
    """Start it, and return once it says that it is ready."""
    ready_file, record = folder / "ready.json", folder / "exchanges.jsonl"
    process = subprocess.Popen(
        [*COMMAND, "serve", "--ready-file", str(ready_file), "--record", str(record), *words],
        stdout=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(60, process.kill)
    timer.start()
    assert process.stdout is not None
    line = process.stdout.readline()
    timer.cancel()
    assert "ready" in line, "it ended before it was ready"
    return Served(process, ready_file, record)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    it = serve(tmp_path_factory.mktemp("served"))
    yield it
    if it.process.poll() is None:
        it.stop()


def make_identity(served: Served) -> None:
    """Create an identity with the real SDK."""
    run_client(
        served,
        "from azure.mgmt.msi import ManagedServiceIdentityClient\n"
        "api = ManagedServiceIdentityClient(credential, os.environ['AZURE_SUBSCRIPTION_ID'])\n"
        "group = os.environ['AZURE_RESOURCE_GROUP']\n"
        "print(api.user_assigned_identities.create_or_update(group, 'kept', {'location': 'westus2'}).client_id)\n",
    )


def make_certificate_that_mails(served: Served) -> None:
    """Create, with the real SDKs, a vault with a contact and a certificate that is not renewed by itself."""
    run_client(
        served,
        "from azure.keyvault.certificates import CertificateClient, CertificateContact\n"
        "from azure.keyvault.certificates import CertificatePolicy, LifetimeAction\n"
        "from azure.mgmt.keyvault import KeyVaultManagementClient\n"
        "api = KeyVaultManagementClient(credential, os.environ['AZURE_SUBSCRIPTION_ID'])\n"
        "body = {'location': 'westus2', 'properties': {'tenantId': os.environ['AZURE_TENANT_ID'],\n"
        "        'sku': {'family': 'A', 'name': 'standard'}}}\n"
        "vault = api.vaults.begin_create_or_update(os.environ['AZURE_RESOURCE_GROUP'], 'kv-mails', body).result()\n"
        "certificates = CertificateClient(vault.properties.vault_uri, credential)\n"
        "certificates.set_contacts([CertificateContact('somebody@example.com')])\n"
        "action = LifetimeAction('EmailContacts', days_before_expiry=20)\n"
        "policy = CertificatePolicy('Self', subject='CN=a', validity_in_months=1, lifetime_actions=[action])\n"
        "certificates.begin_create_certificate('web', policy, _polling_interval=0.1).result()\n",
    )


def run_client(served: Served, code: str) -> None:
    """Run *code*, which has a `credential`, in a process whose environment is what `local-azure env` prints."""
    code = f"import os\nfrom azure.identity import EnvironmentCredential\ncredential = EnvironmentCredential()\n{code}"
    exports = served.run("env").stdout
    done = subprocess.run(
        ["/bin/sh", "-c", f'{exports}unset SSL_CERT_FILE CURL_CA_BUNDLE\nexec "$0" -c "$1"', sys.executable, code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_printed_exports_let_an_sdk_in(served: Served) -> None:
    """A shell that evaluates `local-azure env` is all that a real SDK needs; both formats hold the same."""
    make_identity(served)
    variables = json.loads(served.run("env", "--format", "json").stdout)
    exports = served.run("env", "--format", "sh").stdout
    assert {line.split("=")[0].removeprefix("export ") for line in exports.splitlines()} == set(variables)
    assert {"HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "AZURE_CLIENT_SECRET"} <= set(variables)


def test_every_request_is_listed(served: Served) -> None:
    """With time, method, host, path, api-version, caller and status; `--writes` lists those that change something."""
    make_identity(served)
    entries = [json.loads(line) for line in served.run("requests", "--json").stdout.splitlines()]
    put = next(entry for entry in entries if entry["method"] == "PUT")
    assert (put["host"], put["api_version"], put["status"]) == ("management.azure.com", "2024-11-30", 201)
    assert put["caller"]
    assert "PUT" in served.run("requests", "--writes").stdout
    served.run("requests", "--clear")
    assert served.run("requests").stdout == ""


def test_the_clock_is_moved_and_told(served: Served) -> None:
    """`clock advance 90d` is ninety days; nonsense is a usage error that says what is accepted."""
    before = json.loads(json.dumps(served.run("clock").stdout))
    assert served.run("clock", "advance", "90d").returncode == 0
    assert "90.0" in served.run("clock").stdout
    assert before != served.run("clock").stdout
    wrong = served.run("clock", "advance", "soon")
    assert (wrong.returncode, "90d" in wrong.stderr) == (2, True)


def test_the_clock_goes_at_another_speed(served: Served) -> None:
    """It says so for as long as that is not real time; nonsense is refused with what is accepted."""
    assert served.run("clock", "speed", "0").returncode == 0
    assert "at 0 times real time" in served.run("clock").stdout
    first, second = served.run("clock").stdout, served.run("clock").stdout
    assert first == second
    assert "times real time" not in served.run("clock", "speed", "1").stdout
    for wrong in ("-1", "fast"):
        assert served.run("clock", "speed", wrong).returncode == 2
    refused = served.run("clock", "speed", "1000000")
    assert (refused.returncode, "between 0 and 86400" in refused.stderr) == (1, True)


def test_mails_are_listed(served: Served) -> None:
    """When, why, about which certificate, to whom; as lines and as JSON."""
    make_certificate_that_mails(served)
    assert served.run("mails").stdout == ""
    served.run("clock", "advance", "25d")
    (line,) = served.run("mails").stdout.splitlines()
    assert "NearExpiry    kv-mails/web to somebody@example.com: The certificate web in the key vault kv-mails" in line
    (mail,) = (json.loads(line) for line in served.run("mails", "--json").stdout.splitlines())
    assert (mail["to"], mail["event"]) == (["somebody@example.com"], "NearExpiry")


def test_a_fault_is_added_seen_and_cleared(served: Served) -> None:
    """The list and the request log tell what it did; an SDK gets through after its end."""
    added = served.run(
        "faults", "add", "throttled", "--operation", "UserAssigned*", "--first", "2", "--retry-after", "0"
    )
    fault = added.stdout.split()[0]
    assert (added.returncode, "struck 0 of 0" in added.stdout) == (0, True)
    served.run("requests", "--clear")
    make_identity(served)
    assert f"struck by {fault}" in served.run("requests").stdout
    assert "struck 2 of 3" in served.run("faults").stdout
    (rule,) = [json.loads(line) for line in served.run("faults", "list", "--json").stdout.splitlines()]
    assert (rule["id"], rule["effect"], rule["status"], rule["first"]) == (fault, "throttled", 429, 2)
    assert served.run("faults", "clear", fault).returncode == 0
    assert served.run("faults").stdout == ""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("add", "broken"), 1, "'broken' is none of throttled"),
        (("add", "error"), 1, "status: error needs it"),
        (("add", "slow", "--seconds", "1", "--operation", "Nothing"), 1, "'Nothing' is not one of"),
        (("add", "reset", "--for", "soon"), 2, "30s"),
        (("clear", "f99"), 1, "no fault f99"),
    ],
)
def test_a_wrong_fault_is_told(served: Served, words: tuple[str, ...], code: int, told: str) -> None:
    """On standard error, with what would be right."""
    done = served.run("faults", *words)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr


def test_the_effects_are_listed_without_a_server(tmp_path: Path) -> None:
    """Each with what it does and what it takes."""
    listed = run("faults", "effects", ready_file=tmp_path / "none.json")
    assert listed.returncode == 0
    for name, kind in EFFECTS.items():
        assert any(name in line and kind.does in line for line in listed.stdout.splitlines())


def test_the_recording_has_each_exchange_and_no_secret(served: Served) -> None:
    """One JSON object a line; neither tokens nor the client secret are in it."""
    make_identity(served)
    text = served.record.read_text()
    secret = json.loads(served.run("env", "--format", "json").stdout)["AZURE_CLIENT_SECRET"]
    assert secret not in text
    assert {json.loads(line)["method"] for line in text.splitlines()} >= {"GET", "POST", "PUT"}


def test_only_the_owner_reads_the_ready_file(served: Served) -> None:
    """It holds the client secret and the admin token."""
    assert served.ready_file.stat().st_mode & 0o777 == 0o600


def test_without_a_running_one_a_command_says_so(tmp_path: Path) -> None:
    """One line, naming the file that was looked for and what to run."""
    done = run("env", ready_file=tmp_path / "none.json")
    assert done.returncode == 1
    assert "none.json" in done.stderr
    assert "local-azure serve" in done.stderr


def test_state_survives_a_restart(tmp_path: Path) -> None:
    """With `--state`, identities, clock and credentials are found again; the ready file goes with the process."""
    first = serve(tmp_path, "--state", str(tmp_path / "state"))
    make_identity(first)
    first.run("clock", "advance", "10d")
    variables = json.loads(first.run("env", "--format", "json").stdout)
    assert first.stop() == 0
    assert not first.ready_file.exists()

    second = serve(tmp_path, "--state", str(tmp_path / "state"))
    try:
        again = json.loads(second.run("env", "--format", "json").stdout)
        assert again["AZURE_CLIENT_SECRET"] == variables["AZURE_CLIENT_SECRET"]
        assert "10.0" in second.run("clock").stdout
        second.run("requests", "--clear")
        make_identity(second)
        writes = [json.loads(line) for line in second.run("requests", "--json", "--writes").stdout.splitlines()]
        assert [entry["status"] for entry in writes] == [200], "the identity was there already"
    finally:
        second.stop()
