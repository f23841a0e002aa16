"""Checks on a current certificate's use: what services present, and the command that has them read a new version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from batchcert.spec import Endpoint
from batchcert.verdict.evidence import Evidence, Expected
from batchcert.verdict.finding import Finding
from batchcert.verdict.seen import file_of, matches, node_is_young, version_is_new
from batchcert.verdict.shortfalls import Shortfall
from batchcert.verdict.words import lasting, moment, short
from batchcert.visit.report import Certificate, FoundHook, NodeReport, Ran, Served, Shown

_NOTHING = {
    Shown.REFUSED: (Shortfall.SERVICE_REFUSES, "nothing listens there"),
    Shown.NO_TLS: (Shortfall.SERVICE_WITHOUT_TLS, "what listens there presents no certificate"),
}
_UNKNOWN = {
    Shown.UNTOLD: "no openssl on the node",
    Shown.UNASKED: "other services of the node took too long to answer",
}


def expired_in_service(seen: Evidence, now: datetime) -> Finding | None:
    """A service turns its clients away: what it presents is over."""
    for place, leaf in _behind(seen):
        if now > leaf.not_after:
            over = f"expired {lasting(now - leaf.not_after)} ago, on {moment(leaf.not_after)}"
            return Shortfall.EXPIRED_IN_SERVICE.finding(
                f"{place} presents leaf {short(leaf.sha256)}, which {over}{_on_disk(seen)}"
            )
    return None


def stale_in_service(seen: Evidence, now: datetime) -> Finding | None:
    """A service presents an earlier version: current on disk, stale in service."""
    for place, leaf in _behind(seen):
        what = f"{place} presents leaf {short(leaf.sha256)}{_on_disk(seen)}"
        if _foreign(leaf, seen):
            whose = f"{leaf.subject} is none of Key Vault's newest versions"
            return Shortfall.FOREIGN_IN_SERVICE.finding(f"{what}; {whose}")
        return _in_time(
            Shortfall.STALE_IN_SERVICE, f"current on disk, stale in service{_since(seen)}: {what}", seen, now
        )
    return None


def nothing_served(seen: Evidence, now: datetime) -> Finding | None:
    """No certificate was seen where one should be."""
    for one in _answers(seen):
        if one.shown in _NOTHING:
            reason, what = _NOTHING[one.shown]
            return _in_time(reason, f"{_place(one)}: {what}", seen, now)
    return None


def hook_unfit(seen: Evidence, now: datetime) -> Finding | None:
    """The command for new versions is not on the node as it should be, so the next version may not be served."""
    hook, found = seen.expected.hook, _hook(seen)
    if hook is None or found is None or not matches(seen):
        return None
    if not found.revision:
        return _in_time(Shortfall.HOOK_MISSING, f"the node has no command for new versions of {hook.name}", seen, now)
    if found.revision != hook.revision:
        what = f"the node's command for new versions of {hook.name} is another one ({found.revision})"
        return Shortfall.HOOK_OUTDATED.finding(f"{what} than the pool's ({hook.revision})")
    if not found.watching:
        return Shortfall.HOOK_NOT_WATCHING.finding(f"systemd does not watch for new versions of {hook.name}")
    return _run_unfit(seen, found, now)


def lacks_hook(report: NodeReport, certificates: Iterable[Expected]) -> bool:
    """Whether a node lacks a command for new versions of one of *certificates*, or has another, or does not watch."""
    found = {one.name: one for one in report.hooks}
    wanted = [found[one.hook.name] for one in certificates if one.hook and one.hook.name in found]
    revisions = {one.hook.name: one.hook.revision for one in certificates if one.hook}
    return any(hook.revision != revisions[hook.name] or not hook.watching for hook in wanted)


def presented(report: NodeReport, certificate: Expected) -> str:
    """The fingerprint of the leaf that all services of *certificate* present; "" where one presents another or none."""
    shown = {(one.port, one.server_name): one.leaf.sha256 for one in report.served if one.leaf}
    leaves = {shown.get((place.port, place.server_name), "") for place in certificate.endpoints}
    return leaves.pop() if len(leaves) == 1 else ""


def in_use(seen: Evidence) -> str:
    """What is known of a current certificate's use, in words for its verdict: "" where nothing was asked."""
    places = {place: _shown(seen, place) for place in seen.expected.endpoints}
    told = [str(place) for place, shown in places.items() if shown not in _UNKNOWN]
    words = [f"; presented on {', '.join(told)}"] if told else []
    for shown, why in _UNKNOWN.items():
        if unknown := [str(place) for place in places if places[place] is shown]:
            words.append(f"; not known whether {', '.join(unknown)} presents it: {why}")
    return "".join(words)


def _run_unfit(seen: Evidence, found: FoundHook, now: datetime) -> Finding | None:
    ran = found.ran
    if ran is None or ran.sha256 != seen.expected.sha256 or ran.status is None:
        what = f"the command for new versions has not {'ended' if _runs(ran, seen) else 'run'} for this one"
        return _in_time(Shortfall.HOOK_NOT_RUN, f"{what}{_last(ran)}", seen, now)
    if ran.status != 0:
        return Shortfall.HOOK_FAILED.finding(f"the command for new versions ended with {ran.status}{_last(ran)}")
    return None


def _runs(ran: Ran | None, seen: Evidence) -> bool:
    return ran is not None and ran.sha256 == seen.expected.sha256


def _last(ran: Ran | None) -> str:
    return f", on {moment(ran.ended or ran.began)} for leaf {short(ran.sha256)}" if ran else ""


def _in_time(reason: Shortfall, what: str, seen: Evidence, now: datetime) -> Finding:
    """*reason*, or *pending* while the version or the node is new."""
    if version_is_new(seen, now) or node_is_young(seen, now):
        return Shortfall.SERVICE_PENDING.finding(what)
    return reason.finding(what)


def _behind(seen: Evidence) -> Iterator[tuple[str, Certificate]]:
    """The services that present something else than the current version, which the node has."""
    for one in _answers(seen):
        if one.leaf and one.leaf.sha256 != seen.expected.sha256:
            yield _place(one), one.leaf


def _answers(seen: Evidence) -> Iterator[Served]:
    if seen.report is not None and matches(seen):
        wanted = {(place.port, place.server_name) for place in seen.expected.endpoints}
        yield from (one for one in seen.report.served if (one.port, one.server_name) in wanted)


def _shown(seen: Evidence, place: Endpoint) -> Shown:
    key = (place.port, place.server_name)
    return next((one.shown for one in _answers(seen) if (one.port, one.server_name) == key), Shown.UNTOLD)


def _hook(seen: Evidence) -> FoundHook | None:
    hook = seen.expected.hook
    found = seen.report.hooks if seen.report and hook else ()
    return next((one for one in found if hook and one.name == hook.name), None)


def _foreign(leaf: Certificate, seen: Evidence) -> bool:
    earlier = seen.expected.earlier_sha256
    return earlier is not None and leaf.sha256 not in earlier


def _place(one: Served) -> str:
    return str(Endpoint(port=one.port, server_name=one.server_name))


def _since(seen: Evidence) -> str:
    """Since when the node has had the version that the service does not present, by the node's clock."""
    file = file_of(seen)
    return f" since {moment(file.swung)}" if file and file.swung else ""


def _on_disk(seen: Evidence) -> str:
    return f"; the node has leaf {short(seen.expected.sha256)}, Key Vault's current version"
