"""Look-alikes: pairs a person should look at, within a file and against what is known.

    score 100 x how alike the names are (`namekey.similar`), then the evidence
          year of birth equal +3, date equal +5, year differs -15
          service number differs -12; equal: at least 95 whatever the names
          unit equal +2
    proposed from 80 up, with the reasons; nothing is merged here

Candidates share the coarse keys of given and family name, or one of these and the year of birth,
or a number: never everybody against everybody. Weapons are paired by serial (spaces, dashes and
look-alike letters aside), and a partly read serial with those it may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self, TypeVar

from intake import namekey, serials
from intake.candidates import By, Sharing, candidates
from intake.fold import has_arabic

PROPOSED = 80
YEAR_EQUAL, DATE_EQUAL, YEAR_DIFFERS, NUMBER_DIFFERS, UNIT_EQUAL = 3, 5, -15, -12, 2
NUMBER_EQUAL, SERIAL_AND_MODEL, SERIAL_ONLY, SERIAL_MAY_BE = 95, 95, 85, 80
_YEAR, _DAY = 4, 10


@dataclass(frozen=True, slots=True)
class Known:
    """A record that is already in the ledger."""

    id: str
    fields: Mapping[str, str | None]  # by the names of `columns.FIELDS`


class Pair(NamedTuple):
    """Two records that may be one."""

    row: int  # of the file
    other: int | str  # an earlier row of the file, or the id of a known record
    score: int  # 0 to 100
    why: tuple[str, ...]  # e.g. "name 0.97", "year equal"


class Recorded(Protocol):
    """What is needed of a row."""

    @property
    def number(self) -> int:
        """The row's number."""

    @property
    def accepted(self) -> bool:
        """Whether it would be recorded."""

    @property
    def clean(self) -> dict[str, str | None]:
        """Field to value."""


def look_alikes(rows: Iterable[Recorded], kind: str, known: Sequence[Known] = ()) -> list[Pair]:
    """Return the pairs to review, by row.

    Args:
        rows: of one file; only accepted ones are compared.
        kind: persons or weapons.
        known: records to compare the rows with; they are not compared with each other.
    """
    keyed: list[tuple[int | str, Mapping[str, str | None]]] = [(k.id, k.fields) for k in known]
    keyed += [(row.number, row.clean) for row in rows if row.accepted]
    if kind == "persons":
        return _paired([_Person.of(*entry) for entry in keyed], len(known))
    return _paired([_Weapon.of(*entry) for entry in keyed], len(known))


def _paired(records: Sequence[R], known: int) -> list[Pair]:
    found: dict[tuple[int, int], Pair] = {}
    for first, second in candidates(records, known):
        if (first, second) not in found:
            pair = _pair(records[first], records[second])
            if pair:
                found[first, second] = pair
    return sorted(found.values(), key=lambda pair: (pair.row, str(pair.other).rjust(12)))


class _Record(Sharing, Protocol):
    key: int | str

    def score(self, other: Self) -> tuple[float, list[str]]:
        """Score another record, with reasons."""


R = TypeVar("R", bound=_Record)


def _pair(first: R, second: R) -> Pair | None:
    score, why = first.score(second)
    if score < PROPOSED:
        return None
    return Pair(int(second.key), first.key, min(100, round(score)), tuple(why))


# ── persons ─────────────────────────────────────────────────────────────────
@dataclass(slots=True)
class _Person:
    key: int | str
    arabic: bool  # whether the first of the names is in Arabic
    birth: str
    number: str
    unit: str | None
    names: list[tuple[namekey.Token, ...]]

    @classmethod
    def of(cls, key: int | str, fields: Mapping[str, str | None]) -> _Person:
        declared, latin = fields.get("declared_name"), fields.get("name_latin")
        if declared and not has_arabic(declared):
            declared, latin = None, declared
        number = serials.key(fields.get("service_number") or "")
        birth = (fields.get("birth_date") or "").split("/")[0]
        names = [namekey.tokens(name) for name in (declared, latin) if name]
        return cls(key, bool(declared), birth, number, fields.get("unit"), names)

    @property
    def full(self) -> bool:
        return bool(self.birth and self.number)

    def shares(self) -> Iterator[tuple[By, tuple[str, ...]]]:
        if self.number:
            yield By.NUMBER, (self.number,)
        for name in self.names:
            keys = [namekey.shared(token) for token in name]
            if len(keys) == 1:
                yield By.LITTLE, (keys[0],)
            elif keys:
                yield from self._by_names(keys)

    def _by_names(self, keys: list[str]) -> Iterator[tuple[By, tuple[str, ...]]]:
        yield By.LITTLE, (keys[0], keys[-1])
        yield By.LITTLE, (keys[1], keys[0])  # the family name written first
        if len(keys) > 2:  # noqa: PLR2004 - a father's name between the two
            yield By.LITTLE, (keys[0], keys[1])
        if self.birth:
            year = self.birth[:_YEAR]
            yield By.YEAR, (keys[-1], year)
            yield By.YEAR, (keys[0], keys[1][:1], year)

    def score(self, other: _Person) -> tuple[float, list[str]]:
        alike = self._alike(other)
        same_number = bool(self.number) and self.number == other.number
        if 100 * alike + DATE_EQUAL + UNIT_EQUAL < PROPOSED and not same_number:
            return 0.0, []
        evidence, why = self._evidence(other)
        score = 100 * alike + evidence
        if same_number:
            score = max(score, NUMBER_EQUAL)
        return score, [f"name {alike:.2f}", *why]

    def _alike(self, other: _Person) -> float:
        """Compare in the script both have; Arabic first, because it spells one way."""
        if self.arabic and other.arabic:
            return namekey.similar_tokens(self.names[0], other.names[0])
        return max(
            (namekey.similar_tokens(a, b) for a in self.names for b in other.names), default=0.0
        )

    def _evidence(self, other: _Person) -> tuple[int, list[str]]:
        points, why = 0, []
        for add, reason in (self._birth(other), self._number(other), self._unit(other)):
            points += add
            why += [reason] if reason else []
        return points, why

    def _birth(self, other: _Person) -> tuple[int, str]:
        if not self.birth or not other.birth:
            return 0, ""
        if self.birth[:_YEAR] != other.birth[:_YEAR]:
            return YEAR_DIFFERS, "year differs"
        if self.birth == other.birth and len(self.birth) >= _DAY:
            return DATE_EQUAL, "birth date equal"
        if len(self.birth) >= _DAY and len(other.birth) >= _DAY:
            return 0, "birth date differs"
        return YEAR_EQUAL, "year equal"

    def _number(self, other: _Person) -> tuple[int, str]:
        if not self.number or not other.number:
            return 0, ""
        if self.number == other.number:
            return 0, "service number equal"
        return NUMBER_DIFFERS, "service number differs"

    def _unit(self, other: _Person) -> tuple[int, str]:
        if not self.unit or not other.unit:
            return 0, ""
        if self.unit == other.unit:
            return UNIT_EQUAL, "unit equal"
        same_script = has_arabic(self.unit) == has_arabic(other.unit)
        return 0, "unit differs" if same_script else ""


# ── weapons ─────────────────────────────────────────────────────────────────
@dataclass(slots=True)
class _Weapon:
    key: int | str
    serial: str
    partial: bool
    model: str

    @classmethod
    def of(cls, key: int | str, fields: Mapping[str, str | None]) -> _Weapon:
        serial = serials.key(fields.get("serial") or "")
        partial = fields.get("serial_status") == "PARTIAL"
        return cls(key, serial, partial, fields.get("model") or "")

    @property
    def full(self) -> bool:
        return not self.partial

    def shares(self) -> Iterator[tuple[By, tuple[str, ...]]]:
        if self.serial and not self.partial:
            yield By.NUMBER, (self.serial,)
        if self.serial:
            yield from self._stems()

    def _stems(self) -> Iterator[tuple[By, tuple[str, ...]]]:
        """Yield the first and the last four characters, where they can be read."""
        for name, stem in (("first", self.serial[:4]), ("last", self.serial[-4:])):
            if not re.search(r"[?*_…]", stem) and len(self.serial) > len(stem):
                yield By.LITTLE, (name, stem, str(len(self.serial)), self.model)

    def score(self, other: _Weapon) -> tuple[float, list[str]]:
        same_model = self.model == other.model
        why = ["model equal" if same_model else "model differs"]
        if not self.partial and not other.partial:
            if self.serial != other.serial:
                return 0.0, why
            return (SERIAL_AND_MODEL if same_model else SERIAL_ONLY), ["serial equal", *why]
        if same_model and _may_be(self.serial, other.serial):
            return SERIAL_MAY_BE, ["serial may be equal", *why]
        return 0.0, why


def _may_be(one: str, other: str) -> bool:
    """Whether two serials agree wherever both were read."""
    unread = "?*_…"
    return len(one) == len(other) and all(
        a == b or a in unread or b in unread for a, b in zip(one, other, strict=True)
    )
