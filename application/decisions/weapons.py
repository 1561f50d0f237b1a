"""Commands about weapons that do more than record one event: serials and descriptions."""

from __future__ import annotations

from typing import Any

from application.decisions import review, serials
from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command, new_number
from domain import weapon
from domain.rules import serial_key


@command(weapon.Inventoried)
def inventory(unit: Unit, subject: str | None, note: Note, /, **facts: Any) -> Recorded:
    """Describe and count a weapon; an equal serial elsewhere is flagged on it, never refused."""
    serials.check(subject or "weapon", facts)
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
    serials.check(subject, facts)
    note = review.since(unit, subject, note, weapon.Inventoried)
    return review.propose(unit, subject, note, weapon.DescriptionCorrected, facts)
