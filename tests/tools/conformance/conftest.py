"""A small set of descriptions, laid out as Microsoft's are, to be changed and broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEADERS = {"ETag": {"type": "string"}, "Last-Modified": {"type": "string", "format": "date-time-rfc1123"}}
DATA = {
    "swagger": "2.0",
    "info": {"version": "2024-02-01.19.0"},
    "x-ms-parameterized-host": {"hostTemplate": "{batchUrl}"},
    "paths": {
        "/pools/{poolId}": {
            "get": {
                "operationId": "Pool_Get",
                "responses": {
                    "200": {"schema": {"$ref": "#/definitions/Pool"}, "headers": HEADERS},
                    "default": {"schema": {"$ref": "../common.json#/definitions/Error"}},
                },
                "x-ms-examples": {"A pool": {"$ref": "./examples/PoolGet.json"}},
            },
            "head": {
                "operationId": "Pool_Exists",
                "responses": {"200": {"headers": HEADERS}, "404": {}, "default": {}},
            },
            "delete": {"operationId": "Pool_Delete", "responses": {"202": {}}},
        },
        "/pools/{poolId}/files/{filePath}": {
            "get": {
                "operationId": "File_Get",
                "parameters": [{"name": "filePath", "in": "path"}],
                "responses": {"200": {"schema": {"type": "object", "format": "file"}}},
            },
        },
    },
    "definitions": {
        "Pool": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string"}, "nodes": {"type": "integer", "format": "int32"}},
        },
    },
}
COMMON = {
    "definitions": {
        "Error": {
            "required": ["code"],
            "properties": {"code": {"type": "string"}, "message": {"$ref": "#/definitions/Message"}},
        },
        "Message": {"properties": {"value": {"type": "string"}}},
    }
}
EXAMPLE = {
    "parameters": {"poolId": "p", "batchUrl": "a.b.batch.azure.com"},
    "responses": {"200": {"body": {"id": "p"}}},
}
SERVICE = Path("rest-api-specs/batch/data-plane/Microsoft.Batch/stable")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder of descriptions with one service in one version."""
    return write(tmp_path, DATA)


@pytest.fixture
def described(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Makes a folder whose one document has other definitions."""
    return lambda definitions: write(tmp_path, {**DATA, "definitions": definitions})


def write(folder: Path, document: dict[str, Any]) -> Path:
    """Write *document* and what it refers to below *folder*, which is returned."""
    version = folder / SERVICE / document["info"]["version"]
    (version / "examples").mkdir(parents=True)
    (version / "BatchService.json").write_text(json.dumps(document))
    (version / "examples/PoolGet.json").write_text(json.dumps(EXAMPLE))
    (folder / SERVICE / "common.json").write_text(json.dumps(COMMON))
    return folder
