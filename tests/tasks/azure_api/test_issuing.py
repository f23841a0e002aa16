"""Versions of a certificate: issued by its own policy, marked like those before, never two at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from azure.keyvault.certificates import CertificateClient, CertificatePolicy
from prefect.logging import disable_run_logger

from batchcert.plan.certificate import ObservedCertificate
from batchcert.plan.marks import TAGS
from batchcert.plan.policy import desired_policy, policy_drift
from batchcert.problems import Problem
from batchcert.spec import CertificateSpec, VaultSpec
from tasks.azure_api import certificates, issuing
from tasks.azure_api.clients import Azure
from tasks.vault import ensure_vault

SPEC = CertificateSpec(name="web", subject="CN=web.example.com", dns_names=["web.example.com"], key_type="EC")


@pytest.fixture
def api(azure, target, unique):
    """The certificates of a vault with a certificate `web`."""
    with disable_run_logger():
        made = ensure_vault.fn(target, VaultSpec(name=unique, create=True))
    with Azure(target.endpoints, patience=timedelta(0)).certificates(made.url) as opened:
        issuing.create(opened, "web", desired_policy(SPEC))
        yield opened


def held(api: CertificateClient) -> ObservedCertificate:
    """The certificate as it is now."""
    found = certificates.read(api, "web")
    assert found is not None
    return found


def test_the_next_version_is_like_the_one_before(api: CertificateClient) -> None:
    """The same policy and the same marks, a certificate of its own; it is the current one from then on."""
    before = held(api)
    version = issuing.new_version(api, "web")
    after = held(api)
    assert after.version == version
    assert before.version is not None
    assert (version.id, version.sha256) != (before.version.id, before.version.sha256)
    assert version.issued_at >= before.version.issued_at
    assert after.policy == before.policy
    assert policy_drift(desired_policy(SPEC), after.policy) == ()
    assert (after.tags, after.ours) == (dict(TAGS), True)


def test_marks_of_somebody_else_stay(api: CertificateClient) -> None:
    """Whatever the version before had."""
    api.update_certificate_properties("web", tags={"team": "render"})
    issuing.new_version(api, "web")
    assert held(api).tags == {"team": "render"}


def test_an_issuer_that_refuses_is_told(azure, api: CertificateClient) -> None:
    """The current version stays; the request's state has the issuer's words."""
    before = held(api).version
    locked = azure.fault("failed", operation="CertificateIssuance", code="Locked", message="no credit")
    with locked, pytest.raises(Problem) as refused:
        issuing.new_version(api, "web")
    assert refused.value.code == "certificate-not-issued"
    assert "Locked: no credit" in refused.value.what
    assert held(api).version == before
    assert issuing.request_state(api, "web") == "failed: Locked: no credit"


def test_a_request_that_is_under_way_is_not_doubled(api: CertificateClient) -> None:
    """Somebody signs that one elsewhere, and it has not come yet."""
    policy = api.get_certificate_policy("web")
    foreign = CertificatePolicy(issuer_name="Unknown", subject=policy.subject, content_type=policy.content_type)
    api.begin_create_certificate("web", foreign)
    assert issuing.request_state(api, "web") == "inProgress"
    with pytest.raises(Problem) as refused:
        issuing.new_version(api, "web")
    assert refused.value.code == "certificate-pending"
    assert "under way already" in refused.value.what


def test_what_is_done_has_nothing_to_tell(api: CertificateClient) -> None:
    """Nor has a certificate that nobody has ever asked for."""
    assert issuing.request_state(api, "web") == ""
    assert issuing.request_state(api, "nothing") == ""
