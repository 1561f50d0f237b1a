"""What every read model is: tables in the views file, fed in the order of the log.

    segments       every standing in two clocks: any instant, as known at any other
    event_index    one row an event: when, by whom, which stream
    irregularity   what broke a rule and is still open

A view takes events in batches; rows and the position it has reached are written in one transaction,
so that each event is taken exactly once. It is fed by `application/answers/feed/follow.py` and catches
up before each question. Its SQL stands beside it; how rows are coded stands in `row_codes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Protocol

from domain.event import Event
from domain.history import History
from projections.row_codes import ViewsFile

Batch = Sequence[tuple[int, Event]]
"""Positions in the log and the events there, oldest first."""
Load = Callable[[Sequence[str], int], Mapping[str, History]]
"""Streams' histories as they stood at a position of the log (inclusive)."""


class View(Protocol):
    """One read model."""

    NAME: ClassVar[str]
    TABLES: ClassVar[str]

    def take(self, connection: ViewsFile, batch: Batch, load: Load) -> None:
        """Write what a batch changes, inside the caller's transaction.

        Args:
            connection: the views file.
            batch: the next events of the log.
            load: histories up to and including a position, for streams not in the batch whole.
        """


READ = "read"
"""The position every view has taken."""
MADE = "made"
"""Which making of the views this is, a random number: numbers of words belong to one making."""
COMPARED = "compared"
"""The position up to which the views were last found to be what the log says."""


class Positions:
    """How far a views file has read the log, and was compared with it."""

    TABLE = "CREATE TABLE IF NOT EXISTS tracking (name TEXT PRIMARY KEY, position INTEGER NOT NULL)"

    def __init__(self, connection: ViewsFile) -> None:
        self._connection = connection

    def of(self, name: str) -> int:
        """Return a position, 0 at the beginning."""
        row = self._connection.execute(
            "SELECT position FROM tracking WHERE name = ?", (name,)
        ).fetchone()
        return int(row[0]) if row else 0

    def set(self, name: str, position: int) -> None:
        """Note a position, inside the caller's transaction."""
        self._connection.execute("INSERT OR REPLACE INTO tracking VALUES (?, ?)", (name, position))
