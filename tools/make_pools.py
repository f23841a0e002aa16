"""Make the process work pools named on stdin, one a line, where they are missing: `... | python tools/make_pools.py`.

Speaks to the server of PREFECT_API_URL, or of the active Prefect profile. In one process, since Prefect's command line
takes seconds for each pool.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists
from prefect.workers.process import ProcessWorker


def make_pools(names: Iterable[str]) -> None:
    """Make the pools of *names*, as `prefect work-pool create --type process` does; those there stay as they are.

    Raises: httpx.HTTPError where the server cannot be asked.
    """
    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        for name in names:
            try:
                client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))
            except ObjectAlreadyExists:
                continue
            sys.stdout.write(f"made the work pool {name}\n")


if __name__ == "__main__":
    make_pools(line.strip() for line in sys.stdin)
