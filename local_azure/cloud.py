"""The embedded Azure, put together: the only place that knows both services and nodes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from email.utils import format_datetime
from pathlib import Path

from local_azure.clock import Clock
from local_azure.hosting import Hosting
from local_azure.services.arm import authorization_routes
from local_azure.services.arm import routes as resource_routes
from local_azure.services.arm.access import HOSTS as MANAGERS
from local_azure.services.arm.access import Access
from local_azure.services.arm.groups import Groups
from local_azure.services.arm.locks import routes as lock_routes
from local_azure.services.arm.locks.locks import Locks
from local_azure.services.arm.providers import routes as provider_routes
from local_azure.services.arm.providers.providers import Providers
from local_azure.services.arm.throttling import Throttling
from local_azure.services.batch import routes as batch_routes
from local_azure.services.batch.service import Batch
from local_azure.services.entra import graph_routes, workload_routes
from local_azure.services.entra import routes as entra_routes
from local_azure.services.entra.assertions import Assertions
from local_azure.services.entra.directory import Directory
from local_azure.services.entra.operator import operator
from local_azure.services.entra.sign_in_files import ClientCertificate, FederatedTokenFile
from local_azure.services.entra.workload import Workload
from local_azure.services.imds import routes as imds_routes
from local_azure.services.imds.metadata import Metadata
from local_azure.services.keyvault import routes as keyvault_routes
from local_azure.services.keyvault.service import KeyVault
from local_azure.services.msi import routes as msi_routes
from local_azure.services.msi.identities import Identities
from local_azure.services.msi.machine_identity import machine_principal
from local_azure.settings import Settings
from local_azure.state import Saved, StateFile
from local_azure.wire.authority import Authority
from local_azure.wire.faults import Faults, Rule
from local_azure.wire.log import RequestLog
from local_azure.wire.messages import AzureError, Reply, Request
from local_azure.wire.router import Router
from local_azure.wire.server import ProxyServer
from local_azure.wire.tokens import Tokens

_SAVE_SECONDS = 0.5


class Cloud:
    """One embedded Azure: `start` it inside a running event loop, `close` it in the same.

    *folder* holds the CA, the nodes' disks and, with *keep*, the state that the next start finds again. *record* names
    a file to which every exchange is appended.
    """

    def __init__(self, settings: Settings, folder: Path, *, keep: bool = False, record: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._state_file = StateFile(folder / "state.json") if keep else None
        saved = self._state_file.load() if self._state_file else None
        self.settings = saved.settings if saved else settings
        self.clock = Clock(offset=saved.offset, speed=saved.speed) if saved else Clock()
        self.faults = Faults(self.clock.now, self.clock.touch, saved.faults if saved else None)
        self.tokens = Tokens(key_file=folder / "token-key.pem")
        self.access = Access(
            self.settings, self.clock, self.tokens, saved.access if saved else None, faults=self.faults
        )
        self.groups = Groups(self.access, saved.groups if saved else None)
        self.providers = Providers(self.groups, self.clock, saved.providers if saved else None)
        self.locks = Locks(self.access, saved.locks if saved else None)
        self.workload = Workload(self.settings.tenant)
        self.client_certificate = ClientCertificate(folder, self.settings.client_id)
        self.federated_token = FederatedTokenFile(folder, self.workload)
        assertions = Assertions(self.client_certificate, self.workload)
        self.directory = Directory(self.settings, self.tokens, assertions, operator(self.settings, self.workload))
        self.identities = Identities(self.groups, saved.identities if saved else None)
        self.directory.sources += [self.identities.principals, lambda: [machine_principal(self.settings)]]
        self.metadata = Metadata(self.identities, self.directory)
        self.keyvault = KeyVault(
            self.access, self.groups, self.clock, saved.keyvault if saved else None, faults=self.faults
        )
        self.authority = Authority(folder)
        self.machines = Hosting(
            folder / "nodes",
            clock=self.clock,
            faults=self.faults,
            metadata=self.metadata,
            ca=self.authority.certificate_file,
            proxy_url=lambda: self.proxy_url,
            restart=self._restart,
        )
        self.batch = Batch(
            self.access,
            self.groups,
            self.identities,
            self.clock,
            self.machines,
            saved.batch if saved else None,
            faults=self.faults,
        )
        if saved:
            self.clock.restore(saved.events)
        self.log = RequestLog(self.clock.now, record)
        self.router = self._routed()
        self.proxy_url = ""
        self._server = ProxyServer(
            answer=self._answer,
            serves=self.router.serves,
            tls=self.authority.server_context(self.router.hosts(), folder),
            touch=self.clock.touch,
        )
        self._background: list[asyncio.Task[None]] = []

    async def start(self, port: int = 0) -> None:
        """Listen on loopback, let time run, and bring back the nodes of a kept state."""
        self.proxy_url = f"http://127.0.0.1:{await self._server.start(port)}"
        await self.batch.resume()
        self._background.append(asyncio.create_task(self.clock.run()))
        self._background.append(asyncio.create_task(self.federated_token.keep_fresh()))
        if self._state_file:
            self._background.append(asyncio.create_task(self._save_again_and_again()))

    async def close(self) -> None:
        """Stop everything; a kept state is saved first."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._save()
        await self.clock.close()
        await self.batch.close()
        await self.machines.close()
        await self._server.close()
        self.log.close()

    def env(self) -> dict[str, str]:
        """The environment in which clients take this for Azure: proxy, CA, and how to sign in."""
        settings, certificate = self.settings, str(self.authority.certificate_file)
        return {
            "HTTPS_PROXY": self.proxy_url,
            "HTTP_PROXY": self.proxy_url,
            "NO_PROXY": "127.0.0.1,localhost,::1",
            "REQUESTS_CA_BUNDLE": certificate,
            "AZURE_TENANT_ID": settings.tenant,
            "AZURE_CLIENT_ID": settings.client_id,
            "AZURE_CLIENT_SECRET": settings.client_secret,
            "AZURE_CLIENT_CERTIFICATE_PATH": str(self.client_certificate.file),
            "AZURE_FEDERATED_TOKEN_FILE": str(self.federated_token.file),
            "AZURE_CONFIG_DIR": str(self._folder / "az"),  # the az CLI's: a login here leaves the person's own alone
            "AZURE_SUBSCRIPTION_ID": settings.subscription,
            "AZURE_RESOURCE_GROUP": settings.resource_group,
            "AZURE_BATCH_ACCOUNT": settings.batch_account,
        }

    def operations(self) -> set[str]:
        """The name of every operation that is served."""
        return self.router.operations()

    async def apply_faults(self, added: Rule | None = None) -> None:
        """Let the nodes follow the fault rules, of which *added* is new."""
        if added:
            self.machines.harm.expect_end(added)
        await self.machines.harm.apply()

    def _routed(self) -> Router:
        router = Router(self.faults)
        router.set_front(MANAGERS, Throttling(self.clock, enforced=self.settings.throttling).answer)
        router.mount(entra_routes.routes, self.directory)
        router.mount(graph_routes.routes, self.directory)
        router.mount(workload_routes.routes, self.workload)
        router.mount(imds_routes.routes, self.metadata)
        router.mount(resource_routes.routes, self.groups)
        router.mount(provider_routes.routes, self.providers)
        router.mount(authorization_routes.routes, self.access)
        router.mount(lock_routes.routes, self.locks)
        for msi in msi_routes.ALL:
            router.mount(msi, self.identities)
        for routes in keyvault_routes.ALL:
            router.mount(routes, self.keyvault)
        for batch in batch_routes.ALL:
            router.mount(batch, self.batch)
        return router

    def _restart(self, key: str) -> None:
        account, pool, node = key.split("/")
        with contextlib.suppress(KeyError, AzureError):  # a node that leaves, or starts already
            found = self.batch.state.accounts[account.lower()]
            members = found.pools[pool.lower()]
            self.batch.nodes.restart(found, members, members.nodes[node], "reboot", None)

    def _answer(self, request: Request) -> tuple[Reply, Mapping[str, str]]:
        reply = self.router.answer(request)
        headers = {"Date": format_datetime(self.clock.now(), usegmt=True), **reply.headers}
        self.log.add(request, self.tokens.peek(request.bearer), reply, headers)
        return reply, headers

    async def _save_again_and_again(self) -> None:
        seen = -1
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            if self.clock.revision != seen:
                seen = self.clock.revision
                self._save()

    def _save(self) -> None:
        if self._state_file:
            self._state_file.save(
                Saved(
                    settings=self.settings,
                    offset=self.clock.offset,
                    speed=self.clock.speed,
                    faults=self.faults.state,
                    events=self.clock.pending(),
                    access=self.access.state,
                    groups=self.groups.state,
                    providers=self.providers.state,
                    locks=self.locks.state,
                    identities=self.identities.state,
                    keyvault=self.keyvault.state,
                    batch=self.batch.state,
                )
            )
