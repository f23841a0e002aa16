"""azure-batch: nodes, their users, files and extensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


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
    """What the start task printed: listed, described, downloaded, and deleted at last."""
    from azure.core.exceptions import ResourceNotFoundError

    files = {one.name for one in sdk.all(batch.list_node_files(pool, node, recursive=True))}
    assert {"startup/stdout.txt", "startup/stderr.txt"} <= files
    content = b"".join(sdk.all(batch.download_node_file(pool, node, "startup/stdout.txt")))
    assert content == b"started\n"
    described = sdk.done(batch.get_node_file_properties(pool, node, "startup/stdout.txt"))
    assert described.content_length == len(content)
    sdk.done(batch.delete_node_file(pool, node, "startup/stdout.txt"))
    with pytest.raises(ResourceNotFoundError):
        sdk.done(batch.get_node_file_properties(pool, node, "startup/stdout.txt"))


def test_scheduling_is_switched_off_and_on(sdk: Any, batch: Any, pool: str, node: str) -> None:
    """The node stays, and gets no task meanwhile."""
    from azure.batch import models

    options = models.BatchNodeDisableSchedulingOptions(node_disable_scheduling_option="requeue")
    sdk.done(batch.disable_node_scheduling(pool, node, options))
    assert sdk.done(batch.get_node(pool, node)).scheduling_state == "disabled"
    sdk.done(batch.enable_node_scheduling(pool, node))
    assert sdk.done(batch.get_node(pool, node)).scheduling_state == "enabled"


@pytest.mark.parametrize(("operation", "option"), [("reboot", "nodeRebootOption"), ("reimage", "nodeReimageOption")])
def test_a_node_starts_anew(  # noqa: PLR0917
    sdk: Any, batch: Any, pool: str, node: str, steady: Callable[..., None], operation: str, option: str
) -> None:
    """It comes back idle. This client fails where it is given no option, and has no public model for one."""
    before = sdk.done(batch.get_node(pool, node)).state_transition_time
    begin = getattr(batch, f"begin_{operation}_node")
    sdk.poll(begin(pool, node, {option: "requeue"}, polling_interval=0))
    steady(pool, 1)
    assert sdk.done(batch.get_node(pool, node)).state_transition_time > before


def test_a_node_is_deallocated_and_started(sdk: Any, batch: Any, pool: str, node: str, steady: Any) -> None:
    """It keeps its id, and comes back idle."""
    sdk.poll(batch.begin_deallocate_node(pool, node, {"nodeDeallocateOption": "requeue"}, polling_interval=0))
    assert sdk.done(batch.get_node(pool, node)).state == "deallocated"
    sdk.poll(batch.begin_start_node(pool, node, polling_interval=0))
    steady(pool, 1)
    assert [one.id for one in sdk.all(batch.list_nodes(pool))] == [node]
