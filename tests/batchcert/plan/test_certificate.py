"""The certificate: created, recovered, corrected or left alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from batchcert.changes import Action, Change, FieldChange
from batchcert.plan.certificate import DeletedCertificate, not_taken, plan_certificate
from batchcert.problems import Problem

DELETED = DeletedCertificate("web", recoverable=True, purgeable=True, purged_at=None, issuer="Self")


def test_a_missing_certificate_is_created(certificate_spec):
    """The plan says when it will renew itself."""
    change = plan_certificate(certificate_spec, "kv", None, None)
    assert (change.action, change.resource) == (Action.CREATE, "certificate/kv/web")
    assert "AutoRenew 30 days before expiry" in change.why


def test_a_right_certificate_is_left_alone(certificate_spec, certificate):
    """Equal policy, nothing to do."""
    assert plan_certificate(certificate_spec, "kv", certificate, None).action is Action.NOTHING


def test_a_drifted_policy_is_corrected(certificate_spec, certificate):
    """Each field that drifted is in the plan."""
    drifted = replace(certificate, policy=replace(certificate.policy, validity_months=3))
    change = plan_certificate(certificate_spec, "kv", drifted, None)
    assert change.action is Action.UPDATE
    assert [field.path for field in change.fields] == ["validity_months"]


def test_a_version_still_being_issued_is_waited_for_and_not_created_again(certificate_spec, certificate):
    """An earlier run asked for it."""
    assert plan_certificate(certificate_spec, "kv", replace(certificate, version=None), None).writes is False


def test_a_soft_deleted_namesake_is_recovered(certificate_spec):
    """Its name is held, and the vault allows it."""
    assert plan_certificate(certificate_spec, "kv", None, DELETED).action is Action.RECOVER


@pytest.mark.parametrize("issuer", ["Unknown", "unknown"])
def test_an_imported_certificate_is_refused(certificate_spec, certificate, issuer):
    """Key Vault cannot renew it, whether it is there or soft-deleted."""
    imported = replace(certificate, policy=replace(certificate.policy, issuer=issuer))
    for known in ((imported, None), (None, replace(DELETED, issuer=issuer))):
        with pytest.raises(Problem) as refused:
            plan_certificate(certificate_spec, "kv", *known)
        assert refused.value.code == "certificate-imported"
        assert refused.value.passes is False


def test_a_disabled_certificate_is_refused(certificate_spec, certificate):
    """No node could fetch it."""
    with pytest.raises(Problem) as refused:
        plan_certificate(certificate_spec, "kv", replace(certificate, enabled=False), None)
    assert refused.value.code == "certificate-disabled"


@pytest.mark.parametrize(("purgeable", "cure"), [(True, "purge it"), (False, "wait until then")])
def test_a_deleted_certificate_that_cannot_come_back_is_told(certificate_spec, purgeable, cure):
    """With the date until which it holds the name, and a cure that the vault allows."""
    stuck = replace(DELETED, recoverable=False, purgeable=purgeable, purged_at=datetime(2026, 8, 30, tzinfo=UTC))
    with pytest.raises(Problem) as refused:
        plan_certificate(certificate_spec, "kv", None, stuck)
    assert refused.value.code == "certificate-soft-deleted"
    assert "2026-08-30" in refused.value.what
    assert cure in refused.value.cure


def test_a_policy_that_key_vault_did_not_take_names_the_fields():
    """With what it is, and what it should be."""
    left = Change(Action.UPDATE, "certificate/kv/web", "", (FieldChange("dns_names", "a.b", ""),))
    assert "dns_names is a.b" in not_taken(left).what
