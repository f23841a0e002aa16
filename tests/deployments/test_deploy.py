"""`make deploy` against a real Prefect server."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.ports import free_port
from demo.prefect_api import PrefectApi
from demo.prefect_processes import base_environment, server_command
from demo.processes import running
from deployments.regions import load

ROOT = Path(__file__).parents[2]
REGIONS = [path.stem for path in (ROOT / "deployments/regions").glob("*.yaml")]
SECONDS = 180
FLOWS = ("provision", "validate", "rotate", "change", "teardown")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A new server's environment, while it runs."""
    home = tmp_path_factory.mktemp("prefect")
    with free_port(4300) as port:
        env = base_environment(os.environ, home, port)
        with (
            PrefectApi(env["PREFECT_API_URL"]) as api,
            running("server", server_command(port), env=env, log=home / "log") as server,
        ):
            until = time.monotonic() + SECONDS
            while not api.healthy():
                server.check()
                assert time.monotonic() < until, (home / "log").read_text()
                time.sleep(0.2)
            yield env


@pytest.fixture(scope="module")
def deployed(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What the server holds after `make deploy`, by flow and name."""
    command = ["/bin/sh", str(ROOT / "tools/deploy.sh")]
    done = subprocess.run(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with httpx.Client(base_url=environment["PREFECT_API_URL"], trust_env=False) as http:
        flows = {flow["id"]: flow["name"] for flow in http.post("/flows/filter", json={}).json()}
        found = http.post("/deployments/filter", json={"limit": 100}).json()
    return {f"{flows[each['flow_id']]}/{each['name']}": each for each in found}


pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * SECONDS)]


def test_every_region_has_its_deployments(deployed: dict[str, dict[str, Any]]) -> None:
    """Nothing was asked, and the work pools were made."""
    assert set(deployed) == {f"{flow}/{region}" for flow in FLOWS for region in REGIONS}


@pytest.mark.parametrize("region", REGIONS)
def test_a_deployment_is_filled_in_from_its_region(
    deployed: dict[str, dict[str, Any]], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters as whole objects, the schedule with the region's minute and time zone, one run at a time."""
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    given = load(str(ROOT / f"deployments/regions/{region}.yaml"))
    provision, validate = deployed[f"provision/{region}"], deployed[f"validate/{region}"]
    names = ("target", "identity", "vault", "certificates", "pool", "validation")
    assert provision["parameters"] == {name: given[name] for name in names}
    assert provision["schedules"] == []
    assert validate["parameters"]["pool"] == given["pool_name"]
    (schedule,) = validate["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == (given["cron"], given["timezone"])
    rotate = deployed[f"rotate/{region}"]
    assert rotate["parameters"] == {"pool": given["pool_name"]} | {
        name: given[name] for name in ("target", "drill", "validation")
    }
    assert rotate["schedules"] == []
    assert {each["global_concurrency_limit"]["limit"] for each in (provision, validate, rotate)} == {1}
    assert provision["concurrency_options"]["collision_strategy"] == "ENQUEUE"


def test_flows_run_from_the_checkout(deployed: dict[str, dict[str, Any]]) -> None:
    """Wherever a worker was started."""
    steps = [each["pull_steps"] for each in deployed.values()]
    expected = [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
    assert all(each == expected for each in steps)


def test_a_teardown_waits_for_its_confirmation(deployed: dict[str, dict[str, Any]]) -> None:
    """It is not filled in, and the form asks for it."""
    for region in REGIONS:
        teardown = deployed[f"teardown/{region}"]
        assert "confirm" not in teardown["parameters"]
        assert "confirm" in teardown["parameter_openapi_schema"]["required"]


def test_a_change_is_the_region_s_and_asks(deployed: dict[str, dict[str, Any]]) -> None:
    """It is filled in as provision is; the way of it, and whether it asks, are left to the person who runs it."""
    for region in REGIONS:
        change = deployed[f"change/{region}"]
        assert change["parameters"] == deployed[f"provision/{region}"]["parameters"]
        assert change["schedules"] == []
        form = change["parameter_openapi_schema"]["properties"]
        assert form["approve"]["default"] is False
        assert all(form[name].get("description") for name in ("change", "approve"))


def test_a_work_pool_belongs_to_one_cloud(deployed: dict[str, dict[str, Any]]) -> None:
    """So do the sign-ins of its workers."""
    clouds: dict[str, set[str]] = {}
    for each in deployed.values():
        clouds.setdefault(each["work_pool_name"], set()).add(each["parameters"]["target"]["cloud"])
    assert clouds == {
        "batchcert-public": {"public"},
        "batchcert-usgov": {"us-government"},
        "batchcert-local": {"public"},
    }
