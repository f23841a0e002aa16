"""Everything that can be known of the deployments before they are deployed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from batchcert.problems import Problem
from deployments.documents import Document, UnreadableError, read_document
from deployments.faults import Fault
from deployments.regions import Reading, read_region
from deployments.rules import CHECKS
from deployments.subject import SEE_OTHERS, Subject, subjects
from deployments.templates import placeholders, why_unknown

PREFECT_FILE = "prefect.yaml"
REGIONS = "deployments/regions"


@dataclass(frozen=True)
class Report:
    """What was found: faults in the order of files and lines, notes, and how much was looked at."""

    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    regions: int
    deployments: int


def check(folder: Path, environ: Mapping[str, str]) -> Report:
    """Check prefect.yaml and the regions' files of the project in *folder*, `${NAME}` filled in from *environ*.

    Raises: Problem `no-deployments` where *folder* has no prefect.yaml.
    """
    file = folder / PREFECT_FILE
    if not file.is_file():
        cure = "run the command in the project's folder, or name it"
        raise Problem("no-deployments", what=f"there is no {PREFECT_FILE} in {folder}", cure=cure)
    regions = {
        path.relative_to(folder).as_posix(): read_region(path, environ)
        for path in sorted((folder / REGIONS).glob("*.y*ml"))
    }
    found = [fault for reading in regions.values() for fault in reading.faults]
    checked: list[Subject] = []
    try:
        document = read_document(file)
        found += _shape(document)
        checked += subjects(document, folder, regions) if not found or _has_deployments(document) else []
        found += _of_deployments(document, checked)
        found += _unread(folder, regions, checked)
    except UnreadableError as error:
        found.append(error.fault)
    notes = tuple(note for reading in regions.values() for note in reading.notes)
    return Report(tuple(_each_once(found)), notes, len(regions), len(checked))


def _shape(document: Document) -> Iterator[Fault]:
    """The file is a map with a list of deployments, each of them a map."""
    if not isinstance(document.root, dict):
        yield document.fault((), "is not a map of fields", "see Prefect's description of prefect.yaml")
    elif not _has_deployments(document):
        yield document.fault(("deployments",), "there is no list of deployments", "add it")
    else:
        for index, entry in enumerate(document.root["deployments"]):
            if not isinstance(entry, dict):
                yield document.fault(("deployments", index), "the deployment is not a map of fields", SEE_OTHERS)


def _has_deployments(document: Document) -> bool:
    return isinstance(document.root, dict) and isinstance(document.root.get("deployments"), list)


def _of_deployments(document: Document, checked: Iterable[Subject]) -> Iterator[Fault]:
    """The faults of each deployment by itself, then those of several together."""
    names: set[str] = set()
    for subject in checked:
        for rule in CHECKS:
            yield from rule(subject)
        for placeholder in placeholders(document.root.get("pull"), ("pull",)):
            why = why_unknown(placeholder.name, subject.outputs())
            if why:
                yield document.fault(placeholder.path, why, f"{subject.name} needs it")
        if subject.name in names:
            yield subject.fault(("name",), f"{subject.name} is there twice", "the later would replace the earlier")
        names.add(subject.name)


def _unread(folder: Path, regions: Mapping[str, Reading], checked: Iterable[Subject]) -> Iterator[Fault]:
    read = {file for subject in checked for _, file in subject.region_files()}
    for file in regions:
        if file not in read:
            cure = f"add its lines to {PREFECT_FILE}, or remove the file"
            yield Fault(str(folder / file), 0, "", "no deployment reads this region", cure)


def _each_once(found: Iterable[Fault]) -> list[Fault]:
    """Sorted; a fault in lines that many deployments share is told for the first of them."""
    first: dict[tuple[str, int, str], Fault] = {}
    for fault in found:
        first.setdefault((fault.file, fault.line, fault.what), fault)
    return sorted(first.values())
