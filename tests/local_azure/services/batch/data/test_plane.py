"""The account's own host: who may ask, what comes with every answer, images, files, extensions."""

from __future__ import annotations

import pytest

from local_azure.wire.messages import Caller

pytestmark = pytest.mark.anyio

DATA_CONTRIBUTOR = "6aaa78f1-f7de-44ca-8722-c64a23943cae"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def stranger(world) -> Caller:
    return Caller("oid-1", "cid-1", world.access.settings.tenant)


async def test_a_change_names_what_it_applied_to(world) -> None:
    """DataServiceId is the address of the request; a read has none."""
    await world.pool(nodes=0)
    resized = world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 1})
    assert resized.headers["DataServiceId"] == "https://batchcertlocal.westus2.batch.azure.com/pools/render/resize"
    assert "DataServiceId" not in world.data("GET", "/pools/render").headers


async def test_without_a_token_the_service_says_where_to_get_one(world) -> None:
    """401 in Batch's shape, with a challenge that names tenant and resource."""
    reply = world.data("GET", "/pools", caller=None)
    assert (reply.status, reply.body["code"]) == (401, "AuthenticationFailed")
    assert reply.body["message"]["lang"] == "en-US"
    assert reply.body["values"][0]["key"] == "AuthenticationErrorDetail"
    assert world.access.settings.tenant in reply.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        ("https://batch.core.windows.net", 200),
        ("https://batch.core.windows.net/", 200),
        ("https://batch.core.windows.net//", 200),
        ("https://management.azure.com", 401),
        ("https://vault.azure.net", 401),
    ],
)
async def test_the_audience_must_be_batch(world, audience, status) -> None:
    """With or without trailing slashes; a token for another service is refused, and the reason is told."""
    host = "batchcertlocal.westus2.batch.azure.com"
    reply = world.ask(host, "GET", "/pools", audience=audience)
    assert reply.status == status
    if status == 401:
        assert "wrong audience" in reply.body["values"][0]["value"]


@pytest.mark.parametrize(
    ("role", "reads", "writes"), [("", 403, 403), (READER, 200, 403), (DATA_CONTRIBUTOR, 200, 404)]
)
async def test_roles_at_the_account_decide(world, role, reads, writes) -> None:
    """Nobody without a role; a reader reads; a data contributor writes too (and finds no such pool)."""
    if role:
        world.access.assign("g1", world.batch.accounts.arm_id(world.batch.accounts.all()[0]), role, "oid-1")
    assert world.data("GET", "/pools", caller=stranger(world)).status == reads
    reply = world.data("POST", "/pools/render/resize", {"targetDedicatedNodes": 1}, caller=stranger(world))
    assert reply.status == writes
    if writes == 403:
        assert reply.body["code"] == "InsufficientPermissions"
        assert "Microsoft.Batch/batchAccounts/pools/write" in reply.body["values"][0]["value"]


async def test_an_account_may_refuse_entra_tokens(world) -> None:
    """allowedAuthenticationModes without AAD closes the door."""
    world.arm("PATCH", "", {"properties": {"allowedAuthenticationModes": ["SharedKey"]}})
    assert world.data("GET", "/pools").status == 403


@pytest.mark.parametrize("host", ["nobody.westus2.batch.azure.com", "batchcertlocal.eastus.batch.azure.com"])
async def test_a_host_without_an_account(world, host) -> None:
    """An account answers at its own region's host alone."""
    reply = world.ask(host, "GET", "/pools", audience="https://batch.core.windows.net/")
    assert (reply.status, reply.body["code"]) == (404, "ResourceNotFound")


async def test_every_answer_bears_batchs_headers(world) -> None:
    """Request ids, the data service version, the content type; the client's own id on request."""
    headers = {"client-request-id": "id-1", "return-client-request-id": "true"}
    reply = world.data("GET", "/pools", headers=headers)
    assert reply.headers["DataServiceVersion"] == "3.0"
    assert reply.headers["request-id"]
    assert reply.headers["client-request-id"] == "id-1"
    assert reply.headers["Content-Type"] == "application/json; odata=minimalmetadata"
    silent = world.data("GET", "/pools", headers={"client-request-id": "id-1"})
    assert "client-request-id" not in silent.headers


async def test_a_refusal_names_its_request(world) -> None:
    """The id in the text is the one in the header."""
    reply = world.data("GET", "/pools/nope")
    assert (reply.status, reply.body["code"]) == (404, "PoolNotFound")
    assert reply.body["message"]["value"].endswith(f"RequestId:{reply.headers['request-id']}")
    assert reply.body["odata.metadata"].endswith("errors/@Element")


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("2025-06-01", ""),
        ("2024-07-01.20.0", ""),
        ("2024-02-01.19.0", ""),
        ("", "MissingRequiredQueryParameter"),
        ("2031-01-01", "UnsupportedRequestVersion"),
    ],
)
async def test_versions(world, version, code) -> None:
    """Served versions answer; another or none is refused."""
    reply = world.data("GET", "/pools", version=version)
    assert (reply.body.get("code", ""), reply.status) == (code, 400 if code else 200)


async def test_unknown_paths(world) -> None:
    """A path that Batch does not have."""
    assert world.data("GET", "/nope").body["code"] == "InvalidUri"


@pytest.mark.parametrize("size", ["0", "1001", "many"])
async def test_page_sizes_have_bounds(world, size) -> None:
    """maxresults is 1 to 1000."""
    assert world.data("GET", "/pools", maxresults=size).body["code"] == "OutOfRangeQueryParameterValue"


async def test_a_pool_that_exists(world) -> None:
    """HEAD answers 200 or 404; an ETag that is known already need not be sent again."""
    await world.pool(nodes=0)
    head = world.data("HEAD", "/pools/render")
    assert (head.status, head.body) == (200, None)
    assert world.data("HEAD", "/pools/nope").status == 404
    assert world.data("GET", "/pools/render", headers={"if-none-match": head.headers["ETag"]}).status == 304


async def test_supported_images_say_what_ends_when(world) -> None:
    """Ubuntu 24.04 is there without an end, 20.04 with one in the past."""
    rows = world.data("GET", "/supportedimages", _filter="startswith(nodeAgentSKUId, 'batch.node.ubuntu')").body[
        "value"
    ]
    ends = {row["imageReference"]["sku"]: row.get("batchSupportEndOfLife") for row in rows}
    assert ends["server"] is None
    assert ends["20_04-lts"] == "2025-04-23T00:00:00Z"
    assert {row["osType"] for row in rows} == {"linux"}


async def test_node_files(world) -> None:
    """Listed at the top or recursively, with properties; read whole and in part; a missing one is named."""
    node = await world.pool()
    top = world.data("GET", f"{node}/files").body["value"]
    assert [(row["name"], row["isDirectory"]) for row in top] == [("startup", True)]
    deep = world.data("GET", f"{node}/files", recursive="true", _filter="startswith(name, 'startup/')").body["value"]
    assert [(row["name"], row["properties"]["contentLength"]) for row in deep] == [("startup/stdout.txt", 8)]
    assert deep[0]["url"].endswith("/files/startup/stdout.txt")
    for spelled in ("startup%2Fstdout.txt", "startup/stdout.txt"):
        assert world.data("GET", f"{node}/files/{spelled}").body == b"started\n"
        head = world.data("HEAD", f"{node}/files/{spelled}")
        assert (head.body, head.headers["Content-Length"]) == (None, "8")
        assert head.headers["ocp-batch-file-isdirectory"] == "false"
        assert head.headers["Last-Modified"] == head.headers["ocp-creation-time"] == "Fri, 02 Jan 2026 00:00:00 GMT"
    for path in ("startup%2Fnope", "..%2F..%2Fetc%2Fpasswd"):
        assert world.data("GET", f"{node}/files/{path}").body["code"] == "FileNotFound"


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-2", 200, b"sta"),
        ("bytes=4-", 200, b"ted\n"),
        ("bytes=0-999", 200, b"started\n"),
        ("bytes=8-9", 416, None),
        ("bytes=3-1", 416, None),
        ("lines=1", 400, None),
    ],
)
async def test_a_part_of_a_file(world, asked, status, content) -> None:
    """ocp-range gives the bytes asked for, and is refused where there are none."""
    node = await world.pool()
    reply = world.data("GET", f"{node}/files/startup%2Fstdout.txt", headers={"ocp-range": asked})
    assert reply.status == status
    if content:
        assert reply.body == content


@pytest.mark.parametrize(
    ("state", "code", "level", "provisioned"),
    [
        ("success", "ProvisioningState/succeeded", "Info", "Succeeded"),
        ("warning", "ProvisioningState/succeeded", "Warning", "Succeeded"),
        ("error", "ProvisioningState/failed", "Error", "Failed"),
        ("transitioning", "ProvisioningState/transitioning", "Info", "Creating"),
    ],
)
async def test_extensions_of_a_node(world, state, code, level, provisioned) -> None:
    """What the agent tells becomes an instance view, without protected settings."""
    world.machines.says.update(state=state, message="what it says")
    node = await world.pool()
    (shown,) = world.data("GET", f"{node}/extensions").body["value"]
    (status,) = shown["instanceView"]["statuses"]
    assert (status["code"], status["level"], status["message"]) == (code, level, "what it says")
    assert shown["provisioningState"] == provisioned
    assert shown["vmExtension"]["type"] == "KeyVaultForLinux"
    assert "protectedSettings" not in shown["vmExtension"]
    assert world.data("GET", f"{node}/extensions/KVEXTENSIONS").body["instanceView"] == shown["instanceView"]
    assert world.data("GET", f"{node}/extensions/other").status == 404


async def test_before_the_machine_is_up_nothing_can_be_read_from_it(world) -> None:
    """Files and remote login are refused; the extension has no instance view yet."""
    node = await world.pool(seconds=1)
    assert world.data("GET", f"{node}/files").body["code"] == "NodeBeingCreated"
    assert world.data("GET", f"{node}/remoteloginsettings").body["code"] == "NodeBeingCreated"
    (shown,) = world.data("GET", f"{node}/extensions").body["value"]
    assert "instanceView" not in shown


async def test_nodes_are_filtered_and_selected(world) -> None:
    """$filter on the state, $select of properties, a node that is not there."""
    await world.pool(nodes=2)
    assert world.nodes(_filter="state eq 'idle'", _select="id,state")[0].keys() == {"id", "state"}
    assert world.nodes(_filter="(state eq 'creating') or (state eq 'unusable')") == []
    assert len(world.nodes(_filter="allocationTime ge datetime'2020-01-01T00:00:00Z' and isDedicated eq true")) == 2
    assert world.data("GET", "/pools/render/nodes/tvmps_0").body["code"] == "NodeNotFound"


async def test_scheduling_is_switched_off_and_on(world) -> None:
    """Each switch works once; the second time the node is in that state already."""
    node = await world.pool()
    for verb, state in (("disablescheduling", "disabled"), ("enablescheduling", "enabled")):
        assert world.data("POST", f"{node}/{verb}").status == 200
        assert world.data("GET", node).body["schedulingState"] == state
        again = world.data("POST", f"{node}/{verb}")
        assert (again.status, again.body["code"]) == (409, "NodeAlreadyInTargetSchedulingState")


@pytest.mark.parametrize(("version", "known"), [("2024-02-01.19.0", False), ("2025-06-01", True)])
async def test_node_counts_have_the_states_of_their_version(world, version, known) -> None:
    """Deallocation came with 2024-07-01."""
    await world.pool()
    (row,) = world.data("GET", "/nodecounts", version=version).body["value"]
    assert (row["dedicated"]["idle"], row["dedicated"]["total"]) == (1, 1)
    assert ("deallocated" in row["lowPriority"]) is known
