"""Which file is a certificate's, in the layouts of 1.0, 2.0 and 3.0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from batchcert.visit.report import Certificate, NodeReport, Store, StoreFile
from batchcert.visit.store import find_file, find_store

FOLDER = "/var/lib/waagent/Microsoft.Azure.KeyVault.Store"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _file(name: str, month: int = 1, *, empty: bool = False) -> StoreFile:
    begin = BEGIN + timedelta(days=30 * month)
    leaf = Certificate("ab", "CN=a", "CN=a", (), begin, begin + timedelta(days=365))
    return StoreFile(f"{FOLDER}/{name}", "", "root", "root", "600", () if empty else (leaf,))


@pytest.mark.parametrize(
    ("files", "link_name", "expected"),
    [
        ([], "", None),
        ([_file("kv.web"), _file("kv.web.5c2f.17.42.PEM", 3)], "", "kv.web"),
        ([_file("kv.web.b.PEM", 1), _file("kv.web.a.PEM", 2)], "", "kv.web.a.PEM"),  # no link: valid from latest
        ([_file("kv.web.b.PEM", 1), _file("kv.web.a.PEM", empty=True)], "", "kv.web.b.PEM"),
        ([_file("KV.Web")], "", "KV.Web"),  # names in Key Vault are the same in whatever case
        ([_file("kv.web-2"), _file("kv.webs.x.PEM"), _file("kv2.web")], "", None),
        ([_file("kv.web"), _file("front")], "front", "front"),
        ([_file("kv.web"), _file("kv.web.a.PEM")], "front", None),  # services open the link they were told
        ([_file("Front")], "front", None),  # a file system knows case
    ],
)
def test_the_file_a_service_opens(files, link_name, expected):
    """The configured link, else the certificate's own, else the newest of its files; never a namesake's."""
    found = find_file(Store(FOLDER, True, tuple(files)), vault="kv", certificate="web", link_name=link_name)
    assert (found.path if found else None) == (f"{FOLDER}/{expected}" if expected else None)


@pytest.mark.parametrize(
    ("visited", "asked", "found"),
    [("/a", "/a", True), ("/a/", "/a", True), ("/a", "/a/", True), ("/a", "/b", False), ("/", "/", True)],
)
def test_a_slash_at_the_end_makes_no_other_store(visited, asked, found):
    """A folder is found by its path, however it was written."""
    report = NodeReport(BEGIN, (), (Store(visited, True, ()),))
    assert (find_store(report, asked) is not None) == found
