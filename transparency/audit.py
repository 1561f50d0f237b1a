"""The log against the ledger: every entry is derived again, and every difference is a finding.

`findings` re-hashes each stored event and body against its entry, each node against the entries
below it, and each checkpoint's root. `rebuild` makes the four derivable tables anew and changes
nothing unless every checkpoint comes out with the root it was signed with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transparency import tree
from transparency.entries import EntryKind, Fact, split
from transparency.errors import MismatchError, ProofError
from transparency.log import Log


@dataclass(frozen=True)
class Finding:
    """One fault.

    Args:
        index: the entry it is about, None for the log as a whole.
        text: one sentence.
    """

    index: int | None
    text: str


def findings(log: Log, facts: Iterable[tuple[int, Fact]], secret: bytes) -> Iterator[Finding]:
    """Yield each difference between the stored events and the log.

    Args:
        log: the log.
        facts: every (notification id, event) of the ledger, ids ascending.
        secret: the log's 32 bytes.
    """
    yield from _events(log, facts, secret)
    yield from _nodes(log)
    yield from _roots(log)


def rebuild(log: Log, facts: Iterable[tuple[int, Fact]], secret: bytes) -> None:
    """Derive entries, nodes, bodies and labels again, in one transaction.

    Key and anchor entries are kept from the table where they still stand.

    Args:
        log: the log.
        facts: every (notification id, event) of the ledger, ids ascending.
        secret: the log's 32 bytes.

    Raises:
        MismatchError: a checkpoint comes out with another root; nothing is changed.
    """
    with log.transaction():
        others = _others(log)
        roots = dict(log.connection.execute("SELECT size, root FROM checkpoint").fetchall())
        for table in ("log_entry", "log_node", "log_body", "log_label"):
            log.connection.execute(f"DELETE FROM {table}")
        for notification_id, fact in facts:
            _fill(log, others, roots)
            log.append_event(log.derived(fact, secret), notification_id)
            log.advance(notification_id)
        _fill(log, others, roots)
        for size, root in roots.items():
            if size > log.size or log.root(size) != root:
                raise MismatchError(f"the events do not give the root signed at size {size}")


def _others(log: Log) -> dict[int, bytes]:
    query = "SELECT idx, entry FROM log_entry WHERE notification_id IS NULL"
    rows = log.connection.execute(query).fetchall()
    return {at: entry for at, entry in rows if split(entry)[0] is not EntryKind.MAP}


def _fill(log: Log, others: dict[int, bytes], roots: dict[int, bytes]) -> None:
    """Put back what no event gives: key and anchor entries, and the checkpoints' maps."""
    while True:
        if (entry := others.get(log.size)) is not None:
            log.append_entry(entry, None)
        elif log.size + 1 in roots:
            log.append_map()
        else:
            return


def _events(log: Log, facts: Iterable[tuple[int, Fact]], secret: bytes) -> Iterator[Finding]:
    query = """SELECT notification_id, idx, entry, coalesce(body, '') FROM log_entry
               LEFT JOIN log_body USING (idx) WHERE notification_id NOT NULL"""
    rows = {key: rest for key, *rest in log.connection.execute(query)}
    position = log.position
    for notification_id, fact in facts:
        name = fact.name
        if (row := rows.pop(notification_id, None)) is None:
            if notification_id <= position:
                yield Finding(None, f"{name} is in the ledger but not in the log")
            continue
        index, entry, body = row
        try:
            derived = log.derived(fact, secret)
        except ProofError as error:
            yield Finding(index, f"{name} cannot be derived again: {error}")
            continue
        if (derived.entry, derived.body) != (entry, body):
            yield Finding(index, f"{name} in the ledger differs from its entry in the log")
        elif log.find(derived.label) != index:
            yield Finding(index, f"the label of {name} leads to another entry")
    for index, *_ in rows.values():
        yield Finding(index, f"entry {index} stands for an event that is not in the ledger")


def _nodes(log: Log) -> Iterator[Finding]:
    nodes = tree.Tree()
    query = "SELECT level, idx, hash FROM log_node"
    stored = {(level, at): hashed for level, at, hashed in log.connection.execute(query)}
    for index, entry in enumerate(log.entries()):
        leaf = tree.leaf_hash(entry)
        nodes.append(leaf)
        grown = list(tree.grown(index, leaf, nodes.get))
        if any(stored.get((level, at)) != hashed for level, at, hashed in grown):
            yield Finding(index, f"a node above entry {index} differs from the entries below it")


def _roots(log: Log) -> Iterator[Finding]:
    nodes = tree.Tree()
    for entry in log.entries():
        nodes.append(tree.leaf_hash(entry))
    query = "SELECT size, root FROM checkpoint ORDER BY size"
    for size, root in log.connection.execute(query).fetchall():
        if size > len(nodes) or tree.root(size, nodes.get) != root:
            yield Finding(None, f"the entries do not have the root signed at size {size}")
