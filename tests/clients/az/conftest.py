"""The az CLI, as it is published, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
AZ = HERE.parents[2] / ".tools/clients/az/bin/az"
_SECONDS = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the suite, with the reason, where the CLI is not installed; a command takes some seconds."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(600))
            if not AZ.exists():
                item.add_marker(pytest.mark.skip(reason=f"without {AZ}: `make clients` installs the az CLI"))


class Refused(Exception):  # noqa: N818 - a refusal is what a test expects
    """What `az` printed when it failed."""


@dataclass(frozen=True)
class Az:
    """Runs `az`; *environ* is that of a shell after `eval "$(local-azure env)"`."""

    azure: Any
    environ: dict[str, str]

    def __call__(self, command: str, *values: str) -> Any:
        """The JSON that a command prints, or None; *values* stand for the `{}` of *command*, blanks and all.

        Raises: Refused, with what it printed.
        """
        given = iter(values)
        words = [next(given) if word == "{}" else word for word in command.split()]
        command_line = [str(AZ), *words]
        done = subprocess.run(
            command_line, env=self.environ, check=False, capture_output=True, text=True, timeout=_SECONDS
        )
        if done.returncode:
            raise Refused(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture(scope="session")
def azure(serve: Any) -> Iterator[Any]:
    """The suite's embedded Azure."""
    with serve("az") as running:
        yield running


@pytest.fixture(scope="session")
def cli() -> Callable[[Any], Az]:
    """`az` with nobody signed in, in the environment of an embedded Azure."""
    return lambda azure: Az(azure, azure.environ(AZURE_CORE_COLLECT_TELEMETRY="no", AZURE_CORE_ONLY_SHOW_ERRORS="true"))


@pytest.fixture(scope="session")
def signed_out(cli: Callable[[Any], Az], azure: Any) -> Az:
    """`az` with nobody signed in."""
    return cli(azure)


@pytest.fixture(scope="session")
def az(signed_out: Az) -> Az:
    """`az`, signed in as the operator."""
    _sign_in(signed_out, "--password", "AZURE_CLIENT_SECRET")
    return signed_out


@pytest.fixture(scope="session")
def sign_in() -> Callable[[Az, str, str], Any]:
    """Signs the service principal in with what a variable of the environment holds or names."""
    return _sign_in


@pytest.fixture(scope="session")
def refused() -> type[Refused]:
    """What a command raises that fails."""
    return Refused


@pytest.fixture(scope="session")
def group(az: Az) -> str:
    """A resource group of the suite's own."""
    return str(az("group create --name cli --location westus2")["name"])


@pytest.fixture(scope="session")
def vault(az: Az, group: str) -> str:
    """A vault that roles guard."""
    made = az("keyvault create --resource-group {} --name kv-cli-roles --location westus2 --retention-days 7", group)
    assert made["properties"]["enableRbacAuthorization"] is True
    return str(made["name"])


@pytest.fixture(scope="session")
def write_policy(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Az], str]:
    """Writes the CLI's default policy to a file, with two months of validity, renewed 30 days before their end."""

    def write(az: Az) -> str:
        content = az("keyvault certificate get-default-policy")
        content["x509CertificateProperties"] |= {"subject": "CN=cli.example.com", "validityInMonths": 2}
        content["lifetimeActions"] = [{"action": {"actionType": "AutoRenew"}, "trigger": {"daysBeforeExpiry": 30}}]
        file = tmp_path_factory.mktemp("policy") / "policy.json"
        file.write_text(json.dumps(content))
        return f"@{file}"

    return write


def _sign_in(az: Az, option: str, variable: str) -> Any:
    env = az.environ
    value = Path(env[variable]).read_text() if option == "--federated-token" else env[variable]
    command = f"login --service-principal --username {{}} --tenant {{}} {option} {{}}"
    return az(command, env["AZURE_CLIENT_ID"], env["AZURE_TENANT_ID"], value)


@pytest.fixture(scope="session")
def az_python() -> Callable[..., None]:
    """Runs a script in the CLI's own Python, which has `cryptography`."""

    def run(script: str, *arguments: str) -> None:
        python = AZ.parent / "python"
        subprocess.run([str(python), "-c", script, *arguments], check=True, capture_output=True, timeout=_SECONDS)

    return run
