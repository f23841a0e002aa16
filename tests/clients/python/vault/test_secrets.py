"""azure-keyvault-secrets: the secret of a certificate, and a secret beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest


def test_the_secret_of_a_certificate(sdk: Any, secrets: Any, made: Any) -> None:
    """Same version, with key and certificate; listed as managed, and not to be written by itself."""
    from azure.core.exceptions import HttpResponseError

    secret = sdk.done(secrets.get_secret(made.name))
    assert secret.properties.version == made.properties.version
    assert secret.properties.content_type == "application/x-pem-file"
    assert "BEGIN PRIVATE KEY" in secret.value
    assert "BEGIN CERTIFICATE" in secret.value
    assert sdk.done(secrets.get_secret(made.name, made.properties.version)).value == secret.value
    (listed,) = (one for one in sdk.all(secrets.list_properties_of_secrets()) if one.name == made.name)
    assert listed.managed is True
    versions = sdk.all(secrets.list_properties_of_secret_versions(made.name))
    assert [one.version for one in versions] == [made.properties.version]
    for write in (
        lambda: sdk.done(secrets.set_secret(made.name, "by hand")),
        lambda: sdk.done(secrets.update_secret_properties(made.name, enabled=False)),
        lambda: sdk.act(secrets, "delete_secret", made.name),
    ):
        with pytest.raises(HttpResponseError) as refused:
            write()
        assert refused.value.status_code == 403


def test_a_disabled_versions_secret_is_kept_back(sdk: Any, certificates: Any, secrets: Any, made: Any) -> None:
    """With the inner code that says why."""
    from azure.core.exceptions import HttpResponseError

    sdk.done(certificates.update_certificate_properties(made.name, enabled=False))
    with pytest.raises(HttpResponseError) as refused:
        sdk.done(secrets.get_secret(made.name))
    assert refused.value.error.innererror["code"] == "SecretDisabled"


def test_a_secret_of_its_own(sdk: Any, secrets: Any) -> None:
    """Written, changed, deleted, recovered, purged; no certificate has anything to do with it."""
    from azure.core.exceptions import ResourceNotFoundError

    made = sdk.done(secrets.set_secret("own", "by hand"))
    assert made.properties.managed is None
    sdk.done(secrets.update_secret_properties("own", made.properties.version, tags={"team": "render"}))
    assert sdk.done(secrets.get_secret("own")).properties.tags == {"team": "render"}
    deleted = sdk.act(secrets, "delete_secret", "own")
    assert deleted.scheduled_purge_date - deleted.deleted_date == timedelta(days=7)
    assert "own" in [one.name for one in sdk.all(secrets.list_deleted_secrets())]
    sdk.act(secrets, "recover_deleted_secret", "own")
    assert sdk.done(secrets.get_secret("own")).value == "by hand"
    sdk.act(secrets, "delete_secret", "own")
    assert sdk.done(secrets.get_deleted_secret("own")).name == "own"
    sdk.done(secrets.purge_deleted_secret("own"))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(secrets.get_deleted_secret("own"))
