"""The batches of a ledger as they are asked about: what each holds, and whether it still counts."""

from __future__ import annotations

from typing import Literal, NamedTuple

from application.decisions.ledger import Ledger
from application.imports import batches
from application.imports.batches import Batch

BatchFate = Literal["INTERRUPTED", "TAKEN_BACK", "IN"]


class Listed(NamedTuple):
    """One batch.

    Attributes:
        counts: outcome to number of rows, RECORDED among them. fate: INTERRUPTED until all of
            its rows went in, TAKEN_BACK when nothing that it recorded counts any more.
    """

    batch: Batch
    counts: dict[str, int]
    fate: BatchFate


class Quarantined(NamedTuple):
    """A row in quarantine: its number, its codes, and the batch that put it right, or ""."""

    row: int
    codes: str
    put_right_in: str


def every(custody: Ledger) -> tuple[Listed, ...]:
    """Return every batch, the newest last."""
    return tuple(_listed(custody, batch) for batch in batches.every(custody))


def one(custody: Ledger, number: str) -> tuple[Listed, tuple[Quarantined, ...]]:
    """Return one batch, and its rows in quarantine.

    Raises:
        UnknownError: there is none of that number.
    """
    listed = _listed(custody, batches.one(custody, number))
    rows = batches.quarantined(custody, number)
    return listed, tuple(Quarantined(*row) for row in rows)


def _listed(custody: Ledger, batch: Batch) -> Listed:
    return Listed(batch, batches.counts(custody, batch.id), _fate(custody, batch))


def _fate(custody: Ledger, batch: Batch) -> BatchFate:
    if batch.status == "OPEN":
        return "INTERRUPTED"
    return "TAKEN_BACK" if batches.taken_back(custody, batch.id) else "IN"
