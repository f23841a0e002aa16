"""Who may do what."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from local_azure.clock import Clock
from local_azure.services.arm.access import Access
from local_azure.settings import Settings
from local_azure.wire.messages import AzureError, Caller
from local_azure.wire.tokens import Tokens

SETTINGS = Settings(grant_seconds=120)
SUBSCRIPTION = f"/subscriptions/{SETTINGS.subscription}"
VAULT = f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
READ_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"


class MovedClock(Clock):
    """A clock that a test sets by hand."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def access(clock: MovedClock) -> Access:
    return Access(SETTINGS, clock, Tokens())


def test_the_operator_owns_the_subscription(access: Access) -> None:
    """Everything below the subscription, on the management plane and in vaults."""
    assert access.allows(SETTINGS.object_id, "Microsoft.Batch/batchAccounts/pools/write", VAULT)
    assert access.allows(SETTINGS.object_id, READ_SECRET, VAULT, data=True)


@pytest.mark.parametrize(
    ("scope", "asked", "allowed"),
    [
        (VAULT, VAULT, True),
        (VAULT.upper(), VAULT, True),
        (SUBSCRIPTION, VAULT, True),
        (VAULT, SUBSCRIPTION, False),
        (VAULT, VAULT + "x", False),
    ],
)
def test_a_role_holds_at_its_scope_and_below(
    access: Access, clock: MovedClock, scope: str, asked: str, allowed: bool
) -> None:
    """Scopes are compared segment by segment, without case."""
    access.assign("a", scope, SECRETS_USER, "node")
    clock.ahead = timedelta(hours=1)
    assert access.allows("node", READ_SECRET, asked, data=True) is allowed


def test_a_grant_takes_effect_after_the_delay(access: Access, clock: MovedClock) -> None:
    """A fresh role assignment is not seen at once."""
    access.assign("a", VAULT, SECRETS_USER, "node")
    assert not access.allows("node", READ_SECRET, VAULT, data=True)
    clock.ahead = timedelta(seconds=121)
    assert access.allows("node", READ_SECRET, VAULT, data=True)


def test_a_role_holds_its_own_actions_alone(access: Access, clock: MovedClock) -> None:
    """Secrets User reads secrets and nothing else; without any role there is a 403 in ARM's words."""
    access.assign("a", VAULT, SECRETS_USER, "node")
    clock.ahead = timedelta(hours=1)
    assert not access.allows("node", "Microsoft.KeyVault/vaults/secrets/setSecret/action", VAULT, data=True)
    with pytest.raises(AzureError) as caught:
        access.require(Caller("node", "client", "tenant"), "Microsoft.KeyVault/vaults/write", VAULT)
    assert (caught.value.status, caught.value.code) == (403, "AuthorizationFailed")
