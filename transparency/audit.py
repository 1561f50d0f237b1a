"""The log against the ledger: every entry is derived again, and every difference is a fault.

    events    each stored event gives the entry, body and label that the log has for it
    nodes     each node is the hash of the entries below it
    roots     each checkpoint has the root of the entries it covers
    strays    no body, label or cosignature stands there without what it belongs to
    maps      each map entry is over all events before it (see replay.py)

A fault says of what kind it is and which event, entry or checkpoint it is about; nobody has to read
its sentence to know. One fault does not stop the search, and nothing is repaired: see rebuild.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from transparency import tree
from transparency.body import Fact
from transparency.checkpoint import Checkpoint
from transparency.entries import body_hash
from transparency.errors import ProofError
from transparency.log_reader import LogReader
from transparency.replay import replay


class FaultKind(StrEnum):
    """What is wrong; the last four are found by whoever keeps the ledger and the notes."""

    ALTERED = "altered"  # the stored event is not the one its entry was made from
    BODY = "body"  # the body kept for an entry is not the one it commits to
    LABEL = "label"  # an event's label leads to another entry or to none
    UNLOGGED = "unlogged"  # the log passed over a stored event
    UNDERIVED = "underived"  # no entry can be made of a stored event
    LOST = "lost"  # an entry stands for an event that is not stored
    NODE = "node"
    ROOT = "root"
    STRAY = "stray"
    MAP = "map"
    CHECKPOINT = "checkpoint"  # a note, its signatures, or what it was signed over
    COPY = "copy"  # of the last note, outside the log
    UNREADABLE = "unreadable"  # a stored row is no event
    SPELLING = "spelling"  # a stored row says the same in other bytes


@dataclass(frozen=True)
class LogFault:
    """One fault.

    Args:
        kind: what is wrong.
        text: one sentence, without the name of the event.
        stream_id: the stream of the event it is about, "" where it is about none.
        version: the event's version, counted from 1.
        notification_id: the stored event's position in the ledger.
        index: the entry it is about, counted from 0.
        size: the checkpoint it is about.
    """

    kind: FaultKind
    text: str
    stream_id: str = ""
    version: int | None = None
    notification_id: int | None = None
    index: int | None = None
    size: int | None = None


def faults(log: LogReader, facts: Iterable[tuple[int, Fact]], secret: bytes) -> Iterator[LogFault]:
    """Yield each difference between the stored events and the log.

    Args:
        log: the log.
        facts: every (notification id, event) of the ledger, ids ascending.
        secret: the log's 32 bytes.
    """
    yield from _events(log, facts, secret)
    yield from _nodes(log)
    yield from _roots(log)
    yield from _strays(log)
    yield from _maps(log)


def _events(log: LogReader, facts: Iterable[tuple[int, Fact]], secret: bytes) -> Iterator[LogFault]:
    query = """SELECT notification_id, idx, entry, coalesce(body, '') FROM log_entry
               LEFT JOIN log_body USING (idx) WHERE notification_id NOT NULL"""
    rows = {key: rest for key, *rest in log.connection.execute(query)}
    position = log.position
    for notification_id, fact in facts:
        index, entry, body = rows.pop(notification_id, (None, b"", ""))
        if index is None and notification_id > position:
            continue  # not read into the log yet
        if found := _event(log, fact, secret, index, entry, body):
            kind, text = found
            yield LogFault(kind, text, fact.stream_id, fact.version, notification_id, index)
    for notification_id, (index, *_) in rows.items():
        text = f"entry {index:,} stands for an event that is not in the ledger"
        yield LogFault(FaultKind.LOST, text, notification_id=notification_id, index=index)


def _event(
    log: LogReader, fact: Fact, secret: bytes, index: int | None, entry: bytes, body: str
) -> tuple[FaultKind, str] | None:
    """Return what is wrong with one stored event and the entry that stands for it."""
    if index is None:
        return FaultKind.UNLOGGED, "is in the ledger but not in the log"
    try:
        derived = log.derived(fact, secret)
    except ProofError as error:
        return FaultKind.UNDERIVED, f"cannot be derived again: {error}"
    if derived.entry != entry:
        now, then = body_hash(derived.body).hex(), entry[33:].hex()
        return FaultKind.ALTERED, (
            f"differs from its entry {index:,} in the log: what is stored hashes to {now[:16]}…,"
            f" the log has {then[:16]}…"
        )
    if derived.body != body:
        return FaultKind.BODY, f"the body kept for entry {index:,} is not what the entry commits to"
    if log.find(derived.label) != index:
        return FaultKind.LABEL, "its label leads to another entry"
    return None


def _nodes(log: LogReader) -> Iterator[LogFault]:
    nodes = tree.Tree()
    query = "SELECT level, idx, hash FROM log_node"
    stored = {(level, at): hashed for level, at, hashed in log.connection.execute(query)}
    for index, entry in enumerate(log.entries()):
        leaf = tree.leaf_hash(entry)
        nodes.append(leaf)
        grown = list(tree.grown(index, leaf, nodes.get))
        if any(stored.get((level, at)) != hashed for level, at, hashed in grown):
            text = f"a node above entry {index:,} differs from the entries below it"
            yield LogFault(FaultKind.NODE, text, index=index)


def _roots(log: LogReader) -> Iterator[LogFault]:
    nodes = tree.Tree()
    for entry in log.entries():
        nodes.append(tree.leaf_hash(entry))
    query = "SELECT size, root FROM checkpoint ORDER BY size"
    for size, root in log.connection.execute(query).fetchall():
        if size > len(nodes) or tree.root(size, nodes.get) != root:
            text = f"the entries do not have the root signed at size {size:,}"
            yield LogFault(FaultKind.ROOT, text, size=size)


def _strays(log: LogReader) -> Iterator[LogFault]:
    """Find what stands in the tables beside the entries."""
    queries = {
        "bodies": "SELECT count(*) FROM log_body LEFT JOIN log_entry USING (idx)"
        " WHERE notification_id IS NULL",
        "labels": "SELECT count(*) FROM log_label LEFT JOIN log_entry USING (idx)"
        " WHERE notification_id IS NULL",
        "cosignatures": "SELECT count(*) FROM cosignature LEFT JOIN checkpoint USING (size)"
        " WHERE note IS NULL OR note = ''",
    }
    for what, query in queries.items():
        (count,) = log.connection.execute(query).fetchone()
        if count:
            text = f"the log holds {count:,} {what} that belong to no entry"
            yield LogFault(FaultKind.STRAY, text)


def _maps(log: LogReader) -> Iterator[LogFault]:
    """Read the entries as a replaying witness does, up to what was signed last."""
    size, root = log.signed.size, log.signed.root
    if not size:
        return
    try:
        replay(log.entries(size), Checkpoint(log.origin, size, root))
    except ProofError as error:
        yield LogFault(FaultKind.MAP, str(error), size=size)
