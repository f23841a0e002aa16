"""Channels: which go together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from batchcert.problems import invalid_parameters
from batchcert.spec import Channel, CrossCheck, VisitSpec


def test_nodes_are_looked_at_over_ssh_alone_unless_somebody_says_so() -> None:
    """As before there were other ways."""
    spec = VisitSpec()
    assert (spec.channel, spec.cross_check, spec.cross_check.channel) == (Channel.SSH, CrossCheck.NONE, None)


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("cross", CrossCheck)
def test_a_channel_is_not_cross_checked_with_itself(channel: Channel, cross: CrossCheck) -> None:
    """Every other pair is accepted."""
    given = {"channel": channel.value, "cross_check": cross.value}
    if cross.value == channel.value:
        with pytest.raises(ValidationError, match=f"cross_check: {cross} is the channel itself"):
            VisitSpec.model_validate(given)
    else:
        assert VisitSpec.model_validate(given).cross_check is cross


def test_all_faults_are_told_at_once() -> None:
    """Each with its field."""
    with pytest.raises(ValidationError) as refused:
        VisitSpec.model_validate({"channel": "telnet", "cross_check": "auto", "slot_timeout": 0})
    told = [problem.what.partition(":")[0] for problem in invalid_parameters(refused.value)]
    assert told == ["channel", "cross_check", "slot_timeout"]
