"""Counts of weapons and roll calls of persons: what each expected, found and missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from application.answers.feed.follow import Views
from application.answers.two_clocks import Echo, echo, latest
from application.decisions.ledger import Ledger
from domain import ids
from domain.errors import CustodyError, UnknownError
from domain.stocktake import StockTake

Seen = Literal["FOUND", "UNEXPECTED", "UNKNOWN"]


class Counts(NamedTuple):
    """Every count, the latest last."""

    echo: Echo
    states: tuple[StockTake, ...]


class OneCount(NamedTuple):
    """One count."""

    echo: Echo
    state: StockTake


class Scans(NamedTuple):
    """What codes that were just scanned turned out to be, and how far the count is.

    Attributes:
        codes: each as typed. UNEXPECTED: known, not expected here. UNKNOWN: no such code, kept.
        found, expected, left: how many were found so far, of how many, how many are not found yet.
    """

    codes: tuple[tuple[str, Seen], ...]
    found: int
    expected: int
    left: int


def counts(views: Views, custody: Ledger) -> Counts:
    """Return every count of a ledger."""
    found = sorted(_every(custody), key=lambda count: count.since)
    return Counts(echo(views, latest(views)), tuple(found))


def one(views: Views, custody: Ledger, number: str) -> OneCount:
    """Return one count.

    Raises:
        UnknownError: there is none of that number.
    """
    return OneCount(echo(views, latest(views)), _known(custody, number))


def last_closed(views: Views, custody: Ledger) -> OneCount:
    """Return the count that was closed last.

    Raises:
        UnknownError: none has been closed.
    """
    closed = [count for count in _every(custody) if count.status == "CLOSED"]
    if not closed:
        msg = "no count has been closed yet"
        raise UnknownError(msg)
    state = max(closed, key=lambda count: count.since)
    return OneCount(echo(views, latest(views)), state)


def scans(custody: Ledger, number: str, codes: Sequence[str]) -> Scans:
    """Return what codes are to a count that they were scanned for."""
    known = _known(custody, number)
    seen = tuple((code, _seen(code, known)) for code in codes)
    return Scans(seen, len(known.found), len(known.expected), len(known.missing))


def _seen(code: str, known: StockTake) -> Seen:
    try:
        return "FOUND" if ids.parse(code) in known.found else "UNEXPECTED"
    except CustodyError:
        return "UNKNOWN"


def _known(custody: Ledger, number: str) -> StockTake:
    with custody.reading() as unit:
        known: StockTake = unit.state(number)
    return known


def _every(custody: Ledger) -> list[StockTake]:
    return [known.state for known in custody.streams.every("S-")]
