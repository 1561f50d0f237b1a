"""The log written: entries, nodes, bodies and labels in tables of one plain SQLite connection.

    log_entry(idx, entry, notification_id)   65 bytes each; the notification it was derived from
    log_node(level, idx, hash)               hashes of complete subtrees, written once
    log_body(idx, body)                      the text an event entry commits to
    log_label(label, idx)                    where a version of a stream stands
    log_map(idx, depth, counts, hashes)      the newest label maps by buckets, see mapstore.py
    checkpoint(size, root, note)             note is empty between appending and signing
    cosignature(size, name, line)            lines of witnesses, verified before they are kept
    log_state(size, root, position)          one row: what was signed last, and how far we read

The first five can be derived again from the stored events, the sizes of the checkpoints and the
log's secret (`rebuild`); the others cannot. A batch is written with its position in one
transaction, so each notification gets exactly one entry. A caller who has a transaction open
keeps it: the batch then joins it.

Example:
    >>> import sqlite3
    >>> log = Log(sqlite3.connect(":memory:"), "a.example/log")
    >>> log.create()
    >>> fact = Fact("weapon", "W-000417-K", 1, "weapon.declared", 1734000000, {}, {}, bytes(32))
    >>> log.record([(1, fact)], secret=bytes(32))
    >>> log.size, log.position, log.leaf(bytes(32), "W-000417-K", 1) is None
    (1, 1, False)
    >>> log.connection.close()
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from transparency import tree
from transparency.body import Derived, Fact
from transparency.checkpoint import Checkpoint
from transparency.cosignature import check
from transparency.entries import EntryKind, map_entry, split
from transparency.errors import MalformedError, MismatchError
from transparency.log_reader import LogReader
from transparency.signed_note import SignatureLine, SignedNote, Verifier

MAPS_KEPT = 64  # 135 kB each at most; a proof at an older checkpoint builds its map again
TABLES = """
CREATE TABLE IF NOT EXISTS log_entry
    (idx INTEGER PRIMARY KEY, entry BLOB NOT NULL CHECK (length(entry) = 65),
     notification_id INTEGER UNIQUE);
CREATE TABLE IF NOT EXISTS log_node
    (level INTEGER, idx INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, idx)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_body (idx INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS log_label (label BLOB PRIMARY KEY, idx INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_map
    (idx INTEGER PRIMARY KEY, depth INTEGER NOT NULL, counts BLOB NOT NULL, hashes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoint
    (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cosignature
    (size INTEGER, name TEXT, line TEXT, PRIMARY KEY (size, name, line)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_state
    (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL,
     position INTEGER NOT NULL);
"""


class Log(LogReader):
    """One log in one database: append to it; `create` makes the tables where they are missing."""

    def create(self) -> None:
        """Make the tables that are missing."""
        with self.transaction():
            for statement in TABLES.split(";"):
                self.connection.execute(statement)
            self.connection.execute(
                "INSERT OR IGNORE INTO log_state VALUES (1, 0, ?, 0)", (tree.EMPTY_ROOT,)
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the one writer's place; join the caller's transaction where one is open."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    # ── what is added ──────────────────────────────────────────────────────
    def record(self, facts: Iterable[tuple[int, Fact]], secret: bytes, position: int = 0) -> None:
        """Derive and append one entry for each stored event, each linked to the one before.

        Args:
            facts: (notification id, event), ids ascending and above `position`.
            secret: the log's 32 bytes.
            position: the newest notification read, where it gave no fact; at least the last
                id of the batch.

        Raises:
            MismatchError: a notification that was read before, a version out of order, or
                a version that is there already.
            MalformedError: a value that cannot be committed.
        """
        self.append(((at, self.derived(fact, secret)) for at, fact in facts), position)

    def append(self, derived: Iterable[tuple[int, Derived]], position: int = 0) -> None:
        """Append a batch of derived entries with the position reached, in one transaction.

        Args:
            derived: (notification id, entry with body and label), ids ascending; the next one is
                asked for when the one before stands in the log.
            position: the newest notification read; at least the last id of the batch.

        Raises:
            MismatchError: a notification or a label that is in the log already.
        """
        with self.transaction():
            newest = self.position
            for notification_id, item in derived:
                if notification_id <= newest:
                    raise MismatchError(f"notification {notification_id} is in the log already")
                newest = notification_id
                self.append_event(item, notification_id)
            self.advance(max(newest, position))

    def append_other(self, entry: bytes) -> int:
        """Append a key or anchor entry (type 0x03 or 0x04) and return its index.

        Raises:
            MalformedError: an entry of another type.
        """
        if split(entry)[0] not in (EntryKind.KEY, EntryKind.ANCHOR):
            raise MalformedError("only key and anchor entries are appended by hand")
        with self.transaction():
            return self.append_entry(entry, None)

    def append_map(self) -> int:
        """Append the map entry over all entries before it and return the log's new size."""
        with self.transaction():
            index = self.size
            cut = self._new_cut(index)
            execute = self.connection.execute
            values = index, cut.depth, cut.counts, cut.hashes
            execute("INSERT OR REPLACE INTO log_map VALUES (?, ?, ?, ?)", values)
            query = "SELECT idx FROM log_map ORDER BY idx DESC LIMIT ?"
            execute(f"DELETE FROM log_map WHERE idx NOT IN ({query})", (MAPS_KEPT,))
            return self.append_entry(map_entry(cut.root(), index), None) + 1

    def add_cosignatures(self, size: int, answer: str, witnesses: Iterable[Verifier]) -> list[str]:
        """Keep the signature lines a witness answered with.

        Args:
            size: the checkpoint they are about.
            answer: signature lines; those of keys not in `witnesses` are ignored.
            witnesses: the keys known.

        Returns:
            The names of the keys whose lines were kept.

        Raises:
            MalformedError: text that is not signature lines.
            MismatchError: no such checkpoint, or a known key's signature is bad.
        """
        checkpoint = Checkpoint.parse(SignedNote.parse(self.note(size)).text)
        lines = [SignatureLine.parse(row) for row in answer.rstrip("\n").split("\n")]
        known = [(key, line) for line in lines for key in witnesses if key.made(line)]
        for key, line in known:
            check(key, checkpoint, line)
        with self.transaction():
            self.connection.executemany(
                "INSERT OR IGNORE INTO cosignature VALUES (?, ?, ?)",
                [(size, key.name, line.text) for key, line in known],
            )
        return [key.name for key, _ in known]

    def append_event(self, derived: Derived, notification_id: int) -> None:
        """Append one entry with its body and label, inside the caller's transaction.

        Raises:
            MismatchError: its label is in the log already.
        """
        if self.find(derived.label) is not None:
            raise MismatchError(f"notification {notification_id} repeats a version in the log")
        index = self.append_entry(derived.entry, notification_id)
        self.connection.execute("INSERT INTO log_body VALUES (?, ?)", (index, derived.body))
        self.connection.execute("INSERT INTO log_label VALUES (?, ?)", (derived.label, index))

    def append_entry(self, entry: bytes, notification_id: int | None) -> int:
        """Append 65 bytes with the nodes they complete and return their index."""
        index = self.size
        self.connection.execute(
            "INSERT INTO log_entry VALUES (?, ?, ?)", (index, entry, notification_id)
        )
        self.connection.executemany(
            "INSERT INTO log_node VALUES (?, ?, ?)",
            list(tree.grown(index, tree.leaf_hash(entry), self.get)),
        )
        return index

    def advance(self, position: int) -> None:
        """Remember the newest notification read, inside the caller's transaction."""
        self.connection.execute("UPDATE log_state SET position = ?", (position,))
