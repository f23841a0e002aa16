"""A pool that is there, what is asked for instead, and work for its nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from azure.batch import BatchClient
from azure.batch.models import BatchJobCreateOptions, BatchPoolInfo, BatchTaskCreateOptions
from prefect import flow

from batchcert.clouds import CLOUDS, CloudName
from batchcert.outcomes import PoolReady
from batchcert.plan.changing.plan import ChangePlan, plan_change
from batchcert.plan.pool import ObservedPool
from batchcert.plan.pool_body import pool_body
from batchcert.spec import CertificateSpec, ChangeSpec, IdentitySpec, PoolSpec, SshAccess, Target, VaultSpec
from local_azure.serving import LocalAzure
from tasks.access import grant_access
from tasks.azure_api import identities, pools
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.identity import ensure_identity
from tasks.nodes import await_nodes
from tasks.pool import ensure_pool
from tasks.vault import ensure_vault
from tests.tasks.waiting import until

AZURE = Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0))


def run(step: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run one step in a flow of its own."""

    @flow
    def alone() -> Any:
        return step(*args, **kwargs)

    return alone()


@dataclass
class Order:
    """What is asked for; every name is the test's own. *base* is the pool as it was made."""

    target: Target
    identity: IdentitySpec
    vault: VaultSpec
    certificates: list[CertificateSpec]
    base: PoolSpec
    asked: ChangeSpec = field(default_factory=ChangeSpec)

    def provision(self) -> PoolReady:
        """The pool, with all its nodes."""

        @flow
        def provision() -> PoolReady:
            identity = ensure_identity(self.target, self.identity)
            vault = ensure_vault(self.target, self.vault)
            for spec in self.certificates:
                ensure_certificate(self.target, vault, spec)
            access = grant_access(self.target, identity, vault)
            parts = {"identity": identity, "vault": vault, "access": access}
            made = ensure_pool(self.target, self.base, self.certificates, **parts)
            await_nodes(self.target, made, self.base)
            return made

        return provision()

    def observed(self, pool: str = "") -> ObservedPool | None:
        """The pool as Azure tells it now."""
        with AZURE.pools(self.target.subscription_id) as api:
            return pools.read(api, self.target.pool_id(pool or self.base.name))

    def desired(self, **changes: Any) -> dict[str, object]:
        """The ARM body of the pool with *changes* of its spec."""
        identity = self.identity.resource(self.target)
        with AZURE.identities(self.target.subscription_id) as api:
            known = identities.read(api, identity) or identities.create(api, identity, self.target.region)
        return pool_body(
            self.base.model_copy(update=changes),
            identity_id=known.arm_id,
            client_id=known.client_id,
            vault_url=self.target.endpoints.vault_url(self.vault.name),
            certificates=self.certificates,
        )

    def plan(self, desired: dict[str, object]) -> ChangePlan:
        """The plan that leads there."""
        observed = self.observed()
        assert observed is not None
        return plan_change(self.base.name, desired, observed, self.asked)


@dataclass
class Work:
    """Jobs and tasks of the Batch account."""

    api: BatchClient

    def job(self, name: str, pool: str) -> str:
        """A job on the pool."""
        self.api.create_job(BatchJobCreateOptions(id=name, pool_info=BatchPoolInfo(pool_id=pool)))
        return name

    def running(self, job: str) -> str:
        """A task of the job that runs, and ends when it is told to."""
        self.api.create_task(job, BatchTaskCreateOptions(id="long", command_line="/bin/sh -c 'sleep 300'"))
        until("a running task", lambda: self.state(job) == "running")
        return "long"

    def state(self, job: str, task: str = "long") -> str:
        """The task's state."""
        return str(self.api.get_task(job, task).state.value)

    def end(self, job: str, task: str = "long") -> None:
        """End the task, as whoever it belongs to may."""
        self.api.terminate_task(job, task)
        until("the end of the task", lambda: self.state(job, task) == "completed")


@pytest.fixture
def order(target: Target, unique: str) -> Order:
    """A pool of one node with one certificate."""
    return Order(
        target,
        IdentitySpec(name=unique),
        VaultSpec(name=unique, create=True),
        [CertificateSpec(name="web", subject="CN=web.example.com")],
        PoolSpec(name=unique, ssh=SshAccess(allowed_networks=["127.0.0.0/8"])),
    )


@pytest.fixture
def made(azure: LocalAzure, prefect_server: None, order: Order) -> PoolReady:
    """The pool, with its node."""
    return order.provision()


@pytest.fixture
def work(made: PoolReady) -> Any:
    """Work for its nodes."""
    with AZURE.nodes(made.endpoint) as api:
        yield Work(api)


def writes(azure: LocalAzure) -> list[str]:
    """What anyone but the nodes has written."""
    return [f"{one.method} {one.path.rsplit('/', 1)[-1]}" for one in azure.requests() if one.writes and not one.machine]
