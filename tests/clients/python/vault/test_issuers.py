"""azure-keyvault-certificates: a vault's issuers and contacts."""

from __future__ import annotations

from typing import Any

import pytest


def test_issuers(sdk: Any, certificates: Any) -> None:
    """Created, changed, listed, removed; the password never comes back."""
    from azure.core.exceptions import ResourceNotFoundError
    from azure.keyvault.certificates import AdministratorContact

    admin = AdministratorContact(first_name="Ada", last_name="L", email="ada@example.com", phone="1")
    sdk.done(
        certificates.create_issuer(
            "authority", "DigiCert", account_id="ours", password="hidden", admin_contacts=[admin], organization_id="org"
        )
    )
    changed = sdk.done(certificates.update_issuer("authority", enabled=False))
    assert (changed.enabled, changed.account_id, changed.password) == (False, "ours", None)
    found = sdk.done(certificates.get_issuer("authority"))
    assert [one.email for one in found.admin_contacts] == ["ada@example.com"]
    assert [one.name for one in sdk.all(certificates.list_properties_of_issuers())] == ["authority"]
    assert sdk.done(certificates.delete_issuer("authority")).provider == "DigiCert"
    with pytest.raises(ResourceNotFoundError):
        sdk.done(certificates.get_issuer("authority"))


def test_contacts(sdk: Any, certificates: Any) -> None:
    """Set all at once, read, removed."""
    from azure.core.exceptions import ResourceNotFoundError
    from azure.keyvault.certificates import CertificateContact

    contacts = [CertificateContact(email="ada@example.com", name="Ada"), CertificateContact(email="b@example.com")]
    sdk.done(certificates.set_contacts(contacts))
    assert [one.email for one in sdk.done(certificates.get_contacts())] == ["ada@example.com", "b@example.com"]
    assert len(sdk.done(certificates.delete_contacts())) == 2
    with pytest.raises(ResourceNotFoundError):
        sdk.done(certificates.get_contacts())
