"""What stands in the way of a run, and can be known before it writes anything: an ordered list of checks.

A check answers one question, yields every fault it finds and never stops the others.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from batchcert.extension.settings import extension_settings
from batchcert.plan.access import plan_access
from batchcert.plan.account_checks import account_fits, image_fits, size_offered
from batchcert.plan.certificate import plan_certificate
from batchcert.plan.desired import NO_CLIENT, desired_body
from batchcert.plan.identity import plan_identity
from batchcert.plan.pool import no_pool, plan_pool, pool_being_deleted, pool_differs
from batchcert.plan.surroundings import Surroundings
from batchcert.plan.vault import plan_vault
from batchcert.problems import Problem, Problems
from batchcert.spec.region import NO_SUBSCRIPTION

Check = Callable[[Surroundings], Iterator[Problem]]


def preflight_problems(seen: Surroundings) -> list[Problem]:
    """Every fault that every check finds, in the order of `CHECKS`."""
    return _found(seen, CHECKS)


def change_problems(seen: Surroundings) -> list[Problem]:
    """Every fault that stands in the way of changing a pool, in the order of `CHANGE_CHECKS`."""
    return _found(seen, CHANGE_CHECKS)


def no_subscription() -> Problem:
    """The refusal of the placeholder that a region's file comes with."""
    return Problem(
        "subscription-placeholder",
        what=f"target.subscription_id is the placeholder {NO_SUBSCRIPTION}",
        cause="the region's file has no subscription, and AZURE_SUBSCRIPTION_ID was not set where it was deployed",
        cure="set AZURE_SUBSCRIPTION_ID, or target.subscription_id in deployments/regions, and deploy again",
    )


def identity_fits(seen: Surroundings) -> Iterator[Problem]:
    """An identity that is named exists, and lives in the vault's tenant."""
    if seen.read("identity"):
        yield from _refusals(lambda: plan_identity(seen.wanted.identity, seen.wanted.target, seen.identity))
    if seen.identity and seen.vault:
        identity, vault = seen.identity, seen.vault
        yield from _refusals(lambda: plan_access(identity, vault, seen.grants))


def vault_fits(seen: Surroundings) -> Iterator[Problem]:
    """The vault exists or is to be created, and its firewall lets the nodes in."""
    wanted, vault = seen.wanted, seen.vault
    if not seen.read("vault"):
        return
    yield from _refusals(lambda: plan_vault(wanted.vault, wanted.target, vault, soft_deleted=seen.vault_soft_deleted))
    if vault is None or vault.private_endpoints or (vault.public and vault.open_to_all):
        return
    if not (vault.public and wanted.pool.subnet_id.lower() in vault.subnets):
        yield Problem(
            "vault-closed-to-nodes",
            what=f"the firewall of vault {vault.name} lets no node of the pool in",
            cause="nodes come from Batch's own addresses or from pool.subnet_id; the extension on them is not one of "
            "the services that a vault trusts",
            cure="put the pool into a subnet (pool.subnet_id) with the service endpoint Microsoft.KeyVault that the "
            "vault lets in, or give the vault a private endpoint there",
        )


def certificates_fit(seen: Surroundings) -> Iterator[Problem]:
    """Each certificate can be created, recovered or kept."""
    for spec in seen.wanted.certificates if seen.read("vault", "certificates") else ():
        known = (seen.wanted.vault.name, seen.certificates.get(spec.name), seen.deleted.get(spec.name))
        yield from _refusals(functools.partial(plan_certificate, spec, *known))


def settings_fit(seen: Surroundings) -> Iterator[Problem]:
    """The extension's version can do what the certificates ask of it."""
    wanted = seen.wanted
    yield from _refusals(
        lambda: extension_settings(
            version=wanted.pool.extension_version,
            vault_url=wanted.target.endpoints.vault_url(wanted.vault.name),
            certificates=wanted.certificates,
            client_id=NO_CLIENT,
            polling_interval_seconds=wanted.pool.polling_interval_seconds,
            require_initial_sync=wanted.pool.require_initial_sync,
        )
    )


def pool_name_free(seen: Surroundings) -> Iterator[Problem]:
    """There is no pool of that name, or one that is equal to what is asked for."""
    if seen.pool is None or not seen.read("identity", "vault"):
        return
    try:
        change = plan_pool(seen.wanted.pool.name, desired_body(seen), seen.pool)
    except Problem as problem:
        if problem.code == "pool-being-deleted":
            yield problem  # the others are told by `settings_fit`
        return
    if change.writes:
        yield pool_differs(change)


def pool_there(seen: Surroundings) -> Iterator[Problem]:
    """There is a pool of that name that can be changed."""
    if seen.account is None or not seen.read("pool"):
        return
    if seen.pool is None:
        yield no_pool(seen.wanted.pool.name)
    elif seen.pool.provisioning.lower() == "deleting":
        yield pool_being_deleted(seen.pool.name)


_AROUND: tuple[Check, ...] = (
    account_fits,
    image_fits,
    size_offered,
    identity_fits,
    vault_fits,
    certificates_fit,
    settings_fit,
)
CHECKS: tuple[Check, ...] = (*_AROUND, pool_name_free)
CHANGE_CHECKS: tuple[Check, ...] = (*_AROUND, pool_there)


def _found(seen: Surroundings, checks: tuple[Check, ...]) -> list[Problem]:
    if seen.wanted.target.subscription_id == NO_SUBSCRIPTION:
        return [no_subscription()]
    return [problem for check in checks for problem in check(seen)]


def _refusals(decide: Callable[[], object]) -> Iterator[Problem]:
    try:
        decide()
    except Problems as several:
        yield from several.found
    except Problem as problem:
        yield problem
