"""What the directory holds now: sites, parties, officials."""

from __future__ import annotations

from typing import TypeAlias

from application.decisions.ledger import Ledger
from domain.directory import Official, Party, Site

Entry: TypeAlias = Site | Party | Official
PREFIXES = {"sites": "SITE-", "parties": "PARTY-", "officials": "OFF-"}


def listed(custody: Ledger, what: str) -> tuple[Entry, ...]:
    """Return every site, party or official as known now, in order of their codes.

    Args:
        custody: the ledger. what: one of `PREFIXES`.
    """
    return tuple(known.state for known in custody.streams.every(PREFIXES[what]))
