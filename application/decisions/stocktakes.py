"""Commands about stock-takes and roll calls: open, scan, counter-sign, close.

Opening freezes what was at the site, or in one container there, at the count's own time, as known when
it is opened. A scan of what the books have elsewhere stands on that thing itself. Closing says of each
expected one that was not found, and that no fact since has moved or seen, that it is missing; and of
each missing one that was found that it is located: facts in their own streams, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from application.decisions.sightings import sighted
from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command, new_number
from application.store.register import Entry, entries
from domain import ids, person, stocktake, weapon
from domain.crates import paper_key
from domain.errors import BadInputError
from domain.event import Event, OfficialCode, SiteCode, State
from domain.history import in_order
from domain.person import Person
from domain.transfer import Kind
from domain.weapon import Weapon


@command(stocktake.Opened)
def open_stocktake(
    unit: Unit, subject: str | None, note: Note, *, kind: Kind, site: SiteCode, container: str = ""
) -> Recorded:
    """Begin a count; the expected list is frozen as it was at that time, as known now."""
    subject = subject or new_number(unit, stocktake.Opened)
    wanted = {("housed" if kind == "PERSONS" else "kept", site)}
    if container:
        wanted.add(("container", paper_key(container)))
    late = note.at is not None and note.at < unit.now
    expected = set(_at(unit, note.at or 0, wanted)) if late else _now(unit, wanted)
    unit.load(sorted(expected))
    return unit.record(
        stocktake.Opened,
        subject,
        note,
        expected=tuple(sorted(expected)),
        kind=kind,
        site=site,
        container=container,
        expected_as_of=note.at if late else unit.now,
    )


def _now(unit: Unit, wanted: set[tuple[str, str]]) -> set[str]:
    return set.intersection(*(unit.register.find(*one) for one in wanted))


def _at(unit: Unit, instant: int, wanted: set[tuple[str, str]]) -> Iterator[str]:
    """Yield those of whom all entries held at an instant, microseconds UTC, as known now."""
    for known in unit.every("P-" if any(name == "housed" for name, _ in wanted) else "W-"):
        held: set[Entry] = set(entries(known.at(instant)))
        if all((*one, known.id) in held for one in wanted):
            yield unit.survivor(known.id)


@command(stocktake.Scanned)
def scan(
    unit: Unit,
    subject: str,
    note: Note,
    *,
    code: str,
    place: str = "",
    condition: weapon.Condition = "UNKNOWN",
) -> Recorded:
    """Record one scan; what is not expected here, or unknown, is kept as typed."""
    known = unit.state(subject, stocktake.StockTake)
    try:
        found = ids.parse(code, "person" if known.kind == "PERSONS" else "weapon")
        found = unit.survivor(found)
    except BadInputError:
        found = None
    if found in known.expected:
        done = unit.record(
            stocktake.Scanned,
            subject,
            note,
            code=code,
            subject=found,
            place=place,
            condition=condition,
        )
    else:
        done = unit.record(
            stocktake.UnexpectedFound, subject, note, code=found or code, place=place
        )
    if found is not None and known.site is not None:
        seen = sighted(unit, found, note, known.site, place=place, stock_take=subject)
        done = done._replace(irregularities=tuple(sorted({*done.irregularities, *seen})))
    return done


@command(stocktake.CounterSigned)
def countersign(
    unit: Unit, subject: str, note: Note, *, official: OfficialCode | None = None
) -> Recorded:
    """Stand by a count as its second official."""
    return unit.record(stocktake.CounterSigned, subject, note, official=official or note.by)


@command(stocktake.Closed)
def close_stocktake(unit: Unit, subject: str, note: Note) -> Recorded:
    """End a count: what was expected, not found, and not moved or seen since is missing."""
    note = note if note.batch else note._replace(batch=unit.batch())
    known = unit.state(subject, stocktake.StockTake)
    not_found = [one for one in known.expected if one not in known.found]
    unit.load([*not_found, *sorted(known.found)])
    elsewhere = dict(_accounted(unit, known, not_found))
    missing = [one for one in not_found if one not in elsewhere]
    done = unit.record(
        stocktake.Closed,
        subject,
        note,
        expected=len(known.expected),
        found=len(known.expected) - len(not_found),
        missing=len(missing),
        unexpected=len(known.unexpected),
        elsewhere=elsewhere,
    )
    for one in missing:
        _not_found(unit, known, one, note)
    for one in (*sorted(known.found), *known.unexpected):
        _found(unit, known, one, note)
    return done


# ── what is known of those who were not found ───────────────────────────────

INSIDE = frozenset({weapon.SealChecked.TOPIC, weapon.SealBroken.TOPIC})
"""Facts about a crate from outside: nothing in it was seen."""
PUT = frozenset({weapon.CrateMoved.TOPIC, weapon.Released.TOPIC, person.Departed.TOPIC})
"""What moves one without anybody having seen it."""


def _accounted(
    unit: Unit, known: stocktake.StockTake, not_found: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield those whom a fact since the opening moved, accepted or saw, each with where that is.

    As known at closing, whatever time that fact has; also where another count has found one.
    """
    not_found = list(not_found)
    counted = _counted_elsewhere(unit, known, set(not_found)) if not_found else {}
    for one in not_found:
        history = unit.history(one)
        found: Person | Weapon | None = unit.look(one)
        if history is None or found is None:
            continue
        since = [e for e in in_order(history.events) if e.occurred_at > known.expected_as_of]
        if (
            found.custody not in _EXPECTED[known.kind or ""]
            or found.site != known.site
            or found.seen_at not in {None, known.site}
            or _left_the_crate(known, found)
            or any(_tells_where(event) for event in since)
        ):
            yield one, _where(found)
        elif one in counted:
            yield one, counted[one]


_EXPECTED = {"ITEMS": weapon.KEPT, "PERSONS": frozenset({"SHELTERED"})}


def _left_the_crate(known: stocktake.StockTake, found: State) -> bool:
    inside = getattr(found, "container", "")
    return bool(known.container) and paper_key(inside) != paper_key(known.container)


def _tells_where(event: Event) -> bool:
    if event.TOPIC in PUT:
        return True
    return "SEES" in event.EFFECTS and event.TOPIC not in INSIDE


def _where(found: Person | Weapon) -> str:
    """Say where one is by now: the site; or what it is, where it stands nowhere."""
    kept = found.custody in {*weapon.KEPT, "SHELTERED", "IN_CARE"}
    return found.seen_at or (found.site if kept else None) or found.custody or ""


def _counted_elsewhere(unit: Unit, known: stocktake.StockTake, wanted: set[str]) -> dict[str, str]:
    """Return those whom another count found since this one was opened, each with its site."""
    found: dict[str, str] = {}
    for other in unit.every("S-"):
        if other.id == known.id or other.state.kind != known.kind:
            continue
        for event in in_order(other.events):
            subject = getattr(event, "subject", None)
            if subject in wanted and event.occurred_at > known.expected_as_of:
                found[subject] = other.state.site or ""
    return found


def _not_found(unit: Unit, known: stocktake.StockTake, one: str, note: Note) -> None:
    if known.kind == "ITEMS" and unit.state(one, Weapon).custody in weapon.KEPT:
        unit.record(weapon.Missing, one, note, stock_take=known.id, follows=True)
    elif known.kind == "PERSONS" and unit.state(one, Person).custody == "SHELTERED":
        unit.record(person.AbsenceReported, one, note, stock_take=known.id, follows=True)


def _found(unit: Unit, known: stocktake.StockTake, one: str, note: Note) -> None:
    site, place = known.site, known.found.get(one, "")
    if known.kind == "ITEMS":
        item = unit.look(one, Weapon) if one.startswith("W-") else None
        if item is not None and item.custody == "MISSING":
            unit.record(
                weapon.Located, one, note, stock_take=known.id, site=site, place=place, follows=True
            )
        return
    someone = unit.look(one, Person) if one.startswith("P-") else None
    if someone is not None and someone.custody == "ABSENT":
        unit.record(person.Found, one, note, site=site, place=place, follows=True)
