"""Reading what is not everybody's: values opened, persons searched for, who looked.

The table is `domain/access.py`; here stand the official's roles and party as the directory knows them
now, and the note of who looked, at whom and why, which is made before anything is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from application.decisions.custody import Custody
from application.decisions.ledger import Ledger
from application.decisions.unit import Note, Recorded, Unit
from domain.access import NEVER_BY_SECURITY, THINGS, Thing, is_open, readers, refusal
from domain.errors import (
    BadInputError,
    CannotTellError,
    LooksAlikeError,
    NotAllowedError,
    UnknownError,
)
from domain.event import OfficialCode
from domain.person import Category
from intake.personal import born, keys, told
from intake.when import DateError


def readable(unit: Unit, official: str | None) -> frozenset[Thing]:
    """Return what an official reads now; None for who is not named, who reads what is open.

    Raises:
        UnknownError: the official is not in the directory.
    """
    if official is None:
        return frozenset(filter(is_open, THINGS))
    known = unit.look(official)
    if known is None:
        raise UnknownError(f"the official {official} is not in the directory")
    party = unit.look(known.party) if known.party else None
    never = NEVER_BY_SECURITY if party is not None and party.security else frozenset()
    held = THINGS - never
    return frozenset(t for t in held if is_open(t) or known.holds(readers(t), unit.now))


def need(unit: Unit, official: str | None, thing: Thing) -> None:
    """Refuse who may not read a thing.

    Raises:
        NotAllowedError: no role, or a security body. UnknownError: not in the directory.
    """
    if thing not in readable(unit, official):
        raise NotAllowedError(refusal(thing))


def find_person(custody: Ledger, official: str, values: Mapping[str, str]) -> list[str]:
    """Return the persons with exactly these values; the search is recorded.

    Raises:
        NotAllowedError: the official may not search. BadInputError: fewer than two values.
    """
    with custody.unit() as unit:
        need(unit, official, "search")
        for field, value in values.items():
            _searchable(field, value)
        found = unit.vault.find(values)
        unit.note_access(official, " ".join(found) or "nobody", " ".join(sorted(values)), "search")
    return found


def _searchable(field: str, value: str) -> None:
    if field == "birth_date":
        try:
            born(value)
        except DateError as error:
            raise BadInputError(f"birth date: {told(error)}") from None
    elif not keys(field, value)[0]:
        msg = f"{field.replace('_', ' ')} holds no letter or digit to be compared"
        raise BadInputError(msg)


def register_new(
    custody: Custody,
    subject: str | None,
    note: Note,
    *,
    category: Category,
    personal: Mapping[str, str],
    liaison: OfficialCode | None,
) -> Recorded:
    """Register a person who looks like nobody known; that likeness was seen is recorded.

    Raises:
        LooksAlikeError: who looks alike.
    """
    try:
        return custody.register(
            subject, note, category=category, personal=personal, liaison=liaison, new=False
        )
    except LooksAlikeError as stopped:
        with custody.unit() as unit:
            unit.note_access(
                note.by, " ".join(stopped.alike), " ".join(sorted(personal)), "likely double"
            )
        raise


class Opened(NamedTuple):
    """A person's personal values, and the fields whose value is committed to and not here."""

    values: dict[str, str]
    missing: tuple[str, ...] = ()


def open_values(custody: Ledger, official: str, subject: str, purpose: str) -> Opened:
    """Return a person's personal values; who looked, at whom and why is recorded.

    Raises:
        NotAllowedError: the official may not read them. BadInputError: no purpose is given.
        CannotTellError: the key was erased, or is lost: the sentence says which of the two.
    """
    if not purpose.strip():
        msg = f"{subject}: say why its personal values are opened (--reason)"
        raise BadInputError(msg)
    with custody.unit() as unit:
        need(unit, official, "personal values")
        known = unit.state(subject)
        commitments = known.identity_fields
        if known.erased:
            msg = f"{subject}: its key is erased: its personal values are gone, on purpose and for good"
            raise CannotTellError(msg)
        if commitments and unit.vault.keyless(subject):
            fields = ", ".join(sorted(commitments)).replace("_", " ")
            msg = (
                f"{subject}: its key is lost, not erased: {fields} cannot be read; "
                "restore the file of keys of the same day as the ledger"
            )
            raise CannotTellError(msg)
        values = unit.vault.opened(subject, commitments)
        unit.note_access(official, subject, " ".join(sorted(values)), purpose)
    return Opened(values, tuple(sorted(commitments.keys() - values.keys())))


def looked_at(
    custody: Ledger, official: str | None, subject: str | None
) -> list[tuple[int, str, str, str, str]]:
    """Return who looked: (instant in microseconds UTC, official, subject, fields, purpose).

    Args:
        custody, official: which ledger, and who asks. subject: whose values; None for all.

    Raises:
        NotAllowedError: the official may not read who looked.
    """
    where, values = ("", ()) if subject is None else (" WHERE subject = ?", (subject,))
    with custody.reading() as unit:
        need(unit, official, "access log")
        rows = unit.store.fetch(
            f"SELECT at, official, subject, fields, purpose FROM access_log{where} ORDER BY id",
            values,
        )
        return [(at, who, whose, fields, why) for at, who, whose, fields, why in rows]
