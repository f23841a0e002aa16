"""Why tasks fail, in Batch's codes and words.

Source: "Batch Status and Error Codes", task scheduling error codes; FailureExitCode as in "Task fail event".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_azure.machines import TaskEnd
from local_azure.services.batch.state.jobs import Failure

_SERVER = "servererror"


def failure_of(end: TaskEnd, command_line: str) -> Failure | None:
    """Why a run that ended like this has failed; None where it went well."""
    if end.exit_code is None:
        return _launch_failure(end, command_line)
    return _exit_failure() if end.exit_code else None


def _exit_failure() -> Failure:
    """The command ended with another exit code than 0."""
    message = "The task exited with an exit code representing a failure"
    return Failure("FailureExitCode", message, details={"Message": message, "AdditionalErrorCode": "FailureExitCode"})


def _launch_failure(end: TaskEnd, command_line: str) -> Failure:
    details = {"Message": end.message, "CommandLine": command_line}
    if end.trouble == "not-found":
        return Failure("CommandProgramNotFound", "The specified command program is not found.", details=details)
    return Failure("CommandLaunchFailed", "Failed to launch the specified command line.", details=details)


def ended_failure(why: str) -> Failure:
    """The task was ended: by a request, or by its maximum wall clock time.

    That a time limit has the same code is not confirmed.
    """
    return Failure("TaskEnded", "Task was ended by user request.", details={"Message": why})


def download_failure(properties: dict[str, Any]) -> Failure | None:
    """That a task's resource files are not to be had, since no storage answers here; None for a task without any."""
    files = properties.get("resourceFiles")
    if not files:
        return None
    source = next((str(files[0][name]) for name in ("httpUrl", "storageContainerUrl") if files[0].get(name)), "")
    return Failure(
        "BlobDownloadMiscError",
        "Miscellaneous error encountered while downloading one of the specified Azure Blob(s).",
        _SERVER,
        {"FilePath": str(files[0].get("filePath", "")), "BlobSource": source.partition("?")[0]},
    )


def upload_failure(output_file: dict[str, Any]) -> Failure:
    """An output file could not be stored: no storage answers here. Source: TaskFailureInformationCodes (Batch .NET)."""
    return Failure(
        "FileUploadMiscError",
        "A miscellaneous error was encountered while uploading one of the specified files.",
        _SERVER,
        {"FilePattern": str(output_file["filePattern"])},
    )


def failure_view(failure: Failure) -> dict[str, Any]:
    """A failure as Batch shows it."""
    shown: dict[str, Any] = {"category": failure.category, "code": failure.code, "message": failure.message}
    if failure.details:
        shown["details"] = [{"name": name, "value": value} for name, value in failure.details.items()]
    return shown


def failed_upload(output_files: Sequence[dict[str, Any]], exit_code: int) -> Failure | None:
    """The failure to upload the first of *output_files* that is due after *exit_code*; None where none is."""
    due = ("tasksuccess" if exit_code == 0 else "taskfailure", "taskcompletion")
    found = (f for f in output_files if str(f["uploadOptions"].get("uploadCondition") or due[1]).lower() in due)
    return next((upload_failure(file) for file in found), None)
