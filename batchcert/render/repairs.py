"""What was done about stale nodes, as Markdown: one line at the top of a report, and each node below."""

from __future__ import annotations

from batchcert.problems import Problem
from batchcert.render.nodes import short_node, with_short_node
from batchcert.render.safe import code, prose
from batchcert.repair.steps import Attempt, Left, Outcome, Repairs
from batchcert.repair.whys import Why


def repair_line(repairs: Repairs, pages: str) -> str:
    """What came of it in one line, with cause and cure where no (further) node is touched; "" where nothing did.

    *pages*: as `RunReport` has it.
    """
    if repairs.stopped is None:
        return f"🔧 **Repair:** {prose(str(repairs))}" if str(repairs) else ""
    stopped, nodes = repairs.stopped, {attempt.repair.node for attempt in repairs.attempts}
    title = "It is not the nodes" if stopped.code == Why.MAJORITY_STALE else "No further node is touched"
    what = stopped.what
    for node in nodes:
        what = with_short_node(what, node)
    why = f" **Why:** {prose(stopped.cause)}." if stopped.cause else ""
    cure = f" **What to do:** {prose(stopped.cure)}." if stopped.cure else ""
    return f"🔧 **{title}:** {code(what)} ({_named(stopped, pages)}).{why}{cure}"


def repair_section(repairs: Repairs, pages: str) -> list[str]:
    """A line for each step that was taken, in their order, and for each node that was left, with its reason."""
    lines = [*map(_attempt, repairs.attempts), *(_left(left, repairs, pages) for left in repairs.left)]
    return ["\n".join(f"- {line}" for line in lines)] if lines else []


def _attempt(attempt: Attempt) -> str:
    repair = attempt.repair
    done = f"told to {repair.step}" if attempt.outcome is Outcome.UNDONE else repair.step.done
    certificates = ", ".join(code(label) for label in repair.certificates)
    told = f": {code(with_short_node(attempt.told, repair.node))}" if attempt.told else ""
    return f"{done} {code(short_node(repair.node))} for {certificates}: **{attempt.outcome}**{told}"


def _left(left: Left, repairs: Repairs, pages: str) -> str:
    node = code(short_node(left.node))
    if left.why is repairs.stopped:
        return f"left {node}: see above ({_named(left.why, pages)})"
    what = code(with_short_node(left.why.what, left.node))
    return f"left {node}: {what} ({_named(left.why, pages)}). **What to do:** {prose(left.why.cure)}"


def _named(why: Problem, pages: str) -> str:
    return f"[{prose(why.code)}]({pages}{why.code}.md)" if pages else prose(why.code)
