"""Commands about weapons that do more than record one event: serials, descriptions, seals."""

from __future__ import annotations

from typing import Any

from application.decisions import review
from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command, new_number
from domain import weapon
from domain.errors import UnknownError
from domain.event import Event, OfficialCode
from domain.rules import serial_key


@command(weapon.Inventoried)
def inventory(unit: Unit, subject: str | None, note: Note, /, **facts: Any) -> Recorded:
    """Describe and count a weapon; an equal serial elsewhere is flagged on it, never refused."""
    subject = subject or new_number(unit, weapon.Inventoried)
    done = unit.record(weapon.Inventoried, subject, note, **facts)
    key = serial_key(unit.state(subject, weapon.Weapon).serial)
    others = sorted(unit.register.find("serial", key) - {subject}) if key else []
    if others:
        unit.record(
            weapon.DuplicateSerialFlagged, subject, note, others=tuple(others), follows=True
        )
    return done


@command(weapon.DescriptionCorrected)
def correct_description(unit: Unit, subject: str, note: Note, /, **facts: Any) -> Recorded:
    """Propose another description; true from the inventory on."""
    note = review.since(unit, subject, note, weapon.Inventoried)
    return review.propose(unit, subject, note, weapon.DescriptionCorrected, facts)


@command(weapon.SealChecked)
def check_seal(unit: Unit, container: str, note: Note, *, seal: str, intact: bool) -> Recorded:
    """Look at a crate's seal: a fact about every weapon packed in it."""
    return _packed(unit, container, note, weapon.SealChecked, seal=seal, intact=intact)


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
    return _packed(
        unit, container, note, weapon.SealBroken, seal=seal, authorised=authorised, witness=witness
    )


def _packed(unit: Unit, container: str, note: Note, cls: type[Event], **facts: Any) -> Recorded:
    items = sorted(unit.register.find("container", container))
    if not items:
        raise UnknownError(f"no weapon is packed in crate {container}")
    note = note._replace(batch=note.batch or unit.batch())
    unit.load(items)
    return [unit.record(cls, item, note, **facts) for item in items][-1]._replace(subject=container)
