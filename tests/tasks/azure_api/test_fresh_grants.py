"""A role that takes its time: the client waits for it, by the embedded Azure's own clock."""

from datetime import timedelta

import pytest

from batchcert.clouds import CLOUDS, CloudName
from batchcert.plan.vault import vault_body
from batchcert.problems import Problem
from batchcert.spec import Authorization, VaultSpec
from local_azure.serving import LocalAzure
from local_azure.settings import Settings
from tasks.azure_api import certificates, vaults
from tasks.azure_api.clients import Azure

DELAY = 90  # seconds until a new access policy takes effect


@pytest.fixture
def slow_azure(monkeypatch):
    """An embedded Azure whose grants take a while."""
    with LocalAzure(Settings(grant_seconds=DELAY)) as cloud:
        for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "https_proxy", "http_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name, value in cloud.env.items():
            monkeypatch.setenv(name, value)
        yield cloud


@pytest.fixture
def url(slow_azure, target):
    """A new vault, whose access policy for its maker is on its way."""
    azure = Azure(CLOUDS[CloudName.PUBLIC])
    spec = VaultSpec(name="kv-fresh", authorization=Authorization.ACCESS_POLICIES)
    me = azure.caller()
    with azure.vaults(target.subscription_id) as api:
        body = vault_body(spec, target, tenant_id=me.tenant_id, operator_id=me.object_id)
        return vaults.create(api, spec.resource(target), body).url


def test_a_fresh_grant_is_waited_for(slow_azure, url):
    """Refused at first, let in when the time has come; whoever runs this is told meanwhile."""
    said, slept = [], []

    def sleep(seconds):
        slept.append(seconds)
        slow_azure.advance(timedelta(seconds=seconds))

    patient = Azure(CLOUDS[CloudName.PUBLIC], tell=said.append, sleep=sleep)
    with patient.certificates(url) as api:
        assert certificates.read(api, "web") is None
    assert DELAY <= sum(slept) < DELAY + 30
    assert len(said) == len(slept)


def test_without_patience_it_is_refused_at_once(url):
    """As preflight asks."""
    impatient = Azure(CLOUDS[CloudName.PUBLIC], patience=timedelta(0))
    with impatient.certificates(url) as api, pytest.raises(Problem) as refused:
        certificates.read(api, "web")
    assert refused.value.code == "vault-forbidden"
