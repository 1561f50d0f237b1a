"""The file of a ledger's log of proofs: whose it is, its keys, its witnesses, and the log itself.

    log_owner     the ledger it belongs to, the log's name, where the last note is kept outside
    log_key       every key the log signs or has signed with, in order
    log_witness   witnesses by short name

The tables of the log itself stand in `transparency/log.py`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from application.store.sqlite_file import connect, transaction, translated
from transparency.log import Log

TABLES = (
    "CREATE TABLE IF NOT EXISTS log_owner (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " ledger TEXT NOT NULL, origin TEXT NOT NULL, note TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS log_key (number INTEGER PRIMARY KEY, verifier TEXT UNIQUE)",
    "CREATE TABLE IF NOT EXISTS log_witness (name TEXT PRIMARY KEY, verifier TEXT UNIQUE)",
)


class ProofFile:
    """One log's file, opened; it is made when it is not there.

    Raises:
        StorageError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = connect(path, create=True)
        path.chmod(0o600)
        with translated(path):
            for table in TABLES:
                self._connection.execute(table)

    def log(self, origin: str) -> Log:
        """Return the log in it, its tables made where they are missing."""
        log = Log(self._connection, origin)
        log.create()
        return log

    @contextlib.contextmanager
    def worded(self) -> Iterator[None]:
        """Turn SQLite's errors into the house's, each worded once.

        Raises:
            BusyError: another process writes it. StorageError: the disk or the file failed.
        """
        with translated(self.path):
            yield

    def settle(self) -> None:
        """Bring everything into the one file, before it is moved."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    # ── whose it is ──────────────────────────────────────────────────────

    def owner(self, ledger: str, origin: str, note: str) -> tuple[str, str, str]:
        """Make the file a ledger's where it is nobody's; return whose it is, its name, its note's copy.

        Args:
            ledger, origin: the ledger's id and the log's name, where it is nobody's yet.
            note: where the last note is kept outside from now on; "" to leave it.
        """
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO log_owner (one, ledger, origin, note) VALUES (1, ?, ?, '')"
                " ON CONFLICT DO NOTHING",
                (ledger, origin),
            )
            if note:
                self._connection.execute("UPDATE log_owner SET note = ?", (note,))
        owner, name, kept = self._connection.execute(
            "SELECT ledger, origin, note FROM log_owner"
        ).fetchone()
        return owner, name, kept

    def verifiers(self) -> list[str]:
        """Return every verifier key the log signs or has signed with, oldest first."""
        rows = self._connection.execute("SELECT verifier FROM log_key ORDER BY number")
        return [verifier for (verifier,) in rows]

    def add_key(self, verifier: str) -> None:
        """Note a key the log signs with, inside the caller's transaction of the log."""
        self._connection.execute("INSERT INTO log_key (verifier) VALUES (?)", (verifier,))

    def witnesses(self) -> dict[str, str]:
        """Return the witnesses' verifier keys by short name."""
        return dict(
            self._connection.execute("SELECT name, verifier FROM log_witness ORDER BY name")
        )

    def add_witness(self, name: str, verifier: str) -> None:
        """Note a witness; one that is known stays as it is."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO log_witness (name, verifier) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (name, verifier),
            )

    # ── what the log holds ───────────────────────────────────────────────

    def witnessed(self) -> int:
        """Return the size of the newest cosigned checkpoint, 0 where there is none."""
        return self._number("SELECT coalesce(max(size), 0) FROM cosignature")

    def events(self) -> int:
        """Return how many entries stand for events."""
        return self._number("SELECT count(*) FROM log_label")

    def entry_of(self, position: int) -> bytes | None:
        """Return the entry made from the event at a position, None where there is none."""
        row = self._connection.execute(
            "SELECT entry FROM log_entry WHERE notification_id = ?", (position,)
        ).fetchone()
        found: bytes | None = row[0] if row else None
        return found

    def positions(self) -> dict[int, int]:
        """Return the index of each event's entry to its position in the ledger."""
        rows = self._connection.execute(
            "SELECT idx, notification_id FROM log_entry WHERE notification_id IS NOT NULL"
        )
        return dict(rows)

    def roots(self) -> list[tuple[int, bytes]]:
        """Return the size and root of each signed checkpoint, as the table says, oldest first."""
        query = "SELECT size, root FROM checkpoint WHERE note <> '' ORDER BY size"
        return self._connection.execute(query).fetchall()

    def _number(self, query: str) -> int:
        (number,) = self._connection.execute(query).fetchone()
        return int(number)
