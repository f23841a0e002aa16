"""The formula language, by the examples of Microsoft's documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from local_azure.services.batch.autoscale.evaluation import Evaluation, Targets, evaluate
from local_azure.services.batch.autoscale.metrics import Metric
from local_azure.services.batch.autoscale.syntax import FormulaError, parse

NOW = datetime(2016, 10, 13, 19, 18, 47, 805000, tzinfo=UTC)  # a Thursday
WORKING_HOURS = """
    $curTime = time();
    $workHours = $curTime.hour >= 8 && $curTime.hour < 18;
    $isWeekday = $curTime.weekday >= 1 && $curTime.weekday <= 5;
    $isWorkingWeekdayHour = $workHours && $isWeekday;
    $TargetDedicatedNodes = $isWorkingWeekdayHour ? 20:10;
"""
PENDING_TASKS = """
startingNumberOfVMs = 1;
maxNumberofVMs = 25;
pendingTaskSamplePercent = $PendingTasks.GetSamplePercent(180 * TimeInterval_Second);
pendingTaskSamples = pendingTaskSamplePercent < 70 ? startingNumberOfVMs :
    avg($PendingTasks.GetSample(180 * TimeInterval_Second));
$TargetDedicatedNodes=min(maxNumberofVMs, pendingTaskSamples);
$NodeDeallocationOption = taskcompletion;
"""
LAST_SAMPLE = """
// Get pending tasks for the past 15 minutes.
$samples = $PendingTasks.GetSamplePercent(TimeInterval_Minute * 15);
/* the last sample where there are
   too few */
$tasks = $samples < 70 ? max(0,$PendingTasks.GetSample(1)) :
    max( $PendingTasks.GetSample(1), avg($PendingTasks.GetSample(TimeInterval_Minute * 15)));
$targetVMs = $tasks > 0? $tasks:max(0, $TargetDedicatedNodes/2);
$TargetDedicatedNodes = max(0, min($targetVMs, 20));
"""


def _evaluate(
    formula: str,
    *,
    age: timedelta = timedelta(hours=1),
    pending: Callable[[datetime], float] = lambda _moment: 4.0,
) -> Evaluation:
    metrics = {
        "pendingtasks": Metric("$PendingTasks", pending, NOW - age, NOW),
        "preemptednodecount": Metric("$PreemptedNodeCount", lambda _moment: 3.0, NOW - age, NOW),
        "currentdedicatednodes": Metric("$CurrentDedicatedNodes", lambda _moment: 10.0, NOW - age, NOW),
        "cpupercent": Metric("$CPUPercent", lambda _moment: 0.0, None, NOW),
    }
    return evaluate(formula, Targets(2, 0), metrics, NOW)


def test_the_results_are_written_as_batch_writes_them() -> None:
    """The example of "Evaluate an autoscale formula", to the letter but for the target of Spot nodes."""
    assert _evaluate(WORKING_HOURS).results == (
        "$TargetDedicatedNodes=10;$TargetLowPriorityNodes=0;$NodeDeallocationOption=requeue;"
        "$curTime=2016-10-13T19:18:47.805Z;$isWeekday=1;$isWorkingWeekdayHour=0;$workHours=0"
    )


@pytest.mark.parametrize(
    ("formula", "age", "wanted"),
    [
        (WORKING_HOURS, timedelta(hours=1), Targets(10, 0)),
        (PENDING_TASKS, timedelta(minutes=1), Targets(1, 0, "taskcompletion")),
        (PENDING_TASKS, timedelta(minutes=3), Targets(4, 0, "taskcompletion")),
        (LAST_SAMPLE, timedelta(minutes=1), Targets(4, 0)),
        (LAST_SAMPLE, timedelta(minutes=15), Targets(4, 0)),
        (
            (
                "maxNumberofVMs = 25; $TargetDedicatedNodes = min(maxNumberofVMs, $PreemptedNodeCount.GetSample(180 * "
                "TimeInterval_Second)); $TargetLowPriorityNodes = min(maxNumberofVMs, maxNumberofVMs - "
                "$TargetDedicatedNodes); $NodeDeallocationOption = taskcompletion;"
            ),
            timedelta(hours=1),
            Targets(3, 22, "taskcompletion"),
        ),
        (
            (
                "totalNodes=($CPUPercent.GetSamplePercent(TimeInterval_Minute*0,TimeInterval_Minute*10)<0.7?5:"
                "(min($CPUPercent.GetSample(TimeInterval_Minute*0, TimeInterval_Minute*10))>0.8?"
                "($CurrentDedicated*1.1):$CurrentDedicated));$targetDedicatedNodes=min(100,totalNodes);"
            ),
            timedelta(hours=1),
            Targets(5, 0),
        ),
        (
            (
                'lifespan = time() - time("Thu, 13 Oct 2016 19:00:00 GMT"); startup = TimeInterval_Minute * 10; '
                "$TargetDedicatedNodes = (lifespan > startup ? 7 : 4);"
            ),
            timedelta(hours=1),
            Targets(7, 0),
        ),
    ],
)
def test_the_documents_formulas_work(formula: str, age: timedelta, wanted: Targets) -> None:
    """Time, pending tasks, preempted nodes, a pool's first minutes."""
    evaluation = _evaluate(formula, age=age)
    assert evaluation.error is None
    assert evaluation.targets == wanted


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("-(2 - 5)", 3),
        ("!0 + !7", 1),
        ("1 < 2 && 2 <= 2 && 3 != 4 && 4 == 4 && 5 >= 5 && 6 > 5", 1),
        ("0 || 2", 1),
        ("1 ? 2 ? 3 : 4 : 5", 3),
        (".5e1", 5),
        ("'a' < 'b'", 1),
        ("avg(1, 2, 6)", 3),
        ("max($PendingTasks.GetSample(TimeInterval_Minute * 2), 9)", 9),
        ("len($PendingTasks.GetSample(TimeInterval_Minute * 2))", 4),
        ("sum($PendingTasks.GetSample(3) * 2)", 24),
        ("$PendingTasks.GetSample(1) + 1", 5),
        ("val($PendingTasks.GetSample(2) + $PendingTasks.GetSample(2), 1)", 8),
        ("percentile($PendingTasks.GetSample(10), 95)", 4),
        ("range(1, 9, 4)", 8),
        ("std(2, 4)*std(2, 4)", 2),
        ("norm(3, 4)", 5),
        ("lg(8) + log(100) + ln(1)", 5),
        ("rand() < 1", 1),
        ("time('2020-02-03T04:05:06Z').day", 3),
        ("(time() + TimeInterval_Day).day", 14),
        ("(time() - TimeInterval_Day).weekday", 3),
        ("TimeInterval_Hour / 2 == TimeInterval_Minute * 30", 1),
        ("-TimeInterval_Hour + TimeInterval_Day > TimeInterval_Hour * 22", 1),
        ("$PendingTasks.Count()", 120),
        ("$PendingTasks.GetSamplePeriod() == TimeInterval_Second * 30", 1),
        ("$PendingTasks.HistoryBeginTime() < time()", 1),
        ("$PendingTasks.GetSamplePercent(TimeInterval_Hour * 2)", 50),
        ("$CurrentDedicatedNodes / 4", 2),
        ("$TargetDedicatedNodes + 1", 3),
    ],
)
def test_an_expression_has_its_value(expression: str, wanted: int) -> None:
    """Operators, functions, members and methods; a target is cut to whole nodes."""
    evaluation = _evaluate(f"$TargetDedicated = {expression}")
    assert evaluation.error is None
    assert evaluation.targets.dedicated == wanted


def test_samples_tell_what_was() -> None:
    """Each of its own time, 30 seconds apart, the oldest first."""
    minutes = _evaluate(
        "$a = $PendingTasks.GetSample(TimeInterval_Minute * 1, TimeInterval_Minute * 3)",
        pending=lambda moment: (NOW - moment) / timedelta(minutes=1),
    )
    assert minutes.results.endswith(";$a=[2.5,2,1.5,1]")


@pytest.mark.parametrize(
    ("formula", "code", "detail"),
    [
        ("$something_useless", "AutoScalingFormulaEvaluationError", "Line 1, Col 1: $something_useless is not defined"),
        ("\n $a = 1/0", "AutoScalingFormulaEvaluationError", "Line 2, Col 8: division by zero"),
        ("$a = time() + 1", "AutoScalingFormulaEvaluationError", "Line 1, Col 13: the operator '+' does not take"),
        ("$a = nothing(1)", "AutoScalingFormulaEvaluationError", "Line 1, Col 6: nothing() is not defined"),
        ("$a = avg()", "AutoScalingFormulaEvaluationError", "Line 1, Col 6: avg() does not take these values"),
        ("$a = time('later')", "AutoScalingFormulaEvaluationError", "Line 1, Col 6: time() does not take"),
        ("$a = $PendingTasks", "AutoScalingFormulaEvaluationError", "Line 1, Col 6: $PendingTasks has samples"),
        ("$PendingTasks = 1", "AutoScalingFormulaEvaluationError", "Line 1, Col 17: $PendingTasks is read-only"),
        ("$TargetDedicated = 0 - 1", "AutoScalingFormulaEvaluationError", "Line 1, Col 1: the target number"),
        ("$TargetDedicated = 'x'", "AutoScalingFormulaEvaluationError", "Line 1, Col 1: the target number"),
        ("$NodeDeallocationOption = 'x'", "AutoScalingFormulaEvaluationError", "Line 1, Col 1: $NodeDeallocation"),
        (
            "$a = avg($CPUPercent.GetSample(TimeInterval_Minute * 10, 70))",
            "InsufficientSampleData",
            "Line 1, Col 22: Insufficient data from data set: $CPUPercent wanted 70%, received 0%",
        ),
        (
            "$a = $PendingTasks.GetSample(TimeInterval_Hour * 2, 70)",
            "InsufficientSampleData",
            "Line 1, Col 20: Insufficient data from data set: $PendingTasks wanted 70%, received 50%",
        ),
        ("$a = $CPUPercent.GetSample(1)", "InsufficientSampleData", "Line 1, Col 18: Insufficient data"),
    ],
)
def test_what_cannot_be_evaluated_changes_nothing(formula: str, code: str, detail: str) -> None:
    """The targets stay, and the error tells where it is."""
    evaluation = _evaluate(formula)
    assert evaluation.targets == Targets(2, 0)
    assert evaluation.results == "$TargetDedicatedNodes=2;$TargetLowPriorityNodes=0;$NodeDeallocationOption=requeue"
    assert evaluation.error is not None
    assert (evaluation.error.code, evaluation.error.detail[: len(detail)]) == (code, detail)


@pytest.mark.parametrize(
    ("formula", "detail"),
    [
        ("$a = ", "Line 1, Col 6: Unexpected end of formula"),
        ("$a = 1;\n$b = 2 3", "Line 2, Col 8: Unexpected '3'"),
        ("$a = (1", "Line 1, Col 8: Unexpected end of formula, ')' was expected"),
        ("$a = 1 ? 2", "Line 1, Col 11: Unexpected end of formula, ':' was expected"),
        ("$a = $b.1", "Line 1, Col 8: Unexpected '.1'"),
        ("$a = #", "Line 1, Col 6: Unexpected character '#'"),
        ("$a = 1;" * 101, "The formula has more than 100 statements"),
        ("$a = " + "(" * 4000, "The formula is nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_where(formula: str, detail: str) -> None:
    """Line and column count from 1."""
    with pytest.raises(FormulaError) as refused:
        parse(formula)
    assert (refused.value.code, refused.value.detail) == ("AutoScalingFormulaSyntaxError", detail)


def test_stop_leaves_the_pool_alone() -> None:
    """Whatever was assigned before."""
    assert _evaluate("$TargetDedicatedNodes = 9; stop();").targets == Targets(2, 0)
