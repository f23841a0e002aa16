"""What all operations on roles have in common."""

from __future__ import annotations

from local_azure.services.arm import errors
from local_azure.services.arm.access import HOSTS, Access, guard
from local_azure.wire.router import Routes


class _Guarded:
    """`Access` as its own guarded service."""

    def __init__(self, access: Access) -> None:
        self.access = access


routes: Routes[Access] = Routes(
    service="authorization",
    hosts=HOSTS,
    api_versions=frozenset(
        {
            "2015-07-01",
            "2018-01-01-preview",
            "2020-04-01-preview",
            "2020-10-01-preview",
            "2022-04-01",
            "2022-05-01-preview",
        }
    ),
    guard=lambda access, request, operation: guard(_Guarded(access), request, operation),
    render=errors.render,
    bad_version=errors.bad_version,
    not_found=errors.not_found,
    finish=errors.finish,
    trouble=errors.TROUBLE,
    ignores=frozenset({"$skipToken", "tenantId"}),
)
