"""A new start for a node, by Batch's data plane."""

from __future__ import annotations

from typing import Any

from azure.batch import BatchClient

from batchcert.repair.steps import Step
from tasks.azure_api.faults import explained

POLL_SECONDS = 15  # of the SDK's own poller, which nobody here waits for
_AFTER_ITS_TASKS = "taskcompletion"


@explained
def restart(api: BatchClient, pool: str, node: str, step: Step) -> None:
    """Have Batch reboot or reimage the node, as *step* says, once the tasks that run on it have ended.

    It takes no new ones from now on. No task is ended for it: of the options that Batch has for both operations, this
    is `taskcompletion`, always, since a task may begin at any moment after somebody has looked.
    """
    body: Any  # azure-batch 15 exports no class for it
    if step is Step.REBOOT:
        body = {"nodeRebootOption": _AFTER_ITS_TASKS}
        api.begin_reboot_node(pool, node, body, polling_interval=POLL_SECONDS)
    else:
        body = {"nodeReimageOption": _AFTER_ITS_TASKS}
        api.begin_reimage_node(pool, node, body, polling_interval=POLL_SECONDS)
