"""The one listening port: an HTTP proxy whose tunnels end here.

`CONNECT host:443` opens a TLS tunnel in which we speak as *host*; a request with an absolute `http://` address (the
instance metadata service) is answered as it comes. A host that no service has is refused: nothing is ever forwarded.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import h11

from local_azure.wire.messages import Reply, Request, framed

_CHUNK = 65536  # bytes
_BODY_LIMIT = 8 * 1024 * 1024  # bytes; the largest body Azure takes here is far below it
_CLOSE_SECONDS = 5.0
_IDLE_SECONDS = 120.0  # how long a client may leave a connection open without a word
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection

Answer = Callable[[Request], "tuple[Reply, Mapping[str, str]]"]

_log = logging.getLogger(__name__)


class _TooLargeError(Exception):
    """The client sent more than _BODY_LIMIT."""


class ProxyServer:
    """The proxy: *serves* says which hosts are ours; *answer* gives the reply to a request and its headers."""

    def __init__(
        self, *, answer: Answer, serves: Callable[[str], bool], tls: ssl.SSLContext, touch: Callable[[], None]
    ) -> None:
        self._answer = answer
        self._serves = serves
        self._tls = tls
        self._touch = touch
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}
        self._closing = asyncio.Event()

    async def start(self, port: int = 0) -> int:
        """Listen on loopback at *port*, or at a free one; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, backlog=1024)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and end all connections."""
        self._closing.set()
        if self._server:
            self._server.close()
        for writer in self._connections.values():
            writer.transport.abort()  # not by cancelling: asyncio's streams log each cancelled handler as an error
        if self._connections:
            await asyncio.wait(list(self._connections), timeout=_CLOSE_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._connections[task] = writer
            task.add_done_callback(self._connections.pop)
        with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError, h11.RemoteProtocolError, _TooLargeError):
            await self._speak(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
            await writer.wait_closed()

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        channel = _Channel(reader, writer, self._closing)
        head = await channel.next_request()
        if head is None:
            return
        if head[0].method == b"CONNECT":
            await self._tunnel(head[0], reader, writer)
            return
        while head is not None:
            await channel.reply(*self._respond(replace(_proxied(*head), address=_address(writer))))
            head = await channel.next_request()

    async def _tunnel(self, connect: h11.Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = connect.target.decode("ascii", "replace").lower().rpartition(":")
        if port != "443" or not self._serves(host):
            writer.write(b"HTTP/1.1 502 Not an endpoint of the embedded Azure\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        machine, address = _machine(_headers(connect)), _address(writer)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self._tls, ssl_handshake_timeout=30)
        channel = _Channel(reader, writer, self._closing)
        while (head := await channel.next_request()) is not None:
            request = _tunnelled(*head, host=host, machine=machine)
            await channel.reply(*self._respond(replace(request, address=address)))

    def _respond(self, request: Request) -> tuple[Reply, Mapping[str, str], bool]:
        reply, headers = self._answer(request)
        if request.method not in {"GET", "HEAD"} and 0 < reply.status < 400:
            self._touch()
        return reply, headers, request.method == "HEAD"


class _Channel:
    """HTTP/1.1 over one pair of streams; *closing* is set when the server ends."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, closing: asyncio.Event) -> None:
        self._reader = reader
        self._writer = writer
        self._closing = closing
        self._http = h11.Connection(h11.SERVER)

    async def next_request(self) -> tuple[h11.Request, bytes] | None:
        """The next request with its body, or None where the client has ended."""
        if h11.MUST_CLOSE in {self._http.our_state, self._http.their_state}:
            return None
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        return head, b"" if head.method == b"CONNECT" else await self._body()

    async def _body(self) -> bytes:
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > _BODY_LIMIT:
                raise _TooLargeError
        return bytes(body)

    async def reply(self, reply: Reply, headers: Mapping[str, str], head_only: bool) -> None:
        """Send *reply*, as whole and as soon as its delivery says. Raises: ConnectionError where that is not whole."""
        delivery = reply.delivery
        if delivery.delay:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), delivery.delay)
        if delivery.lost:
            self._reset()
        content = reply.content()
        sent = framed(reply, headers, len(content))
        start = h11.Response(
            status_code=reply.status,
            reason=HTTPStatus(reply.status).phrase.encode(),  # clients put it into their messages
            headers=[(n.encode(), v.encode("utf-8", "replace")) for n, v in sent.items()],
        )
        out = self._http.send(start) or b""
        if delivery.keep < 1:
            self._writer.write(out + content[: int(len(content) * delivery.keep)])
            await self._writer.drain()
            raise ConnectionAbortedError
        if not head_only and content:
            out += self._http.send(h11.Data(content)) or b""
        out += self._http.send(h11.EndOfMessage()) or b""
        self._writer.write(out)
        await self._writer.drain()

    def _reset(self) -> None:
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._writer.transport.abort()
        raise ConnectionResetError

    async def _event(self) -> Any:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            async with asyncio.timeout(_IDLE_SECONDS):
                data = await self._reader.read(_CHUNK)
            self._http.receive_data(data)


def _headers(head: h11.Request) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in head.headers}


def _address(writer: asyncio.StreamWriter) -> str:
    """Where the other end of the connection is."""
    return str(writer.get_extra_info("peername")[0])


def _machine(headers: Mapping[str, str]) -> str:
    """Which of our machines asks: the user name of its proxy credentials, checked by whoever gave them out."""
    scheme, _, credentials = headers.get("proxy-authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _tunnelled(head: h11.Request, body: bytes, *, host: str, machine: str) -> Request:
    machine = _machine(_headers(head)) or machine  # our machines share tunnels
    return _request(head, body, target=head.target.decode("latin-1"), scheme="https", host=host, machine=machine)


def _proxied(head: h11.Request, body: bytes) -> Request:
    parts = urlsplit(head.target.decode("latin-1"))
    host = parts.hostname or _headers(head).get("host", "").partition(":")[0]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _request(head, body, target=target, scheme="http", host=host.lower(), machine=_machine(_headers(head)))


def _request(head: h11.Request, body: bytes, *, target: str, scheme: str, host: str, machine: str) -> Request:
    path, _, query = target.partition("?")
    return Request(
        method=head.method.decode("ascii"),
        host=host,
        path=path,
        query={name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)},
        headers=_headers(head),
        body=body,
        scheme=scheme,
        machine=machine,
        raw_query=query,
    )
