"""A whole cloud without a socket: requests go straight to its router."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from local_azure.cloud import Cloud
from local_azure.settings import Settings
from local_azure.wire.messages import Caller, Reply, Request

MANAGER = "https://management.azure.com"


class Door:
    """Asks a cloud as somebody: the operator, unless *caller* says who else."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        settings = cloud.settings
        self.operator = Caller(settings.object_id, settings.client_id, settings.tenant)
        self.subscription = f"/subscriptions/{settings.subscription}"
        self.group = f"{self.subscription}/resourceGroups/{settings.resource_group}"

    def ask(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        caller: Caller | None = None,
        headers: Mapping[str, str] | None = None,
        machine: str = "",
    ) -> Reply:
        """Send a request; *url* may leave out the manager's host. A form is sent where *body* is bytes."""
        parts = urlsplit(url if "://" in url else f"{MANAGER}{url}")
        host = str(parts.hostname)
        audience = "https://graph.microsoft.com" if host.startswith("graph.") else MANAGER
        token = self.cloud.tokens.issue(caller or self.operator, audience, "https://sts.windows.net/")
        return self.cloud.router.answer(
            Request(
                method=method,
                host=host,
                path=parts.path,
                query={name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)},
                headers={"authorization": f"Bearer {token}", **(headers or {})},
                body=body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode(),
                scheme=parts.scheme,
                machine=machine,
            )
        )

    def sign_in(self, client_id: str = "", scope: str = f"{MANAGER}/.default", **form: str) -> Reply:
        """Ask Entra for a token with the client credentials grant."""
        fields = {"grant_type": "client_credentials", "client_id": client_id or self.operator.client_id, "scope": scope}
        login = f"https://login.microsoftonline.com/{self.operator.tenant}/oauth2/v2.0/token"
        return self.ask("POST", login, urlencode({**fields, **form}).encode())

    def code(self, *asked: Any, **how: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        reply = self.ask(*asked, **how)
        return reply.status, reply.body["error"]["code"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def new_door() -> Callable[[Settings, Path], Door]:
    """What makes a cloud with settings of the test's own."""
    return lambda settings, folder: Door(Cloud(settings, folder))


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(Cloud(Settings(), tmp_path))
