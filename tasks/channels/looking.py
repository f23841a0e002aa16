"""Looks at nodes of a pool through the channel that is asked for, or that the pool allows, and through a second one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from azure.batch import BatchClient

from batchcert.outcomes import Watched
from batchcert.spec import Channel, VisitSpec
from batchcert.verdict.evidence import NodeView
from batchcert.verdict.judging import NodeVisit
from batchcert.verdict.looked import Looked, uncrossed
from batchcert.visit.script import visit_script
from tasks.azure_api.clients import Azure
from tasks.channels.extension import ExtensionVisitor
from tasks.channels.ssh import SshVisitor
from tasks.channels.task import TaskVisitor
from tasks.channels.visitor import Progress, Visitor

FORBIDDEN = "azure-forbidden"


class Looking:
    """Looks at nodes as *limits* say; *looked* tells how, once it is done.

    *before*: a script that prints nothing, to be run on each node ahead of the visit's; through the channel `extension`
    nothing is run. Each round has a key, user or job of its own.
    """

    def __init__(
        self, azure: Azure, api: BatchClient, watched: Watched, limits: VisitSpec, *, before: str = ""
    ) -> None:
        self._azure = azure
        self._api = api
        self._watched = watched
        self._limits = limits
        self._before = before
        channel, why = chosen(limits.channel, watched.view.no_ssh)
        self.looked = Looked(channel, why)

    def visit(self, nodes: Sequence[NodeView], progress: Progress) -> dict[str, NodeVisit]:
        """What came of each node, by its id, however it went.

        Where this run chose tasks by itself and may not make any, it goes by the extension's view from then on.
        """
        visits = self._visitor(self.looked.channel, self._before).visit(nodes, progress)
        why_not = _forbidden(visits)
        if not (why_not and self._may_fall_back):
            return visits
        self.looked = replace(self.looked, channel=Channel.EXTENSION, why=f"{self.looked.why}; {why_not}")
        self._azure.tell(f"pool {self._watched.pool} is looked at through {self.looked.channel}: {self.looked.why}")
        return self._visitor(Channel.EXTENSION).visit(nodes, progress)

    def cross_check(self, nodes: Sequence[NodeView], first: Mapping[str, NodeVisit]) -> dict[str, NodeVisit]:
        """What the second channel sees of the nodes, by id; nothing where none is asked for. *first* came before it."""
        cross, channel = self._limits.cross_check.channel, self.looked.channel
        if cross is None:
            return {}
        if cross is channel:
            self.looked = replace(self.looked, not_crossed=f"{cross} is the channel that this run chose itself")
            return {}
        second = self._visitor(cross).visit(nodes, lambda *_: None)
        missed = uncrossed(first, second, channel, cross)
        self.looked = replace(self.looked, cross=cross, uncrossed=missed)
        return second

    @property
    def _may_fall_back(self) -> bool:
        by_choice = self._limits.channel is Channel.AUTO and self.looked.channel is Channel.TASK
        return by_choice and not self._before

    def _visitor(self, channel: Channel, before: str = "") -> Visitor:
        api, clock, pool, limits = self._api, self._azure.clock, self._watched.pool, self._limits
        if channel is Channel.EXTENSION:
            return ExtensionVisitor(api, clock, pool, limits)
        script = f"{before}{visit_script(self._watched.asked)}"
        if channel is Channel.TASK:
            return TaskVisitor(api, clock, pool, script, limits, self._azure.tell)
        return SshVisitor(api, clock, pool, script, limits)


def chosen(asked: Channel, no_ssh: str) -> tuple[Channel, str]:
    """The channel to look through, and why, where that is the run's choice. *no_ssh*: why the pool has none, or ""."""
    if asked is not Channel.AUTO:
        return asked, ""
    if no_ssh:
        return Channel.TASK, no_ssh
    return Channel.SSH, "the pool has a port for SSH, and its start task tells the host keys"


def _forbidden(visits: Mapping[str, NodeVisit]) -> str:
    """The service's words, where it refused every node for want of rights; "" where it did not."""
    failures = [visit.failure for visit in visits.values()]
    words = [failure.what for failure in failures if failure and failure.code == FORBIDDEN]
    return words[0] if words and len(words) == len(failures) else ""
