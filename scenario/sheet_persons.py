"""The persons sheet: what each row says, and in how many ways it says it badly.

Counts are those of full size and add up to the screen a clerk sees: of 2,013 rows 45 carry a
warning, 44 are quarantined, 31 are duplicates, 51 are no record.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from random import Random

from scenario import defects as d
from scenario.dice import dice
from scenario.people import Person
from scenario.places import PARTIES
from scenario.plan import Size, scaled
from scenario.population import population
from scenario.sheet_dates import (
    bad_first,
    day_number,
    event_date,
    future_second,
    in_persian_digits,
    in_utc,
    midnight,
    short_year,
)
from scenario.sheet_files import Sheet
from scenario.sheet_rows import (
    EMPTY,
    Cell,
    Defect,
    SheetRow,
    duplicate,
    in_text,
    noise,
    numbered,
    shuffled_in,
    spread,
)
from scenario.terms import PERSON_COLUMNS, RANK_FORMS

TRIPLES, DUPLICATES, OTHER_SCRIPT, MERGED_BLOCKS, MERGED_ROWS = 9, 31, 44, 5, 3
NOISE = {"HEADER": 14, "TOTAL": 6, "FOOTER": 9, "BLANK": 14, "COMMENT": 8}
WITH_LATIN = 0.6  # share of rows that also hold the Latin name

UNIT_NAMES = {party.code: (party.name_ar, party.name_en) for party in PARTIES}
SHORT_RANKS: dict[str, list[str]] = {
    rank: [form for form, _ in forms]
    for rank, forms in groupby(sorted(RANK_FORMS.items(), key=lambda pair: pair[1]), lambda p: p[1])
}
RANGES = "الأرقام العسكرية كلها SYN- / every service number begins SYN-"


def _base(person: Person, rng: Random) -> SheetRow:
    row = SheetRow("base", (person.n,))
    row.put("declared_name", person.declared_name)
    row.put("name_latin", person.name.latin_variant(rng) if rng.random() < WITH_LATIN else "")
    row.put("father_name", person.father_name)
    year, month, day = person.birth_date.split("-")
    row.put("birth_date", f"{day}/{month}/{year}", person.birth_date)
    row.put("service_number", person.service_number)
    row.put("rank", person.rank)
    row.put("unit", UNIT_NAMES[person.unit][0])
    event_date(row, "entered_at", person.entered_at, rng)
    registered = person.registered_at
    row.put("registered_at", registered.strftime("%d/%m/%Y"), registered.strftime("%Y-%m-%d"))
    row.put("site", person.camp)
    row.cells["sect"] = _secret(rng)
    return row


def _secret(rng: Random) -> Cell:
    """A value of the column that must leave no trace: no real sect, easy to look for."""
    text = f"SYN-SECT-{rng.randrange(1, 5)}"
    return Cell(text, text)


# ── quarantined ─────────────────────────────────────────────────────────────
def _empty_name(row: SheetRow, _person: Person, rng: Random) -> None:
    row.put("declared_name", rng.choice(("", "", "-", "؟")))
    row.put("name_latin", "")
    row.refuse("E-NAME")


def _override(row: SheetRow, _person: Person, _rng: Random) -> None:
    row.damage("declared_name", d.overridden)
    row.refuse("E-BIDI")


def _bad_entry(name: str, count: int, text: str) -> Defect:
    return Defect(name, count, bad_first("entered_at", "registered_at", text))


# ── with a warning ──────────────────────────────────────────────────────────
def _typed_number(row: SheetRow, person: Person, _rng: Random) -> None:
    shown = person.service_number
    cell = Cell(int(shown.removeprefix("SYN-")), shown, '"SYN-"000000')
    row.put_cell("service_number", cell, shown)
    row.xlsx_warnings.add("W-NUMBER")


def _short_birth(row: SheetRow, person: Person, _rng: Random) -> None:
    year, month, day = person.birth_date.split("-")
    row.put("birth_date", f"{day}/{month}/{year[2:]}", person.birth_date)
    row.warnings.add("W-YEAR2")


def _garbled(row: SheetRow, _person: Person, _rng: Random) -> None:
    row.damage("declared_name", d.mojibake)
    row.damage("father_name", d.mojibake)
    row.warnings.add("W-ENCODING")


def _swapped(row: SheetRow, person: Person, _rng: Random) -> None:
    row.put("declared_name", person.name_latin, person.declared_name)
    row.put("name_latin", person.declared_name, person.name_latin)
    row.warnings.add("W-SWAPPED")


# ── accepted as it is ───────────────────────────────────────────────────────
def _short_rank(row: SheetRow, person: Person, rng: Random) -> None:
    row.put("rank", rng.choice(SHORT_RANKS[person.rank]), person.rank)


def _year_only(row: SheetRow, person: Person, _rng: Random) -> None:
    row.put("birth_date", person.birth_date[:4])


def _no_birth(row: SheetRow, _person: Person, _rng: Random) -> None:
    row.put("birth_date", "")


def _holds(*letters: str) -> Callable[[SheetRow], bool]:
    return lambda row: any(letter in row.text("declared_name") for letter in letters)


def _born_before_2000(row: SheetRow) -> bool:
    return (row.clean["birth_date"] or "") < "2000"


def _name(name: str, count: int, change: Callable[[str], str], keep: bool = True) -> Defect:
    return Defect(name, count, in_text("declared_name", change, keep))


def _respelled(name: str, count: int, change: Callable[[str], str], *letters: str) -> Defect:
    return Defect(name, count, in_text("declared_name", change, keep=False), _holds(*letters))


DEFECTS = (
    # letters that few names have come first, so that enough rows are left
    _respelled("hamza dropped", 60, d.without_hamza, "أ", "إ"),
    _respelled("ha for ta marbuta", 20, d.ha_for_ta, "ة"),
    _respelled("ya for alef maqsura", 20, d.ya_for_maqsura, "ى"),
    _respelled("no gap after abd", 20, d.without_gap, "عبد "),
    Defect("persian letters", 20, in_text("declared_name", d.persian_letters), _holds("ي", "ك")),
    Defect("rank abbreviation", 60, _short_rank, lambda row: row.text("rank") in SHORT_RANKS),
    # quarantined: 35, and 9 rows with three people in one cell
    Defect("empty name", 6, _empty_name),
    Defect("bidi override", 2, _override),
    _bad_entry("month before day", 12, "12/07/2024"),
    _bad_entry("no year", 2, "٧ كانون الأول"),
    _bad_entry("impossible date", 4, "31/11/2024"),
    _bad_entry("year 1924", 3, "07/12/1924"),
    _bad_entry("hijri date", 2, "05/06/1446"),
    _bad_entry("no entry date", 2, ""),
    Defect("future date", 2, future_second("registered_at")),
    # with a warning: 45
    Defect("number typed", 9, _typed_number),
    Defect("two-digit year of entry", 7, short_year("entered_at")),
    Defect("two-digit year of birth", 7, _short_birth, _born_before_2000),
    Defect("day number", 6, day_number("entered_at")),
    Defect("mojibake", 6, _garbled),
    Defect("swapped columns", 6, _swapped),
    Defect("24:00", 4, midnight("entered_at")),
    # accepted
    _name("tatweel", 20, d.stretched),
    _name("vowel marks", 20, d.vowelled),
    _name("presentation forms", 12, d.presentation_forms),
    _name("right-to-left mark", 10, d.right_to_left_mark),
    _name("zero width joiner", 8, d.joined),
    _name("byte order mark", 6, d.byte_order_mark),
    _name("wide spaces", 15, d.wide_spaces),
    Defect("arabic digits", 20, in_text("service_number", d.arabic_digits)),
    Defect("persian digits", 10, in_persian_digits("entered_at")),
    Defect("utc", 10, in_utc("entered_at")),
    Defect("year of birth only", 40, _year_only),
    Defect("no birth date", 25, _no_birth),
)


# ── the sheet ───────────────────────────────────────────────────────────────
def _triple(rows: list[SheetRow]) -> SheetRow:
    """Three people in one cell: the first one's row with the others' names and numbers."""
    first = rows[0]
    row = SheetRow("base", tuple(n for r in rows for n in r.entities), dict(first.cells))
    for name in ("declared_name", "service_number"):
        row.put(name, "\n".join(r.text(name) for r in rows))
    row.put("name_latin", "")
    row.defect = "three people in one cell"
    row.refuse("E-MANY")
    return row


def _other_script(row: SheetRow, person: Person, rng: Random) -> SheetRow:
    """The same person put down once more by a clerk who writes Latin letters."""
    twin = SheetRow("other_script", row.entities, dict(row.cells), dict(row.clean), same_as=row)
    twin.defect = "other script"
    for name in ("declared_name", "father_name", "service_number"):
        twin.put(name, "")
    twin.put("name_latin", person.name.latin_variant(rng))
    twin.put("birth_date", person.birth_date[:4])
    twin.put("unit", UNIT_NAMES[person.unit][1])
    latin = [
        form for form in SHORT_RANKS.get(person.rank, []) if form.isascii() and "/" not in form
    ]
    twin.put("rank", latin[0] if latin else person.rank, person.rank)
    twin.cells["sect"] = EMPTY
    return twin


def _merge(rows: list[SheetRow], rng: Random) -> list[list[SheetRow]]:
    """Give some runs of rows of one unit a merged unit cell; return all rows as blocks."""
    for _ in range(MERGED_BLOCKS):
        unit = rng.choice(sorted({row.text("unit") for row in rows if row.plain}))
        block = rng.sample([r for r in rows if r.plain and r.text("unit") == unit], MERGED_ROWS)
        block[0].merged["unit"] = MERGED_ROWS - 1
        for row in block:
            row.defect = "merged cells"
        for row in block[1:]:
            row.cells["unit"] = EMPTY
            row.csv_clean["unit"] = None
        at = min(rows.index(row) for row in block)
        rows = [row for row in rows if row not in block]
        rows[at:at] = block
    return _blocks(rows)


def _blocks(rows: list[SheetRow]) -> list[list[SheetRow]]:
    blocks, at = [], 0
    while at < len(rows):
        length = 1 + rows[at].merged.get("unit", 0)
        blocks.append(rows[at : at + length])
        at += length
    return blocks


def persons_sheet(size: Size) -> Sheet:
    """Return the persons sheet of k24 at a size."""

    def chance(part: str) -> Random:
        return dice("sheets", size, "persons", part)

    def count(full: int) -> int:
        return scaled(full, size)

    people = {person.n: person for person in population("k24", size).persons}
    clerk = chance("clerk")
    rows = [_base(person, clerk) for person in people.values()]
    twins = {n: p.namesake for n, p in people.items() if p.namesake}
    alone = [row for row in rows if row.entities[0] not in twins]
    joined = chance("triples").sample(alone, 3 * count(TRIPLES))
    gone = {id(row) for row in joined}
    rows = [row for row in rows if id(row) not in gone]
    free = [row for row in rows if row.entities[0] not in twins]
    spread(free, people, DEFECTS, count, chance)
    blocks = _merge(rows, chance("merged"))
    triples = [_triple(joined[at : at + 3]) for at in range(0, len(joined), 3)]
    by_n = {row.entities[0]: row for row in rows}
    for n, other in twins.items():
        by_n[n].distinct_from = by_n[other]
        by_n[n].defect = "namesake"
    plain = [row for row in rows if row.plain]
    again = chance("again").sample(plain, count(DUPLICATES) + count(OTHER_SCRIPT))
    copies = [duplicate(row) for row in again[: count(DUPLICATES)]]
    script = chance("script")
    others = [
        _other_script(row, people[row.entities[0]], script) for row in again[count(DUPLICATES) :]
    ]
    odd = noise(PERSON_COLUMNS, {r: count(n) for r, n in NOISE.items()}, chance("noise"))
    end = next(row for row in odd if row.reason == "FOOTER")
    odd.remove(end)
    rows = shuffled_in(blocks, [*triples, *copies, *others, *odd], chance("order"), end)
    numbered(rows)
    return Sheet("persons", RANGES, PERSON_COLUMNS, rows, (PERSON_COLUMNS["sect"],), ",")
