"""How batchcert knows again what it made."""

import uuid

import pytest

from batchcert.plan.marks import TAGS, grant_name, is_ours, metadata_is_ours


@pytest.mark.parametrize(
    ("tags", "ours"),
    [(TAGS, True), ({**TAGS, "team": "render"}, True), ({"batchcert": "used"}, False), ({}, False), (None, False)],
)
def test_only_the_whole_mark_counts(tags, ours):
    """Name and value; other tags beside it do not matter."""
    assert is_ours(tags) is ours


@pytest.mark.parametrize(
    ("metadata", "ours"),
    [
        ([{"name": "batchcert", "value": "made"}], True),
        ([{"name": "team", "value": "made"}, {"name": "batchcert", "value": "made"}], True),
        ([{"name": "batchcert", "value": "x"}], False),
        ([], False),
    ],
)
def test_a_pools_metadata_is_read_the_same_way(metadata, ours):
    """A pool has no tags in every API version, so its metadata carries the pair."""
    assert metadata_is_ours(metadata) is ours


def test_the_name_of_a_grant_is_a_guid_of_its_parts():
    """Azure wants a GUID; scope, principal and role each change it, their case does not."""
    name = grant_name("/vault", "principal", "role")
    assert str(uuid.UUID(name)) == name
    assert name == grant_name("/VAULT", "Principal", "ROLE")
    assert len({name, grant_name("/v", "principal", "role"), grant_name("/vault", "p", "role")}) == 3
