"""Commands about persons that do more than record one event.

Personal values go to the vault and only their commitments into the event. A statement that keeps a
person off a return manifest, or a pledge taken back, takes them off an open one in the same breath.
"""

from __future__ import annotations

from collections.abc import Mapping

from application.decisions import merging, review
from application.decisions.transfers import off_the_manifest
from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command, new_number
from application.store import raw_rows
from domain import person, record
from domain.errors import BadInputError
from domain.event import OfficialCode


@command(person.Registered)
def register(
    unit: Unit,
    subject: str | None,
    note: Note,
    *,
    category: person.Category,
    personal: Mapping[str, str],
    liaison: OfficialCode | None = None,
) -> Recorded:
    """Register a person: declared values are sealed, the event holds their commitments."""
    subject = subject or new_number(unit, person.Registered)
    identity = sealed(unit, subject, personal)
    return unit.record(
        person.Registered, subject, note, category=category, identity=identity, liaison=liaison
    )


def sealed(unit: Unit, subject: str, personal: Mapping[str, str]) -> dict[str, str]:
    """Seal personal values and return their commitments.

    Raises:
        BadInputError: a field that is not collected here.
    """
    for field in personal:
        if field not in person.PERSONAL:
            msg = f"{subject}: '{field}' is not a personal value this ledger keeps"
            raise BadInputError(msg)
    return unit.vault.seal(subject, {f: v for f, v in personal.items() if v})


@command(person.IdentityCorrected)
def correct_identity(
    unit: Unit, subject: str, note: Note, *, field: person.PersonalField, value: str
) -> Recorded:
    """Propose another value for one identity field; true from registration on."""
    commitment = sealed(unit, subject, {field: value})[field]
    note = review.since(unit, subject, note, person.Registered)
    facts = {"field": field, "value": commitment}
    return review.propose(unit, subject, note, person.IdentityCorrected, facts)


@command(person.IntentStated)
def state_intent(
    unit: Unit,
    subject: str,
    note: Note,
    *,
    intent: person.Intent,
    interviewer: OfficialCode,
    private: bool = True,
) -> Recorded:
    """Record what a person wants; who will not return is taken off an open return manifest."""
    done = unit.record(
        person.IntentStated, subject, note, intent=intent, interviewer=interviewer, private=private
    )
    if unit.state(subject, person.Person).intent in person.KEPT_OFF:
        off_the_manifest(unit, subject, note, f"states {intent}")
        merging.told_later(unit, subject, note)
    return done


@command(person.PledgeWithdrawn)
def withdraw_pledge(unit: Unit, subject: str, note: Note, *, pledgor: person.Pledgor) -> Recorded:
    """Record a pledge taken back; without one in force, the person is off the manifest."""
    done = unit.record(person.PledgeWithdrawn, subject, note, pledgor=pledgor)
    if not unit.state(subject, person.Person).pledged:
        off_the_manifest(unit, subject, note, "pledge withdrawn")
    if pledgor == "SELF":
        merging.told_later(unit, subject, note)
    return done


@command(record.Erased)
def erase(unit: Unit, subject: str, note: Note) -> Recorded:
    """Destroy a subject's key: its personal values are gone, counts, history and proofs stand."""
    done = unit.record(record.Erased, subject, note)
    for owner in (subject, *raw_rows.owners_of(unit.store, subject)):
        unit.vault.shred(owner)
    return done
