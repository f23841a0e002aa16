"""A pool on an embedded Azure of its own, made by the product's steps; its nodes may be harmed and its clock moved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from azure.identity import EnvironmentCredential
from azure.keyvault.certificates import CertificateClient
from prefect.logging import disable_run_logger

from batchcert.drill.rollout import Rollout
from batchcert.forecast.checks import forecast
from batchcert.forecast.risks import Forewarning
from batchcert.outcomes import PoolReady
from batchcert.plan.pool import ObservedPool
from batchcert.plan.readiness import readiness_problems
from batchcert.spec import (
    CertificateSpec,
    DrillSpec,
    IdentitySpec,
    PoolSpec,
    ServiceSpec,
    SshAccess,
    Target,
    ValidationSpec,
    VaultSpec,
    VisitSpec,
)
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.finding import Row
from flows.proof import rows_of
from local_azure.cloud import Cloud
from local_azure.nodes.machine import Machine
from local_azure.serving import LocalAzure
from local_azure.settings import Settings
from tasks.access import grant_access
from tasks.azure_api import clients, nodes, pools
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.drill.following import follow, issue, limit_of, look_at
from tasks.identity import ensure_identity
from tasks.nodes import wait
from tasks.pool import ensure_pool
from tasks.vault import ensure_vault
from tasks.visiting import Progress, visit_pool
from tasks.watching import watched_of

VAULT, CERTIFICATE, POOL = "farm-vault", "render", "farm"
NODES_COME_AFTER = timedelta(minutes=20)
# One try and no pause: a node that is down is down.
VALIDATION = ValidationSpec(grace_minutes=10, visit=VisitSpec(start_up_attempts=1, retry_seconds=0))


@dataclass(frozen=True)
class Farm:
    """A pool, and the embedded Azure that it is in. *services*: what a validation is told by hand."""

    azure: LocalAzure
    target: Target
    services: tuple[ServiceSpec, ...] = ()

    def validate(self, pool: str = POOL, progress: Progress = lambda *_: None) -> tuple[Row, ...]:
        """What `validate` finds, without Prefect around it."""
        azure = Azure(self.target.endpoints)
        watched = watched_of(azure, self.target, pool, self.services)
        visited = visit_pool(azure, watched, VALIDATION.visit, progress)
        return rows_of(watched, visited, VALIDATION)

    def forecast(self) -> tuple[Forewarning, ...]:
        """What `validate` foretells, without Prefect around it."""
        watched = watched_of(Azure(self.target.endpoints), self.target, POOL)
        return forecast(watched.outlook, watched.seen_at)

    def drill(self, look: timedelta) -> Rollout:
        """What `rotate` does, without Prefect around it: between two looks the clock moves by *look*."""
        azure = Azure(self.target.endpoints)
        certificates = watched_of(azure, self.target, POOL, self.services).expected
        issued = tuple(issue(azure, certificate) for certificate in certificates)
        watched = watched_of(azure, self.target, POOL, self.services)
        return follow(
            look_at(azure, watched, VALIDATION.visit),
            Rollout(issued),
            lambda _: None,
            limit=limit_of(DrillSpec(), watched, VALIDATION),
            pause=look.total_seconds(),
            sleep=lambda seconds: self.azure.advance(timedelta(seconds=seconds)),
            monotonic=lambda: 0.0,
        )

    def provision(self, pool: PoolSpec, certificate: CertificateSpec) -> None:
        """The steps of `provision` one after the other, without Prefect around them.

        The nodes come a while after the certificate, so that they never poll at the very moment of a renewal.
        """
        with disable_run_logger():
            reader = ensure_identity.fn(self.target, IdentitySpec())
            vault = ensure_vault.fn(self.target, VaultSpec(name=VAULT, create=True))
            ensure_certificate.fn(self.target, vault, certificate)
            access = grant_access.fn(self.target, reader, vault)
            self.azure.advance(NODES_COME_AFTER)
            made = ensure_pool.fn(self.target, pool, [certificate], identity=reader, vault=vault, access=access)
        _await_nodes(self.target, made)

    @property
    def machines(self) -> dict[str, Machine]:
        """The machines behind the pool's nodes, by node id."""
        return self.azure.call(self._machines)

    def _machines(self, cloud: Cloud) -> dict[str, Machine]:
        nodes = cloud.batch.state.accounts[self.target.batch_account].pools[POOL].nodes
        found = {node: cloud.machines.find(f"{self.target.batch_account}/{POOL}/{node}") for node in nodes}
        return {node: machine for node, machine in found.items() if machine}

    @property
    def now(self) -> datetime:
        """The embedded Azure's time."""
        return self.azure.call(lambda cloud: cloud.clock.now())

    def move_to(self, moment: datetime) -> None:
        """Move the clock to *moment*."""
        self.azure.advance(moment - self.now)

    def held(self) -> Held:
        """What Key Vault itself says it holds, asked by Microsoft's client and read by nothing of the product."""
        with CertificateClient(f"https://{VAULT}.vault.azure.net", EnvironmentCredential()) as api:
            current = api.get_certificate(CERTIFICATE)
        properties = current.properties
        assert properties is not None
        assert properties.not_before is not None
        assert properties.expires_on is not None
        return Held(
            version=str(properties.version),
            sha256=hashlib.sha256(bytes(current.cer or b"")).hexdigest(),
            not_before=properties.not_before,
            not_after=properties.expires_on,
        )


@dataclass(frozen=True)
class Held:
    """A certificate's current version."""

    version: str
    sha256: str
    not_before: datetime
    not_after: datetime

    @property
    def half_time(self) -> datetime:
        """The middle of its validity."""
        return self.not_before + (self.not_after - self.not_before) / 2


@contextmanager
def farm(*, nodes: int, certificate: CertificateSpec, polling: timedelta, **pool_fields: Any) -> Iterator[Farm]:
    """A pool of so many *nodes* that hold *certificate*, while the context lasts; this process is signed in to it.

    *pool_fields*: what else `PoolSpec` is to have.
    """
    with pytest.MonkeyPatch.context() as environment, LocalAzure(Settings(node_seconds=0.1)) as azure:
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "https_proxy", "http_proxy", "no_proxy"):
            environment.delenv(name, raising=False)
        for name, value in azure.env.items():
            environment.setenv(name, value)
        clients.credential.cache_clear()  # each embedded Azure has its own secret and signs its own tokens
        target = Target(
            subscription_id=azure.env["AZURE_SUBSCRIPTION_ID"],
            resource_group=azure.env["AZURE_RESOURCE_GROUP"],
            region="westus2",
            batch_account=azure.env["AZURE_BATCH_ACCOUNT"],
        )
        pool = PoolSpec(
            name=POOL,
            nodes=nodes,
            polling_interval_seconds=int(polling.total_seconds()),
            ssh=SshAccess(allowed_networks=["127.0.0.0/8"]),
            **pool_fields,
        )
        made = Farm(azure, target)
        made.provision(pool, certificate)
        yield made
        clients.credential.cache_clear()


def _await_nodes(target: Target, made: PoolReady) -> None:
    azure, wanted = Azure(target.endpoints), target.pool_id(made.name)
    with azure.pools(target.subscription_id) as management, azure.nodes(made.endpoint) as api:

        def look() -> tuple[ObservedPool, list[NodeView]]:
            observed = pools.read(management, wanted)
            assert observed is not None
            return observed, nodes.listed(api, made.name)

        observed, seen = wait(look, lambda _: None, minutes=1)
    assert readiness_problems(observed, seen, []) == []
