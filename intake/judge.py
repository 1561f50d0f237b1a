"""Each row's outcome, and the counts that add up to the file's rows.

The order in which a row is judged: no record → duplicate of an earlier row → quarantined for the
first reason found → accepted, with a warning where there is one. A duplicate is identical in
every cell that is kept, the running number with them: two rifles that differ in nothing but their
number on the list are two rifles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from intake import layout, persons, serials, weapons
from intake.celltext import refuse_hidden, refuse_unfit
from intake.codes import Outcome, Quarantine, Remark, warning
from intake.columns import FIELDS
from intake.details import NOTHING, Details
from intake.draft import Conventions, Draft
from intake.fold import fold, tidy
from intake.layout import Table, shown
from intake.numberformat import shown as shown_number
from intake.readfile import Value

IDENTITY = {
    "number",
    "declared_name",
    "name_latin",
    "service_number",
    "serial",
}  # never filled down
READERS: dict[str, Callable[[Draft], None]] = {"persons": persons.read, "weapons": weapons.read}
_MOST_SHARED = 20_000


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row of the file and what became of it."""

    number: int  # as the spreadsheet shows it
    outcome: Outcome
    cells: tuple[str, ...]  # as shown; "" in columns that are never collected
    kind: str = field(repr=False)
    notes: tuple[Remark, ...] = ()
    of_row: int | None = None  # of a duplicate
    reason: str | None = None  # of what is no record
    values: tuple[str | None, ...] = ()  # in the order of FIELDS
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def clean(self) -> dict[str, str | None]:
        """Field to clean value; empty unless the row is accepted."""
        return dict(zip(FIELDS[self.kind], self.values, strict=False))

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the notes, each once, in alphabetical order."""
        return tuple(sorted({note.code for note in self.notes}))

    @property
    def accepted(self) -> bool:
        """Whether the row would be recorded."""
        return self.outcome in {Outcome.ACCEPTED, Outcome.WITH_WARNING}


@dataclass(slots=True)
class Shared:
    """Keeps equal texts once: a unit, a camp, a day stand in thousands of rows."""

    texts: dict[str, str] = field(default_factory=dict)
    changes: dict[tuple[object, ...], Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Return the same text, the first object that held it."""
        if len(self.texts) < _MOST_SHARED:
            return self.texts.setdefault(text, text)
        return self.texts.get(text, text)

    def change(self, changes: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        """Return an equal mapping, the first object of its kind."""
        return self.changes.setdefault(tuple(changes.items()), changes)


@dataclass(slots=True)
class Judge:
    """Judges the rows of one table in order."""

    table: Table
    kind: str
    conventions: Conventions
    details: Details = NOTHING
    _seen: dict[tuple[str, ...], int] = field(default_factory=dict)
    _serials: dict[str, int] = field(default_factory=dict)
    _tops: dict[tuple[int, int], Value] = field(default_factory=dict)
    _titles: list[str] = field(default_factory=list)
    _kept: list[int] = field(default_factory=list)
    _wanted_tops: set[tuple[int, int]] = field(default_factory=set)
    _shared: Shared = field(default_factory=Shared)

    def __post_init__(self) -> None:
        self._titles = [fold(title) for title in self.table.columns.titles]
        dropped = set(self.table.columns.forbidden)
        self._kept = [n for n in range(len(self._titles)) if n not in dropped]
        filled = self.table.filled_down.values()
        self._wanted_tops = {(top, column) for columns in filled for column, top in columns.items()}

    def rows(self) -> Iterator[CheckedRow]:
        """Yield a outcome for each row of the table."""
        for number, values in layout.below(self.table):
            yield self._judge(number, self._only_kept(values))

    def _only_kept(self, values: Sequence[Value]) -> list[Value]:
        """Drop what is never collected before anything else looks at the row."""
        kept: list[Value] = [""] * len(self._titles)
        for index in self._kept:
            if index < len(values):
                kept[index] = values[index]
        return kept + list(values[len(self._titles) :])

    def _judge(self, number: int, values: list[Value]) -> CheckedRow:
        values = self._with_errors(number - 1, values)
        texts = [self._shown(number - 1, index, value) for index, value in enumerate(values)]
        reason = self._no_record([tidy(text).text if text else "" for text in texts])
        if reason:
            return CheckedRow(number, Outcome.NOT_A_RECORD, tuple(texts), self.kind, reason=reason)
        merged = self._fill_down(number - 1, values, texts) if self._wanted_tops else []
        cells = tuple(texts)
        earlier = self._seen.setdefault(cells, number)
        if earlier != number:
            return CheckedRow(number, Outcome.DUPLICATE_OF, cells, self.kind, of_row=earlier)
        draft = self._draft(number - 1, values)
        for name in merged:
            draft.change(name, "merged")
        try:
            self._check_cells(number - 1, texts)
            self._check_formulas(number - 1, values, draft)
            draft.refuse_errors()
            READERS[self.kind](draft)
        except Quarantine as found:
            return CheckedRow(number, Outcome.QUARANTINED, cells, self.kind, notes=(found.note,))
        return self._taken(number, cells, draft)

    def _with_errors(self, row: int, values: list[Value]) -> list[Value]:
        """Put back what a cell with an error shows: readers of spreadsheets take it for empty, or 0."""
        errors = self.details.errors
        if not errors:
            return values
        kept = set(self._kept)
        return [
            errors.get((row, n), value) if n in kept else value for n, value in enumerate(values)
        ]

    def _shown(self, row: int, column: int, value: Value) -> str:
        """Return what a cell shows: the zeros of its number format with it, where known."""
        number_format = self.details.formats.get((row, column))
        if number_format and isinstance(value, float) and value.is_integer() and value >= 0:
            return shown_number(int(value), number_format)
        return self._shared.text(shown(value))

    def _no_record(self, tidied: list[str]) -> str | None:
        if layout.repeated(tidied, self._titles):
            return "HEADER"
        return layout.no_record(tidied, self.table.columns, self.conventions.tables)

    # ── one record ──────────────────────────────────────────────────────────
    def _draft(self, row: int, values: Sequence[Value]) -> Draft:
        fields = self.table.columns.fields
        taken = {name: values[index] for name, index in fields.items() if index < len(values)}
        return Draft(taken, self._formats(row), self.conventions)

    def _formats(self, row: int) -> dict[str, str]:
        formats, fields = self.details.formats, self.table.columns.fields
        if not formats:
            return {}
        return {n: formats[row, i] for n, i in fields.items() if (row, i) in formats}

    def _fill_down(self, row: int, values: list[Value], texts: list[str]) -> list[str]:
        """Give the rows of a merged cell its value, unless it tells who or what the row is.

        Returns:
            The fields that were filled.
        """
        for column, value in enumerate(values):
            if (row, column) in self._wanted_tops:
                self._tops[row, column] = value
        tops, filled = self.table.filled_down.get(row, {}), []
        for name, column in self.table.columns.fields.items():
            if column in tops and name not in IDENTITY and values[column] == "":
                values[column] = self._tops.get((tops[column], column), "")
                texts[column] = self._shared.text(shown(values[column]))
                filled.append(name)
        return filled

    def _check_cells(self, row: int, texts: Sequence[str]) -> None:
        for index, text in enumerate(texts):
            refuse_hidden(text, self._field(index))
        for index, text in enumerate(texts):
            there = (row, index)
            refuse_unfit(text, self._field(index), lambda at=there: at in self.details.formulas)  # type: ignore[misc]  # a default binds it

    def _check_formulas(self, row: int, values: Sequence[Value], draft: Draft) -> None:
        if not self.details.formulas:
            return
        for name, index in self.table.columns.fields.items():
            if (row, index) not in self.details.formulas or name == "number":
                continue
            if index >= len(values) or values[index] == "":
                raise Quarantine(
                    "E-FORMULA",
                    name,
                    "a formula without a computed value",
                    "معادلة بلا قيمة محسوبة",
                )
            draft.warn("W-FORMULA", name)
            draft.change(name, "formula")

    def _field(self, index: int) -> str | None:
        fields = self.table.columns.fields.items()
        return next((name for name, column in fields if column == index), None)

    def _taken(self, number: int, cells: tuple[str, ...], draft: Draft) -> CheckedRow:
        self._flag_repeat(number, draft)
        outcome = Outcome.WITH_WARNING if draft.notes else Outcome.ACCEPTED
        clean = (draft.clean.get(name) for name in FIELDS[self.kind])
        return CheckedRow(
            number,
            outcome,
            cells,
            self.kind,
            notes=tuple(draft.notes),
            values=tuple(value and self._shared.text(value) for value in clean),
            changes=self._shared.change(
                {n: how for n, how in draft.changes.items() if n in draft.clean}
            ),
        )

    def _flag_repeat(self, number: int, draft: Draft) -> None:
        serial = draft.clean.get("serial")
        if serial and draft.clean["serial_status"] == "READ":
            earlier = self._serials.setdefault(serials.key(serial), number)
            if earlier != number:
                draft.notes.append(warning("W-REPEAT", "serial"))
