"""Transfer: persons or items go from one party to another, line by line, under two signatures.

    PLANNED ⇄ FROZEN → RELEASED → (DEPARTED → ARRIVED) → ACCEPTED → CLOSED
    PLANNED | FROZEN → VOIDED

Custody moves per line, at acceptance; between release and acceptance the releaser is accountable. A
line taken off a frozen manifest thaws it: count and digest are signed again. A convoy is a transfer
with transport. The purpose says what acceptance means: RELOCATION moves, RETURN hands persons over,
RESTITUTION gives weapons back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, StringConstraints

from domain.event import (
    Event,
    OfficialCode,
    PartyCode,
    SiteCode,
    SubjectId,
    Text,
    TransferId,
    register,
    replaces,
)

Kind = Literal["PERSONS", "ITEMS"]
Purpose = Literal["RELOCATION", "RETURN", "RESTITUTION"]
TransferStatus = Literal[
    "PLANNED", "FROZEN", "RELEASED", "DEPARTED", "ARRIVED", "ACCEPTED", "CLOSED", "VOIDED"
]
OPEN_LINE = frozenset({"LISTED", "RELEASED", "MISSING"})


@replaces
class Transfer(NamedTuple):
    """The aggregate of one transfer: its lines, signatures and steps."""

    id: str
    status: TransferStatus | None = None
    since: int = 0  # microseconds UTC
    kind: str | None = None
    purpose: str | None = None
    from_party: str | None = None
    to_party: str | None = None
    from_site: str | None = None
    to_site: str | None = None
    authority: str = ""
    lines: dict[str, str] = {}  # noqa: RUF012 -- never mutated; subject to LISTED, RELEASED, ACCEPTED …
    unlisted: tuple[str, ...] = ()
    frozen_count: int | None = None
    digest: str = ""  # frozen, hex
    released_by: str | None = None
    released_at: int | None = None
    transport: str = ""
    accepted_by: str | None = None
    accepted_party: str | None = None
    accepted_count: int | None = None
    erased: bool = False
    irregular: tuple[tuple[int, int], ...] = ()
    pending: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """True once closed or voided."""
        return self.status in {"CLOSED", "VOIDED"}

    @property
    def unresolved(self) -> tuple[str, ...]:
        """Lines of which nobody has said yet what became of them."""
        return tuple(subject for subject, status in self.lines.items() if status in OPEN_LINE)


STEPS: dict[TransferStatus | None, int] = {
    None: 0, "PLANNED": 1, "FROZEN": 2, "VOIDED": 3, "RELEASED": 4, "DEPARTED": 5, "ARRIVED": 6,
    "ACCEPTED": 7, "CLOSED": 8,
}  # fmt: skip
"""The steps in their order: what is told late, or moved to a later day, does not go back behind one."""
THAWS = 2
"""The last step at which a list is changed as a matter of course: frozen, it thaws."""


def onwards(s: Transfer, status: TransferStatus, at: int) -> Transfer:
    """Return the transfer at a step, since an instant (microseconds UTC), unless it is past it."""
    return s if STEPS[s.status] > STEPS[status] else s._replace(status=status, since=at)


def manifest_digest(transfer_id: str, subjects: Iterable[str]) -> str:
    """Return the digest both officials sign: SHA-256 in lower-case hex.

    Over UTF-8 lines, each ended by LF: `custody-manifest/v1`, the transfer's id, the subjects sorted.
    """
    text = "".join(f"{line}\n" for line in ("custody-manifest/v1", transfer_id, *sorted(subjects)))
    return hashlib.sha256(text.encode()).hexdigest()


class TransferEvent(Event):
    """An event of a transfer."""

    originator_id: TransferId


class Planned(TransferEvent):
    """A transfer was planned between two parties and sites."""

    TOPIC: ClassVar[str] = "transfer.planned"
    THING = "transfer"
    DECISION = True
    OPENS = True
    kind: Kind
    purpose: Purpose = "RELOCATION"
    from_party: PartyCode
    to_party: PartyCode
    from_site: SiteCode
    to_site: SiteCode

    def evolve(self, s: Transfer) -> Transfer:
        return onwards(s, "PLANNED", self.occurred_at)._replace(
            kind=self.kind,
            purpose=self.purpose,
            from_party=self.from_party,
            to_party=self.to_party,
            from_site=self.from_site,
            to_site=self.to_site,
            authority=self.authority,
        )


class LineEvent(TransferEvent):
    """An event of one line: a person or a weapon."""

    LINE: ClassVar[str]
    subject: SubjectId

    def evolve(self, s: Transfer) -> Transfer:
        count = s.accepted_count
        if count is not None:  # how many lines are accepted, at all times
            was = s.lines.get(self.subject)
            count += (self.LINE == "ACCEPTED") - (was == "ACCEPTED")
        return s._replace(lines={**s.lines, self.subject: self.LINE}, accepted_count=count)


class LineAdded(LineEvent):
    """A line was put on the manifest; a frozen manifest thaws."""

    TOPIC: ClassVar[str] = "transfer.line_added"
    EFFECTS = frozenset({"WAY_OUT"})
    THING = "transfer"
    DECISION = True

    def evolve(self, s: Transfer) -> Transfer:
        lines = {**s.lines, self.subject: "LISTED"}
        if (
            STEPS[s.status] > THAWS
        ):  # it has left, or was called off: a line that is settled stays so
            return s._replace(lines={**lines, **s.lines})
        return s._replace(lines=lines, status="PLANNED", digest="")


class LineRemoved(LineEvent):
    """A line was taken off the manifest; a frozen manifest thaws."""

    TOPIC: ClassVar[str] = "transfer.line_removed"
    THING = "line removal"
    DECISION = True

    def evolve(self, s: Transfer) -> Transfer:
        rest = {subject: status for subject, status in s.lines.items() if subject != self.subject}
        thaw = s.status == "FROZEN"
        return s._replace(
            lines=rest, status="PLANNED" if thaw else s.status, digest="" if thaw else s.digest
        )


class Frozen(TransferEvent):
    """The list is fixed: its count and digest are what both officials sign."""

    TOPIC: ClassVar[str] = "transfer.frozen"
    EFFECTS = frozenset({"WAY_OUT"})
    THING = "transfer"
    DECISION = True
    count: Annotated[int, Field(ge=1)]
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

    def evolve(self, s: Transfer) -> Transfer:
        after = onwards(s, "FROZEN", self.occurred_at)
        return after._replace(frozen_count=self.count, digest=self.digest)


class Released(TransferEvent):
    """The releasing official let the frozen list go; signed over its digest where a key is held."""

    TOPIC: ClassVar[str] = "transfer.released"
    EFFECTS = frozenset({"WAY_OUT"})
    THING = "release"
    DECISION = True
    official: OfficialCode
    signature: Text = ""

    def evolve(self, s: Transfer) -> Transfer:
        lines = {subject: "RELEASED" for subject, status in s.lines.items() if status == "LISTED"}
        return onwards(s, "RELEASED", self.occurred_at)._replace(
            released_by=self.official, released_at=self.occurred_at, lines={**s.lines, **lines}
        )


class Departed(TransferEvent):
    """The transport left."""

    TOPIC: ClassVar[str] = "transfer.departed"
    THING = "transfer"
    transport: Text

    def evolve(self, s: Transfer) -> Transfer:
        return onwards(s, "DEPARTED", self.occurred_at)._replace(transport=self.transport)


class Arrived(TransferEvent):
    """The transport arrived."""

    TOPIC: ClassVar[str] = "transfer.arrived"
    THING = "transfer end"

    def evolve(self, s: Transfer) -> Transfer:
        return onwards(s, "ARRIVED", self.occurred_at)


class LineAccepted(LineEvent):
    """The receiving side has this one: its custody moves here."""

    TOPIC: ClassVar[str] = "transfer.line_accepted"
    THING = "acceptance"
    LINE = "ACCEPTED"


class LineRefused(LineEvent):
    """The receiving side did not take this one; the releaser keeps it. The reason is required."""

    TOPIC: ClassVar[str] = "transfer.line_refused"
    THING = "acceptance"
    LINE = "REFUSED"
    reason: Annotated[Text, Field(min_length=1)]


class LineMissing(LineEvent):
    """Released but not there at acceptance; open until it is accepted or refused."""

    TOPIC: ClassVar[str] = "transfer.line_missing"
    THING = "acceptance"
    LINE = "MISSING"


class UnlistedReceived(TransferEvent):
    """One arrived who or that was not on this list."""

    TOPIC: ClassVar[str] = "transfer.unlisted_received"
    EFFECTS = frozenset({"SEES"})
    THING = "acceptance"
    subject: SubjectId

    def evolve(self, s: Transfer) -> Transfer:
        return s._replace(unlisted=(*s.unlisted, self.subject))


class Accepted(TransferEvent):
    """The accepting official signed for what came."""

    TOPIC: ClassVar[str] = "transfer.accepted"
    THING = "acceptance"
    official: OfficialCode
    party: PartyCode
    count: Annotated[int, Field(ge=0)]
    signature: Text = ""

    def evolve(self, s: Transfer) -> Transfer:
        return onwards(s, "ACCEPTED", self.occurred_at)._replace(
            accepted_by=self.official,
            accepted_party=self.party,
            accepted_count=sum(status == "ACCEPTED" for status in s.lines.values()),
        )


class Voided(TransferEvent):
    """Called off before release; its lines are free again."""

    TOPIC: ClassVar[str] = "transfer.voided"
    THING = "transfer"
    DECISION = True
    reason: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: Transfer) -> Transfer:
        after = onwards(s, "VOIDED", self.occurred_at)
        return after._replace(lines={}) if after.status == "VOIDED" else after


class Closed(TransferEvent):
    """Every line is resolved and the transfer is over."""

    TOPIC: ClassVar[str] = "transfer.closed"
    THING = "transfer end"
    DECISION = True

    def evolve(self, s: Transfer) -> Transfer:
        return onwards(s, "CLOSED", self.occurred_at)


register(
    Planned,
    LineAdded,
    LineRemoved,
    Frozen,
    Released,
    Departed,
    Arrived,
    LineAccepted,
    LineRefused,
    LineMissing,
    UnlistedReceived,
    Accepted,
    Voided,
    Closed,
)
