"""Who searched for or looked at whose personal values, when and why."""

from __future__ import annotations

from typing import NamedTuple

from application.decisions.access import looked_at
from application.decisions.ledger import Ledger


class Look(NamedTuple):
    """One look, `at` in microseconds UTC.

    Attributes:
        subject: whose values; of a search all who were found, or "nobody".
        fields: the values that were opened or searched by, with blanks between. purpose: as given.
    """

    at: int
    official: str
    subject: str
    fields: str
    purpose: str


def looks(custody: Ledger, official: str | None, subject: str | None) -> tuple[Look, ...]:
    """Return who looked at one person's values, or at anybody's, the earliest first.

    Raises:
        NotAllowedError: the official who asks may not know.
    """
    return tuple(Look(*row) for row in looked_at(custody, official, subject))
