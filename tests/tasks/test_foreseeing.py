"""What a forecast asks of Azure besides what nodes should have, and what it makes of no answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from azure.keyvault.certificates import CertificatePolicy, LifetimeAction
from prefect.logging import disable_run_logger

from batchcert.forecast.checks import forecast
from batchcert.outcomes import VaultReady
from batchcert.plan.outlook import image_offer
from batchcert.plan.pool import ObservedPool
from batchcert.problems import Problem
from batchcert.spec import CertificateSpec, Target, VaultSpec
from local_azure.serving import LocalAzure
from tasks.azure_api import certificates, issuing, nodes, pools
from tasks.azure_api.clients import Azure
from tasks.certificate import ensure_certificate
from tasks.foreseeing import foresee, prospect_of
from tasks.vault import ensure_vault

ENDPOINT = "batchcertlocal.westus2.batch.azure.com"
MACHINE = {"virtualMachineConfiguration": {"imageReference": {"publisher": "c", "offer": "u", "sku": "s"}}}
BODY = {"properties": {"vmSize": "STANDARD_D2S_V5", "deploymentConfiguration": MACHINE}}
POOL = ObservedPool("/pools/p", BODY, "Steady", "Succeeded", 0, 0)


@pytest.fixture
def told() -> list[str]:
    """What is said meanwhile."""
    return []


@pytest.fixture
def session(azure: LocalAzure, target: Target, told: list[str]) -> Azure:
    """Azure with patience for grants, which no forecast may need."""
    return Azure(target.endpoints, patience=timedelta(hours=1), tell=told.append, sleep=_never)


@pytest.fixture
def vault(session: Azure, target: Target, unique: str) -> VaultReady:
    """A vault with a certificate `own` of its own making."""
    with disable_run_logger():
        made = ensure_vault.fn(target, VaultSpec(name=unique, create=True))
        ensure_certificate.fn(target, made, CertificateSpec(name="own", subject="CN=own.example.com"))
    return made


def _never(seconds: float) -> None:
    raise AssertionError(f"{seconds} s were waited for something that a forecast can do without")


def name_issuer(session: Azure, vault: VaultReady, *, enabled: bool) -> None:
    """Have the vault have an issuer `ca`, and the certificate's policy name it."""
    action = LifetimeAction("AutoRenew", days_before_expiry=30)
    with session.certificates(vault.url) as api:
        api.create_issuer("ca", "DigiCert", enabled=enabled)
        api.update_certificate_policy("own", CertificatePolicy(issuer_name="ca", lifetime_actions=[action]))


def warned(session: Azure, target: Target, vault: VaultReady) -> list[tuple[str, str]]:
    """The warnings of the certificate: code and message."""
    with session.certificates(vault.url) as api:
        held = certificates.read(api, "own")
        assert held is not None
        prospect = prospect_of(session, api, vault.name, held)
    assert prospect is not None
    seen = foresee(session, target, POOL, endpoint=ENDPOINT, polling_seconds=60, certificates=(prospect,))
    return [(one.code, one.message) for one in forecast(replace(seen, image=None, size=None), session.clock.now)]


def test_a_certificate_of_one_s_own_needs_no_issuer(session: Azure, target: Target, vault: VaultReady) -> None:
    """None is asked for."""
    assert warned(session, target, vault) == []


@pytest.mark.parametrize("enabled", [True, False, None], ids=["enabled", "disabled", "missing"])
def test_an_issuer_is_looked_up_in_the_vault(
    session: Azure, target: Target, vault: VaultReady, enabled: bool | None
) -> None:
    """There and enabled it renews; disabled or missing it does not, and which it is is told."""
    name_issuer(session, vault, enabled=enabled is not False)
    if enabled is None:
        with session.certificates(vault.url) as api:
            api.delete_issuer("ca")
    found = warned(session, target, vault)
    said = {True: None, False: "it is disabled in the vault", None: "the vault has no issuer of that name"}[enabled]
    assert [code for code, _ in found] == (["issuer-cannot-renew"] if said else [])
    assert not said or found[0][1].startswith(f"its issuer is ca: {said}; it ends on ")


@pytest.mark.parametrize(
    ("where", "name", "what"),
    [
        (issuing, "issuer_fault", "issuer ca"),
        (pools, "vm_sizes", "sizes"),
        (nodes, "supported_images", "images"),
    ],
)
def test_what_may_not_be_read_is_told_and_foretold_nothing_of(  # noqa: PLR0917 - fixtures
    session: Azure,
    target: Target,
    vault: VaultReady,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    name: str,
    what: str,
) -> None:
    """Whoever runs this may lack the right; a forecast fails no run."""
    name_issuer(session, vault, enabled=False)
    monkeypatch.setattr(where, name, _refused)
    found = warned(session, target, vault)
    assert [code for code, _ in found] == ([] if where is issuing else ["issuer-cannot-renew"])
    assert told == [f"nothing is foretold of {what}: not for you"]


def test_images_and_sizes_are_batch_s_own(session: Azure, target: Target) -> None:
    """The pool's image is not one of them, its size is."""
    seen = foresee(session, target, POOL, endpoint=ENDPOINT, polling_seconds=60, certificates=())
    assert seen.image == image_offer(POOL, ())
    assert seen.size is not None
    assert not seen.size.gone
    assert seen.polling == timedelta(minutes=1)


def _refused(*_: object) -> None:
    raise Problem("azure-forbidden", what="not for you")
