"""Rows to outcomes: the truth of the messy sheets, single rows, look-alikes, rejects, templates."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.names import tokens
from intake import pairs, rejects, template
from intake.check import Report, check
from intake.codes import WARNINGS, Outcome
from intake.columns import FIELDS
from intake.errors import IntakeError
from intake.pairs import Known
from intake.tables import load
from scenario.names import FAMILY, GIVEN
from scenario.sheets import write_sheets

FILES = ("persons.xlsx", "persons.csv", "weapons.xlsx", "weapons.csv")
PERSON = {
    "م": "1",
    "الاسم": "محمد علي حسن",
    "Name (English)": "",
    "تاريخ الولادة": "",
    "الرقم العسكري": "SYN-000001",
    "الرتبة": "جندي",
    "الوحدة": "",
    "تاريخ الدخول": "07/12/2024",
    "تاريخ التسجيل": "08/12/2024",
}
WEAPON = {
    "م": "1",
    "النوع": "AKM",
    "العيار": "7.62×39",
    "رقم السلاح": "XZ120455",
    "الحالة": "صالح",
    "المودع": "SYN-000001",
    "تاريخ الاستلام": "07/12/2024",
    "تاريخ الجرد": "10/12/2024",
    "الرف": "M1/07/13",
}


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sheets")
    write_sheets(directory)
    return directory


def read(kind: str, *rows: dict[str, str], **said: Any) -> Report:
    """Check a csv of rows; each row says only what differs from a plain one."""
    plain = PERSON if kind == "persons" else WEAPON
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(plain)
    for number, row in enumerate(rows, 1):
        writer.writerow((plain | {"م": str(number)} | row).values())
    return check(out.getvalue().encode(), "x.csv", kind, **({"dates": "dmy"} | said))


def typed(kind: str, rows: list[list[Any]], number_format: str = "General") -> Report:
    """Check an xlsx whose numbers are number cells of one format."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page, form = book.add_worksheet("x"), book.add_format({"num_format": number_format})
    page.write_row(0, 0, list(PERSON if kind == "persons" else WEAPON))
    for index, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str) and value.startswith("="):
                page.write_formula(index, column, value, None, "1" if "1" in value else "")
            else:
                page.write(index, column, value, form if isinstance(value, int) else None)
    book.close()
    return check(out.getvalue(), "x.xlsx", kind, dates="dmy")


# ── the scenario's sheets ───────────────────────────────────────────────────
@pytest.mark.parametrize("name", FILES)
def test_every_verdict_equals_the_truth_of_the_messy_sheet(sheets: Path, name: str) -> None:
    report = check((sheets / name).read_bytes(), name, name.split(".", maxsplit=1)[0], dates="dmy")
    lines = (sheets / f"{name}.truth.jsonl").read_text("utf-8").splitlines()
    head, *truth = [json.loads(line) for line in lines]
    assert report.total == head["rows"] == len(truth) == sum(report.counts.values())
    assert list(report.columns.left_out) == head["left_out"]
    assert report.header_row == head["header_row"]
    for row, line in zip(report.rows, truth, strict=True):
        said = {
            "row": row.number,
            "verdict": row.outcome.value,
            "codes": list(row.codes),
            "of_row": row.of_row,
            "reason": row.reason,
            "clean": row.clean or None,
        }
        blank: dict[str, Any] = {"codes": [], "of_row": None, "reason": None, "clean": None}
        assert said == blank | {key: line[key] for key in said if key in line}


@pytest.mark.parametrize("name", FILES[:2])
def test_the_same_person_in_the_other_script_is_proposed_and_namesakes_are_not(
    sheets: Path, name: str
) -> None:
    report = check((sheets / name).read_bytes(), name, "persons", dates="dmy")
    lines = (sheets / f"{name}.truth.jsonl").read_text("utf-8").splitlines()[1:]
    truth = [json.loads(line) for line in lines]
    same = {frozenset((t["row"], t["same_as_row"])) for t in truth if "same_as_row" in t}
    others = {
        frozenset((t["row"], t["distinct_from_row"])) for t in truth if "distinct_from_row" in t
    }
    found = {frozenset((pair.row, pair.other)) for pair in report.pairs}
    assert same <= found
    assert not others & found
    assert len(found - same) <= len(same) // 10


def test_the_same_weapon_counted_twice_is_proposed(sheets: Path) -> None:
    report = check((sheets / "weapons.csv").read_bytes(), "w", "weapons", dates="dmy")
    truth = map(
        json.loads, (sheets / "weapons.csv.truth.jsonl").read_text("utf-8").splitlines()[1:]
    )
    same = {frozenset((t["row"], t["same_as_row"])) for t in truth if "same_as_row" in t}
    assert len(same) == 88
    assert same <= {frozenset((pair.row, pair.other)) for pair in report.pairs}


def test_no_value_of_the_forbidden_column_is_in_the_report(sheets: Path) -> None:
    report = check((sheets / "persons.xlsx").read_bytes(), "p", "persons", dates="dmy")
    assert "SYN-SECT" not in repr(report)
    assert b"SYN-SECT" not in rejects.workbook(report)


# ── single rows ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"الاسم": "محمد\u202eعلي"}, "E-BIDI"),
        ({"الوحدة": "a\x00b"}, "E-BIDI"),
        ({"الوحدة": '=HYPERLINK("x")'}, "E-FORMULA"),
        ({"الاسم": "@SUM(A1)"}, "E-FORMULA"),
        ({"الاسم": "محمد علي حسن\nخالد عمر سعيد"}, "E-MANY"),
        ({"الاسم": "محمد علي / خالد عمر"}, "E-MANY"),
        ({"الاسم": "-"}, "E-NAME"),
        ({"الاسم": "137"}, "E-NAME"),
        ({"تاريخ الدخول": ""}, "E-DATE"),
        ({"تاريخ الدخول": "12/07/2024"}, "E-DATE"),
        ({"تاريخ الدخول": "09/12/2024"}, "E-DATE"),
        ({"تاريخ الدخول": "07/12/1924", "تاريخ التسجيل": ""}, "E-DATE"),
        ({"تاريخ الولادة": "08/12/2024"}, "E-DATE"),
        ({"تاريخ الولادة": "01/01/15"}, "E-DATE"),
        ({"الرقم العسكري": "1.23E+06"}, "E-SERIAL"),
        ({"الرقم العسكري": "SYN-000001, SYN-000002"}, "E-SERIAL"),
        ({"الوحدة": "x" * 2001}, "E-LONG"),
    ],
)
def test_a_person_with_two_readings_is_quarantined(row: dict[str, str], code: str) -> None:
    (found,) = read("persons", row).rows
    assert (found.outcome, found.codes) == (Outcome.QUARANTINED, (code,))
    assert found.clean == {}
    assert all(note.words.ar and note.words.en for note in found.notes)


@pytest.mark.parametrize(
    ("row", "codes", "field", "value"),
    [
        ({"الاسم": "محمد علي\nالخطيب"}, (), "declared_name", "محمد علي الخطيب"),
        (
            {"الاسم": "Ali Omar", "Name (English)": "علي عمر"},
            ("W-SWAPPED",),
            "declared_name",
            "علي عمر",
        ),
        ({"الاسم": "Ali Omar"}, (), "declared_name", "Ali Omar"),
        ({"تاريخ الولادة": "01/02/85"}, ("W-YEAR2",), "birth_date", "1985-02-01"),
        ({"تاريخ الولادة": "01/02/05"}, ("W-YEAR2",), "birth_date", "2005-02-01"),
        ({"تاريخ الدخول": "07/12/24"}, ("W-YEAR2",), "entered_at", "2024-12-07"),
        ({"تاريخ الدخول": "45633"}, ("W-DAYNUMBER",), "entered_at", "2024-12-07"),
        ({"تاريخ الدخول": "07/12/2024 24:00"}, ("W-MIDNIGHT",), "entered_at", "2024-12-08T00:00"),
        ({"تاريخ التسجيل": ""}, (), "registered_at", None),
        ({"الرتبة": "ج/1"}, (), "rank", "جندي أول"),
        ({"الرتبة": "م. أول"}, ("W-TERM",), "rank", "م. أول"),
        ({"الرقم العسكري": "syn-٠٠٠٠٠١"}, (), "service_number", "SYN-000001"),
    ],
)
def test_a_person_that_reads_one_way_is_taken(
    row: dict[str, str], codes: tuple[str, ...], field: str, value: str | None
) -> None:
    (found,) = read("persons", row).rows
    assert found.accepted
    assert (found.codes, found.clean[field]) == (codes, value)


@pytest.mark.parametrize(
    ("row", "codes", "field", "value"),
    [
        ({"العيار": "7,62 x 39"}, (), "calibre", "7.62×39"),
        ({"العيار": "٧٫٦٢*٣٩"}, (), "calibre", "7.62×39"),
        ({"العيار": "5.45x39"}, ("W-CALIBRE",), "calibre", "5.45×39"),
        ({"النوع": "كلاشنكوف AKM"}, (), "model", "AKM"),
        ({"النوع": "AKM 7.62×39"}, ("W-TERM",), "model", "AKM 7.62×39"),
        ({"الحالة": "صالح"}, (), "condition", "SERVICEABLE"),
        ({"المودع": "مجهول"}, ("W-DEPOSITOR",), "depositor", None),
        ({"رقم السلاح": "-"}, ("W-NOSERIAL",), "serial_status", "ABSENT"),
        ({"رقم السلاح": "٩٩O34718"}, ("W-LETTER",), "serial", "99034718"),
    ],
)
def test_a_weapon_that_reads_one_way_is_taken(
    row: dict[str, str], codes: tuple[str, ...], field: str, value: str | None
) -> None:
    (found,) = read("weapons", row).rows
    assert (found.codes, found.clean[field]) == (codes, value)


@pytest.mark.parametrize(
    "text", ["كلاشنكوف ×12", "AKM x 8", "12 × AKM", "كلاشنكوف عدد 6", "AKM 5 pcs"]
)
def test_a_quantity_is_no_item(text: str) -> None:
    assert read("weapons", {"النوع": text}).rows[0].codes == ("E-MANY",)


def test_a_typed_number_keeps_the_zeros_its_format_shows_and_is_warned_of() -> None:
    row: list[Any] = list(WEAPON.values())
    row[3] = 991207
    (found,) = typed("weapons", [row], "00000000").rows
    assert (found.clean["serial"], found.codes) == ("00991207", ("W-NUMBER",))
    row[3] = 9903471800000000
    assert typed("weapons", [row]).rows[0].codes == ("E-SERIAL",)


def test_a_formula_is_warned_of_and_one_never_computed_is_quarantined() -> None:
    row: list[Any] = list(PERSON.values())
    row[6] = '="1"'
    assert typed("persons", [row]).rows[0].codes == ("W-FORMULA",)
    row[6] = "=A9"
    assert typed("persons", [row]).rows[0].codes == ("E-FORMULA",)


def test_a_repeated_serial_is_flagged_across_spelling_and_script_and_never_refused() -> None:
    report = read(
        "weapons",
        {"رقم السلاح": "ЩА 3471"},
        {"رقم السلاح": "ща3471"},
        {"رقم السلاح": "XZ120455"},
        {"رقم السلاح": "مطموس"},
        {"رقم السلاح": "مطموس"},
    )
    assert [row.codes for row in report.rows] == [(), ("W-REPEAT",), (), (), ()]
    assert [(pair.row, pair.other) for pair in report.pairs] == [(3, 2)]


def test_identical_rows_are_duplicates_and_another_running_number_is_another_item() -> None:
    absent = {"رقم السلاح": "بدون رقم"}
    report = read("weapons", absent, absent, absent | {"م": "2"})
    assert [row.outcome for row in report.rows] == ["ACCEPTED", "ACCEPTED", "DUPLICATE_OF"]
    assert report.rows[2].of_row == report.rows[1].number


def test_rows_that_are_no_record_say_why() -> None:
    blank = dict.fromkeys(PERSON, "")
    report = read(
        "persons",
        {},
        {key: key for key in PERSON},
        blank | {"م": "المجموع", "الاسم": "137"},
        blank | {"م": "صفحة 3 من 60"},
        blank | {"الاسم": "ملاحظة: يتبع"},
        blank | {"م": "17"},
        blank | {"م": ""},
        blank | {"م": "", "الاسم": "خالد عمر"},
    )
    reasons = ["HEADER", "TOTAL", "FOOTER", "COMMENT", "BLANK", "BLANK"]
    assert [row.reason for row in report.rows] == [None, *reasons, None]
    assert report.rows[-1].codes == ("E-DATE",)
    assert sum(report.counts.values()) == report.total == 8


# ── look-alikes ─────────────────────────────────────────────────────────────
def test_a_row_is_compared_with_known_records_across_scripts() -> None:
    known = [
        Known("P-000873-5", {"declared_name": "محمد يوسف الخطيب", "birth_date": "1985-03-12"}),
        Known("P-000874-6", {"declared_name": "خالد يوسف الخطيب", "birth_date": "1985-03-12"}),
    ]
    row = {
        "الاسم": "",
        "Name (English)": "Mohamad Y. Elkhatib",
        "تاريخ الولادة": "1985",
        "الرقم العسكري": "",
    }
    (pair,) = read("persons", row, known=known).pairs
    assert (pair.row, pair.other) == (2, "P-000873-5")
    assert pair.score >= 90
    assert "year equal" in pair.why


def test_an_equal_service_number_is_proposed_whatever_the_names() -> None:
    (pair,) = read("persons", {}, {"الاسم": "خالد عمر سعيد"}).pairs
    assert (pair.row, pair.other) == (3, 2)
    assert "service number equal" in pair.why


def test_a_partly_read_serial_is_paired_with_those_it_may_be() -> None:
    report = read("weapons", {"رقم السلاح": "XZ1204??"}, {}, {"رقم السلاح": "XZ120999"})
    assert [(pair.row, pair.other) for pair in report.pairs] == [(3, 2)]


def test_the_bench_of_names_shares_no_token_with_what_the_key_was_tuned_on() -> None:
    given, family = tokens()
    tuned = {token.arabic for token in GIVEN + FAMILY}
    assert len(given) > 60
    assert len(family) > 60
    assert not tuned & {token.arabic for token in given + family}


# ── rejects and templates ───────────────────────────────────────────────────
@pytest.mark.parametrize("name", FILES)
def test_a_rejects_workbook_is_the_same_rows_again_until_someone_mends_them(
    sheets: Path, name: str
) -> None:
    kind = name.split(".", maxsplit=1)[0]
    report = check((sheets / name).read_bytes(), name, kind, dates="dmy")
    data = rejects.workbook(report)
    assert data == rejects.workbook(report)
    again = check(data, "rejects.xlsx", kind, dates="dmy")
    assert again.total == again.counts["QUARANTINED"] == report.counts["QUARANTINED"]
    assert again.reasons["QUARANTINED"] == report.reasons["QUARANTINED"]
    assert again.columns.not_recognised == again.columns.left_out == ()
    assert rejects.workbook(again)[:2] == b"PK"


def test_rejects_hold_no_formula_and_survive_any_text() -> None:
    report = read("persons", {"الوحدة": "=1+1"}, {"الاسم": "x\x00\x1b"}, {"الوحدة": "x" * 40_000})
    data = rejects.workbook(report)
    assert check(data, "r", "persons", dates="dmy").counts["QUARANTINED"] == 3
    assert b"<f>" not in data


@pytest.mark.parametrize("kind", ["persons", "weapons"])
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_template_is_an_empty_sheet_that_we_read_in_full(kind: str, lang: str) -> None:
    data = template.workbook(kind, lang)
    report = check(data, "t.xlsx", kind)
    assert data == template.workbook(kind, lang)
    assert (report.total, report.columns.not_recognised) == (0, ())
    assert set(report.columns.fields) == {"number", *FIELDS[kind]} - {"serial_status"}


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_what_a_template_offers_is_known_when_it_comes_back(lang: str) -> None:
    words = load()
    for name, title in (("model", "النوع"), ("condition", "الحالة")):
        offered = template.choices(name, lang, words)
        assert offered
        for word in offered:
            assert "W-TERM" not in read("weapons", {title: word}).rows[0].codes


def test_there_is_no_template_of_another_kind() -> None:
    with pytest.raises(IntakeError, match="persons or weapons"):
        template.workbook("ships")


# ── any rows ────────────────────────────────────────────────────────────────
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["07/12/2024", "-", "؟", "=1", "محمد علي", "12", "1.2E5", "مطموس", "AKM ×3"]),
)


def undone(text: str, clean: str | None, how: tuple[str, ...]) -> bool:
    return bool(how) or (text or None) == clean


@settings(deadline=None, max_examples=120)
@given(
    st.sampled_from(["persons", "weapons"]),
    st.lists(st.dictionaries(st.sampled_from([*PERSON, *WEAPON]), CELLS, max_size=4), max_size=5),
)
def test_counts_add_up_and_each_changed_value_names_its_change(
    kind: str, changes: list[dict[str, str]]
) -> None:
    plain = PERSON if kind == "persons" else WEAPON
    rows = [{key: value for key, value in row.items() if key in plain} for row in changes]
    report = read(kind, *rows)
    assert sum(report.counts.values()) == report.total == len(report.rows)
    for row in report.rows:
        assert row.accepted == bool(row.clean)
        assert set(row.codes) <= set(WARNINGS) or not row.accepted
        for name, index in report.columns.fields.items():
            if row.accepted and name in row.clean:
                how = row.changes.get(name, ())
                assert undone(row.cells[index], row.clean[name], how), (name, row)


def test_pairs_are_only_made_of_accepted_rows() -> None:
    report = read("persons", {}, {"تاريخ الدخول": ""})
    assert report.pairs == ()
    assert pairs.look_alikes(report.rows, "persons") == []
