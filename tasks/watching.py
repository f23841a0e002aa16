"""What a pool's nodes should have, read from Azure: the pool's own settings, and what Key Vault holds; no Prefect."""

from __future__ import annotations

from collections.abc import Sequence

from batchcert.arm_ids import parse_arm_id
from batchcert.extension.observed import ExtensionView, ObservedCertificate, find_extension
from batchcert.extension.services import kept_services, services_text
from batchcert.forecast.outlook import Prospect
from batchcert.outcomes import Watched
from batchcert.plan.expectation import certificate_line, expectation
from batchcert.plan.json_path import at, objects
from batchcert.plan.pool import ObservedPool
from batchcert.plan.pool_view import pool_view
from batchcert.plan.readiness import resize_problems
from batchcert.plan.services import Services, hook_of, services_of
from batchcert.plan.start_task import puts_hooks
from batchcert.problems import Problem, raise_all
from batchcert.render.report import CertificateLine
from batchcert.spec import ServiceSpec, Target
from batchcert.verdict.evidence import Expected
from tasks.azure_api import certificates, pools
from tasks.azure_api.clients import Azure
from tasks.foreseeing import foresee, prospect_of

_EXTENSIONS = "properties.deploymentConfiguration.virtualMachineConfiguration.extensions"


def watched_of(azure: Azure, target: Target, pool: str, services: Sequence[ServiceSpec] = ()) -> Watched:
    """Which certificates the pool's extension observes, and the current version of each in Key Vault.

    It asks the pool itself, so that a pool that batchcert did not make can be validated too. What is wrong with its
    settings is told by *azure*; its nodes show what comes of it.

    *services*: what uses the certificates, beyond what the pool knows by itself.

    Raises: Problem `pool-not-found`, `pool-without-extension`, `certificate-not-found`, `service-unknown`; what
    is wrong with the extension's settings, where no certificate can be read from them.
    """
    with azure.pools(target.subscription_id) as api:
        observed = pools.read(api, target.pool_id(pool))
        account = pools.read_account(api, target.account_id)
    if observed is None or account is None:
        raise _no_pool(target, pool)
    view = _extension(pool, observed)
    if not view.certificates:
        raise_all(view.faults)
    for problem in (*view.faults, *resize_problems(observed, observed.current_nodes)):
        azure.tell(str(problem))
    told = services_of(view.certificates, _kept(azure, observed), services)
    held = [_held(azure, certificate, told) for certificate in view.certificates]
    hooks = [hook for certificate in view.certificates if (hook := hook_of(certificate, told))]
    return Watched(
        arm_id=str(parse_arm_id(observed.arm_id)),
        endpoint=account.endpoint,
        extension_version=view.version,
        polling_interval_seconds=view.polling_interval_seconds,
        expected=tuple(expected for expected, _, _ in held),
        certificates=tuple(line for _, line, _ in held),
        seen_at=azure.clock.now,
        outlook=foresee(
            azure,
            target,
            observed,
            endpoint=account.endpoint,
            polling_seconds=view.polling_interval_seconds,
            certificates=tuple(prospect for _, _, prospect in held),
        ),
        view=pool_view(observed),
        puts_hooks=puts_hooks(at(observed.body, "properties.startTask"), hooks),
    )


def _kept(azure: Azure, observed: ObservedPool) -> list[ServiceSpec]:
    """The services that the pool's metadata tells of; metadata that cannot be read are told by *azure*."""
    try:
        return kept_services(services_text(objects(at(observed.body, "properties.metadata"))))
    except Problem as problem:
        azure.tell(str(problem))
        return []


def _held(azure: Azure, watched: ObservedCertificate, services: Services) -> tuple[Expected, CertificateLine, Prospect]:
    with azure.certificates(watched.vault_url) as api:
        held = certificates.read(api, watched.name)
        earlier = certificates.earlier_versions(api, watched.name) if held else ()
        prospect = prospect_of(azure, api, watched.vault, held) if held else None
    expected = expectation(watched, held, earlier, services)
    if held is None or held.version is None or prospect is None:
        raise TypeError("an expectation was built on nothing")
    return expected, certificate_line(watched.vault, held, held.version), prospect


def _extension(pool: str, observed: ObservedPool) -> ExtensionView:
    view = find_extension(objects(at(observed.body, _EXTENSIONS)))
    if view is None:
        raise Problem(
            "pool-without-extension",
            what=f"pool {pool} has no KeyVaultForLinux extension, so nothing puts certificates on its nodes",
            cause="the pool was made without one",
            cure="run provision for a pool of another name; extensions are given to a pool when it is created",
        )
    return view


def _no_pool(target: Target, pool: str) -> Problem:
    return Problem(
        "pool-not-found",
        what=f"Batch account {target.batch_account} has no pool {pool}",
        cause="its name is misspelt, it was deleted, or the target names another account",
        cure="correct the parameters, or run provision first",
    )
