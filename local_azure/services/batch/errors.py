"""Batch's refusals, in its own codes and words; both planes speak them, each in its own shape.

Source: "Batch status and error codes" in the Batch service REST reference. Where an answer of the real service is
known from an issue, the issue is named.
"""

from __future__ import annotations

from collections.abc import Mapping

from local_azure.wire.messages import AzureError

TROUBLE = {
    429: ("TooManyRequests", "The number of requests has exceeded the limit. Please retry your request."),
    500: ("InternalError", "The server encountered an internal error. Please retry the request."),
    503: ("ServerBusy", "The server is currently unable to receive requests. Please retry your request."),
}
_MESSAGES: dict[str, tuple[int, str]] = {
    "ActiveJobAndScheduleQuotaReached": (409, "Active job and schedule quota for the account has been reached."),
    "AutoScalingFormulaSyntaxError": (400, "The specified auto-scaling formula has a syntax error."),
    "AutoScalingFormulaTooLong": (400, "The specified auto-scaling formula exceeds lengths limit."),
    "ConditionNotMet": (412, "The condition specified in the conditional header(s) was not met for a write operation."),
    "FileNotFound": (404, "The specified file does not exist."),
    "InsufficientPermissions": (403, "The operation cannot be performed due to insufficient permissions."),
    "InvalidApplicationPackageReferences": (
        409,
        (
            "One or more application package references could not be satisfied. This occurs if the application id or "
            "version does not exist or is not active, or if the reference did not specify a version and there is no "
            "default version configured."
        ),
    ),
    "InvalidAutoScalingSettings": (400, "The specified auto-scaling settings are not valid."),
    "InvalidHeaderValue": (400, "The value for one of the HTTP headers is not in the correct format."),
    "InvalidPropertyValue": (
        400,
        "The value provided for one of the properties in the request body is invalid.",
    ),
    "InvalidQueryParameterValue": (
        400,
        "Value for one of the query parameters specified in the request URI is invalid.",
    ),
    "InvalidRange": (416, "The range specified is invalid for the current size of the resource."),
    "InvalidRequestBody": (400, "The specified Request Body is not syntactically valid."),
    "JobBeingDeleted": (409, "The specified job has been marked for deletion and is being garbage collected."),
    "JobBeingTerminated": (409, "The specified job is being terminated."),
    "JobCompleted": (409, "The specified job is already in a completed state."),
    "JobExists": (409, "The specified job already exists."),
    "JobNotFound": (404, "The specified job does not exist."),
    "JobPreparationTaskNotSpecified": (409, "The specified job does not have job preparation task."),
    "JobScheduleBeingDeleted": (
        409,
        "The specified job schedule has been marked for deletion and is being garbage collected.",
    ),
    "JobScheduleBeingTerminated": (409, "The specified job schedule is being terminated."),
    "JobScheduleCompleted": (409, "The specified job schedule is already in a completed state."),
    "JobScheduleDisabled": (409, "The specified job schedule is disabled."),
    "JobScheduleExists": (409, "The specified job schedule already exists."),
    "JobScheduleNotFound": (404, "The specified job schedule does not exist."),
    "JobScheduleWithSameIdExists": (409, "A job schedule with the specified job id exists."),
    "JobWithSameIdExists": (409, "A job with the specified job schedule id exists."),
    "MissingRequiredProperty": (400, "A required property was not specified in the request body."),
    "NodeAlreadyInTargetSchedulingState": (409, "The specified node is already in the target scheduling state."),
    "NodeBeingCreated": (409, "The specified node is being created."),
    "NodeBeingRebooted": (409, "The specified node is being rebooted."),
    "NodeBeingReimaged": (409, "The specified node is being reimaged."),
    "NodeBeingStarted": (409, "The specified node is being started."),
    "NodeNotFound": (404, "The specified node does not exist."),
    "NodeStateUnusable": (409, "The state of the specified node is unusable."),
    "NodeUserExists": (409, "The specified node user already exists."),
    "NodeUserNotFound": (404, "The specified node user does not exist."),
    "OperationInvalidForCurrentState": (
        409,
        "The specified operation is not valid for the current state of the resource.",
    ),
    "OperationNotValidOnPool": (409, "The specified operation is not valid on the pool."),
    "OutOfRangeQueryParameterValue": (
        400,
        "A query parameter specified in the request URI is outside the permissible range.",
    ),
    "PoolBeingDeleted": (409, "The specified pool has been marked for deletion and is being reclaimed."),
    "PoolBeingResized": (409, "The specified pool is being resized."),
    "PoolExists": (409, "The specified pool already exists."),
    "PoolNotFound": (404, "The specified pool does not exist."),
    "PoolQuotaReached": (409, "Pool quota for the account has been reached."),
    # Status 400 and the three details as seen in azure-sdk-for-net#40325 and terraform-provider-azapi#263.
    "PropertyCannotBeUpdated": (400, "A property that cannot be updated was specified as part of the request."),
    "RequestBodyTooLarge": (413, "The size of the request body exceeds the maximum size permitted."),
    "ResourceNotFound": (404, "The specified resource does not exist."),
    "TaskCompleted": (409, "The specified task is already in a completed state."),
    "TaskDependenciesNotSpecifiedOnJob": (
        400,
        (
            "A task was specified as depending on other tasks, but the job did not specify that it would use task "
            "dependencies."
        ),
    ),
    "TaskDependencyListTooLong": (
        400,
        "A task was specified as depending on other tasks, but the list of dependencies was too long to be stored.",
    ),
    "TaskExists": (409, "The specified task already exists."),
    "TaskFilesCleanedup": (409, "The files of the specified task are cleanedup."),
    "TaskFilesUnavailable": (409, "The files of the specified task are unavailable."),
    "TaskIdSameAsJobPreparationTask": (409, "The specified task id is same as the job preparation task."),
    "TaskIdSameAsJobReleaseTask": (409, "The specified task id is same as the job release task."),
    "TaskNotCompleted": (
        409,
        (
            "The specified task is not in a completed state, and the requested operation can be performed only on "
            "completed tasks."
        ),
    ),
    "TaskNotFound": (404, "The specified task does not exist."),
    "TaskSucceeded": (
        409,
        (
            "The specified task has already completed successfully, and the requested operation cannot be performed on "
            "successful tasks."
        ),
    ),
    "TooManyEnableAutoScaleRequests": (503, "Too many Enable Pool AutoScale requests are issued on the pool."),
    "UnsupportedProperty": (400, "One of the properties specified in the request body is not supported."),
    "UnsupportedRequestVersion": (400, "The specified request version is not supported."),
}


class BatchError(AzureError):
    """A refusal by the Batch service itself, as opposed to Resource Manager in front of it."""


def refusal(code: str, values: Mapping[str, str] | None = None) -> BatchError:
    """The refusal *code* with its status and message; *values* are the keys and values that say more."""
    status, message = _MESSAGES[code]
    return BatchError(status, code, message, values=values)


def invalid(path: str, reason: str, value: object = None) -> BatchError:
    """A property of the body that does not hold: *path* is dotted, *reason* tells what would."""
    values = {"PropertyName": path.rpartition(".")[2], "PropertyPath": path}
    if value is not None:
        values["PropertyValue"] = str(value)
    return refusal("InvalidPropertyValue", {**values, "Reason": reason})


def missing(path: str) -> BatchError:
    """A property of the body that must be there."""
    return refusal("MissingRequiredProperty", {"PropertyName": path.rpartition(".")[2], "PropertyPath": path})


def fixed(name: str) -> BatchError:
    """A property that stays as it is while the pool has nodes."""
    message = _MESSAGES["PropertyCannotBeUpdated"][1]
    return refusal(
        "PropertyCannotBeUpdated", {"Reason": message, "PropertyName": name, "PropertyPath": f"properties.{name}"}
    )


def bad_query(name: str, value: str, reason: str) -> BatchError:
    """A query parameter that cannot be obeyed."""
    return refusal(
        "InvalidQueryParameterValue",
        {"QueryParameterName": name, "QueryParameterValue": value, "Reason": reason},
    )
