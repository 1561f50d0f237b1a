"""What every store of a ledger can do, whichever engine it lies in.

    with store.writing():                                     one write transaction, or nothing
        store.insert([("W-…", 3, "weapon.stored", b"{…}")])   → positions, such as range(4120, 4121)
        store.execute("UPDATE import_batch SET status = ? WHERE id = ?", ("COMPLETE", "B-…"))
    for subject, field in store.fetch("SELECT subject, field FROM vault WHERE …", (…)): …

SQL is what SQLite and PostgreSQL both understand: columns by their names, `?` for each value,
`ON CONFLICT (…) DO NOTHING` or `DO UPDATE SET …`, no type or function that only one of them has. What
only an engine can say (is the file whole? where is it?) is asked for by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = tuple[Any, ...]
"""One row; its columns are what its SQL names."""
EventRow: TypeAlias = tuple[str, int, str, bytes]
"""An event as stored: stream, version, stored name, canonical bytes."""


class Readable(Protocol):
    """A ledger that is asked, here or in another process."""

    def fetch(self, sql: str, values: Sequence[object] = (), /) -> Iterator[Row]:
        """Yield the rows of a query as they are found."""

    def one(self, sql: str, values: Sequence[object] = (), /) -> Row | None:
        """Return the first row of a query, None where it has none."""

    def position(self) -> int:
        """Return the newest position of the log, 0 when it is empty."""

    def settings(self) -> dict[str, str]:
        """Return what the ledger knows of itself: id, zone, synthetic, key, made_at."""

    def another(self) -> Callable[[], Readable]:
        """Return what opens another reader of this ledger; it may be sent to another process."""


class Store(Readable, Protocol):
    """A ledger that is asked and written: one writer at a time."""

    path: Path
    """What the ledger is called in sentences: its file."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold the ledger's write lock; commit at the end, or leave nothing behind.

        Raises:
            BusyError: another process holds the lock for longer than the timeout.
            StorageError: the disk or the file failed.
        """

    def snapshot(self) -> AbstractContextManager[None]:
        """Read one state of the ledger, without the write lock.

        Raises:
            StorageError: the disk or the file failed.
        """

    def renew(self) -> None:
        """Commit what was written and hold the lock again. Inside `writing`."""

    def insert(self, rows: Sequence[EventRow], /) -> Sequence[int]:
        """Insert events inside the caller's transaction and return their positions."""

    def execute(self, sql: str, values: Sequence[object] = (), /) -> None:
        """Carry out one statement, inside the caller's transaction."""

    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> None:
        """Carry out one statement for each row of values, inside the caller's transaction."""

    def worded(self) -> AbstractContextManager[None]:
        """Turn the engine's errors into the house's, each worded once, outside a transaction.

        Raises:
            BusyError, StorageError: as `writing`.
        """

    def damage(self) -> str:
        """Return what the engine finds wrong with its own file, "" where it is whole."""
