"""Prefect's server, worker and deploy command: how each is started, and with which environment."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

POOL = "batchcert-local"
DEPLOYMENTS = ("provision/local", "validate/local", "rotate/local", "change/local", "teardown/local")
# What a person's shell may hold for another Prefect or another Azure, or for a proxy on the way to them.
FOREIGN = ("PREFECT_", "AZURE_", "IDENTITY_", "MSI_", "DO_NOT_TRACK")
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"}


def base_environment(environ: Mapping[str, str], home: Path, port: int) -> dict[str, str]:
    """*environ* without what belongs to another Prefect or Azure, and with our own server's settings."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(FOREIGN) and name.upper() not in PROXIES
    }
    return {
        **kept,
        "DO_NOT_TRACK": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_UI_URL": f"http://127.0.0.1:{port}/v2",
        "PREFECT_WORKER_QUERY_SECONDS": "2",  # a person is watching; the default is 10
    }


def server_command(port: int) -> list[str]:
    """Prefect's server on loopback."""
    return [*_prefect(), "server", "start", "--host", "127.0.0.1", "--port", str(port)]


def worker_command() -> list[str]:
    """A worker that runs each flow in a process of its own."""
    return [*_prefect(), "worker", "start", "--pool", POOL, "--type", "process", "--name", "demo"]


def deploy_command() -> list[str]:
    """Deploy the local deployments of prefect.yaml."""
    names = [argument for name in DEPLOYMENTS for argument in ("--name", name)]
    return [*_prefect(), "--no-prompt", "deploy", *names]


def _prefect() -> list[str]:
    return [sys.executable, "-m", "prefect"]
