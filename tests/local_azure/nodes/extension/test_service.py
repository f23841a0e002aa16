"""What the extension does on a node, against a real proxy, real TLS, an IMDS and a vault."""

from __future__ import annotations

import itertools
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from local_azure.clock import Clock
from local_azure.machines import MachineSpec
from local_azure.nodes.machine import Machine
from local_azure.nodes.machines import Machines

MakeMachine = Callable[..., Awaitable[Machine]]
ONE, TWO = "1" * 32, "2" * 32
STORE = "var/lib/waagent/Microsoft.Azure.KeyVault.Store"
SECRET = "https://kv-one.vault.azure.net/secrets/web"
LOG = "var/log/azure/Microsoft.Azure.KeyVault.KeyVaultForLinux/akvvm_service.log"
EVERY = timedelta(seconds=300)

pytestmark = pytest.mark.anyio


async def _installed(make_machine: MakeMachine, extension: dict[str, Any], **how: Any) -> Machine:
    machine = await make_machine(extension, **how)
    await machine.install_extensions()
    return machine


def _state(machine: Machine) -> tuple[str, str]:
    (status,) = machine.extension_statuses()
    return status.state, status.message


def _leaf(machine: Machine, link: str = f"{STORE}/kv-one.web") -> x509.Certificate:
    return x509.load_pem_x509_certificates((machine.root / link).read_bytes())[0]


@pytest.mark.parametrize(
    ("version", "certificates", "folder"), [("1.0", 1, 0o755), ("2.0", 3, 0o700), ("3.0", 3, 0o700)]
)
async def test_a_certificate_arrives(
    *,
    make_machine: MakeMachine,
    small_azure: Any,
    extension: Any,
    issue: Any,
    version: str,
    certificates: int,
    folder: int,
) -> None:
    """The link leads to a file with what each version writes, 0600, and the status says success."""
    issued = issue("web")
    small_azure.put("web", ONE, issued.pem)
    machine = await _installed(make_machine, extension(version))
    link = machine.root / STORE / "kv-one.web"
    assert x509.load_pem_x509_certificates(link.read_bytes()) == issued.chain[:certificates]
    assert link.is_symlink()
    assert link.readlink().name.startswith(f"kv-one.web.{ONE}.")
    assert link.readlink().name.endswith(".PEM")
    assert link.stat().st_mode & 0o777 == 0o600
    assert (machine.root / STORE).stat().st_mode & 0o777 == folder
    state, message = _state(machine)
    assert state == "success"
    assert message.startswith("Successfully started Key Vault extension service. 20")


async def test_what_it_writes_has_the_node_s_time(
    *, make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, log_in: Any, clock: Clock
) -> None:
    """So `stat` agrees with `date`, and `ls -t` with the order in which versions came, links included."""
    machine = await make_machine(extension())
    machine.skew = timedelta(days=3)
    small_azure.put("web", ONE, issue("web").pem)
    await machine.install_extensions()
    await clock.advance(timedelta(days=30))
    small_azure.put("web", TWO, issue("web").pem)
    await clock.advance(EVERY)
    look = f"""cd /{STORE} || exit
echo $(ls -t | cut -d. -f3)
now=$(date +%s)
for file in kv-one.web "$(readlink kv-one.web)"; do echo $((now - $(stat -c %Y "$file"))); done"""
    async with log_in(machine, admin=True) as connection:
        order, *ages = str((await connection.run("sudo -n sh -s", input=look)).stdout).splitlines()
    assert order.split() == [TWO, ONE]
    assert all(0 <= int(age) <= EVERY.total_seconds() + 60 for age in ages), ages


async def test_the_requests_are_those_of_a_real_node(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any
) -> None:
    """A token for the vault's cloud from IMDS, through the proxy as this very node, then the versionless secret."""
    small_azure.put("web", ONE, issue("web").pkcs12, "application/x-pkcs12")
    await _installed(make_machine, extension())
    imds = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
    assert small_azure.requests == [
        ("acc/pool/node-1", "GET", "169.254.169.254", f"{imds}&client_id=11111111-2222-3333-4444-555555555555"),
        ("acc/pool/node-1", "GET", "kv-one.vault.azure.net", "/secrets/web?api-version=7.4"),
    ]


async def test_a_new_version_reaches_the_node_at_its_next_poll(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """The link is swung to the new file, and the old one stays."""
    small_azure.put("web", ONE, issue("web").pem)
    machine = await _installed(make_machine, extension())
    renewed = issue("web")
    small_azure.put("web", TWO, renewed.pem)
    assert _leaf(machine) != renewed.chain[0]
    await clock.advance(EVERY)
    assert _leaf(machine) == renewed.chain[0]
    assert len(list((machine.root / STORE).glob("*.PEM"))) == 2


async def test_a_pinned_version_never_rotates(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """The trap in the document's own example."""
    issued = issue("web")
    small_azure.put("web", ONE, issued.pem)
    machine = await _installed(make_machine, extension(observedCertificates=[{"url": f"{SECRET}/{ONE}"}]))
    small_azure.put("web", TWO, issue("web").pem)
    await clock.advance(timedelta(days=30))
    assert _leaf(machine) == issued.chain[0]


async def test_3_0_keeps_each_certificate_as_it_says(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any
) -> None:
    """With its own store, link name and readers; a link name that leads out of the disk does not."""
    for name in ("web", "api"):
        small_azure.put(name, ONE, issue(name).pem)
    observed = [
        {"url": SECRET, "certificateStoreLocation": "/opt/web", "customSymbolicLinkName": "web.pem"},
        {"url": SECRET.replace("web", "api"), "certificateStoreLocation": "/opt/api", "acls": [{"user": "app"}]},
        {"url": SECRET, "certificateStoreLocation": "/../../../opt/out"},
    ]
    machine = await _installed(make_machine, extension(observedCertificates=observed, aclEnabled=True))
    assert _leaf(machine, "opt/web/web.pem").subject.rfc4514_string() == "CN=web"
    assert _leaf(machine, "opt/api/kv-one.api").subject.rfc4514_string() == "CN=api"
    assert (machine.root / "opt/api/kv-one.api").stat().st_mode & 0o777 == 0o640
    assert (machine.root / "opt/web/web.pem").stat().st_mode & 0o777 == 0o600
    file = (machine.root / "opt/api/kv-one.api").readlink().relative_to(machine.root)
    assert machine.disk.acls.readers(f"/{file}") == machine.disk.acls.readers("/opt/api") == {"app"}
    assert (machine.root / "opt/out/kv-one.web").exists()


@pytest.mark.parametrize(
    ("version", "initial_sync", "state"),
    [
        ("1.0", True, "success"),
        ("2.0", False, "success"),
        ("3.0", False, "success"),
        ("2.0", True, "transitioning"),
        ("3.0", True, "transitioning"),
    ],
)
async def test_success_waits_for_the_certificates_only_if_told_to(
    *, make_machine: MakeMachine, small_azure: Any, extension: Any, version: str, initial_sync: bool, state: str
) -> None:
    """Without `requireInitialSync`, and always in 1.0, success is reported though nothing arrived."""
    small_azure.refuses = (403, "ForbiddenByPolicy")
    machine = await _installed(make_machine, extension(version, requireInitialSync=initial_sync))
    assert _state(machine)[0] == state
    assert not (machine.root / STORE / "kv-one.web").exists()
    assert "ForbiddenByPolicy" in (machine.root / LOG).read_text()


async def test_a_late_grant_ends_the_waiting(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """Each retry is a real one: once access is there, the certificate arrives and success is reported."""
    small_azure.put("web", ONE, issue("web").pem)
    small_azure.refuses = (403, "ForbiddenByRbac")
    machine = await _installed(make_machine, extension())
    assert _state(machine)[1].startswith("Failed to download one or more certificates, retrying...")
    small_azure.refuses = None
    clock.touch()
    await clock.advance(timedelta(minutes=1))
    assert _state(machine)[0] == "success"
    assert _leaf(machine)


async def test_3_0_gives_up_after_25_retries(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """With longer and longer waits, in error and with code 0; then nothing is polled until a reboot."""
    small_azure.refuses = (403, "ForbiddenByFirewall")
    machine = await _installed(make_machine, extension())
    states, waits = [], 0
    while _state(machine)[0] == "transitioning":
        states.append(clock.now())
        await clock.advance(clock.pending()[0].at - clock.now())
        waits += 1
    assert waits == 25
    gaps = [later - sooner for sooner, later in itertools.pairwise(states)]
    assert gaps[0] < gaps[10] <= gaps[-1]
    state, message = _state(machine)
    assert (state, "ForbiddenByFirewall" in message) == ("error", True)
    assert (
        json.loads(next(machine.root.glob("var/lib/waagent/*/status/1.status")).read_text())[0]["status"]["code"] == 0
    )
    assert clock.pending() == []
    small_azure.refuses = None
    small_azure.put("web", ONE, issue("web").pem)
    await machine.reboot()
    assert _state(machine)[0] == "success"


async def test_2_0_never_gives_up(make_machine: MakeMachine, small_azure: Any, extension: Any, clock: Clock) -> None:
    """A month later it still retries, and once it can, it succeeds."""
    machine = await _installed(make_machine, extension("2.0"))
    await clock.advance(timedelta(days=30))
    assert _state(machine)[0] == "transitioning"
    assert len(clock.pending()) == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"msiClientId": "99999999-0000-0000-0000-000000000000"},
            '{"error": "invalid_request", "error_description": "Identity not found"}',
        ),
        ({"msiEndpoint": "http:///metadata/identity"}, "URI must contain a hostname."),
    ],
)
async def test_a_wrong_identity_or_endpoint_is_told_in_the_status(
    *, make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, change: dict[str, str], text: str
) -> None:
    """In the words that the platform gives."""
    small_azure.put("web", ONE, issue("web").pem)
    given = extension()
    given["settings"]["authenticationSettings"].update(change)
    machine = await _installed(make_machine, given)
    state, message = _state(machine)
    assert (state, text in message) == ("transitioning", True)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https:///secrets/web", "URI must contain a hostname."),
        ("/secrets/web", "URI must contain a hostname."),
        ("https://kv-one.vault.azure.net/secrets/none", "SecretNotFound"),
        ("https://other.vault.azure.net/secrets/web", "CERTIFICATE_VERIFY_FAILED"),
    ],
)
async def test_a_url_that_leads_nowhere_is_told_in_the_status(
    *, make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, url: str, text: str
) -> None:
    """The other certificates arrive all the same."""
    small_azure.put("web", ONE, issue("web").pem)
    machine = await _installed(make_machine, extension(observedCertificates=[{"url": url}, {"url": SECRET}]))
    state, message = _state(machine)
    assert (state, text in message, f"Refreshing '{url}'" in message) == ("transitioning", True, True)
    assert _leaf(machine)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("{}", "Failed to parse the configuration settings with: 'not an object'"),
        ({"secretsManagementSettings": {"observedCertificates": []}}, "Attempt to get non-existent AuthConfig"),
        (
            {"secretsManagementSettings": {"observedCertificates": [SECRET], "authenticationSettings": {}}},
            "Attempt to get non-existent AuthConfig",
        ),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "2.0", "3.0"])
async def test_settings_that_cannot_work_are_an_error_at_once(
    *, make_machine: MakeMachine, extension: Any, clock: Clock, settings: Any, message: str, version: str
) -> None:
    """Whatever the version; nothing is polled."""
    machine = await _installed(make_machine, extension(version, settings=settings))
    assert _state(machine) == ("error", message)
    assert clock.pending() == []


async def test_a_poll_that_fails_after_the_start_shows_in_the_log_alone(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """`success` does not prove rotation; the file on the disk stays what it was."""
    issued = issue("web")
    small_azure.put("web", ONE, issued.pem)
    machine = await _installed(make_machine, extension())
    small_azure.put("web", TWO, issue("web").pem)
    small_azure.refuses = (403, "ForbiddenByPolicy")
    await clock.advance(timedelta(days=1))
    assert _state(machine)[0] == "success"
    assert _leaf(machine) == issued.chain[0]
    assert (machine.root / LOG).read_text().count("ForbiddenByPolicy") == 1


async def test_a_store_that_cannot_be_made_is_told_without_a_path_of_the_host(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any
) -> None:
    """A file lies where the folder should be."""
    small_azure.put("web", ONE, issue("web").pem)
    observed = [{"url": SECRET, "certificateStoreLocation": "/etc/hostname"}]
    machine = await _installed(make_machine, extension(observedCertificates=observed))
    state, message = _state(machine)
    assert state == "transitioning"
    assert str(machine.root) not in message


async def test_no_secret_reaches_log_or_status(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a token nor a key is in any file but the store's, nor in the process's own log."""
    issued = issue("web")
    small_azure.put("web", ONE, issued.pem)
    small_azure.put("bad", ONE, issued.key_pem.decode())
    observed = [{"url": SECRET}, {"url": SECRET.replace("web", "bad")}]
    with caplog.at_level(0):
        machine = await _installed(make_machine, extension(observedCertificates=observed))
    inside = issued.key_pem.splitlines()[1]
    files = [path for path in machine.root.rglob("*") if path.is_file() and STORE not in str(path)]
    texts = [path.read_bytes() for path in files] + [caplog.text.encode()]
    assert not any(inside in text or b"token for" in text for text in texts)


async def test_tls_is_verified(
    *, machines: Machines, small_azure: Any, extension: Any, issue: Any, clock: Clock, tmp_path: Path
) -> None:
    """A node that does not trust the CA gets nothing."""
    small_azure.put("web", ONE, issue("web").pem)
    strangers = Machines(
        tmp_path / "strangers",
        clock=Clock(),
        tls=ssl.create_default_context(),
        proxy=lambda _: f"http://a:b@127.0.0.1:{small_azure.port}",
    )
    machine = strangers.create(MachineSpec("a/b/c", "westus2", extensions=(extension(),)))
    await machine.boot()
    await machine.install_extensions()
    assert "CERTIFICATE_VERIFY_FAILED" in _state(machine)[1]
    await strangers.close()


async def test_moving_the_clock_skips_polls_that_would_change_nothing(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """Ninety quiet days cost no request and no time; a write in between is seen at the next poll after it."""
    small_azure.put("web", ONE, issue("web").pem)
    nodes = [await _installed(make_machine, extension(), key=f"acc/pool/{n}") for n in range(3)]
    asked = len(small_azure.requests)
    begin = time.process_time()
    await clock.advance(timedelta(days=90))
    assert time.process_time() - begin < 1
    assert len(small_azure.requests) == asked

    renewed = issue("web")
    seen: list[bool] = []
    clock.on("renew", lambda: small_azure.put("web", TWO, renewed.pem))
    clock.on("look", lambda: seen.append(_leaf(nodes[0]) == renewed.chain[0]))
    at = clock.now() + timedelta(days=40)
    clock.schedule(at, "renew")
    clock.schedule(at + timedelta(seconds=1), "look")
    clock.schedule(at + EVERY, "look")
    await clock.advance(timedelta(days=90))
    assert seen == [False, True]
    assert all(_leaf(node) == renewed.chain[0] for node in nodes)
    assert len(small_azure.requests) == asked + 2 * len(nodes)


async def test_polls_keep_their_dates_while_the_clock_is_moved(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """After any move the next poll is less than an interval away."""
    small_azure.put("web", ONE, issue("web").pem)
    await _installed(make_machine, extension())
    for step in (timedelta(seconds=1), EVERY, timedelta(days=3), timedelta(seconds=299)):
        await clock.advance(step)
        (event,) = clock.pending()
        assert timedelta(0) < event.at - clock.now() <= EVERY


async def test_an_event_from_before_a_restart_does_not_poll_twice(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """A saved queue brings its events back beside those of the new service; only the newer ones count."""
    small_azure.put("web", ONE, issue("web").pem)
    machine = await _installed(make_machine, extension())
    clock.restore(clock.pending())
    await machine.reboot()
    small_azure.requests.clear()
    small_azure.clock.touch()
    await clock.advance(EVERY)
    assert small_azure.paths().count("/secrets/web") == 1


async def test_a_machine_that_is_found_again_goes_on(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """What an earlier process had installed runs after a boot, with the settings on the disk."""
    small_azure.put("web", ONE, issue("web").pem)
    await (await _installed(make_machine, extension())).close(wipe=False)
    renewed = issue("web")
    small_azure.put("web", TWO, renewed.pem)
    machine = await make_machine(extension())
    assert _leaf(machine) == renewed.chain[0]
    assert _state(machine)[0] == "success"


async def test_readers_of_a_certificate_can_read_it(
    *, make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, log_in: Any
) -> None:
    """Below the guest agent's closed folder too, and each only its own, though the store is one."""
    for name in ("web", "api"):
        small_azure.put(name, ONE, issue(name).pem)
    observed = [
        {"url": SECRET, "acls": [{"user": "plain"}]},
        {"url": SECRET.replace("web", "api"), "acls": [{"user": "admin"}]},
    ]
    machine = await _installed(make_machine, extension(observedCertificates=observed, aclEnabled=True))
    async with log_in(machine) as plain, log_in(machine, admin=True) as admin:
        for connection, own, other in ((plain, "web", "api"), (admin, "api", "web")):
            assert (await connection.run(f"cat /{STORE}/kv-one.{own}")).exit_status == 0
            assert "Permission denied" in str((await connection.run(f"cat /{STORE}/kv-one.{other}")).stderr)
            assert "Permission denied" in str((await connection.run("ls /var/lib/waagent/Micro*/status")).stderr)


async def test_a_poll_under_way_does_not_bring_a_wiped_disk_back(
    *, make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """The machine is gone while the vault still answers."""
    small_azure.put("web", ONE, issue("web").pem)
    machine = await _installed(make_machine, extension())
    small_azure.put("web", TWO, issue("web").pem)
    small_azure.before_answer = lambda: machine.close(wipe=True)
    await clock.advance(EVERY)
    assert small_azure.paths().count("/secrets/web") == 2
    assert not machine.disk.folder.exists()


async def test_a_closed_machine_polls_no_more(
    make_machine: MakeMachine, small_azure: Any, extension: Any, issue: Any, clock: Clock
) -> None:
    """Its events in the queue do nothing."""
    small_azure.put("web", ONE, issue("web").pem)
    machine = await _installed(make_machine, extension())
    await machine.close(wipe=True)
    small_azure.requests.clear()
    small_azure.clock.touch()
    await clock.advance(timedelta(days=1))
    assert small_azure.requests == []
