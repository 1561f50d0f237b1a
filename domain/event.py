"""What every event has: the envelope with two clocks, the words it may hold, its stored name.

An event class reads as one line of the domain: a stored name, the thing it writes, its facts, and
`evolve`, the one place that says what it means. Who may record and who may read a thing stands in
`access.py`. A field whose default is an absent value (None, "", (), {}) is left out of the bytes while
it is at its default, so an absent default never changes.

Stored names: `TOPIC` is a promise, a module path is not. `EVENTS` finds the class behind a name and
`REPLAYED` the light twin of it: the same defaults and the same `evolve` on the decoded facts, without
validation, for reading back millions of events that were validated when they were recorded.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Protocol, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from domain import access
from domain.access import Role, Thing
from domain.times import SKEW, Precision

Effect = Literal["PASSES_PERSON", "LEAVES_TRUSTEE", "WAY_OUT", "SEES", "SAYS_ONCE", "USES_NUMBER"]
"""What an event can do, see `effects.py`."""
CorrectionReason = Literal[
    "did_not_occur", "incorrect_data", "wrong_subject", "wrong_time", "transcription", "duplicate"
]
"""EPCIS 2.0 error declaration reasons, and four of ours (domain words, §8)."""


T = TypeVar("T")


class Ref(NamedTuple):
    """Says that a text names something: a stream of this kind."""

    kind: str


# Rule 24: at most 2,000 characters, none of Unicode's Cc, Zl, Zp or with the property Bidi_Control.
NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
MAX_TEXT = 2_000
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT, pattern=NO_CONTROLS)]
CODE_PATTERN = r"^[A-Z0-9][A-Z0-9-]{0,39}$"
SiteCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN), Ref("site")]
PartyCode = Annotated[str, StringConstraints(pattern=CODE_PATTERN), Ref("party")]
OfficialCode = Annotated[str, StringConstraints(pattern=r"^OFF-[A-Z0-9-]{1,36}$"), Ref("official")]
PersonId = Annotated[str, StringConstraints(pattern=r"^P-\d{6,}-[0-9A-Z]$"), Ref("person")]
WeaponId = Annotated[str, StringConstraints(pattern=r"^W-\d{6,}-[0-9A-Z]$"), Ref("weapon")]
TransferId = Annotated[str, StringConstraints(pattern=r"^T-\d{6,}-[0-9A-Z]$"), Ref("transfer")]
StockTakeId = Annotated[str, StringConstraints(pattern=r"^S-\d{6,}-[0-9A-Z]$"), Ref("stocktake")]
SubjectId = Annotated[str, StringConstraints(pattern=r"^[PW]-\d{6,}-[0-9A-Z]$"), Ref("subject")]
Instant = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""Microseconds since 1970-01-01T00:00Z."""
Digest = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""SHA-256 as base64url without padding (RFC 9901 §4.2.3)."""


class Evidence(TypedDict):
    """A document behind a fact: its digest (lower-case hex), media type and label."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    media_type: Text
    label: Text


class State(Protocol):
    """What a stream's events make, the state of one aggregate: a named tuple with these fields."""

    @property
    def id(self) -> str: ...
    @property
    def ended(self) -> bool: ...
    @property
    def since(self) -> int: ...
    @property
    def erased(self) -> bool: ...
    @property
    def irregular(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def pending(self) -> tuple[int, ...]: ...
    def _asdict(self) -> dict[str, Any]: ...
    def _replace(
        self,
        *,
        erased: bool = ...,
        irregular: tuple[tuple[int, int], ...] = ...,
        pending: tuple[int, ...] = ...,
    ) -> Self: ...


S = TypeVar("S", bound=State)


def replaces(cls: type[T]) -> type[T]:
    """Give a named tuple a `_replace` that costs a third: every fold of every event calls it."""
    places = {name: n for n, name in enumerate(cls.__annotations__)}

    def _replace(self: tuple[object, ...], /, **changed: object) -> object:
        after = list(self)
        for name, value in changed.items():
            after[places[name]] = value
        return tuple.__new__(cls, after)  # type: ignore[type-var]  # mypy cannot say: a named tuple

    cls._replace = _replace  # type: ignore[attr-defined]
    return cls


def seed() -> str:
    """Return 32 fresh random bytes as 43 characters of base64url: the event's own secret."""
    return secrets.token_urlsafe(32)


class Event(BaseModel):
    """A fact or a decision about one stream, with both clocks. Frozen; validated when made.

    Attributes:
        originator_id: the stream. originator_version: 1, 2, 3 … within it.
        occurred_at: when it happened, microseconds UTC; the earliest instant when uncertain.
        occurred_until: end (exclusive) of the span it lies in, microseconds UTC; None when certain.
        recorded_at: when the ledger learned of it, microseconds UTC; set by the ledger alone. It never
            decreases along the log.
        clock: what the machine's clock showed, where it lies more than the skew before `recorded_at`;
            None as a rule. Set by the ledger alone.
        recorded_by: the official who recorded it. approved_by: the second official, where needed.
        corrects: the version of the same stream that this event replaces or takes back.
        irregularities: numbers of the rules it broke.
        happened: who saw it, or which paper says so, where it is told as having happened: no rule
            refuses it, those it breaks are flagged.
        seed: 32 random bytes, base64url: nonces and salts of its proof are derived from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    TOPIC: ClassVar[str]
    THING: ClassVar[Thing]  # what it writes; the two below follow, by the table of `access`
    ROLES: ClassVar[frozenset[Role]]  # one of them may record it
    PROTECTED: ClassVar[Thing | None] = None  # its thing, where not everybody reads that
    FACETS: ClassVar[tuple[str, ...]] = ()  # of a protected event: the state's fields it writes
    DECISION: ClassVar[bool] = False  # a decision can be refused; a fact never
    OPENS: ClassVar[bool] = False  # may be the first of its stream
    AFTER_END: ClassVar[bool] = False  # may follow an end state
    SECOND: ClassVar[bool] = False  # needs a second official: proposed first, then approved
    EFFECTS: ClassVar[frozenset[Effect]] = frozenset()  # what rules ask for, see `effects.py`

    originator_id: str
    originator_version: int
    occurred_at: Instant
    occurred_until: Instant | None = None
    precision: Precision = "EXACT"
    recorded_at: Instant = 0
    clock: Instant | None = None
    recorded_by: OfficialCode
    on_behalf_of: PartyCode | None = None
    authority: Text = ""
    evidence: tuple[Evidence, ...] = ()
    batch: Text = ""
    irregularities: tuple[int, ...] = ()
    corrects: int | None = None
    reason: Text = ""
    happened: Text = ""
    approved_by: OfficialCode | None = None
    seed: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")] = Field(
        default_factory=seed
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **settings: Any) -> None:
        super().__pydantic_init_subclass__(**settings)
        if hasattr(cls, "THING"):
            cls.ROLES = access.writers(cls.THING)
            cls.PROTECTED = None if access.is_open(cls.THING) else cls.THING

    def evolve(self, s: Any) -> Any:
        """Return the state after this event. Total: never raises, never reads a clock."""
        return s

    def flag(self, numbers: tuple[int, ...]) -> None:
        """Note the rules this event broke. Only while it is being judged, before it is stored."""
        self.__dict__["irregularities"] = numbers

    def stamp(self, recorded_at: int, clock: int) -> None:
        """Set the recorded time, microseconds UTC. Only the ledger does, where the row is inserted.

        A clock that runs a little ahead is clamped: nothing occurs after it was recorded.

        Args:
            recorded_at: the recorded time. clock: what the machine's clock shows.
        """
        self.__dict__["recorded_at"] = recorded_at
        if recorded_at - clock > SKEW:
            self.__dict__["clock"] = clock
        if self.occurred_at > recorded_at:
            self.__dict__["occurred_at"] = recorded_at


NOT_TRUSTED = 32
"""The rule that flags what was recorded by a clock that was not believed."""
ENVELOPE = tuple(Event.model_fields)
ABSENT: tuple[object, ...] = (None, "", (), {})
ABSENCES: dict[str, dict[str, object]] = {}
"""Stored names to the fields that bytes leave out while they are at these values."""
EVENTS: dict[str, type[Event]] = {}
REPLAYED: dict[str, type[Replayed]] = {}


def register(*classes: type[Event]) -> None:
    """Make event classes known by their stored names, each with its light twin."""
    for cls in classes:
        defaults = {
            name: field.get_default()
            for name, field in cls.model_fields.items()
            if not field.is_required() and field.default_factory is None
        }
        EVENTS[cls.TOPIC] = cls
        ABSENCES[cls.TOPIC] = {n: value for n, value in defaults.items() if value in ABSENT}
        constants = {name: getattr(cls, name) for name in cls.__class_vars__ if hasattr(cls, name)}
        twin = {**defaults, **constants, "CLASS": cls, "evolve": cls.evolve}
        REPLAYED[cls.TOPIC] = type(f"Replayed{cls.__name__}", (Replayed,), twin)


_REFERENCES: dict[type[Event], tuple[tuple[str, str], ...]] = {}


def references(cls: type[Event]) -> tuple[tuple[str, str], ...]:
    """Return the fields of an event class that name other streams, each with its id's prefix."""
    found = _REFERENCES.get(cls)
    if found is None:
        found = _REFERENCES[cls] = tuple(
            (name, "SITE-" if ref.kind == "site" else "")
            for name, field in cls.model_fields.items()
            if name not in {"originator_id", "recorded_by"}
            and (ref := reference(field)) is not None
        )
    return found


def reference(field: Any) -> Ref | None:
    """Return what kind of stream a field names, also behind `| None` and inside a tuple."""
    waiting: list[Any] = [field.annotation, *field.metadata]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Ref):
            return part
        waiting += cast("tuple[Any, ...]", getattr(part, "__metadata__", ()))
        waiting += cast("tuple[Any, ...]", getattr(part, "__args__", ()))
    return None


class Replayed:
    """An event read back: attributes as decoded, the class's defaults, the class's `evolve`.

    Readers of the log take it as the `Event` it stands for, which it is but for pydantic's methods.
    """

    TOPIC: str
    CLASS: type[Event]

    def __init__(self, facts: dict[str, Any]) -> None:
        self.__dict__ = facts


E = TypeVar("E", bound=Event)


def as_a(cls: type[E], event: Event) -> E | None:
    """Return an event, made now or read back, as one of a class; None where it is of another."""
    return cast("E", event) if event.TOPIC == cls.TOPIC else None


def evolve(state: S, event: Event) -> S:
    """Return the state after one event: what it means, and the irregularities it left open.

    The only way any reader of the log folds an event. Never raises.
    """
    after: S = event.evolve(state)
    if event.irregularities:
        new = tuple((event.originator_version, number) for number in event.irregularities)
        after = after._replace(irregular=after.irregular + new)
    return after
