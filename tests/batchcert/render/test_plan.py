"""A plan as text."""

from __future__ import annotations

import pytest

from batchcert.changes import Action, Change, FieldChange
from batchcert.render.plan import plan_text


def test_each_change_says_what_and_why():
    """A symbol and a sentence each, fields below, and the sum at the end."""
    text = plan_text([
        Change(Action.NOTHING, "identity/batchcert", "it exists"),
        Change(Action.CREATE, "certificate/kv/web"),
        Change(Action.RECOVER, "certificate/kv/api"),
        Change(
            Action.UPDATE,
            "pool/render-eu",
            fields=(FieldChange("extensions[0].settings.pollingIntervalInS", '"3600"', '"300"'),),
        ),
        Change(
            Action.REPLACE,
            "pool/render-us",
            "differs from what is asked for",
            (
                FieldChange("vmSize", '"STANDARD_DS2_V2"', '"STANDARD_D2S_V5"', "cannot be changed on a pool"),
                FieldChange("subnetId", "", '"/subscriptions/1"'),
            ),
        ),
        Change(Action.DELETE, "pool/old"),
    ])  # fmt: skip
    assert text == (
        "  = identity/batchcert  already right   # it exists\n"
        "  + certificate/kv/web  create\n"
        "  + certificate/kv/api  recover what was soft-deleted\n"
        "  ~ pool/render-eu  update in place\n"
        '      extensions[0].settings.pollingIntervalInS   "3600" -> "300"\n'
        "-/+ pool/render-us  new beside the old   # differs from what is asked for\n"
        '      vmSize     "STANDARD_DS2_V2" -> "STANDARD_D2S_V5"   # cannot be changed on a pool\n'
        '      subnetId   (none) -> "/subscriptions/1"\n'
        "  - pool/old  delete\n"
        "  1 to create, 1 to update, 1 to recover, 1 to replace, 1 to delete, 1 already right\n"
    )


@pytest.mark.parametrize(
    ("actions", "summary"),
    [
        ([], "  nothing to do\n"),
        ([Action.NOTHING] * 3, "  nothing to do: 3 already right\n"),
        ([Action.CREATE], "  1 to create\n"),
        ([Action.NOTHING, Action.UPDATE, Action.UPDATE], "  2 to update, 1 already right\n"),
    ],
)
def test_the_last_line_sums_up(actions, summary):
    """No change has its own sentence."""
    assert plan_text([Change(action, "r") for action in actions]).endswith(summary)


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_symbol_and_a_sentence(action):
    """The set is closed, and none is forgotten."""
    line = plan_text([Change(action, "r")]).split("\n")[0]
    assert line[:3].strip()
    assert line.split("r  ", 1)[1]


def test_a_value_stays_on_its_line():
    """A value with line ends or terminal escapes in it is shown without them."""
    change = Change(Action.UPDATE, "r", fields=(FieldChange("f", "a\nb", "\x1b[31mc"),))
    assert plan_text([change]).split("\n")[1] == "      f   a b -> [31mc"
