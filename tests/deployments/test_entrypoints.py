"""A flow's parameters, read without importing it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batchcert.spec import CertificateSpec, Target
from deployments.entrypoints import NoFlowError, read_flow

FLOWS = """
import prefect
from prefect import flow

@flow(name="Named", log_prints=True)
def first(target: Target, names: list[str], many: list[CertificateSpec], size: Annotated[int, "words"] = 3) -> None: ...

@flow
def with_hyphens(*, needed: str, other: dict[str, int], optional: str = "") -> None: ...

@prefect.flow
async def third() -> None: ...

def no_flow() -> None: ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "f.py").write_text(FLOWS)
    (tmp_path / "broken.py").write_text("def f(:\n")
    return tmp_path


@pytest.mark.parametrize(
    ("function", "flow_name", "parameters"),
    [
        (
            "first",
            "Named",
            {
                "target": (True, Target),
                "names": (True, list[str]),
                "many": (True, list[CertificateSpec]),
                "size": (False, int),
            },
        ),
        ("with_hyphens", "with-hyphens", {"needed": (True, str), "other": (True, None), "optional": (False, str)}),
        ("third", "third", {}),
    ],
)
def test_a_flow_is_read_from_its_text(folder: Path, function: str, flow_name: str, parameters: dict[str, Any]) -> None:
    """Its name as Prefect makes it; each parameter's type, and whether it must be given."""
    flow = read_flow(folder, f"f.py:{function}")
    assert flow.flow_name == flow_name
    assert {name: (each.required, each.kind) for name, each in flow.parameters.items()} == parameters


@pytest.mark.parametrize(
    ("entrypoint", "what"),
    [
        ("f.py", "is no entrypoint"),
        ("f.py:not a name", "is no entrypoint"),
        ("absent.py:first", "there is no file absent.py"),
        ("broken.py:f", "broken.py is not valid Python: line 1"),
        ("f.py:absent", "f.py has no flow absent"),
        ("f.py:no_flow", "f.py has no @flow at its function no_flow"),
    ],
)
def test_what_leads_to_no_flow_says_why(folder: Path, entrypoint: str, what: str) -> None:
    """Each way of missing has its own words and a cure."""
    with pytest.raises(NoFlowError) as caught:
        read_flow(folder, entrypoint)
    assert what in caught.value.what
    assert caught.value.cure
