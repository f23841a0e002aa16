"""HTTP from nodes: GETs through the proxy, over connections that all nodes of a process share.

A client library's pools, retries and hooks cost a node more than the requests themselves, and there are 1,000 nodes to
a process; h11 speaks the protocol.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import h11

_CHUNK = 65536  # bytes
_SECONDS = 30.0  # for one answer; the proxy is on loopback
_WHO = "Proxy-Authorization"  # by which the proxy knows whose request it is, inside a tunnel too


class WebError(Exception):
    """There was no answer. The text is fit for a log."""


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises: ValueError."""
        return json.loads(self.body)


class Lines:
    """The connections that all nodes of a process share, so that a poll costs no handshake: idle ones, by tunnel.

    *tls* verifies what is behind a tunnel. Whose request it is, each request says itself.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._idle: dict[str, list[_Line]] = {}

    async def take(self, proxy: tuple[str, int], tunnel: str, credentials: str) -> _Line:
        """A connection to *tunnel*, host and port behind *proxy*, or with "" to the proxy itself."""
        idle = self._idle.setdefault(tunnel, [])
        while idle:
            if (line := idle.pop()).alive:
                return line
            await line.close()
        return await self._connect(proxy, tunnel, credentials)

    async def give_back(self, tunnel: str, line: _Line) -> None:
        """The answer has been read; keep the connection if another request can follow."""
        if line.next():
            self._idle.setdefault(tunnel, []).append(line)
        else:
            await line.close()

    async def close(self) -> None:
        """Close all that are idle."""
        for line in [line for idle in self._idle.values() for line in idle]:
            await line.close()
        self._idle.clear()

    async def _connect(self, proxy: tuple[str, int], tunnel: str, credentials: str) -> _Line:
        reader, writer = await asyncio.open_connection(*proxy)
        line = _Line(reader, writer)
        if not tunnel:
            return line
        try:
            await self._enter(reader, writer, tunnel, credentials)
        except BaseException:
            await line.close()
            raise
        return line

    async def _enter(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tunnel: str, credentials: str
    ) -> None:
        writer.write(f"CONNECT {tunnel} HTTP/1.1\r\nHost: {tunnel}\r\n{_WHO}: {credentials}\r\n\r\n".encode())
        status = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].decode("latin-1")
        if status.split()[1:2] != ["200"]:
            raise ConnectionRefusedError(f"{tunnel}: {status}")
        await writer.start_tls(self._tls, server_hostname=tunnel.rpartition(":")[0])


class Web:
    """One node's requests, over *lines*, through *proxy*: a URL with the node's own credentials."""

    def __init__(self, lines: Lines, proxy: str) -> None:
        parts = urlsplit(proxy)
        self._lines = lines
        self._proxy = (parts.hostname or "", parts.port or 80)
        name, password = unquote(parts.username or ""), unquote(parts.password or "")
        self._credentials = f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"

    async def get(self, url: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """GET *url* with *query*. Raises: WebError."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 443
        except ValueError as error:
            raise WebError(f"{url}: {error}") from None
        if parts.scheme not in {"http", "https"} or not host:
            raise WebError(f"{url} is not an address")
        asked = "&".join(part for part in (parts.query, urlencode(query)) if part)
        target = f"{parts.path or '/'}?{asked}"
        tunnel = f"{host}:{port}" if parts.scheme == "https" else ""
        if not tunnel:
            target = f"http://{parts.netloc}{target}"
        sent = {"Host": parts.netloc, "Accept": "*/*", _WHO: self._credentials, **headers}
        return await self._exchange(tunnel, h11.Request(method="GET", target=target, headers=list(sent.items())))

    async def _exchange(self, tunnel: str, request: h11.Request) -> Answer:
        line: _Line | None = None
        try:
            async with asyncio.timeout(_SECONDS):
                line = await self._lines.take(self._proxy, tunnel, self._credentials)
                answer = await line.exchange(request)
        except (OSError, EOFError, h11.ProtocolError) as error:
            raise WebError(f"{type(error).__name__}: {error}") from None
        else:
            await self._lines.give_back(tunnel, line)
            line = None
            return answer
        finally:
            if line:
                await line.close()


class _Line:
    """HTTP/1.1 over one pair of streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)

    @property
    def alive(self) -> bool:
        """Whether the other end has not closed it while it was idle."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    async def exchange(self, request: h11.Request) -> Answer:
        """Send *request* and read the answer to its end."""
        self._writer.write((self._http.send(request) or b"") + (self._http.send(h11.EndOfMessage()) or b""))
        status, body = 0, bytearray()
        while not isinstance(event := await self._event(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.ConnectionClosed):
                break
        else:
            return Answer(status, bytes(body))
        raise EOFError("the connection ended before the answer")

    def next(self) -> bool:
        """Whether another request can follow."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await self._writer.wait_closed()

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(_CHUNK))
        return event
