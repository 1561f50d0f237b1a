"""The log read: look entries up, prove them, hand out what a witness is sent.

Everything here only reads the tables of log.py, so whoever proves or audits needs no more than this.
The label map as it stood at a checkpoint is kept by buckets (mapstore.py); what is kept is believed
only where its root is the one in the map entry.

    index = log.find(label(subject(secret, "W-000417-K"), 1))
    log.entry(index), log.body(index), log.inclusion(index, size)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from transparency import mapstore, tree
from transparency.body import Derived, Fact, derive
from transparency.entries import label, split, subject
from transparency.errors import MismatchError
from transparency.labelmap import LabelMap, MapProof
from transparency.tlogproof import write_hashes


@dataclass(frozen=True)
class Signed:
    """The newest state the database remembers having signed; size 0 before the first."""

    size: int
    root: bytes


class LogReader:
    """One log in one database, to look up in and to prove from.

    Args:
        connection: an open SQLite connection with the log's tables.
        origin: the log's name, the first line of its checkpoints.
    """

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        self.connection = connection
        self.origin = origin

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

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:  # as sqlite3 gives it
        row = self.connection.execute(query, values).fetchone()
        if row is None:
            raise MismatchError("the log's tables are empty: create the log first")
        return tuple(row)
