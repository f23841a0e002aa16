"""Pools that scale by a formula, over HTTP and on the clock."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

BY_TASKS = "$TargetDedicatedNodes = min(3, max($PendingTasks.GetSample(1))); $NodeDeallocationOption = taskcompletion;"


def _auto(formula: str, interval: str | None = None) -> dict[str, Any]:
    return {"autoScale": {"formula": formula, "evaluationInterval": interval}}


async def test_a_new_pool_is_brought_to_its_formula(world: Any) -> None:
    """Evaluated at once; both planes tell of it."""
    await world.pool(scaleSettings=_auto("$TargetDedicatedNodes = 2; $TargetLowPriorityNodes = 1"))
    assert sorted(node["isDedicated"] for node in world.nodes()) == [False, True, True]
    data = world.show("/pools/render")
    assert (data["enableAutoScale"], data["autoScaleEvaluationInterval"]) == (True, "PT15M")
    assert (data["targetDedicatedNodes"], data["targetLowPriorityNodes"]) == (2, 1)
    assert "resizeTimeout" not in data
    results = "$TargetDedicatedNodes=2;$TargetLowPriorityNodes=1;$NodeDeallocationOption=requeue"
    assert data["autoScaleRun"]["results"] == results
    managed = world.properties()
    assert managed["scaleSettings"]["autoScale"]["evaluationInterval"] == "PT15M"
    assert managed["autoScaleRun"]["results"] == results


async def test_a_pool_follows_its_tasks(world: Any) -> None:
    """At each interval: up to what is waiting, down once it is done."""
    await world.pool(scaleSettings=_auto(BY_TASKS, "PT5M"))
    assert world.nodes() == []
    job = await world.job()
    for name in "abcde":
        await world.task(job, name, "wait")
    await world.pass_time(330)
    assert [node["state"] for node in world.nodes()] == ["running"] * 3
    for machine in world.machines.made.values():
        machine.go.set()
    await world.let_go(f"/pools/render/nodes/{world.nodes()[0]['id']}")
    await world.pass_time(600)
    assert world.nodes() == []
    assert world.show(f"{job}/taskcounts")["taskCounts"]["completed"] == 5


async def test_an_evaluation_that_fails_changes_nothing(world: Any) -> None:
    """The run tells why; the next one is tried all the same."""
    formula = "$TargetDedicatedNodes = avg($PendingTasks.GetSample(TimeInterval_Minute * 10, 70)) + 1"
    await world.pool(scaleSettings=_auto(formula, "PT5M"))
    error = world.show("/pools/render")["autoScaleRun"]["error"]
    assert error["code"] == "InsufficientSampleData"
    assert error["message"] == "Autoscale evaluation failed due to insufficient sample data"
    assert error["values"][0]["value"].endswith("$PendingTasks wanted 70%, received 0%")
    assert world.properties()["autoScaleRun"]["error"]["details"][0]["code"] == "Message"
    assert world.nodes() == []
    await world.pass_time(900)
    assert "error" not in world.show("/pools/render")["autoScaleRun"]
    assert len(world.nodes()) == 1


async def test_a_fixed_pool_goes_over_to_a_formula_and_back(world: Any) -> None:
    """Disabling keeps what the formula has given it."""
    await world.pool()
    body = {"autoScaleFormula": "$TargetDedicatedNodes = 3", "autoScaleEvaluationInterval": "PT1H"}
    assert world.data("POST", "/pools/render/enableautoscale", body).status == 200
    await world.pass_time(60)
    assert len(world.nodes()) == 3
    resized = world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 1})
    assert (resized.status, resized.body["code"]) == (409, "OperationNotValidOnPool")
    assert world.data("POST", "/pools/render/disableautoscale").status == 200
    pool = world.show("/pools/render")
    assert (pool["enableAutoScale"], pool["targetDedicatedNodes"], pool["resizeTimeout"]) == (False, 3, "PT15M")
    assert "autoScaleRun" not in pool
    assert world.arm("POST", "/pools/render/disableAutoScale").status == 200
    await world.pass_time(7200)
    assert len(world.nodes()) == 3
    patched = world.arm("PATCH", "/pools/render", {"properties": {"scaleSettings": _auto("$TargetDedicatedNodes=1")}})
    assert patched.body["properties"]["allocationState"] == "Resizing"
    assert patched.body["properties"]["resizeOperationStatus"]["targetDedicatedNodes"] == 1
    await world.pass_time(60)
    assert len(world.nodes()) == 1


async def test_another_interval_begins_another_schedule(world: Any) -> None:
    """The formula stays; at most one request in 30 seconds is taken."""
    await world.pool(scaleSettings=_auto("$TargetDedicatedNodes = 0", "PT5M"))
    await world.pass_time(60)
    assert world.data("POST", "/pools/render/enableautoscale", {"autoScaleEvaluationInterval": "PT10M"}).status == 200
    again = world.data("POST", "/pools/render/enableautoscale", {"autoScaleFormula": "$a=1"})
    assert (again.status, again.body["code"]) == (503, "TooManyEnableAutoScaleRequests")
    first = world.show("/pools/render")["autoScaleRun"]["timestamp"]
    await world.pass_time(599)
    assert world.show("/pools/render")["autoScaleRun"]["timestamp"] == first
    await world.pass_time(1)
    assert world.show("/pools/render")["autoScaleRun"]["timestamp"] > first
    assert world.show("/pools/render")["autoScaleFormula"] == "$TargetDedicatedNodes = 0"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "InvalidAutoScalingSettings"),
        ({"autoScaleEvaluationInterval": "PT5M"}, "MissingRequiredProperty"),
        ({"autoScaleFormula": "$a = "}, "AutoScalingFormulaSyntaxError"),
        ({"autoScaleFormula": " " * 8193}, "AutoScalingFormulaTooLong"),
        ({"autoScaleFormula": "$a=1", "autoScaleEvaluationInterval": "PT4M59S"}, "InvalidPropertyValue"),
        ({"autoScaleFormula": "$a=1", "autoScaleEvaluationInterval": "P8D"}, "InvalidPropertyValue"),
        ({"autoScaleFormula": 1}, "InvalidRequestBody"),
    ],
)
async def test_bad_settings_are_refused(world: Any, body: dict[str, Any], code: str) -> None:
    """With Batch's code; the pool keeps its scale."""
    await world.pool(nodes=0)
    refused = world.data("POST", "/pools/render/enableautoscale", body)
    assert (refused.status, refused.body["code"]) == (400, code)
    assert world.show("/pools/render")["enableAutoScale"] is False


async def test_a_pool_that_is_resizing_gets_no_formula(world: Any) -> None:
    """It is to be steady first."""
    world.arm("PUT", "/pools/render", world.body())
    refused = world.data("POST", "/pools/render/enableautoscale", {"autoScaleFormula": "$TargetDedicatedNodes=0"})
    assert (refused.status, refused.body["code"]) == (409, "PoolBeingResized")


async def test_a_formula_is_tried_out(world: Any) -> None:
    """On a pool that has one; whatever is wrong with it is in the answer."""
    await world.pool()
    refused = world.data("POST", "/pools/render/evaluateautoscale", {"autoScaleFormula": "$TargetDedicatedNodes=1"})
    assert (refused.status, refused.body["code"]) == (409, "OperationNotValidOnPool")
    world.data("POST", "/pools/render/enableautoscale", {"autoScaleFormula": "$TargetDedicatedNodes=1"})
    good = world.data("POST", "/pools/render/evaluateautoscale", {"autoScaleFormula": "$TargetDedicatedNodes=7;$x=1"})
    assert good.body["results"].startswith("$TargetDedicatedNodes=7;")
    for formula, code in (
        ("$something_useless", "AutoScalingFormulaEvaluationError"),
        ("$x = ", "AutoScalingFormulaSyntaxError"),
    ):
        bad = world.data("POST", "/pools/render/evaluateautoscale", {"autoScaleFormula": formula})
        assert (bad.status, bad.body["error"]["code"]) == (200, code)
        assert bad.body["results"].startswith("$TargetDedicatedNodes=1;")
    await world.pass_time(60)
    assert len(world.nodes()) == 1


async def test_a_pool_made_over_the_data_plane_scales_too(world: Any) -> None:
    """With enableAutoScale and its formula."""
    await world.pool("other", nodes=0)
    other = world.show("/pools/other")
    body = {
        "id": "render",
        "vmSize": other["vmSize"],
        "virtualMachineConfiguration": {**other["virtualMachineConfiguration"], "extensions": None},
        "enableAutoScale": True,
        "autoScaleFormula": "$TargetDedicatedNodes = 1",
        "autoScaleEvaluationInterval": "PT5M",
    }
    assert world.data("POST", "/pools", body).status == 201
    await world.pass_time(60)
    assert len(world.nodes()) == 1
    assert world.data("DELETE", "/pools/render").status == 202
    await world.pass_time(600)
    assert world.data("GET", "/pools/render").status == 404


async def test_evaluations_go_on_after_a_restart(world: Any, new_world: Any) -> None:
    """The queue of events brings them back."""
    await world.pool(scaleSettings=_auto(BY_TASKS, "PT5M"))
    job = await world.job()
    await world.task(job, "a")
    events = world.clock.pending()
    await world.batch.close()
    again = new_world(world.batch.state)
    await again.batch.resume()
    again.clock.restore(events)
    await again.pass_time(900)
    assert again.show(f"{job}/tasks/a")["state"] == "completed"
