"""The book itself: every rule's number, what it does and its sentence; and how a check enters it.

R  a decision is refused          F  a fact is accepted and flagged
C  accepted and flagged critical

The checks stand in `rules_persons.py`, `rules_custody.py` and `rules_steps.py`: a small function a rule,
each returning the sentence of the breach, or None. `rules.judge` is the only way in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from domain import times
from domain.access import Thing
from domain.event import EVENTS, Effect, Event, State
from domain.history import History

Severity = Literal["R", "F", "C"]
S = TypeVar("S", bound=State)
T = TypeVar("T")
S_co = TypeVar("S_co", bound=State, covariant=True)
E_co = TypeVar("E_co", bound=Event, covariant=True)

BOOK: dict[int, tuple[str, str]] = {
    1: ("R", "the stream exists and is not closed by an end state"),
    2: ("R", "a fact is not dated more than five minutes ahead of the ledger's clock"),
    3: ("F", "a fact does not occur before the episode's first event"),
    4: ("F", "nobody is admitted without an entry authorisation"),
    5: ("R", "nobody has two housing places at one instant"),
    6: ("F", "a site is not filled over its capacity"),
    7: ("R", "a person is put on a way out only with intent RETURN, a pledge in force, and neither in "
             "care nor absent; what is lacking is not said"),
    8: ("R, C", "nobody who wants to stay or seeks protection is put on, frozen on, released with or "
                "passed on by a way out; refused as rule 7"),
    9: ("C", "a pledge withdrawn before handover takes the person off the manifest"),
    10: ("F", "nobody is handed over without a pledge or an assurance"),
    11: ("R, F", "custody passes between parties only through a transfer"),
    12: ("R", "one subject is on one open transfer at a time"),
    13: ("R, F", "acceptance follows release and is signed by another official, in their own name"),
    14: ("F", "the accepting party is identified"),
    15: ("R, F", "a transfer with unresolved or unlisted lines is not closed"),
    16: ("R, F", "a weapon goes into trust only made safe and inventoried, jointly counted"),
    17: ("R, C", "a weapon leaves its trustee only when authorised, to a recognised party, with no open "
                 "hold"),
    18: ("R, F", "a loss is declared only after a stock-take missed the weapon, on an authority"),
    19: ("R, C", "destruction needs an authority, two witnesses and no open hold"),
    20: ("R", "a correction or retraction is approved by another official"),
    21: ("R", "an event that others depend on is retracted only together with them"),
    22: ("F", "a seal is broken only with authority; otherwise its items are due for a recount"),
    23: ("R, F", "a control number is never used twice; equal serials are flagged"),
    24: ("R", "a text has at most 2,000 characters and no control or direction-turning ones"),
    25: ("R, F", "the steps of transfers and counts follow their order"),
    26: ("R, F", "a count is counter-signed by another official before it is closed"),
    27: ("F", "nothing is seen where the books do not have it, nor while it is missing or on the way"),
    28: ("R, F", "who or what is named is in office, open or recognised at the event's own time"),
    29: ("F", "a seal has the number that was applied, used once, and a sealed crate is not changed "
              "inside"),
    30: ("F", "a receipt covers one act of one depositor, and what is returned was receipted"),
    31: ("R, F", "a decisive thing is said once, and corrected after that"),
    32: ("R, F", "the machine's clock is believed: not before the newest event, not far after it"),
}  # fmt: skip

TELLS: dict[int, Thing] = {7: "intent", 8: "intent", 9: "pledge", 10: "pledge"}
"""Rules of which a flag tells something protected: only who reads that is told the number."""


class Case(NamedTuple, Generic[S_co, E_co]):
    """What a rule may look at: of an aggregate, about an event. Never a read model, never a clock.

    Attributes:
        event: the candidate. now: the ledger's clock, microseconds UTC.
        state: the stream at the instant the candidate occurred, as known now.
        known: the stream as known now. history: its events.
        others: any stream's state as known now, or None where there is none, see `look`.
        others_then: the same as at the instant the candidate occurred, see `then`.
        find: subjects under a name and key of the register, e.g. ("housed", "CAMP-R1").
        zone: the ledger's, in which sentences name instants.
        doubt: why the machine's clock is not believed (rule 32); "" while it is.
        memo: what one rule worked out and another asks for again; None: every rule for itself.
    """

    event: E_co
    now: int
    state: S_co
    known: S_co
    history: History[S_co]
    others: Callable[[str], State | None]
    others_then: Callable[[str], State | None]
    find: Callable[[str, str], Collection[str]]
    zone: ZoneInfo | None = None
    doubt: str = ""
    memo: dict[str, Any] | None = None

    def once(self, key: str, work: Callable[[], T]) -> T:
        """Return what some work gives, done once for all rules of this event."""
        if self.memo is None:
            return work()
        if key not in self.memo:
            self.memo[key] = work()
        found: T = self.memo[key]
        return found

    @property
    def after(self) -> Any:
        """The stream after the event, from the instant at which it occurred."""
        return self.once("after", lambda: self.event.evolve(self.state))

    def said(self, at: int) -> str:
        """Return an instant, microseconds UTC, as a sentence names it: in the ledger's zone."""
        return times.iso(at, self.zone)

    def look(self, stream_id: str | None, kind: type[S]) -> S | None:
        """Return another aggregate as known now; None where there is none of this kind."""
        found = self.others(stream_id) if stream_id else None
        return found if isinstance(found, kind) else None

    def then(self, stream_id: str | None, kind: type[S]) -> S | None:
        """Return another aggregate as at the instant the candidate occurred, as known now."""
        found = self.others_then(stream_id) if stream_id else None
        return found if isinstance(found, kind) else None


Check: TypeAlias = Callable[[Case[Any, Any]], str | None]


class Rule(NamedTuple):
    """One rule as it applies to some events."""

    number: int
    severity: Severity
    check: Check


RULES: dict[str, list[Rule]] = {}


def rule(
    number: int, severity: Severity, *on: type[Event], effect: Effect | None = None
) -> Callable[[Check], Check]:
    """Enter a check in the book for some event classes, for all that have an effect, or for all."""
    if effect is not None:
        on = tuple(cls for cls in EVENTS.values() if effect in cls.EFFECTS)

    def enter(check: Check) -> Check:
        for topic in [cls.TOPIC for cls in on] or list(EVENTS):
            RULES.setdefault(topic, []).append(Rule(number, severity, check))
        return check

    return enter
