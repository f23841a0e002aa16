"""What must be there before an example is sent, by its operation."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.scene import Scene

Preparation = Callable[[Scene], None]
_ALL: dict[tuple[str, str], Preparation] = {}


def before(service: str, *operations: str) -> Callable[[Preparation], Preparation]:
    """Declare the decorated function as what prepares the examples of *operations*."""

    def declare(preparation: Preparation) -> Preparation:
        _ALL.update({(service, operation): preparation for operation in operations})
        return preparation

    return declare


def prepare(scene: Scene) -> None:
    """Prepare *scene*: its resource group, the identities it names, and what its operation asks for."""
    if "resourceGroupName" in scene.values:
        scene.group(scene.values["resourceGroupName"])
    scene.identities([scene.body, scene.values])
    operation = scene.example.operation
    preparation = _ALL.get((operation.service, operation.name))
    if preparation:
        preparation(scene)
