"""What Azure fills in, and how it reads what clients write."""

from __future__ import annotations

import pytest

from local_azure.services.batch.validation.defaults import completed


@pytest.mark.parametrize(("written", "kept"), [(2, 2), ("2", 2), ("0", 0), ("two", "two"), (-1, -1), (True, True)])
def test_a_number_of_nodes_may_be_text(written: object, kept: object) -> None:
    """As the az CLI writes it; what is no number is left to the checks."""
    scale = {"scaleSettings": {"fixedScale": {"targetDedicatedNodes": written}}}
    assert completed(scale)["scaleSettings"]["fixedScale"]["targetDedicatedNodes"] == kept
