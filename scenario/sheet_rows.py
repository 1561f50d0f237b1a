"""A row while it is made: its cells, what they should become, and what is wrong with them.

Cells and clean values are kept side by side, so whoever damages a cell says in the same breath
what a careful clerk would still read. The verdict follows: quarantine before warning before
acceptance. xlsx and csv differ where a spreadsheet holds more than it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

FIRST_ROW = 4  # 1 SYNTHETIC, 2 the reserved ranges, 3 the header


@dataclass(frozen=True, slots=True)
class Cell:
    """What a spreadsheet cell holds, what it shows, and the number format between the two."""

    value: str | float | date | None
    shown: str
    number_format: str | None = None


EMPTY = Cell(None, "")


@dataclass(slots=True, eq=False)
class SheetRow:
    """One row of a sheet."""

    kind: str  # base | duplicate | other_script | recount | noise
    entities: tuple[int, ...] = ()
    cells: dict[str, Cell] = field(default_factory=dict)
    clean: dict[str, str | None] = field(default_factory=dict)
    defect: str | None = None
    quarantine: str | None = None
    warnings: set[str] = field(default_factory=set)
    xlsx_warnings: set[str] = field(default_factory=set)  # what a CSV does not show
    csv_quarantine: str | None = None  # what a CSV has lost
    csv_clean: dict[str, str | None] = field(default_factory=dict)
    reason: str | None = None  # of noise
    of: SheetRow | None = None  # the row it duplicates
    same_as: SheetRow | None = None
    distinct_from: SheetRow | None = None
    merged: dict[str, int] = field(default_factory=dict)  # field to number of rows merged below
    number: int = 0  # as the spreadsheet shows it

    def put(self, name: str, text: str, clean: str | None = None) -> None:
        """Write a text cell; its clean value is the text unless another one is said."""
        self.cells[name] = Cell(text, text) if text else EMPTY
        self.clean[name] = (text or None) if clean is None else clean

    def put_cell(self, name: str, cell: Cell, clean: str | None) -> None:
        """Write a number or date cell."""
        self.cells[name], self.clean[name] = cell, clean

    def text(self, name: str) -> str:
        """What the cell shows."""
        return self.cells[name].shown

    def damage(self, name: str, change: Callable[[str], str], keep: bool = True) -> None:
        """Change a cell's text; the clean value stays, or follows the new spelling."""
        changed = change(self.text(name))
        self.put(name, changed, self.clean[name] if keep else None)

    def refuse(self, code: str) -> None:
        """Expect the row to be quarantined."""
        self.quarantine = code

    @property
    def plain(self) -> bool:
        """Whether nothing was done to this row yet and it would be recorded as it is."""
        return self.defect is None and self.kind == "base" and not self.merged

    def truth(self, form: str) -> dict[str, object]:
        """Return the line of the truth file for xlsx or csv."""
        line: dict[str, object] = {
            "row": self.number,
            "kind": self.kind,
            "entities": list(self.entities),
            "defect": self.defect,
            **self._verdict(form),
        }
        if self.same_as:
            line["same_as_row"] = self.same_as.number
        if self.distinct_from:
            line["distinct_from_row"] = self.distinct_from.number
        return line

    def _verdict(self, form: str) -> dict[str, object]:
        if self.reason:
            return {"verdict": "NOT_A_RECORD", "reason": self.reason}
        if self.of:
            return {"verdict": "DUPLICATE_OF", "of_row": self.of.number}
        quarantine = self.quarantine or (self.csv_quarantine if form == "csv" else None)
        if quarantine:
            return {"verdict": "QUARANTINED", "codes": [quarantine]}
        codes = self.warnings | (self.xlsx_warnings if form == "xlsx" else set())
        clean = self.clean | (self.csv_clean if form == "csv" else {})
        verdict = "WITH_WARNING" if codes else "ACCEPTED"
        return {"verdict": verdict, "codes": sorted(codes), "clean": clean}


Apply = Callable[[SheetRow, Any, Random], None]  # row, its person or weapon, dice


def in_text(name: str, change: Callable[[str], str], keep: bool = True) -> Apply:
    """Return a defect that changes one cell's text; `keep` the clean value, or follow."""

    def apply(row: SheetRow, _thing: object, _rng: Random) -> None:
        row.damage(name, change, keep)

    return apply


@dataclass(frozen=True, slots=True)
class Defect:
    """One way a row goes wrong: how often at full size, what happens, which rows it fits."""

    name: str
    count: int
    apply: Apply
    fits: Callable[[SheetRow], bool] = lambda _row: True


def spread(
    rows: list[SheetRow],
    things: Mapping[int, object],
    defects: Iterable[Defect],
    count: Callable[[int], int],
    rng: Callable[[str], Random],
) -> None:
    """Apply each defect to its exact number of rows, at most one defect a row.

    Args:
        rows: the base rows.
        things: person or weapon by `n`.
        defects: rare ones first, so that they find rows that fit.
        count: the number at full size to the number at this size.
        rng: the dice of a part, by name.
    """
    for defect in defects:
        chance = rng(defect.name)
        fitting = [row for row in rows if row.plain and defect.fits(row)]
        for row in chance.sample(fitting, count(defect.count)):
            row.defect = defect.name
            defect.apply(row, things[row.entities[0]], chance)


def shuffled_in(
    blocks: list[list[SheetRow]], extra: list[SheetRow], rng: Random, end: SheetRow
) -> list[SheetRow]:
    """Put extra rows between the blocks: a duplicate or recount after its original.

    Args:
        blocks: base rows in order; merged rows are one block and stay together.
        extra: duplicates, recounts, other-script rows and noise.
        rng: the dice of the order.
        end: the row the file ends with.

    Returns:
        All rows, numbered as the spreadsheet shows them.
    """
    turn = {id(row): float(at) for at, block in enumerate(blocks) for row in block}
    keyed = [(float(at), block) for at, block in enumerate(blocks)]
    for row in extra:
        original = row.of or row.same_as
        first = turn[id(original)] + 0.5 if original else 0.5
        keyed.append((rng.uniform(first, len(blocks) - 0.5), [row]))
    keyed.sort(key=lambda pair: pair[0])
    rows = [row for _, block in keyed for row in block] + [end]
    for number, row in enumerate(rows, FIRST_ROW):
        row.number = number
    return rows


def numbered(rows: list[SheetRow]) -> None:
    """Fill the running number (م) of each record; a duplicate repeats its original's."""
    running = 0
    for row in rows:
        if row.kind == "noise":
            continue
        if row.of:
            row.cells["number"] = row.of.cells["number"]
            continue
        running += 1
        row.cells["number"] = Cell(running, str(running))


def duplicate(row: SheetRow) -> SheetRow:
    """Return an exact copy of a row, to stand later in the file."""
    return SheetRow(
        "duplicate", row.entities, cells=dict(row.cells), of=row, defect="exact duplicate"
    )


def noise(columns: dict[str, str], counts: dict[str, int], rng: Random) -> list[SheetRow]:
    """Return what is no record: repeated headers, totals, footers, blanks, comments."""
    texts: dict[str, Callable[[], dict[str, str]]] = {
        "HEADER": lambda: dict(columns),
        "TOTAL": lambda: {"number": "المجموع", list(columns)[1]: str(rng.randrange(40, 400))},
        "FOOTER": lambda: {"number": rng.choice(FOOTERS).format(rng.randrange(1, 60))},
        "BLANK": dict,
        "COMMENT": lambda: {list(columns)[1]: rng.choice(COMMENTS)},
    }
    return [_noise(reason, texts[reason]()) for reason in counts for _ in range(counts[reason])]


FOOTERS = ("توقيع رئيس اللجنة: ____________", "صفحة {} من 60", "الختم: ________  التوقيع: ________")
COMMENTS = ("ملاحظة: يتبع في الورقة التالية", "ملاحظة: القائمة الثانية بعد الظهر", "# تم التدقيق")


def _noise(reason: str, texts: dict[str, str]) -> SheetRow:
    cells = {name: Cell(text, text) for name, text in texts.items()}
    return SheetRow("noise", cells=cells, reason=reason)
