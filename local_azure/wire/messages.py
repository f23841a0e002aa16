"""A request and a reply, as the services see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON_TYPE = "application/json; charset=utf-8"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Caller:
    """Who a token says is asking.

    Attributes:
        object_id: the principal's object id in Entra; what access is granted to.
        client_id: its application (client) id.
        tenant: the tenant that issued the token.
        resource_id: the ARM id of a managed identity, "" for others.
    """

    object_id: str
    client_id: str
    tenant: str
    resource_id: str = ""


@dataclass(frozen=True)
class Request:
    """One HTTP request, already taken apart.

    Attributes:
        host: lower-case host name without port.
        path: the path as sent, percent-encoding intact.
        query: query parameters; the last of a repeated one counts, names in lower case.
        headers: names in lower case.
        address: where the connection comes from, an IP address.
        machine: which of our own machines sent it, as its proxy credentials say, or "".
        params: what the route's template took from host and path, percent-decoded.
        caller: who the token names, where the operation asks for one.
    """

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    scheme: str = "https"
    address: str = LOOPBACK
    machine: str = ""
    raw_query: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    caller: Caller | None = None

    @property
    def api_version(self) -> str:
        """The api-version asked for, or ""."""
        return self.query.get("api-version", "")

    @property
    def url(self) -> str:
        """The address as the client sees it."""
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{self.raw_query}" if self.raw_query else "")

    @property
    def bearer(self) -> str:
        """The bearer token, or "" where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def who(self) -> Caller:
        """The caller of an operation whose guard has let it through."""
        if self.caller is None:
            raise TypeError("this operation has no guard")
        return self.caller

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object.

        Raises: AzureError 400 `InvalidRequestContent` for anything else.
        """
        if not self.body.strip():
            return {}
        try:
            content = json.loads(self.body)
        except ValueError as error:
            raise AzureError(400, "InvalidRequestContent", f"The request content was invalid: {error}") from None
        if not isinstance(content, dict):
            raise AzureError(400, "InvalidRequestContent", "The request content must be a JSON object.")
        return content


@dataclass(frozen=True)
class Delivery:
    """How a reply travels; by default at once and whole.

    Attributes:
        fault: the id of the fault rule that struck, "" for none.
        delay: seconds of real time before the first byte.
        lost: whether the connection is reset instead of an answer.
        keep: how much of the body is sent, from 0 to 1, before the connection ends.
    """

    fault: str = ""
    delay: float = 0.0
    lost: bool = False
    keep: float = 1.0


@dataclass(frozen=True)
class Reply:
    """One HTTP response: *body* is sent as JSON unless it is bytes already."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery()

    def content(self) -> bytes:
        """The bytes to send."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def framed(reply: Reply, headers: Mapping[str, str], length: int) -> dict[str, str]:
    """*headers* with those that tell what the body is and its *length* in bytes, where they do not say so."""
    sent, named = {**headers}, {name.lower() for name in headers}
    if reply.body is not None and "content-type" not in named:
        sent["Content-Type"] = JSON_TYPE
    if "content-length" not in named and reply.status not in {204, 304}:
        sent["Content-Length"] = str(length)
    return sent


class AzureError(Exception):
    """A refusal: HTTP status, Azure's code and message; each service renders it in its own shape.

    Attributes:
        inner_code: `innererror.code` where the service gives one.
        values: further key and value pairs, for Batch's `values`.
        headers: headers that go with the refusal.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner_code: str = "",
        values: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.inner_code = inner_code
        self.values = dict(values or {})
        self.headers = dict(headers or {})
