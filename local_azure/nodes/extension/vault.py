"""How the extension gets a certificate: a token from IMDS, then the secret from its vault, both over the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from local_azure.nodes.extension.settings import Authentication, Observed
from local_azure.nodes.web import Web, WebError

_IMDS_VERSION = "2018-02-01"
_VAULT_VERSION = "7.4"
_LONGEST_ANSWER = 1000  # characters of an error answer that get into a message


class RefreshError(Exception):
    """A certificate could not be fetched; the text is fit for a status file."""


@dataclass(frozen=True)
class Secret:
    """A version of a secret. *version* is its id in Key Vault."""

    version: str
    content_type: str
    value: str = field(repr=False)


class Vaults:
    """Fetches secrets in one poll: *client* is the node's way out. Tokens are kept for each audience."""

    def __init__(self, client: Web, authentication: Authentication) -> None:
        self._client = client
        self._authentication = authentication
        self._tokens: dict[str, str] = {}

    async def fetch(self, observed: Observed) -> Secret:
        """The secret's current version, or the one the URL names. Raises: RefreshError."""
        if not observed.host or not urlsplit(self._authentication.token_url).hostname:
            raise RefreshError("URI must contain a hostname.")
        token = await self._token(f"https://{observed.host.partition('.')[2]}")
        answer = await self._get(observed.url, {"api-version": _VAULT_VERSION}, {"Authorization": f"Bearer {token}"})
        if not isinstance(answer.get("value"), str) or not isinstance(answer.get("id"), str):
            raise RefreshError(f"{observed.url} is not a secret")
        return Secret(
            version=answer["id"].rstrip("/").rpartition("/")[2],
            content_type=str(answer.get("contentType", "")),
            value=answer["value"],
        )

    async def _token(self, audience: str) -> str:
        if audience not in self._tokens:
            query = {"api-version": _IMDS_VERSION, "resource": audience}
            if self._authentication.client_id:
                query["client_id"] = self._authentication.client_id
            answer = await self._get(self._authentication.token_url, query, {"Metadata": "true"})
            self._tokens[audience] = str(answer.get("access_token", ""))
        return self._tokens[audience]

    async def _get(self, url: str, query: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        try:
            answer = await self._client.get(url, query, headers)
            body = answer.json() if answer.is_success else None
        except WebError as error:
            raise RefreshError(str(error)) from None
        except ValueError as error:
            raise RefreshError(f"{type(error).__name__}: {error}") from None  # a parser's error holds what it parsed
        if not isinstance(body, dict):
            raise RefreshError(f"{answer.status} {answer.text[:_LONGEST_ANSWER]}".strip())
        return body
