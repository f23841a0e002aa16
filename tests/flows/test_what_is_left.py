"""After whole runs: nothing secret in Prefect's database, its home, the logs, or the folder for temporary files."""

from __future__ import annotations

import base64
import json
import pickle
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from flows.validate import validate
from local_azure.cloud import Cloud

from .conftest import Provisioned
from .interruption import Interrupted
from .line import Line
from .traces import Known, Trace, traces

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DATABASE = "home/prefect.db"
WITNESS = "the Batch account's name"


@pytest.fixture(scope="module")
def known(line: Line) -> Known:
    """The secrets that there were: the sign-in, each node's way out, and the keys of all certificates."""

    def found(cloud: Cloud) -> dict[str, list[bytes]]:
        pems = [
            version.key
            for vault in cloud.keyvault.state.vaults.values()
            for certificate in vault.certificates.values()
            for version in certificate.versions.values()
        ]
        ways_out = [password for password, _ in cloud.metadata._machines.values()]
        assert pems
        assert ways_out
        return {
            "client secret": [cloud.settings.client_secret.encode()],
            "node's way out": [password.encode() for password in ways_out],
            "certificate's key": [form for pem in pems for form in forms(pem)],
        }

    return line.azure.call(found)


def forms(pem: str) -> list[bytes]:
    """A private key as a PEM file has it, by a line of its middle, and as its bytes."""
    key = load_pem_private_key(pem.encode(), None)
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    lines = pem.splitlines()
    return [lines[len(lines) // 2].encode(), der[len(der) // 2 :][:32]]


@pytest.fixture(scope="module")
def left(
    line: Line, known: Known, provisioned: Provisioned, documented: Provisioned, interrupted: Interrupted
) -> set[Trace]:
    """What the search finds once runs have completed, failed, been cancelled and been killed; and a witness."""
    assert line.run(validate, target=line.target, pool="nowhere").state == "FAILED"
    return traces(line.folder, {**known, WITNESS: [b"batchcertlocal"]})


def test_no_secret_is_left(left: set[Trace]) -> None:
    """Neither of those that there were, nor anything that looks like one."""
    assert {trace for trace in left if trace.what != WITNESS} == set()


def test_the_search_reads_all_there_is(left: set[Trace]) -> None:
    """What is no secret is found in each place: parameters, logs, artifacts, events, a worker's log, pickled errors."""
    found = {trace.where for trace in left if trace.what == WITNESS}
    tables = ("flow_run.parameters", "log.message", "artifact.data", "flow_run_state.message", "events.payload")
    assert {"worker.log", *(f"{DATABASE}:{table}" for table in tables)} <= found
    assert any(where.startswith("home/storage/") for where in found)


Plant = Callable[[Path, Known], None]


def in_the_database(table: str, column: str, secret: Callable[[Known], str]) -> Plant:
    """In a cell of one row."""

    def plant(folder: Path, known: Known) -> None:
        with closing(sqlite3.connect(folder / DATABASE)) as database, database:
            change = f"UPDATE {table} SET {column} = ? WHERE id = (SELECT id FROM {table} LIMIT 1)"  # noqa: S608
            assert database.execute(change, (secret(known),)).rowcount == 1

    return plant


def in_a_file(name: str, secret: Callable[[Known], str]) -> Plant:
    """At the end of a file."""

    def plant(folder: Path, known: Known) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(secret(known))

    return plant


def pem(_: Known) -> str:
    return private_key(PrivateFormat.PKCS8)


def ssh_pickled(_: Known) -> str:
    """An SSH private key without its markers, pickled as Prefect keeps results."""
    body = "".join(private_key(PrivateFormat.OpenSSH).splitlines()[1:-1])
    return json.dumps({"result": base64.encodebytes(pickle.dumps({"key": body})).decode()})


def private_key(form: PrivateFormat) -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def token(_: Known) -> str:
    parts = ({"alg": "RS256", "typ": "JWT"}, {"oid": "0b1e", "exp": 1})
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2lnbmF0dXJl"]
    )


def one_of(what: str, form: int = 0) -> Callable[[Known], str]:
    return lambda known: known[what][form].decode()


def key_as_bytes(known: Known) -> str:
    return base64.b64encode(b"\x30\x82" + known["certificate's key"][1]).decode()


PLANTED: dict[Trace, Plant] = {
    Trace("private key", f"{DATABASE}:flow_run_state.message"): in_the_database("flow_run_state", "message", pem),
    Trace("SSH private key", "home/storage/result"): in_a_file("home/storage/result", ssh_pickled),
    Trace("token", f"{DATABASE}:log.message"): in_the_database("log", "message", token),
    Trace("bearer token", "worker.log"): in_a_file("worker.log", lambda _: f"Authorization: Bearer {'0f' * 16}"),
    Trace("password", "server.log"): in_a_file("server.log", lambda _: '{"password": "correct horse"}'),
    Trace("password in a URL", "tmp/proxy"): in_a_file("tmp/proxy", lambda _: "http://me:hunter2@127.0.0.1:1"),
    Trace("client secret", f"{DATABASE}:artifact.data"): in_the_database("artifact", "data", one_of("client secret")),
    Trace("node's way out", "tmp/a/b"): in_a_file("tmp/a/b", one_of("node's way out")),
    Trace("certificate's key", "home/events"): in_a_file("home/events", one_of("certificate's key")),
    Trace("certificate's key", f"{DATABASE}:flow_run.parameters"): in_the_database(
        "flow_run", "parameters", lambda known: json.dumps({"x": key_as_bytes(known)})
    ),
}


@pytest.fixture(scope="module")
def found_in_copy(
    line: Line, known: Known, provisioned: Provisioned, tmp_path_factory: pytest.TempPathFactory
) -> set[Trace]:
    """What the search finds in a copy of all that was left, with a secret of each kind put into it."""
    copy = tmp_path_factory.mktemp("planted") / "copy"
    shutil.copytree(line.folder, copy, ignore=shutil.ignore_patterns("prefect.db*"))
    with (
        closing(sqlite3.connect(line.folder / DATABASE)) as live,
        closing(sqlite3.connect(copy / DATABASE)) as database,
    ):
        live.backup(database)
    for plant in PLANTED.values():
        plant(copy, known)
    return traces(copy, known)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda trace: f"{trace.what} in {trace.where}")
def test_a_secret_would_be_found(found_in_copy: set[Trace], planted: Trace) -> None:
    """Each kind in its place, plain or encoded: a search that finds nothing has looked."""
    assert planted in found_in_copy
