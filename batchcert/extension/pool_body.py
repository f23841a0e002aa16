"""A pool's request body, seen the way the rules ask about it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from batchcert.extension.machines import Image
from batchcert.extension.observed import settings_object
from batchcert.extension.settings import EXTENSION_TYPE

_PLACEHOLDER = re.compile(r"<.*>|\{\{.*\}\}|\$\{.*\}|\[\s*[A-Za-z].*\]", re.DOTALL)  # the last one: an ARM expression
_PLAIN = re.compile(r"\w+")


@dataclass(frozen=True)
class Field:
    """One place in a body: its path as a person writes it, and the value there (None where there is none).

    Members are looked up without regard to case, as Azure does.
    """

    path: str
    value: object = None

    def __getitem__(self, name: str) -> Field:
        """The member *name*."""
        found = (value for key, value in self._members() if key.lower() == name.lower())
        return Field(f"{self.path}.{name}".lstrip("."), next(found, None))

    @property
    def present(self) -> bool:
        """Whether there is a value; null is none."""
        return self.value is not None

    @property
    def text(self) -> str:
        """The value where it is text, without blanks around it; else ""."""
        return self.value.strip() if isinstance(self.value, str) else ""

    @property
    def open(self) -> bool:
        """Whether the value is still to be filled in: a placeholder, or an expression of an ARM template."""
        return bool(_PLACEHOLDER.fullmatch(self.text))

    @property
    def elements(self) -> list[Field]:
        """The elements of a list, else none."""
        values = self.value if isinstance(self.value, list) else []
        return [Field(f"{self.path}[{number}]", value) for number, value in enumerate(values)]

    @property
    def members(self) -> dict[str, Field]:
        """The members of an object by name, else none."""
        return {key: Field(self._path_of(key), value) for key, value in self._members()}

    def _path_of(self, key: str) -> str:
        plain = f"{self.path}.{key}".lstrip(".")
        return plain if _PLAIN.fullmatch(key) else f"{self.path}[{shown(key)}]"

    def _members(self) -> list[tuple[str, object]]:
        return list(self.value.items()) if isinstance(self.value, Mapping) else []


@dataclass(frozen=True)
class ExtensionBody:
    """One entry of the pool's extensions."""

    field: Field

    @property
    def kind(self) -> str:
        """Its type in lower case."""
        return self.field["type"].text.lower()

    @property
    def major(self) -> str:
        """The major version, "3", or "" where the body does not say."""
        version = self.field["typeHandlerVersion"]
        return "" if version.open else version.text.partition(".")[0]

    @property
    def settings(self) -> Field:
        """Its settings as an object, decoded where they are JSON text."""
        given = self.field["settings"]
        return Field(given.path, settings_object(given.value))

    @property
    def secrets(self) -> Field:
        """`secretsManagementSettings`."""
        return self.settings["secretsManagementSettings"]

    @property
    def authentication(self) -> Field:
        """`authenticationSettings`, where it belongs."""
        return self.settings["authenticationSettings"]

    @property
    def observed(self) -> list[Field]:
        """The address of each observed certificate, at its place."""
        entries = self.secrets["observedCertificates"].elements
        return [entry["url"] if isinstance(entry.value, Mapping) else entry for entry in entries]


class PoolBody:
    """The body of a pool's PUT request in ARM's form, or of its creation in the data plane's."""

    def __init__(self, body: Mapping[str, object]) -> None:
        self.root = Field("", body)

    @cached_property
    def properties(self) -> Field:
        """What describes the pool: `properties`, or the whole body in the data plane's form."""
        return self.root["properties"] if self.root["properties"].present else self.root

    @cached_property
    def machine(self) -> Field:
        """`virtualMachineConfiguration`, wherever the form has it."""
        if self.properties is self.root and self.root["virtualMachineConfiguration"].present:
            return self.root["virtualMachineConfiguration"]
        return self.properties["deploymentConfiguration"]["virtualMachineConfiguration"]

    @cached_property
    def extensions(self) -> list[ExtensionBody]:
        """All extensions."""
        return [ExtensionBody(entry) for entry in self.machine["extensions"].elements]

    @cached_property
    def key_vault(self) -> list[ExtensionBody]:
        """The KeyVaultForLinux extensions: one, in a body that is right."""
        return [extension for extension in self.extensions if extension.kind == EXTENSION_TYPE.lower()]

    @cached_property
    def observing(self) -> list[ExtensionBody]:
        """The extensions that observe certificates, on whichever system."""
        return [extension for extension in self.extensions if extension.kind.startswith("keyvaultfor")]

    @cached_property
    def image(self) -> Image | None:
        """The marketplace image, or None for a custom one and where its name is not filled in."""
        reference = self.machine["imageReference"]
        parts = [reference[name] for name in ("publisher", "offer", "sku")]
        return Image(*(part.text for part in parts)) if all(part.text and not part.open for part in parts) else None

    @cached_property
    def identities(self) -> dict[str, Field]:
        """The pool's identities by ARM id."""
        return self.root["identity"]["userAssignedIdentities"].members

    @cached_property
    def nat_pools(self) -> list[Field]:
        """The inbound NAT pools."""
        return self.properties["networkConfiguration"]["endpointConfiguration"]["inboundNatPools"].elements


def shown(value: object) -> str:
    """*value* as a message quotes it: JSON, cut short, without control characters."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 200 else f"{text[:200]}..."
