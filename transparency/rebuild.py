"""The log derived again: what the stored events give is written anew, what they do not is kept.

Entries, nodes, bodies and labels follow from the stored events, the sizes of the checkpoints and the
log's secret; key and anchor entries are kept from the table where they still stand. Nothing is changed
unless every checkpoint comes out with the root it was signed with.
"""

from __future__ import annotations

from collections.abc import Iterable

from transparency.body import Fact
from transparency.entries import EntryKind, split
from transparency.errors import MismatchError
from transparency.log import Log


def rebuild(log: Log, facts: Iterable[tuple[int, Fact]], secret: bytes) -> None:
    """Derive entries, nodes, bodies and labels again, in one transaction.

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
