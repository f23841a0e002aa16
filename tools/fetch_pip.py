"""Fetch pip's wheel from the package index, for a Python that came without pip: `fetch_pip.py FOLDER`.

Prints the wheel's path. A wheel of pip runs as it is: `python pip-….whl/pip install …`. The standard library
alone is used, since nothing else is there yet. The index is $PIP_INDEX_URL, or the one that uv.lock was made from.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

WHEEL = "pip-25.3-py3-none-any.whl"
SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
SECONDS = 60
LOCK = Path(__file__).resolve().parent.parent / "uv.lock"


class Links(HTMLParser):
    """The targets of a page's links, as an index's simple page lists its files (PEP 503)."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the target of each `a`."""
        self.targets += [value for name, value in attrs if tag == "a" and name == "href" and value]


def read(url: str) -> bytes:
    """What is at *url*, which must be https unless the index is a local one."""
    with urlopen(url, timeout=SECONDS) as reply:  # noqa: S310 - the address is the index the user set, or the lock file's
        content: bytes = reply.read()
    return content


def find_wheel(index: str) -> str:
    """The address of our version's wheel on *index*."""
    page = f"{index.rstrip('/')}/pip/"
    links = Links()
    links.feed(read(page).decode())
    urls = (urldefrag(urljoin(page, target)).url for target in links.targets)
    found = next((url for url in urls if url.endswith(f"/{WHEEL}")), None)
    if found is None:
        raise LookupError(f"{page} has no {WHEEL}")
    return found


def locked_index() -> str:
    """The index that the project's packages were locked from."""
    packages = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
    found: str = next(source["registry"] for package in packages if "registry" in (source := package["source"]))
    return found


def fetch(index: str, folder: Path) -> Path:
    """Put the wheel into *folder*; what does not have the known digest is refused."""
    content = read(find_wheel(index))
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{WHEEL} from {index} is not the file that was published")
    wheel = folder / WHEEL
    wheel.write_bytes(content)
    return wheel


def main() -> int:
    """Fetch, print the path; 1 and a line on stderr where that fails."""
    try:
        index = os.environ.get("PIP_INDEX_URL") or locked_index()
        print(fetch(index, Path(sys.argv[1])))  # noqa: T201 - the answer
    except (OSError, LookupError, ValueError) as error:
        print(f"fetch_pip: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
