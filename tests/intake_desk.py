"""A terminal in front of a scenario's empty ledger: its directory, its sheets, their truth."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from application.decisions.custody import Custody
from application.decisions.open import create, open_ledger
from domain import history
from scenario.clock import Clock
from scenario.places import CHAIR, COMMAND
from scenario.plan import Size
from scenario.population import population
from scenario.sheet_persons import UNIT_NAMES
from scenario.sheets import write_sheets
from scenario.story import at
from scenario.terms import PERSON_COLUMNS, WEAPON_COLUMNS
from scenario.timeline import Timeline
from tests.terminal import Terminal

CLERK, SECOND, WEAPONS = "OFF-015", "OFF-016", "OFF-003"
TITLES = {"persons": PERSON_COLUMNS, "weapons": WEAPON_COLUMNS}
OWN_ROW = "الصف في الملف / Row in the file"


@cache
def _sheets(size: Size) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        return {path.name: path.read_bytes() for path in write_sheets(Path(folder), size)}


class IntakeDesk(Terminal):
    """A ledger with the scenario's directory, and the messy sheets beside it."""

    def __init__(self, folder: Path, size: Size = "small", *, sheets: bool = True) -> None:
        super().__init__(folder)
        self.size: Size = size
        self.path = folder / "k.amana"
        self.env |= {"AMANA_LEDGER": "k.amana", "AMANA_BY": CLERK}
        clock = Clock(at(6, 19, 0))
        custody = create(
            self.path, folder / "k.key", chair=CHAIR, party=COMMAND, synthetic=True, clock=clock
        )
        with custody.batch():
            story = Timeline(custody, clock, population("k24", size))
            for recorded, step in sorted(story.directory(), key=lambda s: s[0]):
                clock.set(recorded)
                step()
        custody.close()
        if sheets:
            for name, data in _sheets(size).items():
                (folder / name).write_bytes(data)

    def by(self, official: str) -> IntakeDesk:
        """Let another official act."""
        self.env["AMANA_BY"] = official
        return self

    def open(self) -> Custody:
        """The ledger, for looking at it and for many commands at once."""
        return open_ledger(self.path)

    def take_in(self, *words: str, code: int | None = None) -> dict[str, Any]:
        """Import a file for good; answer with the document."""
        answer = self("--json", "intake", "import", *words, "--commit", code=code)
        assert answer.code in {0, 4}, answer
        return answer.document

    def truth(self, file: str) -> dict[int, dict[str, Any]]:
        """The truth of a sheet by row."""
        lines = (self.folder / f"{file}.truth.jsonl").read_text("utf-8").splitlines()[1:]
        return {line["row"]: line for line in map(json.loads, lines)}

    def sheet(self, name: str, kind: str, rows: Iterable[dict[str, str]], *more: str) -> str:
        """Write a clean sheet of rows, field to text."""
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        titles = {field: title for field, title in TITLES[kind].items() if field != "sect"}
        page.append([*titles.values(), *more])
        for row in rows:
            page.append([row.get(field, "") for field in titles])
        book.save(self.folder / name)
        return name


def standing(custody: Custody, prefix: str) -> list[Any]:
    """States of the persons or weapons that count: not merged away, not taken back altogether."""
    return [
        past.state
        for past in custody.streams.every(prefix)
        if any(not e.TOPIC.startswith("record.") for e in history.in_order(past.events))
        and getattr(past.state, "same_as", None) is None
    ]


def put_right(book: Path, truth: dict[int, dict[str, Any]], kind: str, size: Size) -> None:
    """Put every row of a rejects workbook right, as a clerk with the papers at hand does."""
    opened = openpyxl.load_workbook(book)
    page = opened.active
    assert page is not None
    titles = [cell.value for cell in page[1]]
    rows = [dict(zip(titles, line, strict=True)) for line in page.iter_rows(2, values_only=True)]
    page.delete_rows(2, page.max_row)
    for row in rows:
        entities = truth[int(str(row[OWN_ROW]))]["entities"]
        for fixed in _right(kind, size, entities):
            named = {TITLES[kind][field]: text for field, text in fixed.items()}
            page.append([named.get(str(title), row[title]) for title in titles])
    opened.save(book)


def _right(kind: str, size: Size, entities: list[int]) -> Iterator[dict[str, str]]:
    story = population("k24", size)
    people = {p.n: p for p in story.persons}
    for n in entities:
        if kind == "persons":
            p = people[n]
            yield {
                "declared_name": p.declared_name,
                "name_latin": "",
                "father_name": p.father_name,
                "birth_date": p.birth_date,
                "service_number": p.service_number,
                "rank": p.rank,
                "unit": UNIT_NAMES[p.unit][0],
                "site": p.camp,
                "entered_at": p.entered_at.strftime("%Y-%m-%d %H:%M"),
                "registered_at": p.registered_at.strftime("%Y-%m-%d"),
            }
        else:
            w = story.weapons[n - 1]
            words = {"ILLEGIBLE": "مطموس", "ABSENT": "بدون رقم"}
            holder = people[w.holder].service_number if w.holder else UNIT_NAMES[w.unit or ""][0]
            yield {
                "model": w.model,
                "serial": words.get(w.serial_status, w.serial_raw),
                "received_at": w.received_at.strftime("%Y-%m-%d %H:%M"),
                "depositor": holder,
                "inventoried_at": w.inventoried_at.strftime("%Y-%m-%d"),
                "place": w.place,
            }
