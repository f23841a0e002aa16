"""pip for a Python that came without it, from an index served on loopback."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "tools/fetch_pip.py"
CONTENT = b"a wheel"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, made to expect our little wheel."""
    spec = importlib.util.spec_from_file_location("fetch_pip", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return module


@pytest.fixture
def index(script: ModuleType, tmp_path: Path) -> Iterator[str]:
    """A simple index with one version of pip, its link relative and with a fragment, as PyPI's are."""
    page = tmp_path / "simple/pip"
    page.mkdir(parents=True)
    (page / "index.html").write_text(
        f'<a href="../../files/pip-1.0.tar.gz">old</a><a href="../../files/{script.WHEEL}#sha256=x">new</a>'
    )
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / script.WHEEL).write_bytes(CONTENT)
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()
        thread.join()


def test_the_wheel_is_fetched(script: ModuleType, index: str, tmp_path: Path) -> None:
    """It lies in the folder, byte for byte."""
    assert script.fetch(index, tmp_path).read_bytes() == CONTENT


def test_another_file_is_refused(
    script: ModuleType, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not have the published digest is not kept."""
    monkeypatch.setattr(script, "SHA256", "0" * 64)
    with pytest.raises(ValueError, match="not the file that was published"):
        script.fetch(index, tmp_path)
    assert not (tmp_path / script.WHEEL).exists()


def test_an_index_without_it_ends_with_1(
    script: ModuleType,
    index: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line says what is missing, so that the bootstrap can go on to its own."""
    monkeypatch.setattr(script, "WHEEL", "pip-99-py3-none-any.whl")
    monkeypatch.setattr(script.sys, "argv", ["fetch_pip.py", str(tmp_path)])
    monkeypatch.setenv("PIP_INDEX_URL", index)
    assert script.main() == 1
    assert "has no pip-99" in capsys.readouterr().err


def test_without_an_index_of_ones_own_it_is_the_lock_files(
    script: ModuleType, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first package that was locked from an index says which."""
    lock = tmp_path / "uv.lock"
    lock.write_text(
        f'[[package]]\nname = "here"\nsource = {{ editable = "." }}\n'
        f'[[package]]\nname = "there"\nsource = {{ registry = "{index}" }}\n'
    )
    monkeypatch.setattr(script, "LOCK", lock)
    monkeypatch.setattr(script.sys, "argv", ["fetch_pip.py", str(tmp_path)])
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert script.main() == 0
    assert (tmp_path / script.WHEEL).read_bytes() == CONTENT
