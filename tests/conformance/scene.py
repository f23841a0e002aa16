"""What an example finds when it is sent: names and ids of its own, so that no two examples meet."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conformance.examples import Example
from tests.conformance.images import available
from tests.conformance.speaker import Speaker
from tests.conformance.writable import writable
from tools.conformance.checks import Conformance
from tools.conformance.operations import BATCH, MANAGER

IDENTITY_VERSION, GROUP_VERSION = "2023-01-31", "2021-04-01"
_SUBSCRIPTION = re.compile(r"(?i)(?<=subscriptions/)[^/]+")
_IDENTITY = re.compile(r"/resourceGroups/([^/]+)/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/([\w-]+)")
_UNIQUE = ("resourceGroupName", "accountName", "vaultName", "poolId", "jobId", "jobScheduleId")


class Scene:
    """One example, about to be sent by *speaker*.

    Attributes:
        values: the example's parameters, by name, as they are to be sent; what prepares the scene may change them.
        body: the body to send, None for none.
        renamed: by the example's own, names that it has here, wherever they stand in a path.
    """

    def __init__(self, speaker: Speaker, example: Example, conformance: Conformance) -> None:
        self.speaker = speaker
        self.example = example
        self._conformance = conformance
        self.number = speaker.number()
        self.renamed = {
            str(example.parameters[name]): self._own(name) for name in _UNIQUE if name in example.parameters
        }
        given = {name: value for name, value in example.parameters.items() if name != example.body_name}
        self.values: dict[str, Any] = {name: self.mapped(value) for name, value in given.items()}
        self.values["subscriptionId"] = speaker.env["AZURE_SUBSCRIPTION_ID"]
        self.body: Any = self.mapped(example.parameters.get(example.body_name))
        self.host = self._host()

    @property
    def version(self) -> str:
        """The api-version of the example's description."""
        return self.example.operation.version

    @property
    def answer(self) -> Any:
        """The body of the example's first answer that has one, with the names of here."""
        bodies = (response["body"] for response in self.example.responses.values() if "body" in response)
        return self.mapped(next(bodies, None))

    def mapped(self, value: Any, name: str = "") -> Any:
        """*value*, the property *name* of something, with the names of here."""
        if isinstance(value, Mapping):
            return {self.mapped(key): self.mapped(item, key) for key, item in available(value).items()}
        if isinstance(value, list):
            return [self.mapped(item) for item in value]
        return self._text(value, name) if isinstance(value, str) else value

    def _text(self, value: str, name: str) -> Any:
        if name == "expiryTime":
            return f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"  # the examples' are over
        if name == "settings":
            return json.loads(value)  # an object, says the description; the examples quote it
        if name == "tenantId":
            return self.speaker.env["AZURE_TENANT_ID"]
        text = _SUBSCRIPTION.sub(self.speaker.env["AZURE_SUBSCRIPTION_ID"], value)
        return "/".join(self.renamed.get(segment, segment) for segment in text.split("/"))

    def url(self) -> str:
        """The address of the example's request."""
        query = {"api-version": self.version, **self.example.asked("query", self.values)}
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return f"https://{self.host}{self.example.path(self.values)}?{text}"

    def at(self, path: str) -> str:
        """An address at the example's host, in its api-version."""
        return f"https://{self.host}{path}?api-version={self.version}"

    def made_by(self, operation: str) -> Any:
        """What *operation* must be sent, for the resource to be as the example's answer shows it."""
        service = self.example.operation.service
        all_known = self._conformance.operations.all
        found = next(each for each in all_known if (each.service, each.name) == (service, operation))
        (body,) = (each for each in found.parameters if each.value["in"] == "body")
        return writable(self._conformance.documents, body.part(body.value["schema"]), self.answer)

    def group(self, name: str) -> None:
        """Let there be a resource group."""
        self.speaker.manage("PUT", f"/resourceGroups/{name}", {"location": "westus"}, version=GROUP_VERSION)

    def identities(self, value: Any) -> None:
        """Let there be the identities that *value* names anywhere."""
        for group, name in set(_IDENTITY.findall(str(value))):
            self.group(group)
            path = f"/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
            self.speaker.manage("PUT", path, {"location": "westus"}, version=IDENTITY_VERSION)

    def _host(self) -> str:
        if self.example.operation.host == MANAGER:
            return MANAGER
        if self.example.operation.host == BATCH:
            account = self.speaker.env["AZURE_BATCH_ACCOUNT"]
            path = f"/resourceGroups/{self.speaker.env['AZURE_RESOURCE_GROUP']}/providers/Microsoft.Batch"
            found = self.speaker.manage("GET", f"{path}/batchAccounts/{account}", version="2024-02-01")
            return str(found["properties"]["accountEndpoint"])
        return f"kv-example-{self.number}.vault.azure.net"

    def _own(self, name: str) -> str:
        dash = "" if name == "accountName" else "-"
        return f"{self.example.parameters[name]}{dash}{self.number}"
