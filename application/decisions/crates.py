"""Commands about crates: a fact about a crate is a fact about every weapon packed in it."""

from __future__ import annotations

from typing import Any

from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command
from domain import weapon
from domain.crates import paper_key
from domain.errors import RefusedError, UnknownError
from domain.event import Event, OfficialCode, SiteCode


def packed(unit: Unit, crate: str) -> list[str]:
    """Return the weapons packed in a crate now, in order of their numbers.

    Raises:
        UnknownError: there are none.
    """
    items = sorted(unit.register.find("container", paper_key(crate)))
    if not items:
        raise UnknownError(f"no weapon is packed in crate {crate}")
    return items


@command(weapon.SealChecked)
def check_seal(unit: Unit, container: str, note: Note, *, seal: str, intact: bool) -> Recorded:
    """Look at a crate's seal: a fact about every weapon packed in it."""
    return _each(unit, container, note, weapon.SealChecked, seal=seal, intact=intact)


@command(weapon.SealBroken)
def break_seal(
    unit: Unit,
    container: str,
    note: Note,
    *,
    seal: str,
    authorised: bool,
    witness: OfficialCode | None = None,
) -> Recorded:
    """Record a broken seal: without authority, every item in the crate is due for a recount."""
    return _each(
        unit, container, note, weapon.SealBroken, seal=seal, authorised=authorised, witness=witness
    )


@command(weapon.CrateMoved)
def move_crate(
    unit: Unit, container: str, note: Note, *, site: SiteCode, place: str = ""
) -> Recorded:
    """Put a crate elsewhere as a whole, unopened: its weapons move, none of them is seen."""
    for one in packed(unit, container):
        item = unit.state(one, weapon.Weapon)
        if item.custody not in weapon.KEPT:
            on = f", on {item.transfer}" if item.transfer else ""
            msg = f"{one} of the crate {container} is {item.custody}{on}: a crate moves as a whole"
            raise RefusedError(29, msg)
    label = unit.state(packed(unit, container)[0], weapon.Weapon).container
    return _each(unit, container, note, weapon.CrateMoved, container_=label, site=site, place=place)


def _each(
    unit: Unit, crate: str, note: Note, cls: type[Event], *, container_: str = "", **facts: Any
) -> Recorded:
    items = packed(unit, crate)
    note = note._replace(batch=note.batch or unit.batch())
    unit.load(items)
    if container_:
        facts["container"] = container_
    done = [unit.record(cls, item, note, **facts) for item in items]
    broken = tuple(sorted({number for one in done for number in one.irregularities}))
    return done[-1]._replace(subject=crate, irregularities=broken)
