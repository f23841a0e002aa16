"""A small TLS service, such as runs on a node: it reads its certificate at its start, and again only when told to.

As a program: `python serving.py --port 0 --port-file FILE --certificate PEM [--sni NAME=PEM ...]`. SIGHUP lets it read
its files again, and go on with those it has where they are no good; SIGTERM ends it. The standard library is all it
needs, so a copy of this file runs anywhere.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socketserver
import ssl
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_RELOAD, _END = signal.SIGHUP, signal.SIGTERM
_PATIENCE = 10.0  # seconds for a client's half of the handshake


class Certificates:
    """What the service presents: *default*, or what *by_name* has for the server name that a client asks for.

    Each is a file with a certificate, its chain and its key.
    """

    def __init__(self, default: Path, by_name: Mapping[str, Path]) -> None:
        self._default = default
        self._by_name = by_name
        self.load()

    def load(self) -> None:
        """Read the files. Raises: OSError, ssl.SSLError; then what was read before counts on."""
        named = {name: _context(file) for name, file in self._by_name.items()}
        context = _context(self._default)

        def choose(connection: ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            connection.context = named.get(name or "", context)

        context.sni_callback = choose  # type: ignore[assignment,unused-ignore] # typeshed wants any object's connection
        self.context = context


class _Handler(socketserver.BaseRequestHandler):
    """Shakes hands with one client."""

    server: _Server

    def handle(self) -> None:
        self.request.settimeout(_PATIENCE)
        with contextlib.suppress(OSError):  # a client that leaves, or speaks no TLS; ssl.SSLError is an OSError
            self.server.certificates.context.wrap_socket(self.request, server_side=True).unwrap()


class _Server(socketserver.ThreadingTCPServer):
    """Listens on loopback, a thread for each client."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, certificates: Certificates) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.certificates = certificates


def serve(port: int, port_file: Path | None, certificates: Certificates) -> None:
    """Serve until SIGTERM; *port_file* gets the port once clients are answered, and goes at the end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {_RELOAD, _END})
    with _Server(port, certificates) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        if port_file:
            _write_whole(port_file, f"{server.server_address[1]}\n")
        while signal.sigwait({_RELOAD, _END}) == _RELOAD:
            try:
                certificates.load()
            except OSError as error:
                sys.stderr.write(f"the certificate stays as it is: {error}\n")
        server.shutdown()
    if port_file:
        port_file.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Serve TLS on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", type=Path)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--sni", action="append", default=[], metavar="NAME=PEM")
    given = parser.parse_args(arguments)
    by_name = {name: Path(file) for name, _, file in (entry.partition("=") for entry in given.sni)}
    serve(given.port, given.port_file, Certificates(given.certificate, by_name))


def _context(file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _write_whole(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(file)


if __name__ == "__main__":
    main()
