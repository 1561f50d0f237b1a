"""Commands about stock-takes and roll calls: open, scan, counter-sign, close.

Opening freezes what the register has at the site, or in one container there. Closing says of each
expected one that was not found that it is missing, and of each missing one that was found that it is
located: facts in their own streams, in the same transaction.
"""

from __future__ import annotations

from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command, new_number
from domain import ids, person, stocktake, weapon
from domain.errors import BadInputError
from domain.event import OfficialCode, SiteCode
from domain.transfer import Kind


@command(stocktake.Opened)
def open_stocktake(
    unit: Unit, subject: str | None, note: Note, *, kind: Kind, site: SiteCode, container: str = ""
) -> Recorded:
    """Begin a count; the expected list is frozen as the ledger has it now."""
    subject = subject or new_number(unit, stocktake.Opened)
    expected = unit.register.find("housed" if kind == "PERSONS" else "kept", site)
    if container:
        expected = expected & unit.register.find("container", container)
    unit.load(sorted(expected))
    return unit.record(
        stocktake.Opened,
        subject,
        note,
        expected=tuple(sorted(expected)),
        kind=kind,
        site=site,
        container=container,
        expected_as_of=unit.now,
    )


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
    except BadInputError:
        found = None
    if found in known.expected:
        return unit.record(
            stocktake.Scanned,
            subject,
            note,
            code=code,
            subject=found,
            place=place,
            condition=condition,
        )
    code = found or code
    return unit.record(stocktake.UnexpectedFound, subject, note, code=code, place=place)


@command(stocktake.CounterSigned)
def countersign(
    unit: Unit, subject: str, note: Note, *, official: OfficialCode | None = None
) -> Recorded:
    """Stand by a count as its second official."""
    return unit.record(stocktake.CounterSigned, subject, note, official=official or note.by)


@command(stocktake.Closed)
def close_stocktake(unit: Unit, subject: str, note: Note) -> Recorded:
    """End a count: what was expected and not found is missing from now on."""
    note = note if note.batch else note._replace(batch=unit.batch())
    known = unit.state(subject, stocktake.StockTake)
    missing = known.missing
    done = unit.record(
        stocktake.Closed,
        subject,
        note,
        expected=len(known.expected),
        found=len(known.expected) - len(missing),
        missing=len(missing),
        unexpected=len(known.unexpected),
    )
    found = sorted(known.found)
    unit.load([*missing, *found])
    for one in missing:
        _not_found(unit, known, one, note)
    for one in (*found, *known.unexpected):
        _found(unit, known, one, note)
    return done


def _not_found(unit: Unit, known: stocktake.StockTake, one: str, note: Note) -> None:
    if known.kind == "ITEMS" and unit.state(one, weapon.Weapon).custody in weapon.KEPT:
        unit.record(weapon.Missing, one, note, stock_take=known.id, follows=True)
    elif known.kind == "PERSONS" and unit.state(one, person.Person).custody == "SHELTERED":
        unit.record(person.AbsenceReported, one, note, stock_take=known.id, follows=True)


def _found(unit: Unit, known: stocktake.StockTake, one: str, note: Note) -> None:
    site, place = known.site, known.found.get(one, "")
    if known.kind == "ITEMS":
        item = unit.look(one, weapon.Weapon) if one.startswith("W-") else None
        if item is not None and item.custody == "MISSING":
            unit.record(
                weapon.Located, one, note, stock_take=known.id, site=site, place=place, follows=True
            )
        return
    someone = unit.look(one, person.Person) if one.startswith("P-") else None
    if someone is not None and someone.custody == "ABSENT":
        unit.record(person.Found, one, note, site=site, place=place, follows=True)
