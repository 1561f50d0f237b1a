"""The register: which subjects stand under a name and key now, for decisions that need to look.

    ("housed", site)        persons sheltered there          rule 6, roll calls
    ("kept", site)          weapons kept there               stock-takes
    ("container", key)      weapons packed in it             seals, crates, rules 22 and 29
    ("seal", key)           weapons it was ever applied to   rule 29
    ("receipt", key)        whom or what it was given for    rule 30
    ("serial", key)         weapons bearing the serial       rule 23
    ("line", subject)       open transfers the subject is on rule 12
    ("pending", "")         proposals waiting for approval, as `stream:version`

It says nothing of its own: each entry follows from one stream's state, and it is written in the
transaction of the events it follows from. `rebuild` makes it again from the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter

from application.store.interface import Store
from domain.crates import paper_key
from domain.event import State
from domain.person import Person
from domain.rules import serial_key
from domain.transfer import OPEN_LINE, Transfer
from domain.weapon import KEPT, Weapon

Entry = tuple[str, str, str]
PENDING = attrgetter("pending")
_INSERT = "INSERT INTO register (name, key, subject) VALUES (?, ?, ?)"
WATCHED: dict[type[State], Callable[[State], object]] = {
    Person: attrgetter("custody", "same_as", "site", "receipts", "pending"),
    Weapon: attrgetter("custody", "site", "container", "serial", "seals", "receipts", "pending"),
    Transfer: attrgetter("lines", "status", "pending"),
}
"""What `entries` reads of a state: while it stays the same, so do the entries."""


def entries(state: State) -> Iterator[Entry]:
    """Yield the entries that follow from one stream's state: (name, key, subject)."""
    if isinstance(state, Person):
        if state.custody == "SHELTERED" and state.same_as is None:
            yield "housed", state.site or "", state.id
    elif isinstance(state, Weapon):
        yield from _of_weapon(state)
    elif isinstance(state, Transfer) and not state.ended:
        for subject, status in state.lines.items():
            if status in OPEN_LINE:
                yield "line", subject, state.id
    if isinstance(state, Person | Weapon):
        for receipt in state.receipts:
            yield "receipt", paper_key(receipt.number), state.id
    for version in state.pending:
        yield "pending", "", f"{state.id}:{version}"


def _changed_lines(before: Transfer, after: Transfer) -> tuple[Transfer, Transfer]:
    """Return both with the lines alone that differ: a list of hundreds changes line by line."""
    if before.ended != after.ended:
        return before, after
    differ = before.lines.items() ^ after.lines.items()
    subjects = {subject for subject, _ in differ}
    return tuple(  # type: ignore[return-value]  # two in, two out
        one._replace(lines={s: one.lines[s] for s in subjects if s in one.lines})
        for one in (before, after)
    )


def _of_weapon(state: Weapon) -> Iterator[Entry]:
    if state.custody in KEPT:
        yield "kept", state.site or "", state.id
    if state.container:
        yield "container", paper_key(state.container), state.id
    for number, _crate in state.seals:
        yield "seal", paper_key(number), state.id
    if key := serial_key(state.serial):
        yield "serial", key, state.id


class Register:
    """The register inside one ledger, read through memory, written behind the events."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], set[str]] = {}
        # by (name, key): each subject that enters (True) or leaves (False)
        self._changes: dict[tuple[str, str], dict[str, bool]] = {}

    def find(self, name: str, key: str) -> set[str]:
        """Return the subjects under a name and key, this transaction's changes included."""
        found = self._known.get((name, key))
        if found is None:
            rows = self._store.fetch(
                "SELECT subject FROM register WHERE name = ? AND key = ?", (name, key)
            )
            found = {subject for (subject,) in rows}
            for subject, enters in self._changes.get((name, key), {}).items():
                (found.add if enters else found.discard)(subject)
            self._known[name, key] = found
        return found

    def follow(self, before: State, after: State) -> None:
        """Take note of what one stream's change of state changes here."""
        watched = WATCHED.get(type(after), PENDING)
        if before is after or watched(before) == watched(after):
            return
        if isinstance(before, Transfer) and isinstance(after, Transfer):
            before, after = _changed_lines(before, after)
        was, now = set(entries(before)), set(entries(after))
        for entry in was - now:
            self._change(entry, enters=False)
        for entry in now - was:
            self._change(entry, enters=True)

    def _change(self, entry: Entry, *, enters: bool) -> None:
        name, key, subject = entry
        self._changes.setdefault((name, key), {})[subject] = enters
        if (known := self._known.get((name, key))) is not None:
            (known.add if enters else known.discard)(subject)

    def write(self) -> None:
        """Write the changes, inside the caller's transaction."""
        if not self._changes:
            return
        changes: dict[bool, list[Entry]] = {True: [], False: []}
        for (name, key), subjects in self._changes.items():
            for subject, enters in subjects.items():
                changes[enters].append((name, key, subject))
        self._store.executemany(
            "DELETE FROM register WHERE name = ? AND key = ? AND subject = ?", changes[False]
        )
        self._store.executemany(f"{_INSERT} ON CONFLICT DO NOTHING", changes[True])
        self._changes.clear()

    def forget(self) -> None:
        """Drop what is in memory: the transaction failed, or another process wrote."""
        self._known.clear()
        self._changes.clear()


def difference(store: Store, states: Iterator[State]) -> int:
    """Return how many entries are missing or wrong, compared with every stream's state."""
    return len(_wanted(states) ^ _held(store))


def rebuild(store: Store, states: Iterator[State]) -> int:
    """Make the register again from every stream's state, inside the caller's transaction.

    Returns:
        how many entries were missing or wrong.
    """
    wanted = _wanted(states)
    wrong = len(wanted ^ _held(store))
    store.execute("DELETE FROM register")
    store.executemany(_INSERT, sorted(wanted))
    return wrong


def _wanted(states: Iterator[State]) -> set[Entry]:
    return {entry for state in states for entry in entries(state)}


def _held(store: Store) -> set[Entry]:
    rows = store.fetch("SELECT name, key, subject FROM register")
    return {(name, key, subject) for name, key, subject in rows}
