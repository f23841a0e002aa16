"""`python -m tools.conformance` over recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.conformance.__main__ import main
from tools.conformance.exchanges import recorded

from .test_checks import SENT, URL


def recording(folder: Path, *bodies: str, url: str = URL) -> Path:
    file = folder / "traffic.jsonl"
    row = {"method": "GET", "url": url, "status": 200, "request_headers": {}, "response_headers": SENT}
    file.write_text("".join(json.dumps({**row, "response_body": body}) + "\n" for body in bodies))
    return file


def test_clean_traffic_ends_with_0(specs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was looked at is counted."""
    assert main([str(recording(tmp_path, '{"id": "p"}', '{"id": "q"}')), "--specs", str(specs)]) == 0
    assert capsys.readouterr().out == "2 exchanges, 2 of 1 described operations, 0 violations\n"


def test_violations_end_with_1(specs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same fault is told once, with how often and where first."""
    assert main([str(recording(tmp_path, "{}", "{}")), "--specs", str(specs)]) == 1
    fault, where, total = capsys.readouterr().out.splitlines()
    assert fault == "Pool_Get: body: 'id' is a required property"
    assert where == f"  2 x, first GET {URL} -> 200"
    assert total.endswith("2 violations")


def test_what_no_description_speaks_of_is_counted(
    specs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By host; it is no violation."""
    assert main([str(recording(tmp_path, "{}", url="https://graph.example.com/me")), "--specs", str(specs)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 of them answer what no description here speaks of: graph.example.com 1"


def test_an_empty_recording_cannot_be_judged(specs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing recorded is not the same as nothing wrong."""
    with pytest.raises(SystemExit) as ended:
        main([str(recording(tmp_path)), "--specs", str(specs)])
    assert ended.value.code == 2
    assert "nothing is recorded there" in capsys.readouterr().err


def test_the_descriptions_are_found_by_the_environment(
    specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AZURE_SPECS_DIR is the folder where none is given."""
    monkeypatch.setenv("AZURE_SPECS_DIR", str(specs))
    assert main([str(recording(tmp_path, '{"id": "p"}'))]) == 0


@pytest.mark.parametrize("content", ["no JSON", "{}", '{"method": "GET"}', "[1]"])
def test_what_cannot_be_judged_ends_with_2(
    specs: Path, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that is no exchange is named."""
    file = tmp_path / "broken.jsonl"
    file.write_text(content)
    with pytest.raises(SystemExit) as ended:
        main([str(file), "--specs", str(specs)])
    assert ended.value.code == 2
    assert "broken.jsonl, line 1: no exchange" in capsys.readouterr().err


def test_without_descriptions_nothing_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what is missing."""
    monkeypatch.delenv("AZURE_SPECS_DIR", raising=False)
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "any")])
    assert ended.value.code == 2
    assert "set AZURE_SPECS_DIR" in capsys.readouterr().err


def test_headers_are_read_in_lower_case(tmp_path: Path) -> None:
    """As HTTP means them."""
    row = {"method": "GET", "url": URL, "status": 200, "request_headers": {"A": "1"}, "response_headers": {"ETag": "2"}}
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps({**row, "response_body": ""}))
    (exchange,) = recorded(file)
    assert (exchange.request_headers, exchange.response_headers) == ({"a": "1"}, {"etag": "2"})
    assert (exchange.host, exchange.path) == ("account.region.batch.azure.com", "/pools/p")
    assert exchange.api_version == "2024-02-01.19.0"
