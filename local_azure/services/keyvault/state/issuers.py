"""Certificate authorities of a vault and whom it writes to, as they are remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Administrator:
    """Somebody of the organization that an issuer knows."""

    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass
class Issuer:
    """A certificate authority that the vault has an account with."""

    name: str
    provider: str
    created: datetime
    updated: datetime
    enabled: bool = True
    account: str = ""
    password: str = field(default="", repr=False)
    organization: str = ""
    administrators: list[Administrator] = field(default_factory=list)


@dataclass
class Contact:
    """Somebody who is written to about certificates."""

    email: str
    name: str
    phone: str


@dataclass
class Mail:
    """A mail that Key Vault would have sent: to whom, about which vault's certificate, and why."""

    sent: datetime
    to: list[str]
    vault: str
    certificate: str
    event: str
    text: str
