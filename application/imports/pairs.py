"""Who looks alike: pairs found while sheets are taken in, decided by a person, never by a score.

    waiting    flagged on both records (weapons of one serial are flagged by the inventory itself)
    different  dismissed on both: the pair is never shown again
    same       persons: a merge is proposed, the earlier record survives
               weapons: it is proposed that no event of the later record ever counted
               a second official approves; a retraction brings the other record back
    later      stays, behind the others

What is compared with a new sheet's rows is what the ledger knows at that moment, so a pair that only
meets when a later file comes is found then. Persons' values are opened for it by role, and each
opening is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from application.decisions import access
from application.decisions.custody import Custody
from application.decisions.unit import Note, Recorded, Unit
from application.imports import batches
from application.store.interface import Readable
from domain import history, record
from domain.errors import BadInputError, UnknownError
from domain.event import Event, as_a
from domain.history import History
from domain.person import DuplicateFlagged, SameAs
from domain.weapon import DuplicateSerialFlagged

Decision = Literal["same", "different", "later"]


class Likeness(NamedTuple):
    """A new row and what it looks like: an earlier row of the file, or a known record."""

    row: int
    other: int | str
    score: int
    why: tuple[str, ...]


class Waiting(NamedTuple):
    """A pair and how far it is.

    Attributes:
        one, other: the records, the earlier first.
        state: waiting, later, proposed (a second official is to approve), same, different.
        row: of the sheet the later record came from, or None.
    """

    one: str
    other: str
    batch: str
    score: int
    why: str
    state: str
    row: int | None

    @property
    def open(self) -> bool:
        """Whether a person is still to decide it."""
        return self.state in {"waiting", "later"}


class Review(NamedTuple):
    """Pairs side by side.

    Attributes:
        wanted: how many pairs were asked for and may be seen. hidden: how many may not.
        shown: those opened now. sides: what is seen of each of their records, by identifier.
    """

    wanted: int
    hidden: int
    shown: tuple[Waiting, ...]
    sides: dict[str, dict[str, Any]]


# ── finding ─────────────────────────────────────────────────────────────────


def known(
    custody: Custody, official: str, kind: str, purpose: str, without: str = ""
) -> list[tuple[str, Mapping[str, str | None]]]:
    """Return what new rows are compared with: each record's id and fields.

    Args:
        custody, official, kind, purpose: which ledger, who compares what, and why.
        without: the batch whose own records are left out.

    Raises:
        NotAllowedError: the official may not open personal values.
    """
    own = frozenset(batches.subjects(custody, without)) if without else frozenset()
    if kind == "weapons":
        with custody.reading() as unit:
            return [
                (w.id, {"serial": w.serial, "serial_status": w.serial_status, "model": w.model})
                for w in (past.state for past in unit.streams.every("W-"))
                if w.id not in own and w.inventoried
            ]
    with custody.unit() as unit:
        access.need(unit, official, "search")
        people = [
            p
            for p in (past.state for past in unit.streams.every("P-"))
            if p.id not in own and p.identity_fields and p.same_as is None and not p.erased
        ]
        found: list[tuple[str, Mapping[str, str | None]]] = []
        for person in people:
            values = unit.vault.opened(person.id, person.identity_fields)
            unit.note_access(official, person.id, " ".join(sorted(values)), purpose)
            found.append((person.id, values))
        return found


def keep(custody: Custody, by: str, batch: str, found: Iterable[Likeness]) -> int:
    """Keep the pairs of a batch that are not known yet, flag both persons, and close the batch.

    Returns:
        how many are new.
    """
    rows = batches.recorded(custody, batch)
    new = 0
    with custody.batch(whole=True), custody.unit() as unit:
        for like in found:
            pair = _pair(rows.get(like.row), _other(rows, like.other))
            if pair and not _exists(unit.store, *pair):
                _flag(unit, by, batch, pair, like)
                new += 1
        batches.complete(unit, batch)
    return new


def _other(rows: Mapping[int, str], other: int | str) -> str | None:
    return other if isinstance(other, str) else rows.get(other)


def _pair(first: str | None, second: str | None) -> tuple[str, str] | None:
    if first is None or second is None or first == second:
        return None
    return (first, second) if _age(first) < _age(second) else (second, first)


def _age(subject: str) -> tuple[int, str]:
    return len(subject), subject


def _exists(store: Readable, one: str, other: str) -> bool:
    query = "SELECT 1 FROM import_pair WHERE one = ? AND other = ?"
    return store.one(query, (one, other)) is not None


def _flag(unit: Unit, by: str, batch: str, pair: tuple[str, str], like: Likeness) -> None:
    why = " · ".join(like.why)
    if pair[0].startswith("P-"):
        note = Note(by, batch=batch, reason=why)
        for subject, other in (pair, pair[::-1]):
            unit.record(DuplicateFlagged, subject, note, other=other, score=like.score)
    unit.store.execute(
        "INSERT INTO import_pair"
        " (one, other, batch, score, why, decision, official, decided_at)"
        " VALUES (?, ?, ?, ?, ?, 'waiting', '', 0)",
        (*pair, batch, like.score, why),
    )


# ── what waits ──────────────────────────────────────────────────────────────


def pairs(custody: Custody, batch: str | None = None) -> list[Waiting]:
    """Return the pairs of a batch, or of all, with what became of each; most alike first."""
    return _found(custody, "WHERE p.batch = ?", batch) if batch else _found(custody, "")


def _found(custody: Custody, where: str, *values: str) -> list[Waiting]:
    query = (
        "SELECT p.one, p.other, p.batch, p.score, p.why, p.decision,"
        " (SELECT row FROM import_row r WHERE r.subject = p.other LIMIT 1)"
        f" FROM import_pair p {where} ORDER BY p.decision = 'later', p.score DESC, p.one, p.other"
    )
    rows = list(custody.store.fetch(query, values))
    involved = sorted({subject for row in rows for subject in row[:2]})
    past = custody.streams.histories(involved)
    return [
        Waiting(one, other, batch, score, why, _state(decision, past[other]), row)
        for one, other, batch, score, why, decision, row in rows
        if _opened(past[one]) and (_opened(past[other]) or decision == "same")
    ]


def _opened(past: History) -> bool:
    """Whether anything of a stream still counts and can be looked at."""
    return not past.state.erased and any(
        not e.TOPIC.startswith("record.") for e in history.in_order(past.events)
    )


def _state(decision: str, other: History) -> str:
    if decision != "same":
        return decision
    if other.state.same_as is not None if other.id.startswith("P-") else not _opened(other):
        return "same"
    waits = any(_merges(other.events[version - 1]) for version in other.state.pending)
    return "proposed" if waits else "waiting"  # declined, or taken back


def _merges(event: Event) -> bool:
    proposal = as_a(record.Proposed, event)
    return proposal is not None and proposal.topic in {SameAs.TOPIC, record.Retracted.TOPIC}


def review(
    custody: Custody, official: str, batch: str | None, limit: int, *, decided: bool = False
) -> Review:
    """Open some pairs side by side; whose values are opened is recorded.

    Args:
        custody, official: the ledger, and who looks.
        batch: whose pairs; every batch's when None. limit: how many pairs are opened.
        decided: whether those that were decided are shown, too.

    Raises:
        UnknownError: there is no such batch.
    """
    if batch:
        batches.one(custody, batch)
    wanted = [pair for pair in pairs(custody, batch) if decided or pair.open]
    seen = wanted
    if not _may_see_persons(custody, official):
        seen = [pair for pair in wanted if not pair.one.startswith("P-")]
    shown = tuple(seen[:limit])
    with custody.batch():
        sides = {
            subject: _look(custody, official, subject, "look-alikes reviewed")
            for pair in shown
            for subject in (pair.one, pair.other)
        }
    return Review(len(seen), len(wanted) - len(seen), shown, sides)


def _may_see_persons(custody: Custody, official: str) -> bool:
    with custody.reading() as unit:
        known = unit.look(official) is not None
        return known and "personal values" in access.readable(unit, official)


def _look(custody: Custody, official: str, subject: str, purpose: str) -> dict[str, Any]:
    """Return what a reviewer sees of one record; opening a person's values is recorded."""
    with custody.reading() as unit:
        state = unit.state(subject)
    if not subject.startswith("P-"):
        fields = (
            "category",
            "model",
            "calibre",
            "serial",
            "serial_status",
            "condition",
            "site",
            "place",
            "holder",
        )
        return {name: getattr(state, name) for name in fields}
    values = access.open_values(custody, official, subject, purpose).values
    return {**values, "site": state.site, "custody": state.custody}


# ── deciding ────────────────────────────────────────────────────────────────


def decide(
    custody: Custody, note: Note, first: str, second: str, decision: Decision
) -> list[Recorded]:
    """Decide a pair.

    Raises:
        UnknownError: the two were never proposed as a pair. BadInputError: it is decided.
    """
    pair = _pair(first, second)
    known_pairs = _found(custody, "WHERE p.one = ? AND p.other = ?", *pair) if pair else []
    if not pair or not known_pairs:
        msg = f"{first} and {second} are not a pair to decide: `amana intake review` lists them"
        raise UnknownError(msg)
    (found,) = known_pairs
    if not found.open:
        msg = f"{found.one} and {found.other} are decided: {found.state}"
        raise BadInputError(msg)
    with custody.batch(whole=True):
        done = _DECIDE[decision](custody, note, found)
        with custody.unit() as unit:
            unit.store.execute(
                "UPDATE import_pair SET decision = ?, official = ?, decided_at = ?"
                " WHERE one = ? AND other = ?",
                (decision, note.by, unit.now, *pair),
            )
    return done


def _same(custody: Custody, note: Note, pair: Waiting) -> list[Recorded]:
    if pair.other.startswith("P-"):
        return [custody.merge(pair.other, note, survivor=pair.one)]
    reason = f"the same as {pair.one}" + (f": {note.reason}" if note.reason else "")
    note = note._replace(reason=reason)
    with custody.reading() as unit:
        past, survivor = unit.history(pair.other), unit.state(pair.one)
    versions = [
        e.originator_version
        for e in history.in_order(past.events if past else ())
        if not e.TOPIC.startswith("record.")
    ]
    done = [
        custody.retract(
            pair.other,
            note,
            version=versions[0],
            why="duplicate",
            together_with=[(pair.other, version) for version in versions[1:]],
        )
    ]
    if survivor.same_serial == (pair.other,):
        done.append(custody.resolve_serial(pair.one, note, outcome="SAME"))
    return done


def _different(custody: Custody, note: Note, pair: Waiting) -> list[Recorded]:
    note = note._replace(batch=pair.batch)  # it goes with the flag, should the batch be taken back
    if pair.one.startswith("P-"):
        return [
            custody.dismiss_duplicate(subject, note, other=other)
            for subject, other in ((pair.one, pair.other), (pair.other, pair.one))
        ]
    with custody.reading() as unit:
        for subject in (pair.one, pair.other):
            if unit.state(subject).pending:
                msg = f"{subject} waits for a second official: decide after that (`amana pending`)"
                raise BadInputError(msg)
    return [
        custody.resolve_serial(subject, note, outcome="DISTINCT")
        for subject in (pair.one, pair.other)
    ]


def _later(custody: Custody, note: Note, pair: Waiting) -> list[Recorded]:
    with custody.unit() as unit:
        unit.allow(
            note.by, DuplicateFlagged if pair.one.startswith("P-") else DuplicateSerialFlagged
        )
    return []


_DECIDE = {"same": _same, "different": _different, "later": _later}
