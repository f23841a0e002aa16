"""Resource groups: a name, a region, tags. Everything else lives in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from local_azure.services.arm.access import Access
from local_azure.services.arm.resources import Resource
from local_azure.wire.messages import AzureError, Request

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
_DEPTH = 3  # slashes in the path of a group itself


@dataclass
class Group:
    """A resource group as it was last written."""

    name: str
    location: str
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class GroupsState:
    """The groups, by lower-cased name."""

    groups: dict[str, Group] = field(default_factory=dict)


class Groups:
    """The subscription's resource groups.

    Other services tell what they hold through `on_list` and remove what a group holds through `on_delete`.
    """

    def __init__(self, access: Access, state: GroupsState | None = None) -> None:
        self.access = access
        self.state = state or GroupsState()
        self.on_delete: list[Callable[[str], None]] = []
        self.on_list: list[Callable[[], Iterable[Resource]]] = []
        access.checks.append(self.check)
        if state is None:
            settings = access.settings
            self.put(settings.resource_group, settings.region, {})

    def put(self, name: str, location: str, tags: dict[str, str]) -> tuple[Group, bool]:
        """Create or update; returns the group and whether it is new.

        Raises: AzureError 409 where the region differs from the existing group's.
        """
        known = self.state.groups.get(name.lower())
        location = location.replace(" ", "").lower()
        if known and known.location != location:
            raise AzureError(
                409,
                "InvalidResourceGroupLocation",
                f"Invalid resource group location '{location}'. The Resource group already exists in "
                f"location '{known.location}'.",
            )
        group = Group(known.name if known else name, location, tags)
        self.state.groups[name.lower()] = group
        return group, known is None

    def get(self, name: str) -> Group:
        """The group. Raises: AzureError 404 `ResourceGroupNotFound`."""
        try:
            return self.state.groups[name.lower()]
        except KeyError:
            raise AzureError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.") from None

    def check(self, request: Request) -> None:
        """Raises: AzureError 404 `ResourceGroupNotFound` for whatever is asked for in a group that is not there."""
        if "group" in request.params and request.path.strip("/").count("/") > _DEPTH:
            self.get(request.params["group"])

    def delete(self, name: str) -> None:
        """Remove the group and all that the other services hold in it."""
        self.get(name)
        for remove_all in self.on_delete:
            remove_all(name)
        del self.state.groups[name.lower()]

    def all(self) -> list[Group]:
        """Every group, by name."""
        return [self.state.groups[name] for name in sorted(self.state.groups)]

    def resources(self) -> list[Resource]:
        """Every resource of the subscription, by id."""
        found = [resource for listed in self.on_list for resource in listed()]
        return sorted(found, key=lambda resource: resource.id.lower())
