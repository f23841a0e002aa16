"""Microsoft's Python SDKs, each test once with the sync and once with the aio client."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import subprocess
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MISSING = [name for name in ("aiohttp", "azure.keyvault.secrets") if not importlib.util.find_spec(name)]
WHY = f"without {', '.join(MISSING)} here: `make clients` gives the Python SDKs an environment of their own"
_PATIENCE_SECONDS = 60
_BETWEEN_SECONDS = 0.1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the suite, with the reason, where its clients are not installed."""
    for item in items:
        if MISSING and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.skip(reason=WHY))


class Sync:
    """Calls the clients as they are."""

    name = "sync"

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._open: list[Any] = []

    def client(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """A client or credential, as in "azure.identity.ClientSecretCredential", closed when the suite ends."""
        return self.plain(path, *args, **self._options, **kwargs)

    def plain(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """The same for one that opens no connection of its own, and takes no options for one."""
        module, _, name = path.rpartition(".")
        made = getattr(importlib.import_module(self.module(module)), name)(*args, **kwargs)
        self._open.append(made)
        return made

    def module(self, name: str) -> str:
        """Where the flavour's clients of a package are."""
        return name

    def done(self, outcome: Any) -> Any:
        """What a call gives in the end."""
        return outcome

    def all(self, items: Iterable[Any]) -> list[Any]:
        """Everything that a pager or a stream gives."""
        return list(items)

    def poll(self, begun: Any) -> Any:
        """The result of a long-running operation."""
        return self.done(self.done(begun).result())

    def act(self, client: Any, operation: str, *args: Any, **kwargs: Any) -> Any:
        """A Key Vault operation whose sync client has a poller, and whose aio client waits by itself."""
        return getattr(client, f"begin_{operation}")(*args, **kwargs).result()

    def until(self, ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
        """Ask again and again until the answer *holds*, and give it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not holds(answer := ask()):
            assert time.monotonic() < deadline, f"it did not come to pass in time: {answer}"
            time.sleep(_BETWEEN_SECONDS)
        return answer

    def close(self) -> None:
        """Close every client."""
        for client in self._open:
            self.done(client.close())


class Aio(Sync):
    """The same for the aio clients, in one event loop."""

    name = "aio"

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._runner = asyncio.Runner()

    def module(self, name: str) -> str:
        return f"{name}.aio"

    def done(self, outcome: Any) -> Any:
        return self._runner.run(_awaited(outcome)) if isinstance(outcome, Awaitable) else outcome

    def all(self, items: Any) -> list[Any]:
        return list(self._runner.run(_listed(self.done(items))))

    def act(self, client: Any, operation: str, *args: Any, **kwargs: Any) -> Any:
        return self.done(getattr(client, operation)(*args, **kwargs))

    def close(self) -> None:
        super().close()
        self._runner.close()


async def _awaited(outcome: Awaitable[Any]) -> Any:
    return await outcome


async def _listed(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]


@pytest.fixture(scope="session")
def azure(serve: Any) -> Iterator[Any]:
    """The suite's embedded Azure."""
    with serve("python") as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def environment(azure: Any) -> Iterator[None]:
    """This process's environment, as `eval "$(local-azure env)"` would make it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "https_proxy", "http_proxy", "no_proxy"):
            patch.delenv(name, raising=False)
        for name, value in azure.env.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session", params=["sync", "aio"])
def sdk(request: pytest.FixtureRequest, azure: Any, environment: None) -> Iterator[Sync]:
    """The flavour. Sync clients find the CA by REQUESTS_CA_BUNDLE; aio clients must be told."""
    told = {"connection_verify": azure.env["REQUESTS_CA_BUNDLE"]}
    flavour = Sync({}) if request.param == "sync" else Aio(told)
    yield flavour
    flavour.close()


@pytest.fixture(scope="session")
def credential(sdk: Sync) -> Any:
    """The operator's credential, from the environment."""
    return sdk.client("azure.identity.EnvironmentCredential")


@pytest.fixture(scope="session")
def vaults(sdk: Sync, credential: Any, azure: Any) -> Any:
    """The client of vaults behind Azure Resource Manager."""
    return sdk.client("azure.mgmt.keyvault.KeyVaultManagementClient", credential, azure.subscription).vaults


@pytest.fixture(scope="session")
def vault(sdk: Sync, vaults: Any, azure: Any) -> str:
    """The address of a vault in which the operator's roles count."""
    made = sdk.poll(vaults.begin_create_or_update(azure.group, f"kv-{sdk.name}-data", new_vault(azure)))
    return str(made.properties.vault_uri)


def new_vault(azure: Any, **properties: Any) -> dict[str, Any]:
    """The body of a vault with the shortest retention."""
    given = {
        "tenantId": azure.env["AZURE_TENANT_ID"],
        "sku": {"family": "A", "name": "standard"},
        "softDeleteRetentionInDays": 7,
        **properties,
    }
    return {"location": "westus2", "properties": given}


@pytest.fixture(scope="session")
def make_certificate() -> Callable[..., bytes]:
    """A key with its self-signed certificate in PEM, made without Azure."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    def make(name: str, days: int = 90) -> bytes:
        key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return secret + certificate.public_bytes(pem)

    return make


@pytest.fixture(scope="session")
def az_cli(azure: Any, environment: None) -> Iterator[Path]:
    """The `az` command, signed in as the operator, with a configuration of its own."""
    az = HERE.parents[2] / ".tools/clients/az/bin/az"
    if not az.exists():
        pytest.skip(f"without {az}: `make clients` installs the az CLI")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_CORE_COLLECT_TELEMETRY", "no")
        env = azure.env
        login = [
            "login",
            "--service-principal",
            "--username",
            env["AZURE_CLIENT_ID"],
            "--tenant",
            env["AZURE_TENANT_ID"],
        ]
        password = ["--password", env["AZURE_CLIENT_SECRET"]]
        subprocess.run([str(az), *login, *password], check=True, capture_output=True, timeout=120)
        yield az


@pytest.fixture(scope="session")
def pool_body() -> Callable[..., dict[str, Any]]:
    """The properties of a pool whose nodes answer SSH, with *extensions*."""
    ports = {"frontendPortRangeStart": 20000, "frontendPortRangeEnd": 20999}
    ssh = {"name": "ssh", "protocol": "TCP", "backendPort": 22, **ports}

    def make(*, nodes: int, extensions: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        machine = {
            "imageReference": {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
            "nodeAgentSkuId": "batch.node.ubuntu 24.04",
            "extensions": list(extensions),
        }
        return {
            "vmSize": "STANDARD_D2S_V5",
            "deploymentConfiguration": {"virtualMachineConfiguration": machine},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
            "startTask": {"commandLine": "/bin/sh -c 'echo started'", "waitForSuccess": True},
            "networkConfiguration": {"endpointConfiguration": {"inboundNatPools": [ssh]}},
        }

    return make
