"""A region's file, and the build step that reads it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from batchcert.problems import Problem
from batchcert.spec import (
    CertificateSpec,
    DrillSpec,
    IdentitySpec,
    PoolSpec,
    RepairSpec,
    Target,
    ValidationSpec,
    VaultSpec,
)
from batchcert.spec.region import NO_SUBSCRIPTION
from deployments.regions import KEYS, load, read_region
from local_azure import settings

ROOT = Path(__file__).parents[2]
REGIONS = sorted((ROOT / "deployments/regions").glob("*.yaml"))
WESTUS2 = "deployments/regions/westus2.yaml"
GUID = "11111111-2222-4333-8444-555555555555"
Change = Callable[[str, str, str], int]


@pytest.mark.parametrize("path", REGIONS, ids=lambda path: path.stem)
def test_each_region_is_sound(path: Path) -> None:
    """All files in the repository are read without a fault, with or without a subscription in the environment."""
    assert read_region(path, {}).faults == ()
    region = read_region(path, {"AZURE_SUBSCRIPTION_ID": GUID}).region
    assert region is not None
    assert region.target.subscription_id in {GUID, settings.SUBSCRIPTION}


def test_the_regions_of_the_preview_are_there() -> None:
    """The five regions that Microsoft's document named, and the embedded Azure."""
    assert {path.stem for path in REGIONS} == {
        "westus2",
        "southcentralus",
        "eastus",
        "usgovarizona",
        "usgovvirginia",
        "local",
    }


def test_regions_are_validated_at_minutes_of_their_own() -> None:
    """No two start together."""
    schedules = [region.schedule.minute for path in REGIONS if (region := read_region(path, {}).region)]
    assert len(set(schedules)) == len(REGIONS)


def test_the_local_region_is_the_embedded_azures() -> None:
    """Its file has the ids that the embedded Azure starts with; the two may not import each other."""
    region = read_region(ROOT / "deployments/regions/local.yaml", {}).region
    assert region is not None
    assert region.target == Target(
        subscription_id=settings.SUBSCRIPTION,
        resource_group=settings.RESOURCE_GROUP,
        region=settings.REGION,
        batch_account=settings.BATCH_ACCOUNT,
    )


def test_load_gives_what_the_flows_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain values that JSON can hold, and that the models take back as they were."""
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", GUID)
    monkeypatch.chdir(ROOT)
    given = load(WESTUS2)
    assert tuple(sorted(given)) == tuple(sorted(KEYS))
    assert json.loads(json.dumps(given)) == given
    models = {"target": Target, "identity": IdentitySpec, "vault": VaultSpec, "pool": PoolSpec}
    for key, model in {**models, "validation": ValidationSpec, "repair": RepairSpec, "drill": DrillSpec}.items():
        assert model.model_validate(given[key]).model_dump(mode="json") == given[key]
    assert [CertificateSpec.model_validate(each).name for each in given["certificates"]] == given["certificate_names"]
    assert (given["cron"], given["timezone"]) == ("7 * * * *", "America/Los_Angeles")
    assert (given["pool_name"], given["checkout"]) == (given["pool"]["name"], str(ROOT))


def test_load_tells_all_faults_at_once(project: Path, change: Change) -> None:
    """A deployment stops with every fault, each with its file, line, field and cure."""
    nodes = change(WESTUS2, "nodes: 2", "nodes: -2")
    change(WESTUS2, "vault:\n", "vaults:\n")
    change(WESTUS2, "Los_Angeles", "Los_Diablos")
    file = project / WESTUS2
    with pytest.raises(Problem) as caught:
        load(str(file))
    said = str(caught.value)
    assert f"{file}:{nodes}: pool.nodes: Input should be greater than or equal to 0" in said
    assert "vaults: Extra inputs are not permitted" in said
    assert "did you mean vault?" in said
    assert "vault: Field required" in said


def test_a_time_zone_must_exist(project: Path, change: Change) -> None:
    """One that is well formed and not in the database is refused at its line."""
    line = change(WESTUS2, "Los_Angeles", "Los_Diablos")
    (fault,) = read_region(project / WESTUS2, {}).faults
    assert (fault.line, fault.field) == (line, "schedule.timezone")


def test_the_drill_s_window_has_a_time_zone_too(project: Path, change: Change) -> None:
    """It is held against the same database."""
    line = change(
        WESTUS2, "schedule:\n", "drill: { window: { from_hour: 9, to_hour: 17, timezone: Mars/Olympus } }\nschedule:\n"
    )
    (fault,) = read_region(project / WESTUS2, {}).faults
    assert (fault.line, fault.field) == (line, "drill.window.timezone")


def test_a_variable_without_a_value_is_one_fault(project: Path, change: Change) -> None:
    """What is wrong with the empty value is not told beside it."""
    line = change(WESTUS2, ":-00000000-0000-0000-0000-000000000000", "")
    (fault,) = read_region(project / WESTUS2, {}).faults
    assert (fault.line, fault.field) == (line, "target.subscription_id")
    assert "AZURE_SUBSCRIPTION_ID is not set" in fault.what


def test_a_missing_subscription_is_noted_once(caplog: pytest.LogCaptureFixture, project: Path) -> None:
    """Deploying goes on, so that a fresh clone can be deployed; a run will refuse to start."""
    file = str(project / WESTUS2)
    with caplog.at_level(logging.WARNING):
        given = [load(file) for _ in range(3)]
    assert {each["target"]["subscription_id"] for each in given} == {NO_SUBSCRIPTION}
    assert len(caplog.records) == 1
    assert f"{file}:5: no subscription is given" in caplog.text


@pytest.mark.parametrize("text", ["", "- a\n", "just text\n"])
def test_what_is_no_map_is_refused(tmp_path: Path, text: str) -> None:
    """An empty file, a list and a text are no region."""
    file = tmp_path / "a.yaml"
    file.write_text(text)
    (fault,) = read_region(file, {}).faults
    assert fault.what == "is not a map of fields"


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """Named by the build step, like any other."""
    with pytest.raises(Problem, match=r"absent\.yaml: there is no such file"):
        load(str(tmp_path / "absent.yaml"))
