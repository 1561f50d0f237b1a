"""What is seen where the books do not have it stands on the thing or person itself, as irregular."""

from __future__ import annotations

from application.decisions.unit import Note, Unit
from domain import person, weapon
from domain.event import Event
from domain.person import Person
from domain.weapon import Weapon

SIGHTED: dict[str, type[Event]] = {"weapon": weapon.Sighted, "person": person.Sighted}


def sighted(
    unit: Unit,
    subject: str,
    note: Note,
    site: str,
    *,
    place: str = "",
    stock_take: str | None = None,
    transfer: str | None = None,
) -> tuple[int, ...]:
    """Record that one was seen at a site, unless the books have it there and no count of it is owed.

    Args:
        unit, note: who saw it, and when. subject: a person or a weapon; unknown ones are left alone.
        site, place: where. stock_take, transfer: what brought it to light.

    Returns:
        the rules it breaks that the books have it elsewhere.
    """
    found = unit.at(unit.now if note.at is None else note.at)(subject)
    if isinstance(found, Weapon):
        there = found.custody in weapon.KEPT and found.site == site
        owed, event = found.recount_due, SIGHTED["weapon"]
    elif isinstance(found, Person):
        there = found.custody == "SHELTERED" and found.site == site
        owed, event = False, SIGHTED["person"]
    else:
        return ()
    if there and not owed and not found.seen_at:
        return ()
    return unit.record(
        event,
        subject,
        note._replace(key="", expects=None),
        follows=True,
        site=site,
        place=place,
        stock_take=stock_take,
        transfer=transfer,
    ).irregularities
