"""Microsoft's Python SDKs, each test once with the sync and once with the aio client."""

from __future__ import annotations

import importlib.util
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from python.flavours import Aio, Sync

HERE = Path(__file__).parent
MISSING = [name for name in ("aiohttp", "azure.keyvault.secrets") if not importlib.util.find_spec(name)]
WHY = f"without {', '.join(MISSING)} here: `make clients` gives the Python SDKs an environment of their own"
PROOF = HERE / "test_operations.py"
NOT_WHOLE = "only the whole suite calls every operation"


@pytest.hookimpl(tryfirst=True)  # before pytest sorts the tests by flavour
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the suite, with the reason, where its clients are not installed; prove at its end what it called."""
    own = [item for item in items if item.path.is_relative_to(HERE)]
    proof = [item for item in own if item.path == PROOF]
    for item in own if MISSING else ():
        item.add_marker(pytest.mark.skip(reason=WHY))
    for item in () if is_whole(config, own) else proof:
        item.add_marker(pytest.mark.skip(reason=NOT_WHOLE))
    items.sort(key=lambda item: item.path == PROOF)


def is_whole(config: pytest.Config, items: list[pytest.Item]) -> bool:
    """Whether no test of the suite was left out."""
    chosen = config.option.keyword or config.option.markexpr or any("::" in given for given in config.args)
    return not chosen and {item.path for item in items} == set(HERE.rglob("test_*.py"))


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
    return sdk.credential("azure.identity.EnvironmentCredential")


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
