"""One stack, and three runs in their order: provisioned, found fine, found in trouble.

The browser ends with each module: as long as it is open, Playwright keeps an event loop running in the main thread, and
no other test could run one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.browser.chromium import EXECUTABLE, page_in_chromium
from tests.e2e.browser.journey import Ended, Journey, nodes_of
from tests.e2e.browser.stack import Stack, running_stack


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    if not EXECUTABLE.exists():
        pytest.skip(f"there is no Chromium at {EXECUTABLE}; Debian has it in the package chromium")
    with page_in_chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="module")
def journey(page: Page, stack: Stack) -> Journey:
    return Journey(stack, page)


@pytest.fixture(scope="session")
def made(stack: Stack) -> list[Ended]:
    """The run that made the pool, once there is one."""
    return []


@pytest.fixture(scope="module")
def provisioned(journey: Journey, made: list[Ended]) -> Ended:
    """Run once for the stack: the browsers of other modules open its page."""
    if not made:
        made.append(journey.provision())
    return journey.again(made[0])


@pytest.fixture(scope="module")
def fine(journey: Journey, provisioned: Ended) -> Ended:
    assert provisioned.state == "Completed"
    return journey.validate()


@pytest.fixture(scope="module")
def deserved(journey: Journey, fine: Ended) -> dict[str, str]:
    """The verdict that each node deserves, once there was trouble."""
    return journey.trouble(nodes_of(fine))


@pytest.fixture(scope="module")
def troubled(journey: Journey, deserved: dict[str, str]) -> Ended:
    return journey.validate()
