"""The node's folder stands for `/`: absolute paths are translated in what goes into a command and in what comes out.

One way that serves everywhere. Mount namespaces would be exact, but Ubuntu 24.04 and macOS refuse them to ordinary
users; `chroot` needs root. Translation needs nothing, and it holds for what people and scripts write: literal absolute
paths. Not translated, and so the host's own: a bare `/`, a path put together from parts (`$x/var` with an empty `x`),
and paths inside a file that a command reads as a program. /bin, /usr/bin and /dev are the host's on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_LONGEST_LINE = 65536  # a line on its way into a shell is held back until it ends, but never more than this

# What may stand before a path for it to be one: not `x/var`, `$x/var`, `${x}/var`, `*/var`, `https://x/var`.
_BEFORE = rb"(?:^|[\s=:;|&<>(,#`@{+^-])(?:\\?[\"']){0,4}"
_AFTER = rb"(?=$|[^\w.-])"
_LONGER_NAME = re.compile(rb"[\w.-]")


class Inward:
    """Turns a node's paths in command text into the host's.

    *tops* maps each of the node's top folders, as in "/var", to the host's folder that stands for it.
    """

    def __init__(self, tops: Mapping[str, str]) -> None:
        self._tops = {top.encode(): folder.encode() for top, folder in tops.items()}
        names = b"|".join(re.escape(top) for top in sorted(self._tops, key=len, reverse=True))
        self._pattern = re.compile(b"(" + _BEFORE + b")(" + names + b")" + _AFTER)
        self._held = b""

    def text(self, text: str) -> str:
        """A whole command text, translated."""
        return self._translated(text.encode(errors="surrogateescape")).decode(errors="surrogateescape")

    def feed(self, data: bytes) -> bytes:
        """The lines that *data* completes, translated. The rest is held until its line ends, or is too long."""
        whole, newline, self._held = (self._held + data).rpartition(b"\n")
        ready = self._translated(whole) + newline if newline else b""
        if len(self._held) > _LONGEST_LINE:
            ready, self._held = ready + self._translated(self._held), b""
        return ready

    def close(self) -> bytes:
        """What was held, translated."""
        held, self._held = self._held, b""
        return self._translated(held)

    def _translated(self, data: bytes) -> bytes:
        return self._pattern.sub(lambda found: found[1] + self._tops[found[2]], data)


class Outward:
    """Turns the host's paths in a command's output back into the node's, as a stream of any bytes.

    *folders* are the host folders that stand for the node's `/`. At most two folders' length is held back, so that a
    path split over two chunks is found.
    """

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = tuple(sorted((folder.encode() for folder in folders), key=len, reverse=True))
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What of the stream is sure by now, translated."""
        data = self._held + data
        sure = self._sure(data)
        self._held = data[sure:]
        return self._translated(data[:sure])

    def close(self) -> bytes:
        """What was held, translated."""
        held, self._held = self._held, b""
        return self._translated(held)

    def _sure(self, data: bytes) -> int:
        """The length of *data* without a tail that may be the beginning of a folder's name, or all of it."""
        start = max(0, len(data) - len(self._folders[0]))
        while (slash := data.find(b"/", start)) >= 0:
            if any(folder.startswith(data[slash:]) for folder in self._folders):
                return slash - self._folder_before(data[:slash])
            start = slash + 1
        return len(data)

    def _folder_before(self, data: bytes) -> int:
        """The length of the folder's name that *data* ends with: what follows it decides what becomes of it."""
        return next((len(folder) for folder in self._folders if data.endswith(folder)), 0)

    def _translated(self, data: bytes) -> bytes:
        for folder in self._folders:
            if folder in data:
                first, *rest = data.split(folder)
                data = first + b"".join(_after(folder, text) for text in rest)
        return data


def _after(folder: bytes, text: bytes) -> bytes:
    """*text* with what becomes of *folder* before it: nothing, `/` for the root itself, all of it in a longer name."""
    if text.startswith(b"/"):
        return text
    return folder + text if _LONGER_NAME.match(text) else b"/" + text
