"""What the tests of Key Vault share."""

from __future__ import annotations

import pytest

from .door import Door


@pytest.fixture
def new_door() -> type[Door]:
    """What makes an embedded Key Vault without a vault, as the test wants it."""
    return Door


@pytest.fixture
def door() -> Door:
    """An embedded Key Vault with one vault, `kv-test`, in which the operator may do everything."""
    door = Door()
    assert door.vault().status == 200
    return door
