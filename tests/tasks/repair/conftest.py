"""A pool of two nodes, each with a certificate, and work for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from azure.batch import BatchClient
from azure.batch.models import BatchJobCreateOptions, BatchPoolInfo, BatchTaskCreateOptions
from prefect import flow

from batchcert.clouds import CLOUDS, CloudName
from batchcert.outcomes import Watched
from batchcert.spec import CertificateSpec, IdentitySpec, PoolSpec, Renewal, SshAccess, Target, VaultSpec
from batchcert.verdict.evidence import NodeView
from local_azure.serving import LocalAzure
from tasks.access import grant_access
from tasks.azure_api import nodes as batch_nodes
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.identity import ensure_identity
from tasks.nodes import await_nodes
from tasks.pool import ensure_pool
from tasks.vault import ensure_vault
from tasks.watching import watched_of
from tests.tasks.waiting import until

AZURE = Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0))
T = TypeVar("T")


def run(step: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run one step in a flow of its own."""

    @flow
    def alone() -> T:
        return step(*args, **kwargs)

    return alone()


@dataclass(frozen=True)
class Farm:
    """The pool, by what a run knows of it; *api* is Microsoft's client."""

    azure: LocalAzure
    target: Target
    watched: Watched
    api: BatchClient

    @property
    def pool(self) -> str:
        """The pool's name."""
        return self.watched.pool

    def nodes(self) -> dict[str, NodeView]:
        """The nodes as they are now."""
        return {node.node_id: node for node in batch_nodes.listed(self.api, self.pool)}

    def begin_task(self) -> str:
        """Have a task run that ends when it is told to; the node that it runs on."""
        self.api.create_job(BatchJobCreateOptions(id=self.pool, pool_info=BatchPoolInfo(pool_id=self.pool)))
        self.api.create_task(self.pool, BatchTaskCreateOptions(id="long", command_line="/bin/sh -c 'sleep 300'"))
        until("a running task", lambda: self.task_state() == "running")
        return str(self.api.get_task(self.pool, "long").node_info.node_id)

    def task_state(self) -> str:
        """The state of the task."""
        return str(self.api.get_task(self.pool, "long").state.value)

    def end_task(self) -> None:
        """End the task, as whoever it belongs to may."""
        self.api.terminate_task(self.pool, "long")

    def restarts(self) -> list[str]:
        """What Batch was told to do to nodes: reboot or reimage, in this order."""
        ways = ("reboot", "reimage")
        return [way for one in self.azure.requests() if (way := one.path.rpartition("/")[2]) in ways]


@pytest.fixture
def farm(azure: LocalAzure, prefect_server: None, target: Target, unique: str) -> Iterator[Farm]:
    """In the embedded Azure that all tests share."""
    with made_farm(azure, target, unique) as made:
        yield made


@pytest.fixture
def old_farm(fresh_azure: LocalAzure, prefect_server: None, target: Target, unique: str) -> Iterator[Farm]:
    """In one of its own, whose clock may be moved; its certificate is renewed each month."""
    with made_farm(fresh_azure, target, unique, validity_months=1, renewal=Renewal(value=10)) as made:
        yield made


@contextmanager
def made_farm(azure: LocalAzure, target: Target, unique: str, **certificate_fields: Any) -> Iterator[Farm]:
    """Made by the product's steps, both nodes idle."""
    certificate = CertificateSpec(name="web", subject="CN=web.example.com", key_type="EC", **certificate_fields)
    spec = PoolSpec(name=unique, nodes=2, ssh=SshAccess(allowed_networks=["127.0.0.0/8"]))

    @flow
    def provision() -> None:
        identity = ensure_identity(target, IdentitySpec(name=unique))
        vault = ensure_vault(target, VaultSpec(name=unique, create=True))
        ensure_certificate(target, vault, certificate)
        access = grant_access(target, identity, vault)
        made = ensure_pool(target, spec, [certificate], identity=identity, vault=vault, access=access)
        await_nodes(target, made, spec)

    provision()
    watched = watched_of(AZURE, target, unique)
    with AZURE.nodes(watched.endpoint) as api:
        azure.forget_requests()
        yield Farm(azure, target, watched, api)
