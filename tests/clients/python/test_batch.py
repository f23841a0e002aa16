"""azure-batch: pools, nodes, users, files, extensions, counts, images, jobs and tasks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


@pytest.fixture(scope="session")
def batch(sdk: Any, credential: Any, azure: Any) -> Any:
    """The client of the account that is there from the start."""
    return sdk.client("azure.batch.BatchClient", endpoint(azure), credential)


def endpoint(azure: Any) -> str:
    return f"https://{azure.env['AZURE_BATCH_ACCOUNT']}.westus2.batch.azure.com"


def states(sdk: Any, batch: Any, pool: str) -> list[str]:
    return [node.state for node in sdk.all(batch.list_nodes(pool, select=["id", "state"]))]


@pytest.fixture(scope="session")
def reader(sdk: Any, credential: Any, azure: Any, vault: str) -> Any:
    """An identity that may read the vault's secrets."""
    identities = sdk.client("azure.mgmt.msi.ManagedServiceIdentityClient", credential, azure.subscription)
    body = {"location": "westus2"}
    made = sdk.done(identities.user_assigned_identities.create_or_update(azure.group, f"reader-{sdk.name}", body))
    roles = sdk.client("azure.mgmt.authorization.AuthorizationManagementClient", credential, azure.subscription)
    definitions = f"/subscriptions/{azure.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    grant = {
        "role_definition_id": f"{definitions}/{SECRETS_USER}",
        "principal_id": made.principal_id,
        "principal_type": "ServicePrincipal",
    }
    group = f"/subscriptions/{azure.subscription}/resourceGroups/{azure.group}"
    scope = f"{group}/providers/Microsoft.KeyVault/vaults/{vault.split('/')[2].partition('.')[0]}"
    sdk.done(roles.role_assignments.create(scope, str(uuid.uuid4()), grant))
    return made


@pytest.fixture(scope="session")
def extension(sdk: Any, credential: Any, vault: str, reader: Any) -> dict[str, Any]:
    """The Key Vault extension, for a certificate of the vault."""
    from azure.keyvault.certificates import CertificatePolicy

    certificates = sdk.client("azure.keyvault.certificates.CertificateClient", vault, credential)
    policy = CertificatePolicy("Self", subject="CN=node.example.com", key_type="EC", key_curve_name="P-256")
    sdk.act(certificates, "create_certificate", "node", policy)
    return {
        "name": "certificates",
        "publisher": "Microsoft.Azure.KeyVault",
        "type": "KeyVaultForLinux",
        "typeHandlerVersion": "3.0",
        "autoUpgradeMinorVersion": True,
        "settings": {
            "secretsManagementSettings": {
                "pollingIntervalInS": "3600",
                "observedCertificates": [
                    {"url": f"{vault}secrets/node", "certificateStoreLocation": "/var/lib/waagent/Store"}
                ],
            },
            "authenticationSettings": {"msiClientId": reader.client_id},
        },
    }


@pytest.fixture(scope="session")
def pool(  # noqa: PLR0917 - what a pool with an extension stands on
    sdk: Any, batch: Any, credential: Any, azure: Any, pool_body: Any, reader: Any, extension: dict[str, Any]
) -> Iterator[str]:
    """A pool with one idle node, the identity and the extension."""
    management = sdk.client("azure.mgmt.batch.BatchManagementClient", credential, azure.subscription)
    account, name = azure.env["AZURE_BATCH_ACCOUNT"], f"nodes-{sdk.name}"
    body = {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {reader.id: {}}},
        "properties": pool_body(nodes=1, extensions=[extension]),
    }
    sdk.done(management.pool.create(azure.group, account, name, body))
    sdk.until(lambda: states(sdk, batch, name), lambda seen: seen == ["idle"])
    yield name
    sdk.poll(batch.begin_delete_pool(name, polling_interval=0))


@pytest.fixture
def node(sdk: Any, batch: Any, pool: str) -> str:
    """The id of a node."""
    return str(sdk.all(batch.list_nodes(pool))[0].id)


def test_a_pool_of_the_account_itself(sdk: Any, batch: Any) -> None:
    """Created at the account's own host, changed, found, deleted; this client raises where a pool does not exist."""
    from azure.batch import models
    from azure.core.exceptions import ResourceNotFoundError

    name = f"own-{sdk.name}"
    image = models.BatchVmImageReference(publisher="canonical", offer="ubuntu-24_04-lts", sku="server")
    machine = models.VirtualMachineConfiguration(image_reference=image, node_agent_sku_id="batch.node.ubuntu 24.04")
    sdk.done(
        batch.create_pool(
            models.BatchPoolCreateOptions(
                id=name, vm_size="STANDARD_D2S_V5", virtual_machine_configuration=machine, target_dedicated_nodes=0
            )
        )
    )
    assert sdk.done(batch.pool_exists(name)) is True
    options = models.BatchPoolUpdateOptions(metadata=[models.BatchMetadataItem(name="team", value="render")])
    sdk.done(batch.update_pool(name, options))
    assert [one.value for one in sdk.done(batch.get_pool(name)).metadata] == ["render"]
    assert name in [one.id for one in sdk.all(batch.list_pools())]
    sdk.poll(batch.begin_delete_pool(name, polling_interval=0))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(batch.pool_exists(name))


def test_a_pool_is_resized(sdk: Any, batch: Any, pool: str) -> None:
    """Up to two nodes and back; the counts follow."""
    from azure.batch import models

    for wanted in (2, 1):
        options = models.BatchPoolResizeOptions(target_dedicated_nodes=wanted)
        sdk.poll(batch.begin_resize_pool(pool, options, polling_interval=0))
        sdk.until(lambda: states(sdk, batch, pool), lambda seen, wanted=wanted: seen == ["idle"] * wanted)
        (counts,) = sdk.all(batch.list_pool_node_counts(filter=f"poolId eq '{pool}'"))
        assert (counts.dedicated.idle, counts.dedicated.total) == (wanted, wanted)


def test_a_node_and_its_extension(sdk: Any, batch: Any, pool: str, node: str) -> None:
    """The node tells where it is; the extension of the pool has reported."""
    from azure.core.exceptions import ResourceNotFoundError

    found = sdk.done(batch.get_node(pool, node))
    assert (found.id, found.scheduling_state, found.start_task_info.exit_code) == (node, "enabled", 0)
    (extension,) = sdk.all(batch.list_node_extensions(pool, node))
    assert extension.vm_extension.type == "KeyVaultForLinux"
    again = sdk.done(batch.get_node_extension(pool, node, extension.vm_extension.name))
    assert again.provisioning_state == extension.provisioning_state
    with pytest.raises(ResourceNotFoundError) as lost:
        sdk.done(batch.get_node(pool, "tvmps_0"))
    assert "NodeNotFound" in str(lost.value)


def test_a_user_logs_in_over_ssh(sdk: Any, batch: Any, pool: str, node: str) -> None:
    """With the password it was given last; not after it was removed."""
    import paramiko
    from azure.batch import models

    def login(password: str) -> str:
        where = sdk.done(batch.get_node_remote_login_settings(pool, node))
        with paramiko.Transport((where.remote_login_ip_address, where.remote_login_port)) as transport:
            transport.connect(username="ada", password=password)
            with transport.open_session(timeout=30) as channel:
                channel.exec_command("echo in")
                return str(channel.makefile().read().decode().strip())

    sdk.done(batch.create_node_user(pool, node, models.BatchNodeUserCreateOptions(name="ada", password="Secret-1234")))
    assert login("Secret-1234") == "in"
    sdk.done(batch.replace_node_user(pool, node, "ada", models.BatchNodeUserReplaceOptions(password="Secret-5678")))
    assert login("Secret-5678") == "in"
    sdk.done(batch.delete_node_user(pool, node, "ada"))
    with pytest.raises(paramiko.AuthenticationException):
        login("Secret-5678")


def test_files_of_a_node(sdk: Any, batch: Any, pool: str, node: str) -> None:
    """What the start task printed: listed, described, downloaded."""
    files = {one.name for one in sdk.all(batch.list_node_files(pool, node, recursive=True))}
    assert {"startup/stdout.txt", "startup/stderr.txt"} <= files
    content = b"".join(sdk.all(batch.download_node_file(pool, node, "startup/stdout.txt")))
    assert content == b"started\n"
    described = sdk.done(batch.get_node_file_properties(pool, node, "startup/stdout.txt"))
    assert described.content_length == len(content)


def test_a_node_is_rebooted_and_its_scheduling_switched(sdk: Any, batch: Any, pool: str, node: str) -> None:
    """It comes back idle. This client fails where it is given no option, and has no public model for one."""
    sdk.poll(batch.begin_reboot_node(pool, node, {"nodeRebootOption": "requeue"}, polling_interval=0))
    sdk.until(lambda: sdk.done(batch.get_node(pool, node)).state, lambda state: state == "idle")
    sdk.done(batch.disable_node_scheduling(pool, node, {"nodeDisableSchedulingOption": "requeue"}))
    assert sdk.done(batch.get_node(pool, node)).scheduling_state == "disabled"
    sdk.done(batch.enable_node_scheduling(pool, node))
    assert sdk.done(batch.get_node(pool, node)).scheduling_state == "enabled"


def test_supported_images(sdk: Any, batch: Any) -> None:
    """Those that a pool may use."""
    images = sdk.all(batch.list_supported_images())
    assert ("batch.node.ubuntu 24.04", "linux") in [(one.node_agent_sku_id, one.os_type) for one in images]


def test_a_job_with_tasks(sdk: Any, batch: Any, pool: str) -> None:
    """Its tasks run on the node; what one printed is downloaded, and another's failure is told."""
    from azure.batch import models

    name = f"work-{sdk.name}"
    sdk.done(batch.create_job(models.BatchJobCreateOptions(id=name, pool_info=models.BatchPoolInfo(pool_id=pool))))
    for task, command in (("good", "echo worked"), ("bad", "exit 3")):
        options = models.BatchTaskCreateOptions(id=task, command_line=f"/bin/sh -c '{command}'")
        sdk.done(batch.create_task(name, options))
    done = sdk.until(
        lambda: {task.id: task for task in sdk.all(batch.list_tasks(name))},
        lambda tasks: all(task.state == "completed" for task in tasks.values()),
    )
    assert {task: found.execution_info.exit_code for task, found in done.items()} == {"good": 0, "bad": 3}
    assert done["bad"].execution_info.result == "failure"
    assert b"".join(sdk.all(batch.download_task_file(name, "good", "stdout.txt"))) == b"worked\n"
    counts = sdk.done(batch.get_job_task_counts(name)).task_counts
    assert (counts.succeeded, counts.failed) == (1, 1)
    assert name in [one.id for one in sdk.all(batch.list_jobs())]
    sdk.poll(batch.begin_delete_job(name, polling_interval=0))


def test_with_a_key_of_the_account(sdk: Any, credential: Any, azure: Any, pool: str) -> None:
    """The other way to sign in to an account."""
    from azure.core.credentials import AzureNamedKeyCredential

    management = sdk.client("azure.mgmt.batch.BatchManagementClient", credential, azure.subscription)
    account = azure.env["AZURE_BATCH_ACCOUNT"]
    keys = sdk.done(management.batch_account.get_keys(azure.group, account))
    client = sdk.client("azure.batch.BatchClient", endpoint(azure), AzureNamedKeyCredential(account, keys.primary))
    assert pool in [one.id for one in sdk.all(client.list_pools())]
