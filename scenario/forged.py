"""A forged row: one stored event altered outside the program, as somebody with access to the file would.

with undone(store) as forged: …     altered for as long as the block lasts
forge(store, 900)                   altered for good, inside the caller's transaction; only a demo's
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from application.store.interface import Store
from domain.errors import UnknownError

FIELDS = ("place", "container", "site", "seal", "serial", "receipt", "reason", "recorded_by")
"""Facts a forger would touch, the likeliest first."""


class Forged(NamedTuple):
    """One stored row as it was altered outside the program."""

    position: int
    event: str
    topic: str
    field: str
    before: str
    after: str


class _PutBackError(Exception):
    """Not a fault: the way out of a forgery of which nothing may stay."""


@contextlib.contextmanager
def undone(store: Store) -> Iterator[Forged]:
    """Alter a row in the middle of a ledger, and put it back at the end: nothing of it stays."""
    with contextlib.suppress(_PutBackError), store.writing():
        yield forge(store, None)
        raise _PutBackError


def forge(store: Store, position: int | None) -> Forged:
    """Alter one stored row, by default one in the middle of the ledger.

    Raises:
        UnknownError: there is no such event, or it has no fact to alter.
    """
    if position is None:
        query = (
            "SELECT min(position) FROM stored_events"
            " WHERE position >= ? AND topic = 'weapon.stored'"
        )
        ((position,),) = store.fetch(query, (store.position() // 2,))
    row = store.one(
        "SELECT originator_id, originator_version, topic, state FROM stored_events"
        " WHERE position = ?",
        (position,),
    )
    facts: dict[str, Any] = json.loads(row[3]) if row else {}
    field = next((name for name in FIELDS if facts.get(name)), None)
    if position is None or row is None or field is None:
        msg = f"the demo's ledger has no event {position} to alter"
        raise UnknownError(msg)
    before = facts[field]
    facts[field] = after = before[:-1] + chr(ord(before[-1]) ^ 1)
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    update = "UPDATE stored_events SET state = ? WHERE position = ?"
    store.execute(update, (text.encode(), position))
    return Forged(position, f"{row[0]}:{row[1]}", row[2], field, before, after)
