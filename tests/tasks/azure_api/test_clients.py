"""Signing in, as an operator does it: by the environment, to the embedded Azure's Entra."""

from datetime import timedelta

import pytest

from batchcert.clouds import CLOUDS, CloudName
from batchcert.problems import Problem
from batchcert.spec import IdentitySpec
from local_azure import settings
from tasks.azure_api import identities
from tasks.azure_api.clients import Azure


@pytest.fixture
def session():
    return Azure(CLOUDS[CloudName.PUBLIC])


def refused_sign_in(session):
    with pytest.raises(Problem) as refused:
        session.caller()
    return refused.value


def test_the_caller_is_who_the_environment_says(azure, session):
    """Object id and tenant, out of the token that Entra gave."""
    me = session.caller()
    assert (me.object_id, me.tenant_id) == (settings.OPERATOR_OBJECT, settings.TENANT)


def test_all_clients_share_one_token_for_an_audience(azure, session, target):
    """Entra is asked once, however many steps there are."""
    azure.call(lambda cloud: cloud.log.clear())
    wanted = IdentitySpec(name="nobody").resource(target)
    for _ in range(3):
        with session.identities(target.subscription_id) as api:
            identities.read(api, wanted)
    tokens = [entry for entry in azure.requests() if entry.path.endswith("/oauth2/v2.0/token")]
    assert len(tokens) == 1


@pytest.mark.parametrize(
    ("variable", "code"),
    [
        ("AZURE_CLIENT_SECRET", "entra-wrong-secret"),
        ("AZURE_CLIENT_ID", "entra-unknown-application"),
        ("AZURE_TENANT_ID", "entra-unknown-tenant"),
    ],
)
def test_each_wrong_credential_is_told_by_its_variable(azure, session, monkeypatch, variable, code):
    """In Entra's own words, and without the secret; waiting does not help."""
    monkeypatch.setenv(variable, "00000000-0000-4000-8000-00000000dead")
    problem = refused_sign_in(session)
    assert problem.code == code
    assert variable in problem.cure + problem.cause
    assert "Entra" in problem.what
    assert not problem.passes
    assert azure.env["AZURE_CLIENT_SECRET"] not in str(problem)


def test_nothing_to_sign_in_with_is_told(azure, session, monkeypatch):
    """What to set, instead of a list of nine credentials that did not work."""
    for variable in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "environmentcredential")  # this machine may have another way in
    problem = refused_sign_in(session)
    assert problem.code == "azure-not-signed-in"
    assert "AZURE_CLIENT_ID" in problem.cure


def test_entra_behind_an_untrusted_proxy_is_told_as_that(azure, session, monkeypatch):
    """azure-identity folds that into a failed sign-in; it is none."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setattr("azure.core.pipeline.transport.RequestsTransport.sleep", lambda *_: None)
    assert refused_sign_in(session).code == "azure-tls-untrusted"


def test_entra_that_cannot_be_reached_passes(azure, session, monkeypatch):
    """A proxy that is down is no wrong secret."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr("azure.core.pipeline.transport.RequestsTransport.sleep", lambda *_: None)
    problem = refused_sign_in(session)
    assert (problem.code, problem.passes) == ("azure-unreachable", True)


@pytest.mark.parametrize("cloud", list(CloudName))
def test_every_cloud_has_its_own_endpoints(cloud):
    """Nothing falls back to the public cloud."""
    endpoints = CLOUDS[cloud]
    with Azure(endpoints).pools("s") as api:
        assert api._config.base_url == f"https://{endpoints.management}"
        assert api._config.credential_scopes == [f"https://{endpoints.management}/.default"]


def test_the_services_time_is_the_embedded_clocks(fresh_azure, session, target):
    """It follows the clock where that is moved, and this machine's does not."""
    with session.identities(target.subscription_id) as api:
        identities.read(api, IdentitySpec().resource(target))
        before = session.clock.now
        fresh_azure.advance(timedelta(days=30))
        identities.read(api, IdentitySpec().resource(target))
    assert timedelta(days=30) <= session.clock.now - before < timedelta(days=30, minutes=1)
