from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from scenario import defects, sheets
from scenario.population import population
from scenario.sheets import write_sheets
from scenario.terms import PERSON_COLUMNS, WEAPON_COLUMNS
from scenario.weapons import RESERVED

FILES = ("persons.xlsx", "persons.csv", "weapons.xlsx", "weapons.csv")
SEPARATOR = {"persons.csv": ",", "weapons.csv": ";"}
ROWS = {"persons": 2013, "weapons": 1947}
DAYS_APART = 31


class Written:
    """The full sheets, written once and read back."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.paths = write_sheets(directory)
        self.heads: dict[str, dict[str, Any]] = {}
        self.truth: dict[str, list[dict[str, Any]]] = {}
        for name in FILES:
            lines = (directory / f"{name}.truth.jsonl").read_text("utf-8").splitlines()
            self.heads[name], *self.truth[name] = map(json.loads, lines)
        self.cells = {name: self._cells(name) for name in FILES}

    def _cells(self, name: str) -> list[list[Any]]:
        path = self.directory / name
        if name.endswith("xlsx"):
            return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        text = path.read_text("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATOR[name]))

    def row(self, name: str, number: int) -> dict[str, Any]:
        columns = PERSON_COLUMNS if name.startswith("persons") else WEAPON_COLUMNS
        return dict(zip(columns, self.cells[name][number - 1], strict=True))

    def defect(self, name: str, defect: str) -> list[dict[str, Any]]:
        return [line for line in self.truth[name] if line["defect"] == defect]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(tmp_path_factory.mktemp("sheets"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_as_many_rows_as_its_truth_and_ends_there(full: Written, name: str) -> None:
    rows = [line["row"] for line in full.truth[name]]
    expected = ROWS[name.split(".", maxsplit=1)[0]]
    assert rows == list(range(4, 4 + expected))
    assert len(full.cells[name]) == 3 + expected
    assert full.heads[name]["rows"] == expected


def test_the_kinds_of_rows_are_those_of_the_story(full: Written) -> None:
    for name in ("persons.xlsx", "persons.csv"):
        kinds = Counter(line["kind"] for line in full.truth[name])
        assert kinds == {"base": 1887, "duplicate": 31, "other_script": 44, "noise": 51}
    for name in ("weapons.xlsx", "weapons.csv"):
        kinds = Counter(line["kind"] for line in full.truth[name])
        assert kinds == {"base": 1766, "duplicate": 62, "recount": 88, "noise": 31}


def test_the_clerks_screen_for_persons_adds_up(full: Written) -> None:
    verdicts = Counter(line["verdict"] for line in full.truth["persons.xlsx"])
    assert verdicts == {
        "ACCEPTED": 1842,
        "WITH_WARNING": 45,
        "QUARANTINED": 44,
        "DUPLICATE_OF": 31,
        "NOT_A_RECORD": 51,
    }
    reasons = Counter(line.get("reason") for line in full.truth["persons.xlsx"])
    assert (reasons["HEADER"], reasons["TOTAL"], reasons["FOOTER"]) == (14, 6, 9)
    assert reasons["BLANK"] + reasons["COMMENT"] == 22


def test_every_person_and_every_weapon_stands_in_exactly_one_base_row(full: Written) -> None:
    for name, everything in (
        ("persons.xlsx", population("k24", "full").persons),
        ("weapons.xlsx", population("k24", "full").weapons),
    ):
        base = [n for line in full.truth[name] if line["kind"] == "base" for n in line["entities"]]
        assert sorted(base) == [thing.n for thing in everything]


def test_nine_rows_hold_three_people_and_six_hide_sixty_items(full: Written) -> None:
    triples = full.defect("persons.xlsx", "three people in one cell")
    assert [len(line["entities"]) for line in triples] == [3] * 9
    hidden = full.defect("weapons.xlsx", "quantity")
    assert (len(hidden), sum(len(line["entities"]) for line in hidden)) == (6, 60)
    for line in hidden:
        assert (
            full.row("weapons.xlsx", line["row"])["model"] == f"كلاشنكوف ×{len(line['entities'])}"
        )


@pytest.mark.parametrize("name", FILES)
def test_every_code_is_explained_in_the_specification(full: Written, name: str) -> None:
    listed = set(re.findall(r"[EW]-[A-Z0-9]+", sheets.__doc__ or ""))
    used = {code for line in full.truth[name] for code in line.get("codes", ())}
    assert used <= listed
    for line in full.truth[name]:
        codes = line.get("codes", [])
        kinds = {"WITH_WARNING": "W", "QUARANTINED": "E"}
        assert {code[0] for code in codes} <= {kinds.get(line["verdict"], "")}
        assert line["verdict"] != "QUARANTINED" or len(codes) == 1
        assert codes == sorted(set(codes))


def test_each_code_of_the_specification_is_met(full: Written) -> None:
    listed = set(re.findall(r"^    ([EW]-[A-Z0-9]+) ", sheets.__doc__ or "", re.MULTILINE))
    met = {c for name in FILES for line in full.truth[name] for c in line.get("codes", ())}
    assert met == listed


@pytest.mark.parametrize("name", FILES)
def test_an_exact_duplicate_repeats_an_earlier_accepted_row_cell_for_cell(
    full: Written, name: str
) -> None:
    truth = {line["row"]: line for line in full.truth[name]}
    duplicates = [line for line in full.truth[name] if line["verdict"] == "DUPLICATE_OF"]
    assert duplicates
    for line in duplicates:
        assert line["of_row"] < line["row"]
        assert full.row(name, line["of_row"]) == full.row(name, line["row"])
        assert truth[line["of_row"]]["verdict"] == "ACCEPTED"


@pytest.mark.parametrize("name", FILES)
def test_no_two_other_rows_are_alike(full: Written, name: str) -> None:
    plain = [
        str(full.row(name, line["row"]))
        for line in full.truth[name]
        if line["verdict"] not in ("DUPLICATE_OF", "NOT_A_RECORD")
    ]
    assert len(set(plain)) == len(plain)


def test_the_other_script_row_shares_no_arabic_name_and_no_number(full: Written) -> None:
    rows = [line for line in full.truth["persons.csv"] if line["kind"] == "other_script"]
    truth = {line["row"]: line for line in full.truth["persons.csv"]}
    for line in rows:
        known = truth[line["same_as_row"]]
        assert known["entities"] == line["entities"]
        assert (line["clean"]["declared_name"], line["clean"]["service_number"]) == (None, None)
        assert line["clean"]["name_latin"].isascii()
        assert known["clean"]["birth_date"].startswith(line["clean"]["birth_date"])


def test_namesakes_point_at_each_other_and_both_are_accepted(full: Written) -> None:
    rows = full.defect("persons.xlsx", "namesake")
    truth = {line["row"]: line for line in full.truth["persons.xlsx"]}
    assert len(rows) == 12
    for line in rows:
        other = truth[line["distinct_from_row"]]
        assert other["clean"]["declared_name"] == line["clean"]["declared_name"]
        assert other["entities"] != line["entities"]


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text[:10])


def test_every_accepted_date_obeys_the_rule_of_the_specification(full: Written) -> None:
    pairs = {
        "persons": ("entered_at", "registered_at"),
        "weapons": ("received_at", "inventoried_at"),
    }
    for name in FILES:
        first, second = pairs[name.split(".")[0]]
        for line in full.truth[name]:
            if "clean" in line:
                start, end = _day(line["clean"][first]), _day(line["clean"][second])
                assert timedelta(0) <= end - start <= timedelta(days=DAYS_APART)


DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
DAY_FIRST = re.compile(r"(\d\d)[/-](\d\d)[/-](\d\d(?:\d\d)?)(?: (\d\d:\d\d))?")


def _read(cell: Any, century: str) -> str | None:
    """Read an accepted date the plain way, apart from the generator: day, month, year."""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%dT%H:%M")
    text = (str(int(cell)) if isinstance(cell, float) else cell).translate(DIGITS)
    if text == "45633":
        return (datetime(1899, 12, 30) + timedelta(days=45633)).strftime("%Y-%m-%d")  # noqa: DTZ001 - a day
    text = text.replace(" كانون الأول ", "-12-")
    text = re.sub(r"^(\d)-", r"0\1-", text)
    if not (found := DAY_FIRST.fullmatch(text)):
        return text.replace(" ", "T").replace("Z", "+00:00") or None  # ISO, a year, nothing
    day, month, year, hour = found.groups()
    year = year if len(year) == 4 else century + year
    if hour == "24:00":
        return f"{year}-{month}-{int(day) + 1:02d}T00:00"
    return f"{year}-{month}-{day}" + (f"T{hour}" if hour else "")


@pytest.mark.parametrize("name", FILES)
def test_a_plain_day_first_reader_finds_every_clean_date_in_its_cell(
    full: Written, name: str
) -> None:
    for line in full.truth[name]:
        if "clean" in line:
            row = full.row(name, line["row"])
            events = [
                f
                for f in ("entered_at", "registered_at", "received_at", "inventoried_at")
                if f in row
            ]
            assert {f: _read(row[f], "20") for f in events} == {f: line["clean"][f] for f in events}
            if "birth_date" in row:
                assert _read(row["birth_date"], "19") == line["clean"]["birth_date"]


def test_an_utc_time_is_the_instant_at_which_the_person_entered(full: Written) -> None:
    people = {p.n: p for p in population("k24", "full").persons}
    rows = full.defect("persons.csv", "utc")
    assert len(rows) == 10
    for line in rows:
        entered = people[line["entities"][0]].entered_at
        assert datetime.fromisoformat(line["clean"]["entered_at"]) == entered


def test_a_homoglyph_row_mixes_scripts_and_its_clean_serial_does_not(full: Written) -> None:
    def scripts(text: str) -> set[str]:
        return {unicodedata.name(letter).split()[0] for letter in text if letter.isalpha()}

    for name in ("weapons.xlsx", "weapons.csv"):
        for line in full.truth[name]:
            if "clean" in line and line["clean"]["serial_status"] == "READ":
                typed = scripts(str(full.row(name, line["row"])["serial"]))
                mixed = typed == {"CYRILLIC", "LATIN"}
                assert mixed == ("W-HOMOGLYPH" in line["codes"])
                assert len(scripts(line["clean"]["serial"])) <= 1


@pytest.mark.parametrize("name", FILES)
def test_a_number_is_warned_of_exactly_where_the_cell_holds_one(full: Written, name: str) -> None:
    field = "service_number" if name.startswith("persons") else "serial"
    for line in full.truth[name]:
        if "clean" in line:
            typed = isinstance(full.row(name, line["row"])[field], float)
            assert typed == ("W-NUMBER" in line["codes"])


def test_a_day_first_reading_of_month_before_day_breaks_that_rule(full: Written) -> None:
    rows = full.defect("persons.csv", "month before day")
    assert len(rows) == 12
    for line in rows:
        row = full.row("persons.csv", line["row"])
        entered = datetime.strptime(row["entered_at"], "%d/%m/%Y")  # noqa: DTZ007 - a day
        assert _day(row["registered_at"]) - entered > timedelta(days=DAYS_APART)


def test_clean_values_are_what_the_entity_is_wherever_spelling_was_kept(full: Written) -> None:
    people = {p.n: p for p in population("k24", "full").persons}
    respelled = {"hamza dropped", "ha for ta marbuta", "ya for alef maqsura", "no gap after abd"}
    for line in full.truth["persons.xlsx"]:
        if "clean" not in line or line["kind"] != "base":
            continue
        person, clean = people[line["entities"][0]], line["clean"]
        assert clean["service_number"] == person.service_number
        assert clean["rank"] == person.rank
        assert clean["site"] == person.camp
        assert (clean["declared_name"] == person.declared_name) != (line["defect"] in respelled)
        assert clean["birth_date"] is None or person.birth_date.startswith(clean["birth_date"])


def test_clean_serials_are_those_of_the_weapon_wherever_the_sheet_still_has_them(
    full: Written,
) -> None:
    weapons = {w.n: w for w in population("k24", "full").weapons}
    for line in full.truth["weapons.xlsx"]:
        if "clean" not in line or line["defect"] == "serial not said":
            continue
        weapon, serial = weapons[line["entities"][0]], line["clean"]["serial"]
        if line["defect"] == "zeros lost":
            assert weapon.serial == "00" + serial
        else:
            assert (serial or "").replace(" ", "") == (weapon.serial or "").replace(" ", "")
            assert line["clean"]["serial_status"] == weapon.serial_status
            assert not serial or RESERVED.fullmatch(
                re.sub(r"(?<=Щ.)(?=\d)", " ", serial.replace("?", "0"))
            )


def test_a_repeated_serial_is_warned_of_once_it_has_been_seen(full: Written) -> None:
    for name in ("weapons.xlsx", "weapons.csv"):
        seen: set[str] = set()
        for line in full.truth[name]:
            clean = line.get("clean")
            if clean and clean["serial_status"] == "READ":
                key = clean["serial"].replace(" ", "")
                assert (key in seen) == ("W-REPEAT" in line["codes"]), line
                seen.add(key)


def test_a_number_cell_keeps_its_digits_in_the_workbook_and_a_csv_shows_them(full: Written) -> None:
    page = openpyxl.load_workbook(full.directory / "weapons.xlsx").active
    assert page is not None
    column = list(WEAPON_COLUMNS).index("serial") + 1
    for line in full.defect("weapons.xlsx", "zeros kept by the format"):
        cell = page.cell(line["row"], column)
        assert cell.number_format == "00000000"
        assert f"{cell.value:08d}" == line["clean"]["serial"]
        assert full.row("weapons.csv", line["row"])["serial"] == line["clean"]["serial"]
    for line in full.defect("weapons.xlsx", "scientific format"):
        assert str(page.cell(line["row"], column).value) == line["clean"]["serial"]
    for line in full.defect("weapons.csv", "scientific format"):
        assert line["codes"] == ["E-SERIAL"]


def test_merged_unit_cells_hold_for_all_their_rows_in_the_workbook_only(full: Written) -> None:
    page = openpyxl.load_workbook(full.directory / "persons.xlsx").active
    assert page is not None
    assert len(page.merged_cells.ranges) == 5
    truth = {line["row"]: line for line in full.truth["persons.xlsx"]}
    people = {p.n: p for p in population("k24", "full").persons}
    for merged in page.merged_cells.ranges:
        rows = [truth[number] for number in range(merged.min_row, merged.max_row + 1)]
        assert {line["clean"]["unit"] for line in rows} == {page.cell(merged.min_row, 8).value}
        assert len({people[line["entities"][0]].unit for line in rows}) == 1
    lost = [line["clean"]["unit"] for line in full.defect("persons.csv", "merged cells")]
    assert lost.count(None) == 10


def test_presentation_forms_and_mojibake_can_be_undone() -> None:
    for person in population("k24", "full").persons[:300]:
        name = person.declared_name
        assert unicodedata.normalize("NFKC", defects.presentation_forms(name)) == name
        assert defects.presentation_forms(name) != name
        assert defects.mojibake(name).encode("cp1256").decode() == name


@pytest.mark.parametrize("name", ["persons.xlsx", "persons.csv"])
def test_each_damage_really_stands_in_the_file(full: Written, name: str) -> None:
    signs = {
        "tatweel": "\u0640",
        "right-to-left mark": "\u200f",
        "zero width joiner": "\u200d",
        "byte order mark": "\ufeff",
        "bidi override": "\u202e",
        "mojibake": "ط",
        "three people in one cell": "\n",
    }
    for defect, sign in signs.items():
        rows = full.defect(name, defect)
        assert rows
        assert all(sign in full.row(name, line["row"])["declared_name"] for line in rows), defect


def test_every_file_says_synthetic_and_the_ranges(full: Written) -> None:
    for name in FILES:
        assert "SYNTHETIC" in full.cells[name][0][0]
        assert "SYN-" in full.cells[name][1][0]
        assert full.heads[name]["synthetic"] == "SYNTHETIC"
    assert "Щx 0000" in full.cells["weapons.csv"][1][0]


def test_the_forbidden_column_is_filled_and_never_in_the_truth(full: Written) -> None:
    assert any(row[-1].startswith("SYN-SECT") for row in full.cells["persons.csv"][3:])
    assert full.heads["persons.csv"]["left_out"] == ["طائفة"]
    for path in full.paths:
        if path.name.endswith(".jsonl"):
            assert "SECT" not in path.read_text("utf-8")


def test_no_service_number_is_other_than_synthetic(full: Written) -> None:
    for line in full.truth["persons.csv"]:
        number = line.get("clean", {}).get("service_number")
        assert number is None or re.fullmatch(r"SYN-\d{6}", number)
    for name in ("weapons.csv", "weapons.xlsx"):
        for line in full.truth[name]:
            depositor = line.get("clean", {}).get("depositor") or "SYN-"
            assert depositor.startswith("SYN-") or "ك-" in depositor


def test_the_workbook_reads_right_to_left_and_carries_no_clock(full: Written) -> None:
    for name in ("persons.xlsx", "weapons.xlsx"):
        with zipfile.ZipFile(full.directory / name) as book:
            assert b'rightToLeft="1"' in book.read("xl/worksheets/sheet1.xml")
            assert {member.date_time[0] for member in book.infolist()} == {1980}
            assert b"2024-12-07" in book.read("docProps/core.xml")


def _digests(directory: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in directory.iterdir()}


def test_two_runs_in_two_processes_give_equal_bytes(tmp_path: Path, full: Written) -> None:
    program = "import sys, pathlib; from scenario.sheets import write_sheets as w;"
    program += "w(pathlib.Path(sys.argv[1]))"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", program, str(tmp_path / "again")]
    root = Path(sheets.__file__).parent.parent
    subprocess.run(command, check=True, env=environment, cwd=root)
    assert _digests(tmp_path / "again") == _digests(full.directory)


def test_the_small_sheets_hold_every_defect_of_the_full_ones(tmp_path: Path, full: Written) -> None:
    write_sheets(tmp_path, "small")
    for name in FILES:
        lines = (tmp_path / f"{name}.truth.jsonl").read_text("utf-8").splitlines()[1:]
        met = {json.loads(line)["defect"] for line in lines}
        assert met == {line["defect"] for line in full.truth[name]}
