"""Pools of two nodes, each with a certificate: one whose nodes nobody reaches from outside, and one with SSH."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from azure.batch import BatchClient
from azure.batch.models import (
    BatchAffinityInfo,
    BatchJobCreateOptions,
    BatchPoolInfo,
    BatchTaskCreateOptions,
)
from prefect.logging import disable_run_logger

from batchcert.clouds import CLOUDS, CloudName
from batchcert.outcomes import Watched
from batchcert.plan.pool_body import pool_body
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, SshAccess, Target, VaultSpec
from batchcert.verdict.evidence import NodeView
from local_azure import settings
from local_azure.nodes.machine import Machine
from local_azure.serving import LocalAzure
from tasks.access import grant_access
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api import pools
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.identity import ensure_identity
from tasks.vault import ensure_vault
from tasks.watching import watched_of
from tests.tasks.waiting import until

LONG = "/bin/sh -c 'sleep 300'"
T = TypeVar("T")


@dataclass
class Fleet:
    """A pool, by what a run knows of it; *api* is Microsoft's client, *told* what a run's log got."""

    local: LocalAzure
    azure: Azure
    target: Target
    pool: str
    api: BatchClient
    told: list[str]

    @property
    def watched(self) -> Watched:
        """What its nodes should have."""
        return watched_of(self.azure, self.target, self.pool)

    def nodes(self) -> list[NodeView]:
        """The nodes as they are now."""
        return batch_nodes.listed(self.api, self.pool)

    def ids(self) -> list[str]:
        """Their ids."""
        return [node.node_id for node in self.nodes()]

    def machine(self, node: str) -> Machine:
        """The machine behind a node."""
        found = self.local.call(lambda cloud: cloud.machines.find(f"{settings.BATCH_ACCOUNT}/{self.pool}/{node}"))
        assert found is not None
        return found

    def occupy(self, *nodes: str) -> None:
        """Have a long task run on each of *nodes*, which have one slot each."""
        if not any(job.id == self.pool for job in self.api.list_jobs()):
            self.api.create_job(BatchJobCreateOptions(id=self.pool, pool_info=BatchPoolInfo(pool_id=self.pool)))
        for node in nodes:
            near = BatchAffinityInfo(affinity_id=batch_nodes.affinities(self.api, self.pool)[node])
            task = BatchTaskCreateOptions(id=f"on-{node}"[:64], command_line=LONG, affinity_info=near)
            self.api.create_task(self.pool, task)
        until("busy nodes", lambda: set(batch_nodes.running_tasks(self.api, self.pool)) == set(nodes))

    def free(self, node: str) -> None:
        """End the long task on the node."""
        self.api.terminate_task(self.pool, f"on-{node}"[:64])

    def jobs(self) -> list[str]:
        """The jobs of batchcert's that are on the pool."""
        found = (job for job in self.api.list_jobs() if job.pool_info and job.pool_info.pool_id == self.pool)
        return [str(job.id) for job in found if str(job.id).startswith("batchcert-")]

    def writes(self) -> list[str]:
        """What was asked to be changed, but by nodes."""
        return [f"{one.method} {one.path}" for one in self.local.requests() if one.writes and not one.machine]


@pytest.fixture
def closed_fleet(azure: LocalAzure, target: Target, unique: str) -> Iterator[Fleet]:
    """Without an inbound port, and with a start task that prints no keys."""
    with made_fleet(azure, target, unique, closed=True) as made:
        yield made


@pytest.fixture
def fleet(azure: LocalAzure, target: Target, unique: str) -> Iterator[Fleet]:
    """As provision makes it: with SSH."""
    with made_fleet(azure, target, unique) as made:
        yield made


@contextmanager
def made_fleet(
    local: LocalAzure, target: Target, unique: str, *, closed: bool = False, **certificate_fields: Any
) -> Iterator[Fleet]:
    """All nodes idle, each with the certificate."""
    told: list[str] = []
    azure = Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0), tell=told.append)
    spec = CertificateSpec(name="web", subject="CN=web.example.com", key_type="EC", **certificate_fields)
    with disable_run_logger():
        vault = ensure_vault.fn(target, VaultSpec(name=unique, create=True))
        reader = ensure_identity.fn(target, IdentitySpec(name=unique))
        ensure_certificate.fn(target, vault, spec)
        grant_access.fn(target, reader, vault)
    body: dict[str, Any] = pool_body(
        PoolSpec(name=unique, nodes=2, ssh=SshAccess(allowed_networks=["127.0.0.0/8"])),
        identity_id=reader.arm_id,
        client_id=reader.client_id,
        vault_url=vault.url,
        certificates=[spec],
    )
    if closed:
        del body["properties"]["networkConfiguration"]
        del body["properties"]["startTask"]
    with azure.pools(target.subscription_id) as management:
        pools.create(management, target.pool_id(unique), body)
        endpoint = pools.read_account(management, target.account_id).endpoint  # type: ignore[union-attr]
    with azure.nodes(endpoint, threads=4) as api:
        made = Fleet(local, azure, target, unique, api, told)
        until("two idle nodes", lambda: [node.state for node in made.nodes()] == ["idle", "idle"])
        local.forget_requests()
        yield made
