"""Codes of rows: rows hold short numbers where people write identifiers, instants and words.

    subject   P-000873-5 and the like → its number and check character, by kind on a ray of its own;
              any other identifier (SITE-…, PARTY-…, OFF-…) stays its text
    instant   microseconds since 2025-01-01T00:00Z: six bytes from 2020 to 2029, eight outside;
              an end that never comes is NULL, which takes none
    word      what many rows repeat (a status, a site, a place, an official): its number in `word`

A row takes a third of the bytes and is compared faster. Numbers of subjects and instants are the same in
every views file; those of words are given out as words are met, none twice, so rows of two files are
compared with their words spelled out. The SQL of the published views (`rectangle` and others) spells
everything out.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Any, Final, TypeAlias

from domain.ids import ALPHABET, WIDTH
from domain.times import INF

ORIGIN: Final = 1_735_689_600_000_000
"""2025-01-01T00:00Z, microseconds UTC: stored instants count from here."""
_RAY: Final = 2**40
"""Persons lie in (0, 2^40), weapons in (-2^40, 0), transfers above and counts below."""
_CHECKS: Final = len(ALPHABET)
_NUMBER = re.compile("[0-9]+")
_PLACE = {character: n for n, character in enumerate(ALPHABET)}

Row: TypeAlias = tuple[Any, ...]
"""A row of a table, its columns as stored."""
Vocabulary: TypeAlias = Mapping[Any, Any]
"""Texts to what stands for them in rows, or back."""

TABLES = """
CREATE TABLE IF NOT EXISTS word (
    code INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE)"""
"""A number is never given twice, also when the words are made anew: who has read it may keep it."""


# ── subjects ────────────────────────────────────────────────────────────────


@lru_cache(maxsize=65_536)
def code_of(subject: str) -> int | str:
    """Return a subject as rows hold it."""
    kind, _, rest = subject.partition("-")
    digits, _, check = rest.partition("-")
    grown = len(digits) > WIDTH and digits[0] != "0"
    if not ((len(digits) == WIDTH or grown) and _NUMBER.fullmatch(digits) and check in _PLACE):
        return subject
    number = int(digits) * _CHECKS + _PLACE[check] + 1
    if number >= _RAY or len(kind) != 1:
        return subject
    return {"P": number, "W": -number, "T": _RAY + number, "S": -_RAY - number}.get(kind, subject)


@lru_cache(maxsize=65_536)
def subject_of(number: int | str) -> str:
    """Return the subject behind what a row holds."""
    if isinstance(number, str):
        return str(number)
    if number > 0:
        kind, number = ("P", number) if number < _RAY else ("T", number - _RAY)
    else:
        kind, number = ("W", -number) if number > -_RAY else ("S", -_RAY - number)
    count, check = divmod(number - 1, _CHECKS)
    return f"{kind}-{count:06d}-{ALPHABET[check]}"


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Return rows that begin with a subject in SQLite's order, so that neighbours lie on one page."""
    numbers: list[Row] = []  # before texts
    texts: list[Row] = []
    for one in rows:
        (numbers if one[0].__class__ is int else texts).append(one)
    numbers.sort()
    texts.sort()
    return numbers + texts


AT_ONCE = 50
"""Rows in one statement: fewer steps for each."""


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Insert whole rows, many in one statement, inside the caller's transaction."""
    if not rows:
        return
    width, many = len(rows[0]), len(rows) // AT_ONCE
    row = f"({','.join('?' * width)})"
    flat = chain.from_iterable(rows[: many * AT_ONCE])
    connection.executemany(
        f"INSERT INTO {table} VALUES {','.join([row] * AT_ONCE)}",
        (tuple(islice(flat, AT_ONCE * width)) for _ in range(many)),
    )
    connection.executemany(f"INSERT INTO {table} VALUES {row}", rows[many * AT_ONCE :])


def rank(subject: str) -> tuple[bool, int | str]:
    """Return where a subject's rows lie among the others'."""
    code = code_of(subject)
    return code.__class__ is str, code


def kind_sql(subject: str) -> str:
    """Return SQL for the prefix of a subject's kind: `P`, `W`, `SITE` and so on."""
    return (
        f"CASE WHEN typeof({subject}) = 'text' THEN substr({subject}, 1, instr({subject}, '-') - 1)"
        f" WHEN {subject} >= {_RAY} THEN 'T' WHEN {subject} > 0 THEN 'P'"
        f" WHEN {subject} > -{_RAY} THEN 'W' ELSE 'S' END"
    )


def of_kind_sql(subject: str, kind: str) -> str:
    """Return SQL that is true for the subjects of one prefix, `P`, `W` or `T`."""
    low, high = {"P": (1, _RAY), "W": (1 - _RAY, 0), "T": (_RAY, 2 * _RAY)}[kind]
    text = f"{subject} >= '{kind}-' AND {subject} < '{kind}.'"
    return f"({subject} >= {low} AND {subject} < {high} OR {text})"


def subject_sql(subject: str) -> str:
    """Return SQL that spells a subject out."""
    number = f"(abs({subject}) % {_RAY} - 1)"
    return (
        f"CASE WHEN typeof({subject}) = 'text' THEN {subject} ELSE printf('%s-%06d-%s',"
        f" {kind_sql(subject)}, {number} / {_CHECKS},"
        f" substr('{ALPHABET}', {number} % {_CHECKS} + 1, 1)) END"
    )


# ── instants ────────────────────────────────────────────────────────────────


def stored(at: int) -> int | None:
    """Return an instant (microseconds UTC) as rows hold it; one that never comes is None."""
    return None if at == INF else at - ORIGIN


def instant(held: int | None) -> int:
    """Return the instant (microseconds UTC) behind what a row holds."""
    return INF if held is None else held + ORIGIN


def instant_sql(held: str) -> str:
    """Return SQL for the microseconds UTC behind a column; NULL is the instant that never comes."""
    return f"ifnull({held} + {ORIGIN}, {INF})"


# ── words ───────────────────────────────────────────────────────────────────


NEIGHBOURS = 256
"""Words met together lie together, and are soon asked for together."""


class Codes(dict[str | None, Any]):
    """Texts to their numbers, each looked up once; a new one is written down."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__({None: None})
        self._connection = connection

    def __missing__(self, text: str) -> int:
        code = self.held(text)
        if code is None:
            new = self._connection.execute("INSERT INTO word (text) VALUES (?)", (text,))
            code = int(new.lastrowid or 0)
        self[text] = code
        return code

    def held(self, text: str) -> int | None:
        """Return the number of a text that was written down, None where it never was."""
        found = self._connection.execute("SELECT code FROM word WHERE text = ?", (text,)).fetchone()
        return int(found[0]) if found else None


class Texts(dict[Any, Any]):
    """Numbers to their texts, read with their neighbours. What is no number of a word stays itself."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__({None: None})
        self._connection = connection

    def __missing__(self, code: Any) -> Any:
        if code.__class__ is int:
            first = code - code % NEIGHBOURS
            rows = "SELECT code, text FROM word WHERE code >= ? AND code < ?"
            self.update(self._connection.execute(rows, (first, first + NEIGHBOURS)))
        return self.get(code, code)  # an audit shows what somebody else wrote as it is


class Same(dict[Any, Any]):
    """Words as they are, for rows that are not in a file yet."""

    def __missing__(self, text: Any) -> Any:
        self[text] = text
        return text


class ViewsFile(sqlite3.Connection):
    """A connection to a views file that knows its words."""

    @cached_property
    def codes(self) -> Codes:
        """Texts to numbers, for writing."""
        return Codes(self)

    @cached_property
    def texts(self) -> Texts:
        """Numbers to texts, for reading."""
        return Texts(self)

    def code(self, text: str) -> int | None:
        """Return the number of a text, None where no row can hold it."""
        return self.codes.held(text)

    def forget(self) -> None:
        """Let go of what was read: a transaction was undone, and its new words with it."""
        self.__dict__.pop("codes", None)
        self.__dict__.pop("texts", None)


def word_sql(code: str) -> str:
    """Return SQL for the text behind a column."""
    return f"(SELECT text FROM word WHERE code = {code})"
