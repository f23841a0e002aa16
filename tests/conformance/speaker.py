"""HTTP as a client would speak it to the embedded Azure: signed in, through the proxy, with the whole answer kept."""

from __future__ import annotations

import itertools
import json
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from local_azure.serving import LocalAzure
from tools.conformance.exchanges import Exchange

_AUDIENCES = {"management": "management.azure.com", "vault": "vault.azure.net", "batch": "batch.core.windows.net"}


class RefusedError(Exception):
    """A request that was to succeed did not."""


class Speaker:
    """Asks the embedded *azure* as its operator.

    Attributes:
        kept: what is made once and serves many, by its name.
    """

    def __init__(self, azure: LocalAzure) -> None:
        self.env = azure.env
        tls = ssl.create_default_context(cafile=azure.env["REQUESTS_CA_BUNDLE"])
        self._http = httpx.Client(proxy=azure.env["HTTPS_PROXY"], verify=tls, trust_env=False)
        self._tokens: dict[str, str] = {}
        self.kept: dict[str, Any] = {}
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._http.close()

    def number(self) -> int:
        """A number that nobody else has, to make names of."""
        return next(self._numbers)

    def ask(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Exchange:
        """Send one request and return it with its answer, whatever that is."""
        sent = {"Authorization": f"Bearer {self._token(httpx.URL(url).host)}", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        answer = self._http.request(method, url, content=content, headers=sent)
        return Exchange(
            method=method,
            url=url,
            status=answer.status_code,
            request_headers={name.lower(): value for name, value in (headers or {}).items()},
            response_headers=dict(answer.headers),
            response_body=answer.content.decode("utf-8", "replace"),
        )

    def do(self, method: str, url: str, body: Any = None) -> Any:
        """Ask for what must succeed; returns the JSON of the answer, None where there is none. Raises: RefusedError."""
        exchange = self.ask(method, url, body)
        if not 200 <= exchange.status < 300:
            raise RefusedError(f"{exchange}: {exchange.response_body}")
        is_json = exchange.response_headers.get("content-type", "").startswith("application/json")
        return json.loads(exchange.response_body) if is_json and exchange.response_body else None

    def manage(self, method: str, path: str, body: Any = None, *, version: str) -> Any:
        """`do` at Resource Manager, below the subscription."""
        url = f"https://management.azure.com/subscriptions/{self.env['AZURE_SUBSCRIPTION_ID']}{path}"
        return self.do(method, f"{url}?api-version={version}", body)

    def _token(self, host: str) -> str:
        audience = _AUDIENCES[
            next(name for name in _AUDIENCES if name in host.partition(".")[0] or f".{name}." in host)
        ]
        if audience not in self._tokens:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.env["AZURE_CLIENT_ID"],
                "client_secret": self.env["AZURE_CLIENT_SECRET"],
                "scope": f"https://{audience}/.default",
            }
            tenant = self.env["AZURE_TENANT_ID"]
            url = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
            self._tokens[audience] = self._http.post(url, data=form).json()["access_token"]
        return self._tokens[audience]
