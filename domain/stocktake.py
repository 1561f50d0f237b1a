"""StockTake: a frozen expectation and what was found. Of persons it is a roll call.

    OPEN ⇄ CLOSED

Opening freezes the list that the ledger expects at a site, or in one container there. Each scan keeps
the code as typed. Another official counter-signs; closing counts, and what was expected and not found
is missing from then on. A count can have tens of thousands of scans: what was found is a map that
shares its parts from one state to the next, so that each scan costs the same.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, NamedTuple

from immutables import Map
from pydantic import Field

from domain.event import (
    Event,
    Instant,
    OfficialCode,
    SiteCode,
    StockTakeId,
    SubjectId,
    Text,
    register,
    replaces,
)
from domain.weapon import Condition

NOTHING_FOUND: Map[str, str] = Map()


@replaces
class StockTake(NamedTuple):
    """The aggregate of one count: what it expects and what was found."""

    id: str
    status: Literal["OPEN", "CLOSED"] | None = None
    since: int = 0  # microseconds UTC
    expected_as_of: int = 0  # microseconds UTC
    kind: str | None = None
    site: str | None = None
    container: str = ""
    expected: tuple[str, ...] = ()
    found: Map[str, str] = NOTHING_FOUND  # subject to the place it was found; no order
    unexpected: tuple[str, ...] = ()
    elsewhere: dict[str, str] = {}  # noqa: RUF012 -- never mutated; not found, known to be elsewhere
    opened_by: str | None = None
    counted_by: tuple[str, ...] = ()  # the officials who scanned
    countersigned_by: str | None = None
    totals: tuple[int, ...] = ()  # expected, found, missing, unexpected
    erased: bool = False
    irregular: tuple[tuple[int, int], ...] = ()
    pending: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """True while closed; a count can be reopened."""
        return self.status == "CLOSED"

    @property
    def missing(self) -> tuple[str, ...]:
        """Expected, not found so far, and not said to be elsewhere when it was closed."""
        accounted = (self.found, self.elsewhere)
        return tuple(one for one in self.expected if not any(one in some for some in accounted))


def counting(s: StockTake, official: str) -> tuple[str, ...]:
    """Return who counted, with one more official."""
    return s.counted_by if official in s.counted_by else (*s.counted_by, official)


class StockTakeEvent(Event):
    """An event of a count."""

    originator_id: StockTakeId
    THING = "count"


class Opened(StockTakeEvent):
    """A count began; what it expects is frozen as the ledger had it at `expected_as_of`."""

    TOPIC: ClassVar[str] = "stocktake.opened"
    DECISION = True
    OPENS = True
    kind: Literal["PERSONS", "ITEMS"]
    site: SiteCode
    container: Text = ""
    expected_as_of: Instant
    expected: tuple[SubjectId, ...]

    def evolve(self, s: StockTake) -> StockTake:
        return s._replace(
            status=s.status or "OPEN",  # its time was corrected: what came after it stands
            kind=self.kind,
            site=self.site,
            container=self.container,
            expected=tuple(self.expected),
            expected_as_of=self.expected_as_of,
            opened_by=self.recorded_by,
            since=s.since if s.status else self.occurred_at,
        )


class Scanned(StockTakeEvent):
    """One was found; the code stands as it was typed or scanned."""

    TOPIC: ClassVar[str] = "stocktake.scanned"
    EFFECTS = frozenset({"SEES"})
    code: Text
    subject: SubjectId
    place: Text = ""
    condition: Condition = "UNKNOWN"

    def evolve(self, s: StockTake) -> StockTake:
        return s._replace(
            found=s.found.set(self.subject, self.place), counted_by=counting(s, self.recorded_by)
        )


class UnexpectedFound(StockTakeEvent):
    """Found, but not expected here: another site's, or a code nobody knows."""

    TOPIC: ClassVar[str] = "stocktake.unexpected_found"
    EFFECTS = frozenset({"SEES"})
    code: Text
    place: Text = ""

    def evolve(self, s: StockTake) -> StockTake:
        return s._replace(
            unexpected=(*s.unexpected, self.code), counted_by=counting(s, self.recorded_by)
        )


class CounterSigned(StockTakeEvent):
    """A second official stood by the count."""

    TOPIC: ClassVar[str] = "stocktake.countersigned"
    DECISION = True
    official: OfficialCode

    def evolve(self, s: StockTake) -> StockTake:
        return s._replace(countersigned_by=self.official)


class Closed(StockTakeEvent):
    """The count is over; its four totals, and where those are that moved or were seen elsewhere since.

    expected = found + missing + those elsewhere.
    """

    TOPIC: ClassVar[str] = "stocktake.closed"
    DECISION = True
    expected: Annotated[int, Field(ge=0)]
    found: Annotated[int, Field(ge=0)]
    missing: Annotated[int, Field(ge=0)]
    unexpected: Annotated[int, Field(ge=0)]
    elsewhere: dict[SubjectId, Text] = Field(default={})

    def evolve(self, s: StockTake) -> StockTake:
        totals = (self.expected, self.found, self.missing, self.unexpected)
        return s._replace(
            status="CLOSED", totals=totals, elsewhere=dict(self.elsewhere), since=self.occurred_at
        )


class Reopened(StockTakeEvent):
    """The count goes on; the reason is required."""

    TOPIC: ClassVar[str] = "stocktake.reopened"
    DECISION = True
    AFTER_END = True
    reason: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: StockTake) -> StockTake:
        return s._replace(
            status="OPEN", countersigned_by=None, elsewhere={}, since=self.occurred_at
        )


register(Opened, Scanned, UnexpectedFound, CounterSigned, Closed, Reopened)
