"""A certificate with a chain that two users are to read: each node harmed in its own way, one validation over SSH."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
import trustme
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from batchcert.spec import DEFAULT_STORE, CertificateSpec, Reader
from batchcert.verdict.finding import Row, Verdict
from local_azure.machines import MachineUser
from local_azure.nodes.machine import Machine

from .farm import CERTIFICATE, VAULT, Farm, farm
from .playing import let_root_be_others, shut_out

pytestmark = pytest.mark.slow

POLLING = timedelta(hours=1)
LINK = f"{DEFAULT_STORE}/{VAULT}.{CERTIFICATE}"
HANDLER = "/var/lib/waagent/Microsoft.Azure.KeyVault.KeyVaultForLinux-3.0.1.0"
NAMES = ("render.example.com", "www.example.com")
ROOT = trustme.CA()
AUTHORITY = ROOT.create_child_ca()
Harm = Callable[[Machine], None]


def issued(authority: trustme.CA, *names: str) -> list[bytes]:
    """A new certificate with its chain, leaf first and root last, and then its key."""
    leaf = authority.issue_cert(*names)
    chain = [pem.bytes() for pem in leaf.cert_chain_pems]
    return [*chain, ROOT.cert_pem.bytes(), leaf.private_key_pem.bytes()]


def parts(node: Machine) -> list[bytes]:
    """The file behind the link, in its parts: leaf, intermediate, root and key."""
    whole = node.disk.host(LINK).read_bytes()
    return re.findall(rb"-----BEGIN [^-]+-----.+?-----END [^-]+-----\n", whole, re.DOTALL)


def holds(*order: int) -> Harm:
    """The file has these of its parts, in this order, and then its key."""

    def harm(node: Machine) -> None:
        held = parts(node)
        node.disk.host(LINK).resolve().write_bytes(b"".join([*(held[place] for place in order), held[3]]))

    return harm


def another_of_its_name(node: Machine) -> None:
    """The intermediate is another one: of the same name, and with a key that did not sign the leaf."""
    leaf, _, root, key = parts(node)
    node.disk.host(LINK).resolve().write_bytes(leaf + FORGED + root + key)


def nothing(node: Machine) -> None:
    """A node that is as it should be."""


def old_extension(node: Machine) -> None:
    """The extension is 1.0, which writes no chain."""
    holds(0)(node)
    node.disk.host(HANDLER).rename(node.disk.host(HANDLER.replace("3.0.1.0", "1.0.1.0")))


def off_the_list(node: Machine) -> None:
    """The file's access list has lost a user."""
    shut_out(node, "app", of=".PEM")


def folder_closed(node: Machine) -> None:
    """The file's list is right, and a folder far above lets the user in no more."""
    shut_out(node, "app", of="/waagent")


def open_to_nobody(node: Machine) -> None:
    """The file and all folders above it are open."""
    file = node.disk.host(LINK).resolve()
    file.chmod(0o644)
    file.parent.chmod(0o755)
    file.parent.parent.chmod(0o755)


def without_account(node: Machine) -> None:
    """The user is not on the node."""
    node.accounts.remove("app")


@dataclass(frozen=True)
class Case:
    """What is done to a node, and what is to be said of it; *plays*: whether its sudo lets root be another user."""

    harm: Harm
    reason: str
    told: str
    plays: bool = True


CURRENT = "is Key Vault's current version"
CASES: Mapping[str, Case] = {
    "well": Case(nothing, "current", CURRENT),
    "well, and sudo plays nobody": Case(nothing, "current", CURRENT, plays=False),
    "no root": Case(holds(0, 1), "current", CURRENT),
    "no chain": Case(holds(0), "chain-incomplete", "holds the leaf alone; .* extension 3.0.1.0 writes the chain"),
    "no chain, extension 1.0": Case(old_extension, "current", CURRENT),
    "no intermediate": Case(holds(0, 2), "chain-incomplete", "certificate 2 of 2 .* did not issue the one before it"),
    "another order": Case(holds(0, 2, 1), "chain-out-of-order", "certificate 2 of 3 .* did not issue the one before"),
    "root first": Case(holds(2, 1, 0), "chain-out-of-order", "is certificate 3 of 3 in"),
    "another of its name": Case(another_of_its_name, "chain-incomplete", "certificate 2 of 3 .* did not issue the one"),
    "off the list": Case(off_the_list, "reader-refused", "user app tried to read .* did not get to it: .*user:backup"),
    "off the list, and sudo plays nobody": Case(
        off_the_list, "reader-refused", "user app may not read .* by its owner, mode and access list", plays=False
    ),
    "folder closed": Case(folder_closed, "reader-refused", "user app tried to read .*user:app:r--"),
    "no such user": Case(without_account, "reader-unknown", "the node has no user app, who is to read"),
    "open to nobody": Case(open_to_nobody, "key-open-to-others", "is open to user nobody, all users: .*mode 644"),
}


def _forged() -> bytes:
    """A certificate with the intermediate's name and a key of its own."""
    real, key = x509.load_pem_x509_certificate(AUTHORITY.cert_pem.bytes()), ec.generate_private_key(ec.SECP256R1())
    forged = (
        x509.CertificateBuilder()
        .subject_name(real.subject)
        .issuer_name(real.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(real.not_valid_before_utc)
        .not_valid_after(real.not_valid_after_utc)
        .sign(key, SHA256())
    )
    return forged.public_bytes(Encoding.PEM)


FORGED = _forged()


def bring_in(pool: Farm, version: list[bytes]) -> None:
    """Import a version into Key Vault, and let the nodes poll."""
    with CertificateClient(f"https://{VAULT}.vault.azure.net", EnvironmentCredential()) as api:
        api.import_certificate(
            CERTIFICATE, b"".join(version), policy=CertificatePolicy(content_type="application/x-pem-file")
        )
    pool.azure.advance(POLLING)


@pytest.fixture(scope="module")
def pool() -> Iterator[Farm]:
    """A pool with a node for each case, which holds the second version of one authority."""
    certificate = CertificateSpec(
        name=CERTIFICATE,
        subject="CN=render.example.com",
        readers=[Reader(user="app"), Reader(user="backup")],
    )
    with farm(nodes=len(CASES), certificate=certificate, polling=POLLING) as made:
        bring_in(made, issued(AUTHORITY, *NAMES))
        bring_in(made, issued(AUTHORITY, *NAMES))
        made.azure.advance(timedelta(days=1))
        yield made


@pytest.fixture(scope="module")
def rows(pool: Farm) -> dict[str, Row]:
    """What one validation of the whole pool says of each case."""
    machines = pool.machines
    nodes = dict(zip(CASES, machines, strict=True))

    def harm(name: str, node: Machine) -> None:
        case = CASES[name]
        for user in ("app", "backup"):
            node.accounts.put(MachineUser(user, admin=False))
        case.harm(node)
        if case.plays:
            let_root_be_others(node)

    pool.azure.call(lambda _: [harm(name, machines[node]) for name, node in nodes.items()])
    by_node = {row.node: row for row in pool.validate()}
    return {name: by_node[node] for name, node in nodes.items()}


@pytest.mark.parametrize("name", CASES)
def test_each_has_its_own_verdict(rows: dict[str, Row], name: str) -> None:
    """Reason and message; and, where something is wrong, why and what to do."""
    case, found = CASES[name], rows[name].finding
    assert found.reason == case.reason, found
    assert re.search(case.told, found.message), found.message
    assert found.verdict is (Verdict.CURRENT if case.reason == "current" else Verdict.FAILED)
    assert found.cause
    assert found.cure or found.verdict is Verdict.CURRENT


def test_a_version_that_names_others_is_told(pool: Farm, rows: dict[str, Row]) -> None:
    """Another issuer and a name less, on a node that has it; from the next version on it is what is compared with."""
    well = rows["well"].node
    bring_in(pool, issued(ROOT, NAMES[0]))
    found = {row.node: row.finding for row in pool.validate()}[well]
    assert found.reason == "versions-differ"
    assert re.search(r"its issuer is .*, and was .*; it no longer names www\.example\.com", found.message)

    bring_in(pool, issued(ROOT, NAMES[0], "new.example.com"))
    found = {row.node: row.finding for row in pool.validate()}[well]
    assert found.verdict is Verdict.CURRENT
    assert "it names new.example.com, which the version before did not" in found.message
