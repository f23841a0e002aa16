"""The series that Azure retires, by the names of their sizes."""

from __future__ import annotations

import pytest

from batchcert.clouds import CloudName
from batchcert.forecast.sizes import retirement


@pytest.mark.parametrize(
    ("size", "ends"),
    [
        ("STANDARD_DS2_V2", "2028-05-01"),
        ("Standard_D2", "2028-05-01"),
        ("Standard_DS11-1_v2", "2028-05-01"),
        ("standard_d15i_v2", "2028-05-01"),
        ("Standard_L4s", "2028-05-01"),
        ("Standard_A2m_v2", "2028-11-15"),
        ("Standard_B1ls", "2028-11-15"),
        ("Standard_B2ms", "2028-11-15"),
        ("Standard_F4", "2028-11-15"),
        ("Standard_F4s_v2", "2028-11-15"),
        ("Standard_GS5-8", "2028-11-15"),
        ("Standard_L8s_v2", "2028-11-15"),
        ("Standard_D2s_v3", "2029-11-15"),
        ("Standard_E4-2s_v3", "2029-11-15"),
        ("Standard_E64is_v3", "2029-11-15"),
        ("Standard_DC2ds_v3", "2029-10-31"),
        ("Standard_M192idms_v2", "2027-03-31"),
        ("Standard_NC24rs_v3", "2025-09-30"),
        ("Standard_NV8as_v4", "2026-09-30"),
        ("Standard_HB120-16rs_v2", "2027-05-31"),
        ("Standard_HC44rs", "2027-05-31"),
        ("STANDARD_D2S_V5", None),
        ("Standard_D2ads_v5", None),
        ("Standard_B2s_v2", None),
        ("Standard_F4as_v6", None),
        ("Standard_L8s_v3", None),
        ("Standard_HB120rs_v3", None),
        ("Standard_NC4as_T4_v3", None),
        ("Standard_D2s_v4", None),
        ("anything", None),
    ],
)
def test_when_a_size_ends(size: str, ends: str | None) -> None:
    """In the public cloud, whatever the case of its name; later series of the same letter stay."""
    day = retirement(size, CloudName.PUBLIC)
    assert (f"{day:%Y-%m-%d}" if day else None) == ends


@pytest.mark.parametrize(("size", "known"), [("Standard_D2s_v3", False), ("Standard_DS2_v2", True)])
def test_sovereign_clouds_keep_the_third_generation(size: str, known: bool) -> None:
    """Microsoft's page leaves them out of that retirement alone."""
    assert [bool(retirement(size, cloud)) for cloud in (CloudName.US_GOVERNMENT, CloudName.CHINA)] == [known, known]
