"""A judged file becomes what the ledger keeps: its kind, its identity, its rows, its counts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.imports import from_report, labels, listing, tally
from application.imports.given import Refusal, Said
from application.imports.rows import HOLDER
from application.imports.taking_in import Result
from domain.errors import BadInputError, NotAllowedError
from intake.check import Report, check
from intake.errors import IntakeError
from intake.rejects import OWN
from tests.intake_desk import CLERK, SECOND, WEAPONS, IntakeDesk

BAGHDAD = ZoneInfo("Asia/Baghdad")
PERSON = {
    "م": "1", "الاسم": "محمد علي حسن", "الرقم العسكري": "SYN-000001", "الرتبة": "جندي",
    "تاريخ الدخول": "07/12/2024", "تاريخ التسجيل": "08/12/2024", "الموقع": "CAMP-R1",
}  # fmt: skip
WEAPON = {
    "م": "1", "النوع": "AKM", "رقم السلاح": "XZ 120455", "المودع": "SYN-000001",
    "تاريخ الاستلام": "07/12/2024", "تاريخ الجرد": "10/12/2024",
}  # fmt: skip


def sheet(plain: dict[str, str], *rows: dict[str, str], delimiter: str = ",") -> bytes:
    """Return a csv of rows; each says only what differs from a plain one."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow({**plain, **(rows[0] if rows else {})})
    for number, row in enumerate(rows, 1):
        writer.writerow((plain | {"م": str(number)} | row).values())
    return out.getvalue().encode()


def read(data: bytes, kind: str | None = None) -> Report:
    return check(data, "x.csv", kind, "dmy")


def nothing(**became: Any) -> Result:
    return Result("", {}, {}, {}, {}, Counter())._replace(**became)


# ── which file it is ────────────────────────────────────────────────────────


def test_a_file_that_is_only_saved_anew_has_other_bytes_and_the_same_content() -> None:
    rows: list[dict[str, str]] = [{}, {"الاسم": "خالد سمير زعبوط"}]
    one, again = sheet(PERSON, *rows), sheet(PERSON, *rows, delimiter=";")
    first, second = (from_report.source_of(read(data), data) for data in (one, again))
    assert first.sha256 != second.sha256
    assert first.content == second.content


@pytest.mark.parametrize("changed", [{"الرتبة": "جندي "}, {"م": "7"}])
def test_one_letter_of_one_cell_makes_it_another_sheet(changed: dict[str, str]) -> None:
    found = {from_report.content_of(read(sheet(PERSON, row))) for row in ({}, changed)}
    assert len(found) == 2


def test_rows_that_stand_elsewhere_make_it_another_sheet() -> None:
    data = sheet(PERSON, {}, {})
    found = {from_report.content_of(read(one)) for one in (data, "قائمة\n".encode() + data)}
    assert len(found) == 2


def test_a_title_makes_it_another_sheet_and_one_that_is_not_collected_is_not_kept() -> None:
    plain, titled = sheet(PERSON, {}), sheet(PERSON, {"طائفة": "x"})
    assert len({from_report.content_of(read(data)) for data in (plain, titled)}) == 2
    source = from_report.source_of(read(titled), titled)
    assert source.left_out == ("طائفة",)
    assert source.titles == (*PERSON, "")


def test_what_kind_a_file_is_follows_from_its_titles() -> None:
    assert read(sheet(PERSON, {})).kind == "persons"
    assert read(sheet(WEAPON, {})).kind == "weapons"


@pytest.mark.parametrize(("plain", "title"), [(PERSON, "تاريخ الدخول"), (WEAPON, "تاريخ الاستلام")])
def test_a_file_that_is_nearly_of_a_kind_is_told_what_it_lacks(
    plain: dict[str, str], title: str
) -> None:
    with pytest.raises(IntakeError) as error:
        read(sheet({name: cell for name, cell in plain.items() if name != title}, {}))
    assert error.value.code == "missing"


def test_a_file_of_neither_kind_has_no_header() -> None:
    with pytest.raises(IntakeError) as error:
        read(b"a,b\n1,2\n")
    assert error.value.code == "header"


def test_names_of_files_and_documents_are_labels() -> None:
    assert labels.of_file("\u202eabc\t.csv") == "_abc_.csv"
    assert labels.of_file("x" * 300 + ".csv").endswith("x.csv")
    assert labels.of_document("y" + "x" * 300)[0] == "y"
    assert len(labels.of_file("x" * 300)) == len(labels.of_document("x" * 300)) == 200


# ── its rows ────────────────────────────────────────────────────────────────


def test_a_category_that_is_named_stands_for_all_accepted_rows_and_for_no_other() -> None:
    report = read(sheet(PERSON, {}, {"الاسم": "", "م": "2"}, {"الرتبة": "موظف جمارك", "م": "3"}))
    said = [row.clean.get("category") for row in from_report.sheet_rows(report)]
    assert said == ["MILITARY", None, "CROSSING_STAFF"]
    named = [row.clean.get("category") for row in from_report.sheet_rows(report, "OTHER")]
    assert named == ["OTHER", None, "OTHER"]


def test_a_serial_is_kept_as_typed_only_where_that_differs() -> None:
    report = read(sheet(WEAPON, {"رقم السلاح": "XZ120455"}, {"رقم السلاح": "xz-120 456"}))
    rows = from_report.sheet_rows(report)
    assert rows[0].clean["serial_raw"] is None
    assert rows[1].clean["serial_raw"] == "xz-120 456"


def test_a_row_of_a_rejects_workbook_names_the_row_that_it_mends() -> None:
    own = {OWN[0]: "41"}
    data = sheet(PERSON, own, {OWN[0]: "x"})
    assert [row.mends for row in from_report.sheet_rows(read(data))] == [41, None]


# ── what came of it ─────────────────────────────────────────────────────────


def test_what_the_ledger_says_goes_back_to_the_row_it_is_about() -> None:
    report = read(sheet(WEAPON, {}, {"رقم السلاح": "XZ120456"}, {"رقم السلاح": "XZ120457"}))
    first, second, third = (row.number for row in report.rows)
    refused = Refusal("E-RULE", None, "a rule", "قاعدة")
    result = nothing(refused={first: refused}, warned={second: ("W-HOLDER",)})
    told = from_report.answered(report, result)
    assert [row.number for row in told.quarantined] == [first]
    assert told.quarantined[0].notes[0].words.en == "a rule"
    assert tally.warned(told)[0] == (HOLDER[0], 1)
    assert tally.counted(told, {third: "W-1"}) == {
        "ACCEPTED": 0, "WITH_WARNING": 1, "QUARANTINED": 1, "DUPLICATE_OF": 0, "NOT_A_RECORD": 0,
        "ALREADY_IN": 1,
    }  # fmt: skip


def test_codes_of_quarantine_come_with_the_reason_that_most_rows_were_given() -> None:
    late = {"تاريخ الدخول": "31/02/2024"}
    rows = [{"م": str(n), "تاريخ الدخول": ""} for n in range(2)]
    (one,) = tally.quarantined(read(sheet(PERSON, *rows, late)))
    assert (one.code, one.rows, one.several) == ("E-DATE", 3, True)
    (alone,) = tally.quarantined(read(sheet(PERSON, late)))
    assert one.reason != alone.reason
    assert not alone.several


def test_weapons_need_a_site_and_persons_an_official_who_may_compare_them(tmp_path: Path) -> None:
    desk = IntakeDesk(tmp_path, sheets=False)
    custody = desk.open()
    said = Said(WEAPONS, BAGHDAD)
    data = sheet(WEAPON, {})
    with pytest.raises(BadInputError, match="name the place with --site"):
        from_report.sheet_of(custody, read(data), data, said)
    with pytest.raises(NotAllowedError):
        from_report.sheet_of(custody, read(sheet(PERSON, {})), sheet(PERSON, {}), said)
    custody.close()


def test_a_batch_is_in_until_it_is_taken_back_altogether(tmp_path: Path) -> None:
    desk = IntakeDesk(tmp_path, sheets=False)
    custody, data = desk.open(), sheet(PERSON, {})
    said = Said(CLERK, BAGHDAD)
    taken = from_report.sheet_of(custody, read(data), data, said)
    assert from_report.take_in(custody, taken, said, commit=False).result.batch == ""
    assert listing.every(custody) == ()
    batch = from_report.take_in(custody, taken, said, commit=True).result.batch
    (listed,) = listing.every(custody)
    assert (listed.batch.id, listed.counts["RECORDED"], listed.fate) == (batch, 1, "IN")
    custody.close()
    desk.by(CLERK)("intake", "retract", batch, "--reason", "wrong day")
    custody = desk.open()
    assert listing.one(custody, batch)[0].fate == "IN"  # proposed is not yet done
    custody.close()
    desk.by(SECOND)("approve", "--all-of", batch)
    custody = desk.open()
    assert listing.one(custody, batch)[0].fate == "TAKEN_BACK"
    custody.close()
