"""A whole batch is taken back by events: proposed by one official, approved by another.

Every event it recorded goes, its flags of look-alikes and their dismissal among them. Events of others
that depend on it stay and hold it (rule 21): whatever was recorded later about its persons and weapons,
weapons that name one of its persons as the depositor, records merged into one of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from application import imports, streams
from application.custody import Custody
from application.imports import UNBROKEN
from application.unit import Note, Unit
from domain.errors import BadInputError, RefusedError
from domain.event import CorrectionReason


def retract(custody: Custody, note: Note, batch: str, why: CorrectionReason) -> int:
    """Propose that all events of a batch never counted; `amana approve --all-of BATCH` does it.

    Returns:
        how many events it takes back.

    Raises:
        RefusedError: rule 21, events that are not of the batch depend on some of its.
        BadInputError: nothing of it counts, or its retraction waits already.
    """
    imports.one(custody, batch)
    made = imports.subjects(custody, batch)
    others = custody.store.writer.execute(
        "SELECT one FROM import_pair WHERE batch = ?1 UNION SELECT other FROM import_pair"
        " WHERE batch = ?1", (batch,),
    )  # fmt: skip
    involved = sorted({*made, *(subject for (subject,) in others)})
    refs = imports.counting(custody, batch, involved)
    if not refs:
        msg = f"{batch}: nothing that it recorded counts any more"
        raise BadInputError(msg)
    with custody.batch(streams=UNBROKEN):
        with custody.reading() as unit:
            unit.load(involved)
            _not_waiting(unit, batch, involved)
            _not_leant_on(unit, frozenset(made))
        (stream, version), *rest = refs
        custody.retract(
            stream, note._replace(batch=batch), version=version, why=why, together_with=rest
        )
    return len(refs)


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
        for known in streams.every(unit.connection, prefix):
            named = getattr(known.state, field)
            if named in made and known.id not in made:
                msg = f"{named} is named by {known.id}: take that back first"
                raise RefusedError(21, msg)
