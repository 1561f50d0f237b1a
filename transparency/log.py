"""The log's tables: entries, nodes, bodies and labels, on one plain SQLite connection.

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

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from transparency import mapstore, tree
from transparency.checkpoint import Checkpoint
from transparency.cosignature import check
from transparency.entries import Derived, EntryKind, Fact, derive, label, map_entry, split, subject
from transparency.errors import MalformedError, MismatchError
from transparency.labelmap import LabelMap, MapProof
from transparency.signed_note import Line, SignedNote, Verifier
from transparency.tlogproof import write_hashes

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


@dataclass(frozen=True)
class Signed:
    """The newest state the database remembers having signed; size 0 before the first."""

    size: int
    root: bytes


class Log:
    """One log in one database: append, look up, prove.

    Args:
        connection: an open SQLite connection; `create` makes the tables where missing.
        origin: the log's name, the first line of its checkpoints.
    """

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        self.connection = connection
        self.origin = origin

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

    # ── what is there ──────────────────────────────────────────────────────
    @property
    def size(self) -> int:
        """The number of entries."""
        return int(self._one("SELECT coalesce(max(idx) + 1, 0) FROM log_entry")[0])

    @property
    def position(self) -> int:
        """The newest notification that was read into the log."""
        return int(self._one("SELECT position FROM log_state")[0])

    @property
    def signed(self) -> Signed:
        """The newest state the database remembers having signed."""
        size, root = self._one("SELECT size, root FROM log_state")
        return Signed(size, root)

    def get(self, level: int, index: int) -> bytes:
        """Return the hash of one complete subtree.

        Raises:
            MismatchError: the node is missing, so the tables are damaged.
        """
        query = "SELECT hash FROM log_node WHERE level = ? AND idx = ?"
        row = self.connection.execute(query, (level, index)).fetchone()
        if row is None:
            raise MismatchError(f"the log's node {level}/{index} is missing: rebuild the log")
        return bytes(row[0])

    def root(self, size: int) -> bytes:
        """Return the 32-byte root over the first `size` entries."""
        return tree.root(size, self.get)

    def entries(self, size: int | None = None) -> Iterator[bytes]:
        """Yield the 65-byte entries in order, up to `size`: what a replaying reader is given."""
        query = "SELECT entry FROM log_entry WHERE idx < ? ORDER BY idx"
        limit = self.size if size is None else size
        return (row[0] for row in self.connection.execute(query, (limit,)))

    def entry(self, index: int) -> bytes:
        """Return one 65-byte entry."""
        return bytes(self._one("SELECT entry FROM log_entry WHERE idx = ?", index)[0])

    def body(self, index: int) -> str:
        """Return the body an event entry commits to."""
        return str(self._one("SELECT body FROM log_body WHERE idx = ?", index)[0])

    def find(self, label: bytes) -> int | None:
        """Return the index of the entry with this label, None where there is none."""
        query = "SELECT idx FROM log_label WHERE label = ?"
        row = self.connection.execute(query, (label,)).fetchone()
        return None if row is None else int(row[0])

    def leaf(self, secret: bytes, stream_id: str, version: int) -> bytes | None:
        """Return the 32-byte leaf hash of one version, counted from 1: what an official signs."""
        index = self.find(label(subject(secret, stream_id), version))
        return None if index is None else self.get(0, index)

    def labels(self, size: int) -> LabelMap:
        """Return the label map over the event entries before index `size`."""
        labels = LabelMap()
        query = """SELECT label, hash FROM log_label CROSS JOIN log_node USING (idx)
                   WHERE level = 0 AND idx < ?"""  # CROSS: the planner would go quadratic
        for mark, leaf in self.connection.execute(query, (size,)):
            labels.insert(mark, leaf)
        return labels

    def map_proofs(self, index: int, labels: Iterable[bytes]) -> list[MapProof]:
        """Return a proof for each label under the map entry at an index."""
        levels = self._cut(index).levels()
        proofs = []
        for mark in labels:
            here = mapstore.walk(levels, mark)
            below = mapstore.bounds(here.prefix, len(here.path))
            proofs.append(mapstore.prove(here, mark, self._below(index, *below)))
        return proofs

    def _cut(self, index: int) -> mapstore.Cut:
        """Return the map before an index by buckets: what was kept, where its root is the entry's."""
        query = "SELECT depth, counts, hashes FROM log_map WHERE idx = ?"
        row = self.connection.execute(query, (index,)).fetchone()
        if row is not None:
            kept = mapstore.Cut(*row)
            if kept.fits() and kept.root() == split(self.entry(index))[1]:
                return kept
        return self._new_cut(index)

    def _new_cut(self, index: int) -> mapstore.Cut:
        (count,) = self._one("SELECT count(*) FROM log_label WHERE idx < ?", index)
        low, high = mapstore.bounds(0, 0)
        return mapstore.cut(self._below(index, low, high), mapstore.cut_of(count))

    def _below(self, index: int, low: bytes, high: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield (label, leaf hash) of the event entries before an index, labels ascending."""
        query = """SELECT label, hash FROM log_label CROSS JOIN log_node USING (idx)
                   WHERE level = 0 AND idx < ? AND label BETWEEN ? AND ? ORDER BY label"""
        return iter(self.connection.execute(query, (index, low, high)))

    def sizes(self) -> list[int]:
        """Return the sizes of the signed checkpoints, oldest first."""
        query = "SELECT size FROM checkpoint WHERE note <> '' ORDER BY size"
        return [row[0] for row in self.connection.execute(query)]

    def note(self, size: int) -> str:
        """Return the checkpoint note of this size with every cosignature received.

        Raises:
            MismatchError: no checkpoint of this size was signed.
        """
        query = "SELECT note FROM checkpoint WHERE size = ? AND note <> ''"
        row = self.connection.execute(query, (size,)).fetchone()
        if row is None:
            raise MismatchError(f"no checkpoint of size {size} was signed")
        query = "SELECT line FROM cosignature WHERE size = ? ORDER BY name, line"
        return str(row[0]) + "".join(line for (line,) in self.connection.execute(query, (size,)))

    # ── what is added ──────────────────────────────────────────────────────
    def record(
        self, facts: Iterable[tuple[int, Fact]], secret: bytes, position: int | None = None
    ) -> None:
        """Derive and append one entry for each stored event.

        Args:
            facts: (notification id, event), ids ascending and above `position`.
            secret: the log's 32 bytes.
            position: the newest notification read, where it gave no fact; by default the
                last id of the batch.

        Raises:
            MismatchError: a notification that was read before, a version out of order, or
                a version that is there already.
            MalformedError: a value that cannot be committed.
        """
        with self.transaction():
            newest = self.position
            for notification_id, fact in facts:
                if notification_id <= newest:
                    raise MismatchError(f"notification {notification_id} is in the log already")
                newest = notification_id
                self.append_event(self.derived(fact, secret), notification_id)
            self.advance(max(newest, position or 0))

    def append(self, derived: Iterable[tuple[int, Derived]], position: int) -> None:
        """Append a batch that was derived already, with its position, in one transaction.

        Args:
            derived: (notification id, entry with body and label), ids ascending.
            position: the newest notification read.

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

    # ── what is proven ─────────────────────────────────────────────────────
    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the audit path of an entry in the tree of `size` entries."""
        return tree.inclusion(index, size, self.get)

    def submission_head(self, old: int, size: int) -> str:
        """Return the beginning of an add-checkpoint body, up to where the note follows."""
        return f"old {old}\n{write_hashes(tree.consistency(old, size, self.get))}\n"

    def submission(self, old: int, size: int | None = None) -> str:
        """Return an add-checkpoint body for a witness that knows the log up to `old`.

        Raises:
            MismatchError: there is no such checkpoint, or the witness knows a larger log.
        """
        new = self.signed.size if size is None else size
        if not 0 <= old <= new:
            raise MismatchError(f"the witness knows size {old}, this log has signed {new} only")
        return self.submission_head(old, new) + self.note(new)

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
        lines = [Line.parse(row) for row in answer.rstrip("\n").split("\n")]
        known = [(key, line) for line in lines for key in witnesses if key.made(line)]
        for key, line in known:
            check(key, checkpoint, line)
        with self.transaction():
            self.connection.executemany(
                "INSERT OR IGNORE INTO cosignature VALUES (?, ?, ?)",
                [(size, key.name, line.text) for key, line in known],
            )
        return [key.name for key, _ in known]

    def derived(self, fact: Fact, secret: bytes) -> Derived:
        """Return the entry of a stored event, linked to the version before it in the log.

        Raises:
            MismatchError: the version before is not in the log.
        """
        stream = subject(secret, fact.stream_id)
        previous = None
        if fact.version > 1:
            index = self.find(label(stream, fact.version - 1))
            if index is None:
                raise MismatchError(f"{fact.name} came before version {fact.version - 1}")
            previous = self.get(0, index)
        return derive(fact, stream, previous)

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

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        row = self.connection.execute(query, values).fetchone()
        if row is None:
            raise MismatchError("the log's tables are empty: create the log first")
        return tuple(row)
