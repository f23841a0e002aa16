"""Faults on purpose: which call goes wrong, and how. The same calls in the same order always go wrong alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class When:
    """Which of the calls that a rule matches go wrong: those for which all that is set here holds.

    Attributes:
        nth: this call alone, counted from 1.
        every: each so-manieth call.
        first: so many calls, and none after them.
        until: calls before this date alone, UTC.
        chance: so many of all calls, from 0 to 1; which ones follows from *seed* and the call's number alone.
    """

    nth: int | None = None
    every: int | None = None
    first: int | None = None
    until: datetime | None = None
    chance: float | None = None
    seed: str = ""

    def strikes(self, number: int) -> bool:
        """Whether the call of this *number*, from 1, goes wrong, its date apart."""
        return (
            (self.nth is None or number == self.nth)
            and (self.every is None or number % self.every == 0)
            and (self.first is None or number <= self.first)
            and (self.chance is None or _drawn(self.seed, number) < self.chance)
        )

    def over(self, now: datetime) -> bool:
        """Whether nothing goes wrong any more, whatever is called."""
        return self.until is not None and now >= self.until


@dataclass(frozen=True)
class Effect:
    """What goes wrong. *name* is one of a catalogue that this module does not know; the rest is what it needs.

    Attributes:
        status: an HTTP status.
        code, message: an error's code and text, "" for the usual ones.
        retry_after: seconds for a Retry-After header, None for none.
        seconds: a length of time.
        size: a number of bytes.
        kind: which of several forms.
    """

    name: str
    status: int = 0
    code: str = ""
    message: str = ""
    retry_after: int | None = None
    seconds: float = 0.0
    size: int = 0
    kind: str = ""


@dataclass
class Rule:
    """One rule, and what it has done so far.

    Attributes:
        domain: what kind of call it is about, as "request".
        operation, resource: patterns of a shell (`*`, `?`, `[...]`), compared without case; `*` takes slashes too.
        seen: how many calls matched both patterns.
        struck: how many of these went wrong.
        lasting: what was decided, once, for each thing to which the effect clings.
    """

    id: str
    domain: str
    effect: Effect
    operation: str = "*"
    resource: str = "*"
    when: When = When()
    seen: int = 0
    struck: int = 0
    lasting: dict[str, bool] = field(default_factory=dict)

    def matches(self, operation: str, resources: Iterable[str]) -> bool:
        """Whether the rule is about this operation on a resource that goes by any of the given names."""
        return _like(operation, self.operation) and any(_like(resource, self.resource) for resource in resources)

    def count(self) -> bool:
        """Take note of one more matching call; says whether it goes wrong, its date apart."""
        self.seen += 1
        strikes = self.when.strikes(self.seen)
        self.struck += strikes
        return strikes


@dataclass
class FaultsState:
    """The rules in the order in which they were added; *added* counts them, those that are gone included."""

    rules: list[Rule] = field(default_factory=list)
    added: int = 0


class Faults:
    """The rules in force. *now* gives the time; *touch* is called whenever who asks again might fare otherwise."""

    def __init__(
        self, now: Callable[[], datetime], touch: Callable[[], None], state: FaultsState | None = None
    ) -> None:
        self._now = now
        self._touch = touch
        self.state = state or FaultsState()

    def add(
        self, domain: str, effect: Effect, *, operation: str = "*", resource: str = "*", when: When | None = None
    ) -> Rule:
        """Put a rule behind the others; where several could strike, the oldest one does."""
        self.state.added += 1
        rule = Rule(f"f{self.state.added}", domain, effect, operation, resource, when or When())
        self.state.rules.append(rule)
        self._touch()
        return rule

    def remove(self, rule_id: str) -> None:
        """Take a rule out. Raises: KeyError for one that is not there."""
        kept = [rule for rule in self.state.rules if rule.id != rule_id]
        if len(kept) == len(self.state.rules):
            raise KeyError(rule_id)
        self.state.rules = kept
        self._touch()

    def clear(self) -> None:
        """Take all rules out."""
        self.state.rules = []
        self._touch()

    def strike(self, domain: str, operation: str, *resources: str) -> Rule | None:
        """The rule by which this call goes wrong, or None. Every rule that matches counts the call."""
        found = [rule for rule in self._in_force(domain) if rule.matches(operation, resources)]
        striking = [rule for rule in found if rule.count()]
        if found:
            self._touch()  # the next call has another number
        return striking[0] if striking else None

    def cling(self, domain: str, key: str) -> list[Effect]:
        """The effects that cling to the thing called *key*, oldest rule first; each rule decides once about it."""
        return [rule.effect for rule in self._in_force(domain) if self._clings(rule, key)]

    def _clings(self, rule: Rule, key: str) -> bool:
        if key not in rule.lasting and rule.matches("", (key,)):
            rule.lasting[key] = rule.count()
        return rule.lasting.get(key, False)

    def _in_force(self, domain: str) -> list[Rule]:
        now = self._now()
        return [rule for rule in self.state.rules if rule.domain == domain and not rule.when.over(now)]


def _like(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower())


def _drawn(seed: str, number: int) -> float:
    """A number from 0 to below 1 that looks random and follows from both arguments."""
    digest = hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
