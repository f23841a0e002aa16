"""Files of nodes, at the account's host: speaks, decides nothing."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from local_azure.machines import MachineFile
from local_azure.services.batch.accounts import ACCOUNT_TYPE
from local_azure.services.batch.data.nodes import NODE, node_of
from local_azure.services.batch.data.plane import routes
from local_azure.services.batch.data.replies import listed
from local_azure.services.batch.errors import refusal
from local_azure.services.batch.protocol.times import http_date, stamp
from local_azure.services.batch.service import Batch
from local_azure.wire.messages import Reply, Request

_READ = f"{ACCOUNT_TYPE}/pools/read"
_WRITE = f"{ACCOUNT_TYPE}/pools/write"
_FILES = f"{NODE}/files"
_FILE = f"{_FILES}/{{file:path}}"
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_BINARY = "application/octet-stream"


@routes.get(_FILES, name="File_ListFromComputeNode", permission=_READ)
def list_files(batch: Batch, request: Request) -> Reply:
    """What lies below the node's Batch root directory."""
    account, pool, node = node_of(batch, request)
    recursive = request.query.get("recursive", "").lower() == "true"
    base = f"https://{request.host}/pools/{pool.name}/nodes/{node.id}/files"
    found = batch.nodes.files(account, pool, node, recursive=recursive)
    return listed(request, "files", found, lambda file: file_view(base, file))


@routes.on("HEAD", _FILE, name="File_GetPropertiesFromComputeNode", permission=_READ)
def properties(batch: Batch, request: Request) -> Reply:
    """A file's or folder's properties, as headers."""
    return properties_reply(request, batch.nodes.file(*node_of(batch, request), request.params["file"]))


@routes.get(_FILE, name="File_GetFromComputeNode", permission=_READ)
def content(batch: Batch, request: Request) -> Reply:
    """A file's content, or the part of it that `ocp-range` asks for."""
    found, name = node_of(batch, request), request.params["file"]
    return file_reply(request, batch.nodes.file(*found, name), batch.nodes.content(*found, name))


@routes.delete(_FILE, name="File_DeleteFromComputeNode", permission=_WRITE)
def delete(batch: Batch, request: Request) -> Reply:
    """Remove a file, or with `recursive` a folder."""
    recursive = request.query.get("recursive", "").lower() == "true"
    batch.nodes.remove_file(*node_of(batch, request), request.params["file"], recursive=recursive)
    return Reply(200)


def properties_reply(request: Request, file: MachineFile) -> Reply:
    """A file's or folder's properties, as headers."""
    return Reply(200, None, {**_headers(request, file), "Content-Type": _BINARY, "Content-Length": str(file.size)})


def file_reply(request: Request, file: MachineFile, whole: bytes) -> Reply:
    """A file's content, or the part of it that `ocp-range` asks for. Raises: AzureError 400, 416 for a bad range."""
    part = _part(whole, request.headers.get("ocp-range") or request.headers.get("range", ""))
    return Reply(200, part, {**_headers(request, file), "Content-Type": _BINARY})


def _part(whole: bytes, asked: str) -> bytes:
    if not asked:
        return whole
    match = _RANGE.fullmatch(asked.strip())
    if match is None:
        raise refusal("InvalidHeaderValue", {"HeaderName": "ocp-range", "HeaderValue": asked})
    start, end = int(match[1]), int(match[2]) + 1 if match[2] else len(whole)
    if start >= len(whole) or start >= end:
        raise refusal("InvalidRange")
    return whole[start:end]


def _headers(request: Request, file: MachineFile) -> dict[str, str]:
    return {
        "Last-Modified": http_date(file.modified),
        "ocp-creation-time": http_date(file.created),
        "ocp-batch-file-mode": f"0o{file.mode:o}",
        "ocp-batch-file-isdirectory": str(file.is_directory).lower(),
        "ocp-batch-file-url": quote(f"https://{request.host}{request.path}", safe=":/%"),
    }


def file_view(base: str, file: MachineFile) -> dict[str, Any]:
    """A file or folder as lists show it."""
    row: dict[str, Any] = {"name": file.name, "url": f"{base}/{quote(file.name)}", "isDirectory": file.is_directory}
    if not file.is_directory:
        row["properties"] = {
            "creationTime": stamp(file.created),
            "lastModified": stamp(file.modified),
            "contentLength": file.size,
            "contentType": _BINARY,
            "fileMode": f"0o{file.mode:o}",
        }
    return row
