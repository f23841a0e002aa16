"""Each fault that a person can make in prefect.yaml is found, at its line."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from batchcert.problems import Problem
from deployments.check import check

Change = Callable[[str, str, str], int]
ROOT = Path(__file__).parents[2]
FILE = "prefect.yaml"
WESTUS2 = "    build: [{ deployments.regions.load: { id: region, file: deployments/regions/westus2.yaml } }]"


def test_this_project_is_sound() -> None:
    """Nothing is wrong in the repository itself; a missing subscription is noted, not a fault."""
    report = check(ROOT, {})
    assert report.faults == ()
    assert (report.regions, report.deployments, len(report.notes)) == (6, 30, 5)


FAULTS = [
    ("flows/provision.py:provision", "flows/provide.py:provision", "entrypoint", "there is no file flows/provide.py"),
    ("flows/validate.py:validate", "flows/validate.py:check", "entrypoint", "flows/validate.py has no flow check"),
    (
        'target: "{{ region.target }}"',
        'taget: "{{ region.target }}"',
        "parameters.taget",
        "the flow has no parameter taget",
    ),
    ("{{ region.vault }}", "{{ region.valut }}", "parameters.vault", "the build step gives no valut"),
    ("{{ region.vault }}", "{{ regions.vault }}", "parameters.vault", "no build step has the id regions"),
    ("{{ region.vault }}", "{{ region.vault }", "parameters.vault", "not a whole placeholder"),
    ("{{ region.pool_name }}", "{{ region.pool }}", "parameters.pool", "Input should be a valid string"),
    ("{{ region.vault }}", "{{ region.pool }}", "parameters.vault", "Extra inputs are not permitted"),
    ("{{ region.cron }}", "61 * * * *", "schedules[0].cron", "'61 * * * *' is no cron expression"),
    ("{{ region.cron }}", "hourly", "schedules[0].cron", "'hourly' is no cron expression"),
    ("{{ region.timezone }}", "America/Nowhere", "schedules[0].timezone", "America/Nowhere is no time zone"),
    ("cron: ", "corn: ", "schedules[0]", "the schedule does not say when"),
    ("    schedules:", "    shedules:", "shedules", "is no field of a deployment"),
    ("limit: 1", "limit: 2", "concurrency_limit", "the limit is 2"),
    ("ENQUEUE", "QUEUE", "concurrency_limit.collision_strategy", "QUEUE is no strategy"),
    ("name: batchcert-public", "title: batchcert-public", "work_pool.name", "has no work pool"),
    ("    name: westus2", "    title: westus2", "name", "the deployment has no name"),
    ("regions/westus2.yaml", "regions/westus3.yaml", "build[0].deployments.regions.load.file", "no region's file"),
    (
        "regions/westus2.yaml",
        "regions/eastus.yaml",
        "build[0].deployments.regions.load.file",
        "reads another region's file",
    ),
    (
        "id: region, file: deployments/regions/westus2.yaml",
        "id: region",
        "build[0].deployments.regions.load",
        "needs an id and a file",
    ),
    ("{{ region.checkout }}", "{{ region.folder }}", "pull[0]", "gives no folder"),
    ("- <<: [*validate, *westus2]", "- <<: [*provision, *westus2]", "name", "provision/westus2 is there twice"),
    ("- <<: [*validate, *westus2]", "- validate", "deployments[1]", "the deployment is not a map of fields"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[2]}: {fault[1]}")
def test_a_fault_is_found_at_its_place(project: Path, change: Change, fault: tuple[str, str, str, str]) -> None:
    """One change, and its fault names the file, a line, the field and a cure."""
    old, new, field, what = fault
    change(FILE, old, new)
    found, *_ = [each for each in check(project, {}).faults if what in each.what]
    assert found.file == str(project / FILE)
    assert field in found.field
    assert found.line > 1
    assert found.cure


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("{{ region.cron }}", "61 * * * *", "cron expression"),
        ("{{ region.vault }}", "{{ region.valut }}", "gives no valut"),
        ("flows/validate.py:validate", "flows/absent.py:validate", "no file"),
        ("regions/westus2.yaml", "regions/westus3.yaml", "region's file"),
        ("limit: 1", "limit: 3", "the limit"),
    ],
)
def test_the_line_is_the_one_to_change(project: Path, change: Change, old: str, new: str, what: str) -> None:
    """Also where the line stands in an anchor that many deployments share; it is told once."""
    line = change(FILE, old, new)
    (fault,) = [fault for fault in check(project, {}).faults if what in fault.what]
    assert fault.line == line


def test_a_scheduled_run_has_all_it_needs(project: Path, change: Change) -> None:
    """Nobody is there to fill in a form; on demand, a person is."""
    change(FILE, '      target: "{{ region.target }}"\n      pool: "{{ region.pool_name }}"\n      val', "      val")
    whats = [fault.what for fault in check(project, {}).faults]
    assert whats == ["a scheduled run would lack target, pool"]


def test_a_region_that_nothing_reads_is_told(project: Path) -> None:
    """A new file without its lines in prefect.yaml would never be deployed."""
    regions = project / "deployments/regions"
    (regions / "northeurope.yaml").write_text((regions / "eastus.yaml").read_text())
    (fault,) = check(project, {}).faults
    assert (fault.file, fault.what) == (str(regions / "northeurope.yaml"), "no deployment reads this region")


def test_faults_of_regions_and_deployments_are_told_together(project: Path, change: Change) -> None:
    """One look finds all, sorted by file and line."""
    region = change("deployments/regions/eastus.yaml", "minute: 31", "minute: 99")
    cron = change(FILE, "{{ region.cron }}", "99 * * * *")
    places = [(Path(fault.file).name, fault.line) for fault in check(project, {}).faults]
    assert places == [("eastus.yaml", region), (FILE, cron)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("deployments: [\n", "is not valid YAML"),
        ("- a\n", "is not a map of fields"),
        ("name: batchcert\n", "there is no list of deployments"),
    ],
)
def test_a_file_of_another_shape_is_a_fault(project: Path, text: str, what: str) -> None:
    """Whatever prefect.yaml holds, the check ends with a fault and not with a traceback."""
    (project / FILE).write_text(text)
    assert any(what in fault.what for fault in check(project, {}).faults)


def test_a_folder_without_deployments_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    """It is not a finding: nothing was looked at."""
    with pytest.raises(Problem, match="no-deployments"):
        check(tmp_path, {})


def test_a_build_step_for_all_counts_for_each(project: Path, change: Change) -> None:
    """Prefect runs the file's own build steps for a deployment that has none."""
    change(FILE, WESTUS2 + "\n", "")
    step = "build:\n  - deployments.regions.load: { id: region, file: deployments/regions/westus2.yaml }\n"
    change(FILE, "definitions:\n", f"{step}definitions:\n")
    assert check(project, {}).faults == ()


def test_the_check_is_quick(project: Path) -> None:
    """It is run at each commit."""
    begun = time.perf_counter()
    check(project, {})
    assert time.perf_counter() - begun < 2
