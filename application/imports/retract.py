"""A whole batch is taken back by events: proposed by one official, approved by another.

Every event it recorded goes, and every mark that says what its records look like, whoever set it.
Events of others that depend on it stay and hold it (rule 21): whatever was recorded later about its
persons and weapons, weapons that name one of its persons as the depositor, records merged into one of
its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from application.decisions.custody import Custody
from application.decisions.unit import Note, Unit
from application.imports import batches
from domain import history, person, weapon
from domain.errors import BadInputError, RefusedError
from domain.event import CorrectionReason, Event

MARKS = frozenset({
    person.DuplicateFlagged.TOPIC, person.DuplicateDismissed.TOPIC,
    weapon.DuplicateSerialFlagged.TOPIC, weapon.DuplicateSerialResolved.TOPIC,
})  # fmt: skip


def retract(custody: Custody, note: Note, batch: str, why: CorrectionReason) -> int:
    """Propose that all events of a batch never counted; `amana approve --all-of BATCH` does it.

    Returns:
        how many events it takes back.

    Raises:
        RefusedError: rule 21, events that are not of the batch depend on some of its.
        BadInputError: nothing of it counts, or its retraction waits already.
    """
    batches.one(custody, batch)
    made = frozenset(batches.subjects(custody, batch))
    involved = sorted(made | _paired(custody, batch))
    if not batches.counting(custody, batch, sorted(made)):
        msg = f"{batch}: nothing that it recorded counts any more"
        raise BadInputError(msg)
    refs = _events(custody, batch, involved, made)
    with custody.batch(whole=True):
        with custody.reading() as unit:
            unit.load(involved)
            _not_waiting(unit, batch, involved)
            _not_leant_on(unit, made)
        (stream, version), *rest = refs
        custody.retract(
            stream, note._replace(batch=batch), version=version, why=why, together_with=rest
        )
    return len(refs)


def _paired(custody: Custody, batch: str) -> frozenset[str]:
    """Return every record that a pair of the batch, or of one of its records, is about."""
    rows = custody.store.fetch(
        "WITH mine AS (SELECT subject FROM import_row WHERE batch = ? AND subject IS NOT NULL)"
        " SELECT one, other FROM import_pair"
        " WHERE batch = ? OR one IN (SELECT subject FROM mine)"
        " OR other IN (SELECT subject FROM mine)",
        (batch, batch),
    )
    return frozenset(subject for pair in rows for subject in pair)


def _events(
    custody: Custody, batch: str, involved: Sequence[str], made: frozenset[str]
) -> list[tuple[str, int]]:
    """Return what the batch recorded, and whoever's marks that say what its records look like."""
    known = custody.streams.histories(involved)
    return [
        (stream, event.originator_version)
        for stream, past in known.items()
        for event in history.in_order(past.events)
        if not event.TOPIC.startswith("record.")
        and (event.batch == batch or _is_mark(event, stream, made))
    ]


def _is_mark(event: Event, stream: str, made: frozenset[str]) -> bool:
    if event.TOPIC not in MARKS:
        return False
    named = {getattr(event, "other", None), *getattr(event, "others", ())} - {None}
    return stream in made or (bool(named) and named <= made)


def _not_waiting(unit: Unit, batch: str, involved: Sequence[str]) -> None:
    for stream in involved:
        known = unit.history(stream)
        for version in known.state.pending if known else ():
            if known and known.events[version - 1].batch == batch:
                msg = f"{batch}: its retraction waits already: `amana approve --all-of {batch}`"
                raise BadInputError(msg)


def _not_leant_on(unit: Unit, made: frozenset[str]) -> None:
    """Refuse where weapons or merged records name a person of the batch and would name nobody."""
    for prefix, field in (("W-", "holder"), ("P-", "same_as")):
        for known in unit.streams.every(prefix):
            named = getattr(known.state, field)
            if named in made and known.id not in made:
                msg = f"{named} is named by {known.id}: take that back first"
                raise RefusedError(21, msg)
