"""The register: which subjects stand under a name and key now, for decisions that need to look.

    ("housed", site)        persons sheltered there          rule 6, roll calls
    ("kept", site)          weapons kept there               stock-takes
    ("container", label)    weapons packed in it             seals, rule 22
    ("serial", key)         weapons bearing the serial       rule 23
    ("line", subject)       open transfers the subject is on rule 12
    ("pending", "")         proposals waiting for approval, as `stream:version`

It says nothing of its own: each entry follows from one stream's state, and it is written in the
transaction of the events it follows from. `rebuild` makes it again from the events.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from domain.person import Person
from domain.rules import serial_key
from domain.transfer import OPEN_LINE, Transfer
from domain.weapon import Weapon

Entry = tuple[str, str, str]
KEPT = frozenset({"RECEIVED", "INVENTORIED", "IN_TRUST"})


def entries(state: Any) -> Iterator[Entry]:
    """Yield the entries that follow from one stream's state: (name, key, subject)."""
    if isinstance(state, Person):
        if state.custody == "SHELTERED" and state.same_as is None:
            yield "housed", state.site or "", state.id
    elif isinstance(state, Weapon):
        if state.custody in KEPT:
            yield "kept", state.site or "", state.id
        if state.container:
            yield "container", state.container, state.id
        if key := serial_key(state.serial):
            yield "serial", key, state.id
    elif isinstance(state, Transfer) and not state.ended:
        for subject, status in state.lines.items():
            if status in OPEN_LINE:
                yield "line", subject, state.id
    for version in state.pending:
        yield "pending", "", f"{state.id}:{version}"


class Register:
    """The register inside one ledger file, read through memory, written behind the events."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, str], set[str]] = {}
        self._changes: dict[Entry, bool] = {}  # True: enters, False: leaves

    def find(self, name: str, key: str) -> set[str]:
        """Return the subjects under a name and key, this transaction's changes included."""
        found = self._known.get((name, key))
        if found is None:
            rows = self._connection.execute(
                "SELECT subject FROM register WHERE name = ? AND key = ?", (name, key)
            )
            found = {subject for (subject,) in rows}
            for (n, k, subject), enters in self._changes.items():
                if (n, k) == (name, key):
                    (found.add if enters else found.discard)(subject)
            self._known[name, key] = found
        return found

    def follow(self, before: Any, after: Any) -> None:
        """Take note of what one stream's change of state changes here."""
        if before is after or _same_lines(before, after):
            return
        was, now = set(entries(before)), set(entries(after))
        for entry in was - now:
            self._change(entry, enters=False)
        for entry in now - was:
            self._change(entry, enters=True)

    def _change(self, entry: Entry, *, enters: bool) -> None:
        self._changes[entry] = enters
        if (known := self._known.get(entry[:2])) is not None:
            (known.add if enters else known.discard)(entry[2])

    def write(self) -> None:
        """Write the changes, inside the caller's transaction."""
        if not self._changes:
            return
        enter = [entry for entry, enters in self._changes.items() if enters]
        leave = [entry for entry, enters in self._changes.items() if not enters]
        self._connection.executemany(
            "DELETE FROM register WHERE name = ? AND key = ? AND subject = ?", leave
        )
        self._connection.executemany("INSERT OR IGNORE INTO register VALUES (?, ?, ?)", enter)
        self._changes.clear()

    def forget(self) -> None:
        """Drop what is in memory: the transaction failed, or another process wrote."""
        self._known.clear()
        self._changes.clear()


def _same_lines(before: Any, after: Any) -> bool:
    """True when a long manifest did not change, so that its lines need not be compared."""
    return isinstance(after, Transfer) and (before.lines, before.pending, before.ended) == (
        after.lines, after.pending, after.ended
    )  # fmt: skip


def difference(connection: sqlite3.Connection, states: Iterator[Any]) -> int:
    """Return how many entries are missing or wrong, compared with every stream's state."""
    wanted = {entry for state in states for entry in entries(state)}
    return len(wanted ^ set(connection.execute("SELECT name, key, subject FROM register")))


def rebuild(connection: sqlite3.Connection, states: Iterator[Any]) -> int:
    """Make the register again from every stream's state, inside the caller's transaction.

    Returns:
        how many entries were missing or wrong.
    """
    wanted = {entry for state in states for entry in entries(state)}
    wrong = len(wanted ^ set(connection.execute("SELECT name, key, subject FROM register")))
    connection.execute("DELETE FROM register")
    connection.executemany("INSERT INTO register VALUES (?, ?, ?)", sorted(wanted))
    return wrong
