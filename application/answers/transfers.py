"""One transfer: what was released against what was accepted, line by line."""

from __future__ import annotations

from application.decisions.ledger import Ledger
from domain.transfer import Transfer


def transfer(custody: Ledger, number: str) -> Transfer:
    """Return a transfer as known now.

    Raises:
        UnknownError: there is none of that number.
    """
    with custody.reading() as unit:
        known: Transfer = unit.state(number)
    return known
