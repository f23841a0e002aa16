"""What an interrupted run left on a pool and its nodes: found by how names begin, removed by the next run."""

from __future__ import annotations

from dataclasses import replace

from azure.batch import BatchClient

from batchcert.problems import Problem
from batchcert.verdict.judging import NodeVisit
from tasks.azure_api import users
from tasks.channels.elevated import remove_left

JOB_PREFIX = "batchcert-visit-"
"""How the name of each job begins by which nodes are visited."""


def without_users(api: BatchClient, pool: str, visit: NodeVisit, *, keep: str = "") -> NodeVisit:
    """Remove the users of ours that the visit saw on its node, but *keep*; what Batch does not know of is none of them.

    One that will not go is told beside the answer.
    """
    left = [user for user in (visit.report.users if visit.report else ()) if user != keep]
    try:
        for user in left:
            users.remove(api, pool, visit.node_id, user)
    except Problem as problem:
        return replace(visit, left_behind=visit.left_behind or problem)
    return visit


def without_jobs(api: BatchClient, pool: str) -> None:
    """Remove the jobs by which nodes of the pool were visited; one request where there are none.

    Whoever may not list or remove jobs looks at nodes all the same: a job that was left ends by itself.
    """
    try:
        remove_left(api, pool, JOB_PREFIX)
    except Problem:
        return
