"""What is seen where the books do not have it stands on the thing or person itself, as irregular."""

from __future__ import annotations

from application.decisions.unit import Note, Unit
from domain import person, weapon
from domain.person import Person
from domain.weapon import Weapon


def sighted(
    unit: Unit,
    subject: str,
    note: Note,
    site: str,
    *,
    place: str = "",
    stock_take: str | None = None,
    transfer: str | None = None,
) -> None:
    """Record that one was seen at a site, unless the books have it there and no count of it is owed.

    Args:
        unit, note: who saw it, and when. subject: a person or a weapon; unknown ones are left alone.
        site, place: where. stock_take, transfer: what brought it to light.
    """
    found = unit.at(unit.now if note.at is None else note.at)(subject)
    facts = {"site": site, "place": place, "stock_take": stock_take, "transfer": transfer}
    if isinstance(found, Weapon):
        there = found.custody in weapon.KEPT and found.site == site
        if not there or found.recount_due or found.seen_at:
            unit.record(weapon.Sighted, subject, note, follows=True, **facts)
    elif isinstance(found, Person):
        there = found.custody == "SHELTERED" and found.site == site
        if not there or found.seen_at:
            unit.record(person.Sighted, subject, note, follows=True, **facts)
