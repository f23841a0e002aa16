"""Azure's clouds and their hosts."""

import pytest

from batchcert.clouds import CLOUDS, CloudName, cloud_of_vault_host


def test_every_cloud_is_described():
    """Each name a person can pick has its hosts."""
    assert set(CLOUDS) == set(CloudName)
    assert all(name is cloud.name for name, cloud in CLOUDS.items())


@pytest.mark.parametrize(
    ("cloud", "management_scope", "batch_scope", "vault_url"),
    [
        (
            CloudName.PUBLIC,
            "https://management.azure.com/.default",
            "https://batch.core.windows.net//.default",
            "https://kv.vault.azure.net",
        ),
        (
            CloudName.US_GOVERNMENT,
            "https://management.usgovcloudapi.net/.default",
            "https://batch.core.usgovcloudapi.net//.default",
            "https://kv.vault.usgovcloudapi.net",
        ),
        (
            CloudName.CHINA,
            "https://management.chinacloudapi.cn/.default",
            "https://batch.chinacloudapi.cn//.default",
            "https://kv.vault.azure.cn",
        ),
    ],
)
def test_scopes_and_addresses_of_each_cloud(cloud, management_scope, batch_scope, vault_url):
    """What a token is asked for, and where a vault answers."""
    here = CLOUDS[cloud]
    assert (here.management_scope, here.batch_scope, here.vault_url("KV")) == (management_scope, batch_scope, vault_url)


@pytest.mark.parametrize(
    ("host", "cloud"),
    [
        ("kv.vault.azure.net", CloudName.PUBLIC),
        ("KV.VAULT.USGOVCLOUDAPI.NET", CloudName.US_GOVERNMENT),
        ("kv.vault.azure.cn", CloudName.CHINA),
    ],
)
def test_a_vaults_host_tells_its_cloud(host, cloud):
    """The suffix decides, whatever its case."""
    found = cloud_of_vault_host(host)
    assert found is not None
    assert found.name is cloud


@pytest.mark.parametrize("host", ["", "vault.azure.net", "kv.vault.azure.net.example.com", "kvvault.azure.net", "kv"])
def test_other_hosts_belong_to_no_cloud(host):
    """A host that only looks like a vault's is not taken for one."""
    assert cloud_of_vault_host(host) is None
