"""A node for each way in which a node can be bad, one validation over real SSH: each has its own verdict and words."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
import trustme

from batchcert.spec import CertificateSpec
from batchcert.verdict.finding import Row, Verdict
from local_azure.nodes.machine import Machine
from local_azure.nodes.status_file import LIMIT, status_file

from .farm import CERTIFICATE, VAULT, Farm, farm

STORE = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
HANDLER = "/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-3.0.1.0"
STATUS = f"{HANDLER}/status/1.status"
LINK = f"{STORE}/{VAULT}.{CERTIFICATE}"
POLLING = timedelta(hours=1)
CURRENT, PENDING, FAILED, MISSING, EXPIRED, UNREACHABLE = (
    Verdict.CURRENT,
    Verdict.PENDING,
    Verdict.FAILED,
    Verdict.MISSING,
    Verdict.EXPIRED,
    Verdict.UNREACHABLE,
)
Harm = Callable[[Machine], object]  # where that is awaitable, it is awaited


def nothing(machine: Machine) -> None:
    """A node that is as it should be."""


def says(state: str, message: str, *, ago: timedelta = timedelta(0)) -> Harm:
    """The extension's newest status."""
    return lambda node: node.disk.write(STATUS, status_file(state, "Service start.", message, node.now() - ago), 0o600)


def holds(path: str, content: bytes | str) -> Harm:
    """A file with this content."""
    return lambda node: node.disk.write(path, content, 0o600)


def lacks(path: str) -> Harm:
    """No such file or folder, nor what was in it."""
    return lambda node: node.disk.remove(path)


def status_cut(node: Machine) -> None:
    """The status file as somebody sees it who reads while it is being written."""
    whole = node.disk.host(STATUS).read_bytes()
    node.disk.write(STATUS, whole[: len(whole) // 2], 0o600)


def newer_sequence(node: Machine) -> None:
    """`1.status` is a success from long ago; what counts is the newest sequence number."""
    node.disk.write(f"{HANDLER}/status/2.status", status_file("error", "Service start.", "boom", node.now()), 0o600)


def newer_handler(node: Machine) -> None:
    """A second handler version, enabled and higher; the old one still says success."""
    newer = HANDLER.replace("3.0.1.0", "3.0.10.0")
    node.disk.mkdir(f"{newer}/config", 0o700)
    node.disk.mkdir(f"{newer}/status", 0o700)
    node.disk.write(f"{newer}/config/HandlerState", "Enabled", 0o600)
    node.disk.write(f"{newer}/status/1.status", status_file("error", "Service start.", "boom", node.now()), 0o600)


def shows(certificate: Callable[[Machine], bytes]) -> Harm:
    """Another file's content behind the certificate's link."""
    return lambda node: node.disk.host(LINK).resolve().write_bytes(certificate(node))


def foreign(node: Machine) -> bytes:
    """A certificate, with its key, that Key Vault never issued."""
    return CA.issue_cert("render.example.com").private_key_and_cert_chain_pem.bytes()


def expired(node: Machine) -> bytes:
    """One that was valid until a day before yesterday."""
    ended = node.now() - timedelta(days=1, hours=1)
    return CA.issue_cert("render.example.com", not_after=ended).private_key_and_cert_chain_pem.bytes()


def half(node: Machine) -> bytes:
    """The beginning of the file, up to the middle of its certificate."""
    whole = node.disk.host(LINK).read_bytes()
    return whole[: whole.index(b"-----BEGIN CERTIFICATE-----") + 200]


def key_alone(node: Machine) -> bytes:
    """The file without its certificates."""
    return node.disk.host(LINK).read_bytes().partition(b"-----BEGIN CERTIFICATE-----")[0]


def certificates(node: Machine) -> bytes:
    """The file without its key."""
    head, mark, rest = node.disk.host(LINK).read_bytes().partition(b"-----BEGIN PRIVATE KEY-----")
    assert mark
    return head + rest.partition(b"-----END PRIVATE KEY-----\n")[2]


def with_another_key(node: Machine) -> bytes:
    """The certificate as it is, and a key that was made for another."""
    return certificates(node) + CA.issue_cert("render.example.com").private_key_pem.bytes()


def with_half_its_key(node: Machine) -> bytes:
    """The certificate as it is, and the key without its middle."""
    whole = node.disk.host(LINK).read_bytes()
    middle = whole.index(b"-----BEGIN PRIVATE KEY-----") + 200
    return whole[:middle] + whole[middle + 65 :]


def behind_another(node: Machine) -> bytes:
    """The current version, and before it an authority that has nothing to do with it."""
    return CA.cert_pem.bytes() + node.disk.host(LINK).read_bytes()


def with_a_stranger(node: Machine) -> bytes:
    """The current version, and behind it that authority."""
    return node.disk.host(LINK).read_bytes() + CA.cert_pem.bytes()


def copied_elsewhere(node: Machine) -> None:
    """The link leads to a copy of the file in another folder."""
    node.disk.write("/opt/copy.PEM", node.disk.host(LINK).read_bytes(), 0o600)
    node.disk.link(LINK, "/opt/copy.PEM")


def opened(mode: int) -> Harm:
    """The file has this mode."""
    return lambda node: node.disk.host(LINK).resolve().chmod(mode)


def lets_in(entry: str) -> Harm:
    """The file's access list has this entry."""

    def harm(node: Machine) -> None:
        file = node.disk.host(LINK).resolve()
        node.disk.acls.add(f"{STORE}/{file.name}", [entry])

    return harm


def skewed(by: timedelta) -> Harm:
    """The node's clock is ahead by so much."""

    def harm(node: Machine) -> None:
        node.skew = by

    return harm


def dangling(node: Machine) -> None:
    """The link is there, the file is not."""
    node.disk.host(LINK).resolve().unlink()


def emptied(node: Machine) -> None:
    """The store is there, with nothing in it."""
    for path in node.disk.host(STORE).iterdir():
        path.unlink()


def another_key(node: Machine) -> None:
    """The account is there, for somebody else's key."""
    node.accounts.knows_key = lambda *_: False  # type: ignore[method-assign]


async def silent(node: Machine) -> None:
    """Nothing listens."""
    await node.ssh.stop()


async def another_host(node: Machine) -> None:
    """The host key is not the one that the start task printed."""
    await node.ssh.replace_host_key()


def drops(node: Machine) -> None:
    """The connection breaks when the script has answered its first lines."""
    node.ssh.drop_after_bytes = 300


def refuses_sudo(node: Machine) -> None:
    """The image's sudoers wants a password."""
    node.refuse_sudo("sudo: a password is required")


def shell(script: str) -> Harm:
    """root's `sh` is not the usual one."""
    return lambda node: node.disk.write("/usr/local/bin/sh", f"#!/bin/sh\n{script}\n", 0o755)


def no_host_keys(node: Machine) -> None:
    """The start task was another one than ours."""
    node.disk.write("/mnt/batch/tasks/startup/stdout.txt", "hello\n")


CA = trustme.CA()
REFRESHING = f"Refreshing 'https://{VAULT}.vault.azure.net/secrets/{CERTIFICATE}' failed with exception"
UNFETCHED = "Failed to download one or more certificates, retrying... 403 Forbidden"


@dataclass(frozen=True)
class Case:
    """What is done to a node, and what is to be said of it; *told* is a pattern of the message."""

    harm: Harm
    verdict: Verdict
    reason: str
    told: str


CASES: Mapping[str, Case] = {
    "well": Case(nothing, CURRENT, "current", r"leaf [0-9a-f]{16} is Key Vault's current version, valid for 36\d d"),
    # The extension's own words.
    "error": Case(says("error", "boom"), FAILED, "extension-error", "the extension reports error: boom"),
    "error, a known one": Case(
        says("error", '{"error":"invalid_request","error_description":"Identity not found"}'),
        FAILED,
        "extension-identity-not-found",
        "reports error: .*Identity not found",
    ),
    "name not resolved": Case(
        says("error", f"{REFRESHING}: Error in: Could not resolve host: {VAULT}.vault.azure.net"),
        FAILED,
        "extension-name-not-resolved",
        "reports error: .*Could not resolve host",
    ),
    "warning": Case(says("warning", "hm"), FAILED, "extension-warning", "reports warning: hm"),
    "unknown state": Case(says("fine", "ok"), FAILED, "extension-error", "unknown state 'fine'"),
    "error in a newer sequence": Case(newer_sequence, FAILED, "extension-error", "reports error: boom"),
    "error in a newer handler": Case(newer_handler, FAILED, "extension-error", "reports error: boom"),
    "transitioning": Case(
        says("transitioning", UNFETCHED),
        PENDING,
        "extension-transitioning",
        "reports transitioning: Failed to download",
    ),
    "transitioning for long": Case(
        says("transitioning", UNFETCHED, ago=timedelta(hours=2)),
        FAILED,
        "extension-download-failing",
        "reports transitioning: Failed to download .* 2 h( 1 min)? ago",
    ),
    "transitioning for long, nobody knows why": Case(
        says("transitioning", "thinking", ago=timedelta(hours=2)), FAILED, "extension-stuck", "transitioning: thinking"
    ),
    # Its status file.
    "no status": Case(lacks(STATUS), FAILED, "status-missing", "handler 3.0.1.0 is Enabled and has no status file"),
    "status garbage": Case(
        holds(STATUS, b"\x00\xff\x1b[31m<html>"), FAILED, "status-garbage", "1.status: .* is not JSON"
    ),
    "status of another form": Case(holds(STATUS, "{}"), FAILED, "status-garbage", "is not an array with an object"),
    "status empty": Case(holds(STATUS, ""), FAILED, "status-half-written", "breaks off after 0 bytes"),
    "status half-written": Case(status_cut, FAILED, "status-half-written", r"breaks off after \d+ bytes"),
    "status too large": Case(
        holds(STATUS, json.dumps([{"status": {"status": "success"}, "pad": "x" * LIMIT}])),
        FAILED,
        "status-too-large",
        r"the status file has 1311\d\d bytes",
    ),
    "no handler": Case(
        holds(f"{HANDLER}/config/HandlerState", "NotInstalled"),
        FAILED,
        "handler-not-installed",
        "no installed KeyVaultForLinux handler: 3.0.1.0 is NotInstalled",
    ),
    # Its certificate.
    "wrong certificate": Case(
        shows(foreign), FAILED, "wrong-certificate", "is none of Key Vault's newest versions; the current one is"
    ),
    "expired certificate": Case(
        shows(expired), EXPIRED, "leaf-expired", r"leaf [0-9a-f]{16} expired 1 d 1 h ago, on 20"
    ),
    "no store": Case(lacks(STORE), MISSING, "store-missing", f"{STORE} does not exist"),
    "no link": Case(lacks(LINK), CURRENT, "current", "is Key Vault's current version"),
    "no certificate": Case(
        emptied,
        MISSING,
        "certificate-file-missing",
        f"{STORE} has no {VAULT}.{CERTIFICATE}",
    ),
    "link without file": Case(dangling, MISSING, "store-link-dangling", "leads to a file that does not exist"),
    "half a certificate": Case(shows(half), MISSING, "store-file-broken", "a certificate in it that is cut or damaged"),
    "key without certificate": Case(
        shows(key_alone), MISSING, "store-file-without-certificate", "holds no certificate"
    ),
    # Its private key, its chain and its link, where the leaf is the current one.
    "key of another": Case(
        shows(with_another_key),
        FAILED,
        "key-of-another",
        f"{LINK} holds a private key that is not leaf [0-9a-f]{{16}}'s",
    ),
    "no key": Case(shows(certificates), FAILED, "key-missing", "holds leaf [0-9a-f]{16} and no private key"),
    "half a key": Case(shows(with_half_its_key), FAILED, "key-unreadable", "a private key that openssl cannot read"),
    "leaf behind another certificate": Case(
        shows(behind_another), FAILED, "chain-out-of-order", "is certificate 2 of 2 in .*; the first is "
    ),
    "a stranger behind the leaf": Case(
        shows(with_a_stranger), FAILED, "chain-out-of-order", r"certificate 2 of 2 \(.*\) did not issue the one before"
    ),
    "link to another folder": Case(
        copied_elsewhere, FAILED, "link-astray", f"{LINK} leads to /opt/copy.PEM, not to a file {VAULT}.{CERTIFICATE}."
    ),
    # Who can read it, and the node's clock.
    "open to all": Case(opened(0o644), FAILED, "key-open-to-others", "is open to all users: owner root, .*mode 644"),
    "open to one more": Case(
        lets_in("user:eve:r--"), FAILED, "key-open-to-others", "is open to user eve: .* access list .*user:eve:r--"
    ),
    "open to a user who may not read": Case(lets_in("user:eve:---"), CURRENT, "current", "Key Vault's current version"),
    "clock ahead": Case(
        skewed(timedelta(hours=2, minutes=5)), FAILED, "node-clock-off", "clock is 2 h [45] min ahead of Azure's$"
    ),
    "clock behind": Case(
        skewed(-timedelta(days=90)), FAILED, "node-clock-off", "behind Azure's; by it, the leaf is not valid yet"
    ),
    "clock a little ahead": Case(skewed(timedelta(minutes=4)), CURRENT, "current", "Key Vault's current version"),
    # The way to it.
    "no SSH": Case(silent, UNREACHABLE, "ssh-connect-failed", "no connection: Connection refused"),
    "wrong host key": Case(
        another_host, UNREACHABLE, "ssh-host-key-changed", "showed the host key SHA256:.* not SHA256:"
    ),
    "wrong key": Case(another_key, UNREACHABLE, "ssh-auth-failed", "refused the key of user batchcert"),
    "no host keys": Case(no_host_keys, UNREACHABLE, "ssh-host-key-unknown", "host keys are not known"),
    "no start task's output": Case(
        lacks("/mnt/batch/tasks/startup/stdout.txt"), UNREACHABLE, "ssh-host-key-unknown", "host keys are not known"
    ),
    "dropped connection": Case(drops, UNREACHABLE, "ssh-dropped", "was lost while the script ran"),
    "no sudo": Case(refuses_sudo, FAILED, "visit-sudo-refused", "may not use sudo .*: sudo: a password is required"),
    # Its answer.
    "script ends badly": Case(shell("exit 3"), FAILED, "visit-command-failed", "the script ended with status 3"),
    "answer empty": Case(shell("cat >/dev/null"), FAILED, "visit-answer-empty", "the visit's answer is empty"),
    "answer garbage": Case(
        shell(r"cat >/dev/null; printf 'ha\033[31mha\n'"),
        FAILED,
        "visit-answer-unmarked",
        "does not begin .*'ha .31mha'",
    ),
    "answer false": Case(
        shell(r"cat >/dev/null; printf 'batchcert-visit 1\ntime now\nend\n'"),
        FAILED,
        "visit-answer-malformed",
        "line 1 of the answer is not as the script prints it: 'time now'",
    ),
    "answer cut": Case(
        shell('/bin/sh "$@" | head -c 500'), FAILED, "visit-answer-cut", r"breaks off after \d+ characters"
    ),
    "answer without end": Case(
        shell("exec yes"), FAILED, "visit-answer-too-large", "answered with more than 4194304 bytes"
    ),
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool() -> Iterator[Farm]:
    """A pool with a node for each case, long past its youth."""
    certificate = CertificateSpec(name=CERTIFICATE, subject="CN=render.example.com", dns_names=["render.example.com"])
    with farm(nodes=len(CASES), certificate=certificate, polling=POLLING) as made:
        made.azure.advance(timedelta(days=1))
        yield made


@pytest.fixture(scope="module")
def harmed(pool: Farm) -> dict[str, str]:
    """Each case's node, by its id, once the case was done to it."""
    machines = pool.machines
    nodes = dict(zip(CASES, machines, strict=True))

    async def harm() -> None:
        for name, node in nodes.items():
            done = CASES[name].harm(machines[node])
            if inspect.isawaitable(done):
                await done

    pool.azure.run(harm())
    return nodes


@pytest.fixture(scope="module")
def rows(pool: Farm, harmed: dict[str, str]) -> dict[str, Row]:
    """What one validation of the whole pool says of each case."""
    by_node = {row.node: row for row in pool.validate()}
    return {name: by_node[node] for name, node in harmed.items()}


@pytest.mark.parametrize("name", CASES)
def test_each_has_its_own_verdict(rows: dict[str, Row], name: str) -> None:
    """Verdict, reason code and message; and, where something is wrong, why and what to do."""
    case, row = CASES[name], rows[name]
    found = row.finding
    assert (found.verdict, found.reason) == (case.verdict, case.reason), found
    assert re.search(case.told, found.message), found.message
    assert found.cause
    assert found.cure or found.verdict is CURRENT
    assert found.message.isprintable()


def test_what_can_be_read_is_shown_whatever_the_verdict(rows: dict[str, Row]) -> None:
    """The leaf that a node holds, and its end, stand in its row also where its extension is in error."""
    assert rows["error"].leaf_sha256 == rows["well"].leaf_sha256
    assert rows["wrong certificate"].leaf_sha256 not in {"", rows["well"].leaf_sha256}
    assert rows["expired certificate"].expires < rows["well"].expires
    assert {rows[name].leaf_sha256 for name in ("no SSH", "no store", "half a certificate")} == {""}


def test_the_fingerprint_is_key_vault_s(pool: Farm, rows: dict[str, Row]) -> None:
    """Asked of Key Vault by Microsoft's client, and calculated here."""
    assert rows["well"].leaf_sha256 == pool.held().sha256


def test_no_node_keeps_a_user(pool: Farm, rows: dict[str, Row]) -> None:
    """Whatever came of its visit."""
    assert {
        node: dict(machine.accounts.users) for node, machine in pool.machines.items() if machine.accounts.users
    } == {}
