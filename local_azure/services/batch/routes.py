"""The operations of Batch, of both planes."""

from __future__ import annotations

from local_azure.services.batch.data import account as _data_account  # noqa: F401 - importing declares the operations
from local_azure.services.batch.data import files as _files  # noqa: F401
from local_azure.services.batch.data import jobs as _jobs  # noqa: F401
from local_azure.services.batch.data import nodes as _nodes  # noqa: F401
from local_azure.services.batch.data import pools as _data_pools  # noqa: F401
from local_azure.services.batch.data import schedules as _schedules  # noqa: F401
from local_azure.services.batch.data import task_files as _task_files  # noqa: F401
from local_azure.services.batch.data import tasks as _tasks  # noqa: F401
from local_azure.services.batch.data import users as _users  # noqa: F401
from local_azure.services.batch.data.plane import routes as data_routes
from local_azure.services.batch.management import accounts as _accounts  # noqa: F401
from local_azure.services.batch.management import locations as _locations  # noqa: F401
from local_azure.services.batch.management import pools as _pools  # noqa: F401
from local_azure.services.batch.management.plane import routes as management_routes

ALL = (management_routes, data_routes)
