"""One deployment of prefect.yaml, as the checks see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from deployments.documents import Document, FieldPath
from deployments.entrypoints import FlowFunction, NoFlowError, read_flow
from deployments.faults import Fault
from deployments.regions import Reading, values
from deployments.templates import Outputs

LOAD = "deployments.regions.load"
SEE_OTHERS = "see another deployment"


@dataclass(frozen=True)
class Subject:
    """One deployment with all that its checks need.

    Attributes:
        document: prefect.yaml.
        index: its place in the list of deployments.
        entry: its fields, merges resolved.
        flow: the flow it runs, or why there is none.
        regions: what reading each region's file gave, by its path as prefect.yaml writes it.
    """

    document: Document
    index: int
    entry: Mapping[str, Any]
    flow: FlowFunction | NoFlowError
    regions: Mapping[str, Reading]

    @property
    def name(self) -> str:
        """`flow/name`, as Prefect knows it."""
        flow = self.flow.flow_name if isinstance(self.flow, FlowFunction) else str(self.entry.get("entrypoint"))
        return f"{flow}/{self.entry.get('name')}"

    def fault(self, path: FieldPath, what: str, cure: str = "") -> Fault:
        """A fault of the deployment's field at *path*."""
        return self.document.fault(("deployments", self.index, *path), what, cure)

    def map(self, field: str) -> dict[str, Any]:
        """The map in *field*, empty where there is none."""
        value = self.entry.get(field)
        return dict(value) if isinstance(value, dict) else {}

    def list(self, field: str) -> list[Any]:
        """The list in *field*, empty where there is none."""
        value = self.entry.get(field)
        return list(value) if isinstance(value, list) else []

    def steps(self) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
        """Each build step: its place, the function's full name, its arguments."""
        for place, step in enumerate(self.list("build")):
            for function, arguments in step.items() if isinstance(step, dict) else ():
                yield place, str(function), arguments if isinstance(arguments, dict) else {}

    def region_files(self) -> Iterator[tuple[int, str]]:
        """The region's file of each build step that loads one, normalised, and the step's place."""
        for place, function, arguments in self.steps():
            if function == LOAD and isinstance(arguments.get("file"), str):
                yield place, str(PurePosixPath(arguments["file"]))

    def outputs(self) -> Outputs:
        """What the build steps give, by their ids."""
        return {
            str(arguments["id"]): self._given(function, arguments)
            for _, function, arguments in self.steps()
            if arguments.get("id")
        }

    def _given(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        reading = self.regions.get(str(PurePosixPath(str(arguments.get("file"))))) if function == LOAD else None
        return values(reading.region) if reading and reading.region else None


def subjects(document: Document, folder: Path, regions: Mapping[str, Reading]) -> Iterator[Subject]:
    """Each deployment of prefect.yaml that is a map. One without build steps of its own has the file's."""
    shared = {"build": document.root["build"]} if "build" in document.root else {}
    for index, entry in enumerate(document.root["deployments"]):
        if isinstance(entry, dict):
            yield Subject(document, index, {**shared, **entry}, _flow(folder, entry), regions)


def _flow(folder: Path, entry: Mapping[str, Any]) -> FlowFunction | NoFlowError:
    try:
        return read_flow(folder, str(entry.get("entrypoint", "")))
    except NoFlowError as error:
        return error
