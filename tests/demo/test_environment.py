"""Who gets which variables."""

from __future__ import annotations

import json
from pathlib import Path

from demo.cloud import PLACE, SIGN_IN, read_ready
from demo.prefect_processes import base_environment, deploy_command
from local_azure.serving import LocalAzure


def test_what_belongs_to_another_prefect_or_azure_is_left_out(tmp_path: Path) -> None:
    """A person's own profile, keys and proxies never reach the demonstration; the rest of the shell does."""
    environ = {
        "PATH": "/bin",
        "PREFECT_API_KEY": "k",
        "AZURE_CLIENT_SECRET": "s",
        "https_proxy": "http://corporate:3128",
        "REQUESTS_CA_BUNDLE": "/x",
    }
    base = base_environment(environ, tmp_path, 4201)
    assert base["PATH"] == "/bin"
    assert base["PREFECT_API_URL"] == "http://127.0.0.1:4201/api"
    assert base["NO_PROXY"] == "127.0.0.1,localhost"
    assert base["PREFECT_HOME"] == str(tmp_path)
    assert not set(environ) - {"PATH"} & set(base)


def test_the_ready_file_of_the_embedded_azure_is_read(shared_azure: LocalAzure, tmp_path: Path) -> None:
    """Sign-in and place are apart: what goes to `prefect deploy` is stored and shown, and holds no secret."""
    file = tmp_path / "azure.json"
    file.write_text(json.dumps({"env": shared_azure.env}))
    cloud = read_ready(file)
    assert cloud
    assert (tuple(cloud.sign_in), tuple(cloud.place)) == (SIGN_IN, PLACE)
    assert shared_azure.env["AZURE_CLIENT_SECRET"] not in cloud.place.values()


def test_a_ready_file_that_is_not_whole_is_waited_for(tmp_path: Path) -> None:
    """Absent and half-written are the same: not yet."""
    file = tmp_path / "azure.json"
    assert read_ready(file) is None
    file.write_text('{"env": {')
    assert read_ready(file) is None


def test_only_local_deployments_are_deployed() -> None:
    """And nothing is asked."""
    command = deploy_command()
    names = [command[index + 1] for index, argument in enumerate(command) if argument == "--name"]
    assert names == ["provision/local", "validate/local", "rotate/local", "change/local", "teardown/local"]
    assert "--no-prompt" in command
