"""Which persons or weapons have a property, by control number: never everybody.

Several properties are asked for at once and all must hold. Of a property that nobody can have, as a
custody that is none, no list is made: an empty one would say that nobody is so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from application.answers.declined import declined
from application.answers.subjects import Asker, in_directory
from application.answers.two_clocks import Clocks, Echo, echo
from application.store.streams import Streams
from domain import ids
from domain.errors import BadInputError
from domain.history import in_order
from domain.person import CUSTODIES, KEPT_OFF, Category
from domain.rules import serial_key
from domain.weapon import SealBroken, Weapon
from projections.belief import belief, recorded
from projections.index import subjects_of

if TYPE_CHECKING:
    from application.answers.feed.follow import Views

Test = Callable[[Any], object]


def believed(streams: Streams, prefix: str, clocks: Clocks) -> Iterator[Any]:
    """Yield every state of a kind at an instant, as known at another; of doubles only the one record."""
    for known in streams.every(prefix):
        state = belief(known, clocks.true_at, clocks.known_at)
        if state is not None and getattr(state, "same_as", None) is None:
            yield state


def category_of(typed: str) -> str:
    """Read a person's category.

    Raises:
        BadInputError: there is none of that name.
    """
    return _one_of("category", typed, get_args(Category))


def _one_of(what: str, typed: str, possible: Sequence[str]) -> str:
    word = typed.strip().upper()
    if word not in possible:
        msg = f"there is no {what} '{typed}': write one of {', '.join(possible)}"
        raise BadInputError(msg)
    return word


# ── persons ─────────────────────────────────────────────────────────────────


class PersonsAsked(NamedTuple):
    """The properties asked for, as they were typed; what is empty is not asked."""

    custody: Sequence[str] = ()
    site: str | None = None
    category: str | None = None
    without_pledge: bool = False
    declined: bool = False
    effects: bool = False


class PersonRow(NamedTuple):
    """One person. `since` is when the custody began, microseconds UTC; `effects_kept` are receipts."""

    person: str
    custody: str
    site: str | None
    category: str | None
    on_manifest: str | None
    effects_kept: tuple[str, ...]
    since: int


class Persons(NamedTuple):
    """The persons with every property asked for.

    Attributes:
        all_kept_off: False where those who declined were asked for and `report declined` says that
            not all of them were kept off.
    """

    echo: Echo
    rows: tuple[PersonRow, ...]
    all_kept_off: bool


def persons(
    views: Views, streams: Streams, clocks: Clocks, ask: Asker, asked: PersonsAsked
) -> Persons:
    """Return the persons with every property asked for, in order of control numbers.

    Raises:
        BadInputError: no property is asked for, or one that nobody can have.
        NotAllowedError: this reader may not know of pledges and intent, and asks for them.
        UnknownError: the directory does not have the site.
    """
    tests = list(_of_persons(streams, ask, asked))
    if not tests:
        msg = "say which persons, for example --custody SHELTERED: nobody is given a list of all"
        raise BadInputError(msg)
    rows = tuple(
        PersonRow(s.id, s.custody, s.site, s.category, s.transfer, s.effects, s.since)
        for s in believed(streams, "P-", clocks)
        if all(test(s) for test in tests)
    )
    kept_off = not asked.declined or declined(views, streams, clocks, ask()).all_kept_off
    return Persons(echo(views, clocks), rows, kept_off)


def _of_persons(streams: Streams, ask: Asker, asked: PersonsAsked) -> Iterator[Test]:
    if asked.custody:
        wanted = {_one_of("custody", word, CUSTODIES) for word in asked.custody}
        yield lambda s: s.custody in wanted
    if asked.site:
        code = ids.parse_code(asked.site, "site")
        in_directory(streams, code, "site")
        yield lambda s: s.site == code
    if asked.category:
        kind = category_of(asked.category)
        yield lambda s: s.category == kind
    if asked.without_pledge or asked.declined:
        ask().need_protected()
    if asked.without_pledge:
        yield lambda s: not s.pledged
    if asked.declined:
        yield lambda s: s.intent in KEPT_OFF
    if asked.effects:
        yield lambda s: bool(s.effects)


# ── weapons ─────────────────────────────────────────────────────────────────

Paper = Literal["joint-count", "receipt"]


class WeaponsAsked(NamedTuple):
    """The properties asked for; what is empty is not asked. `unit` is as typed."""

    serial_status: Sequence[str] = ()
    same_serial: bool = False
    unit: str | None = None
    lacking: Paper | None = None
    seal_broken: bool = False
    recount_due: bool = False
    held_up: bool = False


class WeaponRow(NamedTuple):
    """One weapon, and which others bear an equal serial, as true and known then.

    Attributes:
        receiver: the official who took it over. counted_with: who counted it jointly.
        receipt: of the deposit, or the provisional one. holds: open, what keeps it from being returned.
    """

    weapon: str
    custody: str | None
    site: str | None
    crate: str
    model: str
    serial: str | None
    serial_status: str | None
    same_serial_as: tuple[str, ...]
    receiver: str | None
    made_safe: bool | None
    counted_with: str | None
    receipt: str
    recount_due: bool
    holds: tuple[str, ...]


class Weapons(NamedTuple):
    """The weapons with every property asked for; all of them where none is.

    Attributes:
        looked_at: how many weapons there are a record of.
    """

    echo: Echo
    looked_at: int
    rows: tuple[WeaponRow, ...]


def weapons(views: Views, streams: Streams, clocks: Clocks, asked: WeaponsAsked) -> Weapons:
    """Return the weapons with every property asked for, in order of control numbers.

    Raises:
        UnknownError: the directory does not have the unit.
    """
    tests = list(_of_weapons(views, streams, clocks, asked))
    states: list[Weapon] = list(believed(streams, "W-", clocks))
    bearing: dict[str, list[str]] = {}
    for s in states:
        bearing.setdefault(serial_key(s.serial), []).append(s.id)
    bearing.pop("", None)  # what bears none is equal to nothing

    def others(s: Weapon) -> tuple[str, ...]:
        return tuple(one for one in bearing.get(serial_key(s.serial), ()) if one != s.id)

    if asked.same_serial:
        tests.append(others)
    rows = tuple(
        WeaponRow(
            s.id,
            s.custody,
            s.site,
            s.container,
            s.model,
            s.serial,
            s.serial_status,
            others(s),
            s.receiver,
            s.made_safe,
            s.counted_with,
            s.receipt,
            s.recount_due,
            s.holds,
        )
        for s in states
        if all(test(s) for test in tests)
    )
    return Weapons(echo(views, clocks), len(states), rows)


def _of_weapons(
    views: Views, streams: Streams, clocks: Clocks, asked: WeaponsAsked
) -> Iterator[Test]:
    if asked.serial_status:
        yield lambda s: s.serial_status in asked.serial_status
    if asked.unit:
        party = ids.parse_code(asked.unit, "party")
        in_directory(streams, party, "party")
        yield lambda s: s.unit == party
    if asked.lacking:
        joint = asked.lacking == "joint-count"
        yield lambda s: not (s.counted_with if joint else s.receipt)
    if asked.seal_broken:
        broken = _ever(views, streams, clocks, SealBroken.TOPIC)
        yield lambda s: s.id in broken
    if asked.recount_due:
        yield lambda s: s.recount_due
    if asked.held_up:
        yield lambda s: bool(s.holds)


def _ever(views: Views, streams: Streams, clocks: Clocks, topic: str) -> set[str]:
    """Return the subjects of which an event of a stored name counts, as true and known then."""
    told = sorted(subjects_of(views.connection, topic, clocks.true_at, clocks.known_at))
    return {
        subject
        for subject, known in streams.histories(told).items()
        if any(
            topic == event.TOPIC and event.occurred_at <= clocks.true_at
            for event in in_order(recorded(known, clocks.known_at))
        )
    }
