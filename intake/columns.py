"""Titles to fields: what each column means, and what is never collected.

    الاسم الثلاثي                  declared_name    known as it stands
    الرقم العسكري / Service No.    service_number   known by its parts
    طائفة                          forbidden        one forbidden word is enough; values are dropped
    ملاحظات                        unknown          no field; its values are not taken over

A saved map (TOML) decides before our tables do, "-" leaving a column out:

    [columns]
    "اسم الجندي" = "declared_name"
    "ملاحظات" = "-"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake.errors import IntakeError
from intake.fold import fold
from intake.readtext import decoded
from intake.tables import Tables

FIELDS = {
    "persons": (
        "declared_name",
        "name_latin",
        "father_name",
        "birth_date",
        "service_number",
        "rank",
        "unit",
        "entered_at",
        "registered_at",
        "site",
    ),
    "weapons": (
        "category",
        "model",
        "make",
        "calibre",
        "country",
        "year",
        "serial",
        "serial_status",
        "condition",
        "accessories",
        "depositor",
        "received_at",
        "inventoried_at",
        "place",
        "team",
    ),
}
HELPERS = {"persons": {"number"}, "weapons": {"number", "quantity"}}  # read, never recorded
NEEDED = {  # one of each group
    "persons": (("declared_name", "name_latin"), ("entered_at",)),
    "weapons": (("serial",), ("model", "category"), ("received_at",)),
}
LEAVE_OUT = "-"
_PARTS = re.compile(r"[/()|\n\[\]]")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of one sheet mean. Indices count from 0."""

    titles: tuple[str, ...]
    fields: dict[str, int]  # field (or number, quantity) to column
    forbidden: tuple[int, ...]
    unknown: tuple[int, ...]

    @property
    def matched(self) -> dict[str, str]:
        """Title to field, in the order of the sheet."""
        by_column = sorted(self.fields.items(), key=lambda pair: pair[1])
        return {self.titles[index]: name for name, index in by_column}

    @property
    def left_out(self) -> tuple[str, ...]:
        """Titles of the columns that are not collected here."""
        return tuple(self.titles[index] for index in self.forbidden)

    @property
    def not_recognised(self) -> tuple[str, ...]:
        """Titles of the columns that no field knows."""
        return tuple(self.titles[index] for index in self.unknown)


def is_forbidden(title: str, tables: Tables) -> bool:
    """Whether a title names what the schema has no field for (domain.md §7)."""
    return any(
        word in tables.forbidden or word.removeprefix("و") in tables.forbidden
        for word in fold(title).split()
    )


def field_of(title: str, kind: str, tables: Tables) -> tuple[str | None, bool]:
    """Return the field of a title, and whether the whole title names it."""
    table = tables.columns[kind]
    whole = table.get(fold(title)) if title else None
    if whole:
        return whole, True
    parts = {table[fold(part)] for part in _PARTS.split(title) if fold(part) in table}
    return (parts.pop() if len(parts) == 1 else None), False


def score(titles: Sequence[str], kind: str, tables: Tables, chosen: Mapping[str, str]) -> int:
    """Count the fields that a row of titles names; 0 where none of them tells who or what."""
    if not any(titles):
        return 0
    names = {chosen.get(title) or field_of(title, kind, tables)[0] for title in titles}
    names -= {None, LEAVE_OUT}
    return len(names) if names & set(NEEDED[kind][0]) and len(names) > 1 else 0


def match(titles: Sequence[str], kind: str, tables: Tables, chosen: Mapping[str, str]) -> Columns:
    """Give each column its field.

    Args:
        titles: of the header row, tidy.
        kind: persons or weapons.
        tables: known names.
        chosen: the user's map, title to field or "-".

    Raises:
        IntakeError: two columns mean one field, or a needed one is missing.
    """
    forbidden = [n for n, title in enumerate(titles) if is_forbidden(title, tables)]
    claims: dict[str, dict[int, int]] = {}  # field to rank of the claim, by column
    unknown = []
    for index, title in enumerate(titles):
        if index in forbidden or not title or chosen.get(title) == LEAVE_OUT:
            continue
        name, whole = field_of(title, kind, tables)
        if title in chosen:
            claims.setdefault(chosen[title], {})[index] = 2
        elif name:
            claims.setdefault(name, {})[index] = int(whole)
        elif fold(title) not in tables.own_titles:
            unknown.append(index)
    fields = {name: _best(name, ranks, titles) for name, ranks in claims.items()}
    taken = set(fields.values())
    unknown += [n for ranks in claims.values() for n in ranks if n not in taken]
    for group in NEEDED[kind]:
        if not fields.keys() & set(group):
            raise IntakeError("missing", fields=" or ".join(group))
    return Columns(tuple(titles), fields, tuple(forbidden), tuple(sorted(unknown)))


def _best(name: str, ranks: Mapping[int, int], titles: Sequence[str]) -> int:
    best = [index for index, rank in ranks.items() if rank == max(ranks.values())]
    if len(best) > 1:
        raise IntakeError("twice", field=name, columns=" and ".join(titles[n] for n in best))
    return best[0]


def check_map(chosen: Mapping[str, str], kind: str, tables: Tables) -> None:
    """Refuse a map that names no field of ours, or a column that is never collected.

    Raises:
        IntakeError: which of the two it is.
    """
    known = {*FIELDS[kind], *HELPERS[kind], LEAVE_OUT} - {"serial_status"}
    for title, name in chosen.items():
        if name not in known:
            raise IntakeError("map", detail=f"{name} is no field of {kind}")
        if name != LEAVE_OUT and is_forbidden(title, tables):
            raise IntakeError("forbidden", column=title)


def read_map(data: bytes) -> dict[str, str]:
    """Read a saved column map.

    Raises:
        IntakeError: no TOML, or not a table of texts.
    """
    try:
        found = tomllib.loads(decoded(data))["columns"]
    except KeyError:
        raise IntakeError("map", detail="it has no table [columns]") from None
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError are both
        raise IntakeError("map", detail=str(error).splitlines()[0].rstrip(".")) from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise IntakeError("map", detail="each title leads to the name of a field")
    return found


def write_map(columns: Columns) -> bytes:
    """Write the map of a sheet, to be used for the committee's next one."""
    named = dict(columns.matched)
    named |= dict.fromkeys((*columns.not_recognised, *columns.left_out), LEAVE_OUT)
    lines = [f"{_quoted(title)} = {_quoted(name)}\n" for title, name in named.items()]
    return ("[columns]\n" + "".join(lines)).encode()


def _quoted(text: str) -> str:
    escaped = "".join(
        f"\\u{ord(char):04X}" if ord(char) < 32 or ord(char) == 127 else char  # noqa: PLR2004
        for char in text.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'
