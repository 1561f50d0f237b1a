"""Commands about persons that do more than record one event.

Personal values go to the vault and only their commitments into the event. A statement that keeps a
person off a return manifest, or a pledge taken back, takes them off an open one in the same breath.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from application.decisions import merging, review
from application.decisions.transfers import off_the_manifest
from application.decisions.unit import Note, Recorded, Unit
from application.decisions.verb import command, new_number
from application.store import raw_rows
from domain import person, record, times
from domain.errors import BadInputError, LooksAlikeError, RefusedError
from domain.event import OfficialCode
from intake.codes import Quarantine
from intake.personal import WHO, check, check_registered, keys


@command(person.Registered)
def register(
    unit: Unit,
    subject: str | None,
    note: Note,
    *,
    category: person.Category,
    personal: Mapping[str, str],
    liaison: OfficialCode | None = None,
    new: bool = True,
) -> Recorded:
    """Register a person: declared values are sealed, the event holds their commitments.

    Without `new`, one who looks like somebody registered is not recorded: who says so decides.
    """
    subject = subject or new_number(unit, person.Registered)
    identity = sealed(unit, subject, note, personal)
    with _worded(subject):
        check_registered(personal)
    done = unit.record(
        person.Registered, subject, note, category=category, identity=identity, liaison=liaison
    )
    if not new and (alike := look_alikes(unit, subject, personal)):
        raise LooksAlikeError(alike)
    return done


def look_alikes(unit: Unit, subject: str, personal: Mapping[str, str]) -> tuple[str, ...]:
    """Return who is registered under the same service number, or the same name and year of birth."""
    found: set[str] = set()
    if number := personal.get("service_number"):
        found |= set(unit.vault.linked("service_number", number))
    if born := personal.get("birth_date"):
        year = keys("birth_date", born)[-1]
        for name in filter(None, map(personal.get, WHO)):
            for field in WHO:
                found |= set(unit.vault.find({field: name, "birth_date": year}))
    alike = []
    for one in sorted(found - {subject}):
        known = unit.look(one, person.Person)
        if known is not None and known.same_as is None and not known.erased:
            alike.append(one)
    return tuple(alike)


def sealed(unit: Unit, subject: str, note: Note, personal: Mapping[str, str]) -> dict[str, str]:
    """Seal personal values and return their commitments; what cannot be meant is refused.

    Raises:
        BadInputError: a field that is not collected here, or a value that says nothing or cannot be.
        RefusedError: rule 24, a value is too long or holds control characters.
    """
    for field in personal:
        if field not in person.PERSONAL:
            msg = f"{subject}: '{field}' is not a personal value this ledger keeps"
            raise BadInputError(msg)
    then = unit.now if note.at is None else min(note.at, unit.now)
    day = datetime.fromtimestamp(then // times.SECOND, UTC) + timedelta(hours=14)  # wherever it is
    with _worded(subject):
        check(personal, day.date())
    return unit.vault.seal(subject, personal)


@contextlib.contextmanager
def _worded(subject: str) -> Iterator[None]:
    """Turn what the room of intake refuses into the house's errors; a value is never quoted."""
    try:
        yield
    except Quarantine as refused:
        note = refused.note
        field = (note.field or "").replace("_", " ")
        msg = f"{subject}: {field}: {note.words.en}"
        if note.code in {"E-BIDI", "E-LONG"}:
            raise RefusedError(24, msg) from None
        raise BadInputError(msg) from None


@command(person.IdentityCorrected)
def correct_identity(
    unit: Unit, subject: str, note: Note, *, field: person.PersonalField, value: str
) -> Recorded:
    """Propose another value for one identity field; true from registration on."""
    commitment = sealed(unit, subject, note, {field: value})[field]
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
