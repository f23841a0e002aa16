"""What a visit asks of services: real handshakes with real servers, and what a hook has left on the node."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchcert.problems import Problem
from batchcert.spec.service import Endpoint
from batchcert.visit.certificate import read_certificate
from batchcert.visit.parse import parse_answer
from batchcert.visit.report import FoundHook, Ran, Served, Shown
from batchcert.visit.script import Asked, visit_script

HOOK = "kv.web"
FOLDER = f"/var/lib/batchcert/rotation/{HOOK}"
SHA256 = "5c" * 32
BEGAN = datetime.fromtimestamp(1000, UTC)
openssl = pytest.mark.skipif(
    not shutil.which("openssl") or not shutil.which("timeout"), reason="openssl or timeout is not installed"
)


def context(folder: Path, pair) -> ssl.SSLContext:
    file = folder / f"{pair.der[-8:].hex()}.pem"
    file.write_text(pair.file)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    return made


@contextmanager
def listening(answer) -> Iterator[int]:
    """A server on a port of its own that gives each connection to *answer*."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@contextmanager
def tls_server(folder: Path, pair, by_name: Mapping[str, object] | None = None) -> Iterator[int]:
    """A TLS server that presents *pair*, or the pair of the name that is asked for."""
    folder.mkdir(exist_ok=True)
    usual = context(folder, pair)
    others = {name: context(folder, other) for name, other in (by_name or {}).items()}

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = others.get(name or "", usual)

    usual.sni_callback = choose

    def answer(connection: socket.socket) -> None:
        connection.settimeout(10)
        try:
            usual.wrap_socket(connection, server_side=True).close()
        except OSError:
            return

    with listening(answer) as port:
        yield port


def served(node, *places: Endpoint, **how) -> tuple[Served, ...]:
    return parse_answer(node.visit(served=places, **how)).served


@openssl
@pytest.mark.parametrize("kind", ["rsa", "ec", "ed25519"])
def test_a_handshake_shows_the_leaf(node, pairs, shell, tmp_path, kind):
    """Whatever its key, in each shell."""
    with tls_server(tmp_path / "tls", pairs[kind]) as port:
        (one,) = served(node, Endpoint(port=port), shell=shell)
    assert (one.port, one.server_name, one.shown) == (port, "", Shown.CERTIFICATE)
    assert one.leaf.subject == "CN=render.example.com"
    assert one.leaf == read_certificate(pairs[kind].der)


@openssl
def test_the_server_name_chooses_the_certificate(node, pairs, tmp_path):
    """A service may present one certificate for each name; without a name, its default."""
    with tls_server(tmp_path / "tls", pairs["rsa"], {"a.example.com": pairs["ec"]}) as port:
        named = [Endpoint(port=port, server_name=name) for name in ("", "a.example.com", "b.example.com")]
        seen = served(node, *named)
    assert [one.server_name for one in seen] == ["", "a.example.com", "b.example.com"]
    assert [one.leaf for one in seen] == [read_certificate(pairs[kind].der) for kind in ("rsa", "ec", "rsa")]


@openssl
def test_a_port_on_which_nothing_listens_refuses(node):
    """The port was just free, so nothing is there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert served(node, Endpoint(port=port)) == (Served(port, "", Shown.REFUSED),)


@openssl
@pytest.mark.parametrize("words", [b"220 mail.example.com ESMTP\r\n", b"", b"\x00" * 70000])
def test_what_speaks_no_tls_presents_nothing(node, words):
    """It greets in its own way, hangs up, or floods; that is told and nothing else."""

    def answer(connection: socket.socket) -> None:
        try:
            connection.sendall(words)
        except OSError:
            return

    with listening(answer) as port:
        assert served(node, Endpoint(port=port)) == (Served(port, "", Shown.NO_TLS),)


@openssl
def test_a_service_that_says_nothing_holds_a_visit_up_for_seconds_only(node):
    """The handshake has a limit of its own, so that one hung service does not cost the node's whole visit."""
    held = threading.Event()
    with listening(lambda _: held.wait(30)) as port:
        try:
            seen = served(node, Endpoint(port=port), limits={"max_handshake": 1})
            assert seen == (Served(port, "", Shown.NO_TLS),)
        finally:
            held.set()


@openssl
def test_services_that_hang_do_not_cost_the_whole_visit(node):
    """All handshakes together have a limit: what comes after it is not asked, and the visit says so."""
    held = threading.Event()
    with ExitStack() as stack:
        ports = [stack.enter_context(listening(lambda _: held.wait(60))) for _ in range(6)]
        stack.callback(held.set)
        seen = served(node, *(Endpoint(port=port) for port in ports), limits={"max_handshake": 1, "max_handshakes": 3})
    shown = [one.shown for one in seen]
    assert (shown[0], shown[-1]) == (Shown.NO_TLS, Shown.UNASKED)
    assert shown == sorted(shown)


def test_without_openssl_it_is_not_told(node, tmp_path):
    """The programs that a visit cannot do without, and no other."""
    (tmp_path / "few").mkdir()
    for name in ("head", "base64", "tr", "date", "wc", "od", "awk", "cat", "sh"):
        (tmp_path / "few" / name).symlink_to(shutil.which(name))
    (one,) = served(node, Endpoint(port=443, server_name="a.example.com"), path=str(tmp_path / "few"), alone=True)
    assert one == Served(443, "a.example.com", Shown.UNTOLD)


def test_a_node_without_the_hook_says_so(node):
    """There is nothing of that name."""
    assert parse_answer(node.visit(hooks=[HOOK])).hooks == (FoundHook(HOOK),)


@pytest.mark.parametrize(
    ("result", "ran"),
    [
        (None, None),
        (
            f"{SHA256} 0 1000 1007\n",
            Ran(SHA256, 0, BEGAN, datetime.fromtimestamp(1007, UTC)),
        ),
        (
            f"{SHA256} 127 1000 1000",
            Ran(SHA256, 127, BEGAN, BEGAN),
        ),
        (f"{SHA256} running 1000 -\n", Ran(SHA256, None, BEGAN, None)),
        ("", None),
        ("garbage\n", None),
        (f"{SHA256} 0 1000\n", None),
        (f"{SHA256} 0 then now\n", None),
        ("end end end end\nend\n", None),
        ("a;b $(c) `d` 'e'\n", None),
    ],
)
def test_the_last_run_is_read(node, shell, result, ran):
    """A result that no run writes counts as none, and never as another line of the answer."""
    node.write(f"{FOLDER}/revision", "0123456789abcdef\n")
    if result is not None:
        node.write(f"{FOLDER}/result", result)
    (hook,) = parse_answer(node.visit(hooks=[HOOK], shell=shell)).hooks
    assert hook == FoundHook(HOOK, "0123456789abcdef", watching=False, ran=ran)


@pytest.mark.parametrize(("state", "watching"), [("active", True), ("inactive", False), ("failed", False), ("", False)])
def test_systemd_says_whether_it_watches(node, tmp_path, state, watching):
    """Its word for the hook's path unit decides."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "systemctl"
    program.write_text(f'#!/bin/sh\n[ "$*" = "is-active batchcert-rotation-{HOOK}.path" ] && echo {state}\n')
    program.chmod(0o755)
    node.write(f"{FOLDER}/revision", "0123456789abcdef\n")
    (hook,) = parse_answer(node.visit(hooks=[HOOK], path=str(tmp_path / "bin"))).hooks
    assert hook.watching is watching


def test_a_link_tells_since_when_it_leads_where_it_does(node, pairs):
    """Where services are asked, and only there: it costs a process for each link."""
    store = "/var/lib/waagent/store"
    node.write(f"{store}/kv.web.1.PEM", pairs["rsa"].file)
    node.link(f"{store}/kv.web", "kv.web.1.PEM")
    written = int(node.at(f"{store}/kv.web").lstat().st_mtime)
    for places, swung in (([], None), ([Endpoint(port=1)], datetime.fromtimestamp(written, UTC))):
        (link, _) = parse_answer(node.visit([store], served=places)).stores[0].files
        assert link.swung == swung


@pytest.mark.parametrize("name", ["", "kv", "kv.web web", "kv.web'", "../kv.web", "kv.web\n", "kv.w/b"])
def test_what_no_hook_is_called_is_refused(name):
    """Its name becomes part of the script."""
    with pytest.raises(ValueError, match="no hook"):
        visit_script(Asked([], hooks=[name]))


@pytest.mark.parametrize(
    "lines",
    [
        ["serve 443"],
        ["serve 443 -"],
        ["serve 443 -", "fault unheard"],
        ["serve 443 - more", "fault refused"],
        ["hook kv.web"],
        ["hook kv.web", "revision 1"],
        ["hook kv.web", "absent", "revision 1 active"],
        ["hook kv.web", "absent", "serve 443 -", "fault refused"],
        ["serve 443 -", "certificate ====="],
    ],
)
def test_lines_that_the_script_does_not_print_are_malformed(lines):
    """Order and fields are as in service.sh."""
    answer = "\n".join(["batchcert-visit 1", "time 1000", *lines, "end", ""])
    with pytest.raises(Problem) as raised:
        parse_answer(answer.encode())
    assert raised.value.code == "visit-answer-malformed"
