"""Who may read what: personal values, intent, protection and family.

Opening personal values is itself recorded: who, whose, why. Members of security bodies never read
intent, protection or family; an analyst reads no personal values; the auditor reads all and writes
nothing. The key custodian reads no data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from application.decisions.ledger import Ledger
from application.decisions.unit import Unit
from domain.errors import BadInputError, NotAllowedError, UnknownError
from domain.event import Role

VALUES: frozenset[Role] = frozenset({"INTAKE_CLERK", "WELFARE", "CHAIR", "AUDITOR", "RELEASING"})
SEARCH = VALUES - {"RELEASING"}
PROTECTED: frozenset[Role] = frozenset({"WELFARE", "PROTECTION_INTERVIEWER", "CHAIR", "AUDITOR"})
PROTECTED_TOPICS = frozenset(
    {"person.intent_stated", "person.pledge_signed", "person.pledge_withdrawn"}
)
PROTECTED_FACETS = ("intent", "pledges")


def _official(unit: Unit, official: str, roles: frozenset[Role], what: str) -> None:
    known = unit.look(official)
    if known is None:
        raise UnknownError(f"the official {official} is not in the directory")
    if not known.holds(roles, unit.now):
        msg = f"{official} may not {what}: it needs the role {' or '.join(sorted(roles))}"
        raise NotAllowedError(msg)


def find_person(custody: Ledger, official: str, values: Mapping[str, str]) -> list[str]:
    """Return the persons with exactly these values; the search is recorded.

    Raises:
        NotAllowedError: the official may not search. BadInputError: fewer than two values.
    """
    with custody.unit() as unit:
        _official(unit, official, SEARCH, "search for persons")
        found = unit.vault.find(values)
        unit.note_access(official, " ".join(found) or "nobody", " ".join(sorted(values)), "search")
    return found


def open_values(custody: Ledger, official: str, subject: str, purpose: str) -> dict[str, str]:
    """Return a person's personal values; who looked, at whom and why is recorded.

    Raises:
        NotAllowedError: the official may not read them. BadInputError: no purpose is given.
        CannotTellError: the key was erased.
    """
    if not purpose.strip():
        msg = f"{subject}: say why its personal values are opened (--reason)"
        raise BadInputError(msg)
    with custody.unit() as unit:
        _official(unit, official, VALUES, "open personal values")
        commitments = unit.state(subject).identity_fields
        values = unit.vault.opened(subject, commitments)
        unit.note_access(official, subject, " ".join(sorted(values)), purpose)
    return values


def may_read_protected(custody: Ledger, official: str | None) -> bool:
    """Return whether an official reads intent, protection and family."""
    if official is None:
        return False
    with custody.reading() as unit:
        known = unit.look(official)
        if known is None:
            raise UnknownError(f"the official {official} is not in the directory")
        party = unit.look(known.party) if known.party else None
        security = party is not None and party.security
        return bool(known.holds(PROTECTED, unit.now)) and not security


def withheld(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a person's facets without those that are protected."""
    return {name: value for name, value in state.items() if name not in PROTECTED_FACETS}


def looked_at(custody: Ledger, subject: str | None) -> list[tuple[int, str, str, str, str]]:
    """Return who looked: (instant in microseconds UTC, official, subject, fields, purpose)."""
    where, values = ("", ()) if subject is None else (" WHERE subject = ?", (subject,))
    with custody.reading() as unit:
        rows = unit.store.fetch(
            f"SELECT at, official, subject, fields, purpose FROM access_log{where} ORDER BY id",
            values,
        )
        return [(at, who, whose, fields, why) for at, who, whose, fields, why in rows]
