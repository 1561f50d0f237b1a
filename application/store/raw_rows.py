"""The rows of sheets as they stood: each sealed under a key of its own, so that one can be erased.

    sealed under   B-3f9c…:412        a row is opened, and erased, alone
    goes with      whoever it became  erasing a person destroys the rows they were typed in:
                                      theirs, its duplicates, and the rejected row that it mends

A rejected row that named several people goes with the first of them who is erased.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from application.store.interface import Readable


def owner(batch: str, row: int) -> str:
    """Return whose key a row is sealed under."""
    return f"{batch}:{row}"


def text_of(cells: Sequence[str]) -> str:
    """Return a row as it is sealed: JSON of its cells."""
    text = json.dumps(cells, ensure_ascii=False)
    lone = any("\ud800" <= letter <= "\udfff" for letter in text)  # half a letter has no UTF-8
    return json.dumps(cells) if lone else text


def owners_of(store: Readable, subject: str) -> list[str]:
    """Return the keys of every row that a person was typed in."""
    waiting = list(
        store.fetch("SELECT batch, row, mends FROM import_row WHERE subject = ?", (subject,))
    )
    found: dict[str, None] = {}
    while waiting:
        batch, row, mends = waiting.pop()
        if owner(batch, row) in found:
            continue
        found[owner(batch, row)] = None
        waiting += store.fetch(
            "SELECT batch, row, mends FROM import_row WHERE batch = ? AND of_row = ?", (batch, row)
        )
        waiting += store.fetch(
            "SELECT r.batch, r.row, r.mends FROM import_row r JOIN import_batch b"
            " ON b.mends = r.batch WHERE b.id = ? AND r.row = ?",
            (batch, mends),
        )
    return list(found)
