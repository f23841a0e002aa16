"""What a virtual machine is made from and what it tells, as plain values.

The field names are those of `services/batch/machines.py`; the two rooms do not import each other, `cloud.py` maps
one to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class MachineSpec:
    """A virtual machine that a pool wants.

    Attributes:
        key: "account/pool/node", unique in the embedded Azure.
        region: the Azure region, as in westus2.
        identities: lower-cased ARM ids of the pool's user-assigned identities.
        extensions: the pool's `virtualMachineConfiguration.extensions`, as given.
    """

    key: str
    region: str
    identities: tuple[str, ...] = ()
    extensions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class MachineUser:
    """A user account on a machine. *public_key* is an OpenSSH line or ""; *password* likewise may be ""."""

    name: str
    admin: bool
    public_key: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class StartTask:
    """The pool's start task: a command line run once, as an administrator or not."""

    command_line: str
    elevated: bool
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExtensionStatus:
    """What the guest agent tells of one extension.

    *state* is "transitioning", "warning", "error" or "success"; *handler_version* the installed version.
    """

    name: str
    state: str
    message: str
    handler_version: str


@dataclass(frozen=True)
class MachineFile:
    """A file or folder below the Batch root directory of a machine; *name* uses slashes, as in startup/stdout.txt."""

    name: str
    is_directory: bool
    size: int
    created: datetime
    modified: datetime
