"""Folding, garbled letters, dates, number formats, serials and names: cell by cell."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import dates, fold, mojibake, namekey, numberformat, serials, when
from intake.dates import Months
from intake.tables import load
from intake.when import DateError
from scenario.names import FAMILY, GIVEN

TABLES = load()
MONTHS = Months(TABLES.months, TABLES.hijri_months)
ARABIC = st.text(alphabet=[chr(code) for code in range(0x621, 0x64B)] + [" "], min_size=1)


def iso(text: str, order: str | None = "dmy") -> str:
    return dates.read(text, order, MONTHS).iso()


# ── text ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "meant", "change"),
    [
        ("محـمد", "محمد", "tatweel"),
        ("مُحَمد", "محمد", "marks"),
        ("ﻣﺤﻤﺪ", "محمد", "forms"),
        ("ﷲ", "الله", "forms"),
        ("علی کریم", "علي كريم", "persian"),
        ("علي\u200f", "علي", "hidden"),
        ("\ufeffعلي", "علي", "hidden"),
        ("٤٧ ۱۲", "47 12", "digits"),
        ("علي  حسن ", "علي حسن", "space"),
    ],
)
def test_what_carries_no_meaning_is_undone_and_named(typed: str, meant: str, change: str) -> None:
    assert fold.tidy(typed) == (meant, (change,))


@pytest.mark.parametrize("spelled", ["أحمد", "احمد", "فاطمة", "فاطمه", "مصطفى", "عبدالله"])
def test_spelling_is_evidence_and_stays(spelled: str) -> None:
    assert fold.tidy(spelled) == (spelled, ())


def test_a_hamza_typed_as_a_mark_is_kept_when_vowels_go() -> None:
    assert fold.tidy("ا\u0654ح\u064eمد").text == "أحمد"


@given(st.text())
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once = fold.tidy(text).text
    assert fold.tidy(once) == (once, ())


@given(st.text())
def test_text_that_changes_says_how(text: str) -> None:
    done = fold.tidy(text)
    assert bool(done.changes) == (done.text != text)


@pytest.mark.parametrize(
    "code", [0x00, 0x1B, 0x7F, 0x202A, 0x202E, 0x2066, 0x2069, 0xD800, 0xE0041]
)
def test_control_and_override_characters_are_found(code: int) -> None:
    assert fold.hidden_control(f"علي{chr(code)}") == f"U+{code:04X}"


@pytest.mark.parametrize("text", ["علي\u200f", "a\tb\n", "7.62×39", "", "O'Neil"])
def test_ordinary_text_holds_no_hidden_control(text: str) -> None:
    assert fold.hidden_control(text) is None


@pytest.mark.parametrize("token", [token.arabic for token in GIVEN + FAMILY[::7]])
@pytest.mark.parametrize("written", ["utf-8", "cp1256"])
def test_garbled_names_are_made_whole_and_whole_ones_left_alone(token: str, written: str) -> None:
    read_as = "cp1256" if written == "utf-8" else "cp1252"
    try:
        garbled = token.encode(written).decode(read_as)
    except UnicodeDecodeError:
        pytest.skip("these bytes are no text in the other encoding")
    found = mojibake.repaired(garbled)
    assert mojibake.repaired(token) is None
    assert found is not None
    assert found[0] == token


@pytest.mark.parametrize("text", ["José Müller", "Zoë", "É", "naïve café", "Šarūnas"])
def test_accented_latin_names_are_not_taken_for_garbled_arabic(text: str) -> None:
    assert mojibake.repaired(text) is None


@given(ARABIC)
def test_genuine_arabic_is_never_repaired(text: str) -> None:
    assert mojibake.repaired(text) is None


# ── dates ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("07/12/2024", "2024-12-07"),
        ("7-12-2024 7:30", "2024-12-07T07:30"),
        ("2024-12-07 07:30:15", "2024-12-07T07:30:15"),
        ("2024-12-07T18", "2024-12-07T18"),
        ("2024-12-07T04:30Z", "2024-12-07T04:30+00:00"),
        ("2024-12-07T07:30+03:00", "2024-12-07T07:30+03:00"),
        ("7 كانون الأول 2024", "2024-12-07"),
        ("7 كانون اول 2024 18:05", "2024-12-07T18:05"),
        ("1 تشرين الثاني 2024", "2024-11-01"),
        ("December 7, 2024", "2024-12-07"),
        ("07/12/2024 6:30 م", "2024-12-07T18:30"),
        ("07/12/2024 12:30 ص", "2024-12-07T00:30"),
        ("07/12/2024 24:00", "2024-12-08T00:00"),
        ("31/12/2024 24:00", "2025-01-01T00:00"),
        ("45633", "2024-12-07"),
        ("45633.3125", "2024-12-07T07:30"),
        ("1985", "1985"),
        ("3/1985", "1985-03"),
        ("آذار 1985", "1985-03"),
        ("7-9/12/2024", "2024-12-07/2024-12-09"),
        ("من 7 إلى 9 كانون الأول 2024", "2024-12-07/2024-12-09"),
    ],
)
def test_a_date_is_read_as_far_as_it_says(text: str, expected: str) -> None:
    assert iso(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "31/11/2024",
        "29/02/2023",
        "00/12/2024",
        "12/25/2024",
        "7 كانون الأول",
        "7/12",
        "07/12/24",
        "05/06/1446",
        "5 رجب 1446",
        "05/06/1446هـ",
        "07/12-2024",
        "",
        "-",
        "أمس",
        "7 كانون 2024",
        "07/12/2024 25:00",
        "07/12/2024 24:01",
        "07/12/2024 7:60",
        "1899",
        "2101",
        "20241207",
        "07/12/2024 x",
        "9-7/12/2024",
        "12024",
        "2024-12-07T07:30+15:00",
        "07:30",
    ],
)
def test_what_is_no_date_beyond_doubt_is_refused(text: str) -> None:
    with pytest.raises(DateError):
        dates.read(text, "dmy", MONTHS)


@pytest.mark.parametrize("text", ["07/12/2024", "1/2/2024 07:30"])
def test_without_a_declared_order_day_and_month_are_not_guessed(text: str) -> None:
    with pytest.raises(DateError, match="declare the order"):
        dates.read(text, None, MONTHS)


@pytest.mark.parametrize("text", ["13/12/2024", "12/13/2024", "2024-12-13", "13 Dec 2024"])
def test_without_a_declared_order_the_only_reading_is_taken(text: str) -> None:
    assert iso(text, None) == "2024-12-13"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05/06/1446", "2024-12-06"),
        ("5 جمادى الآخرة 1446 هـ", "2024-12-06"),
        ("6/1446", "2024-12-02/2024-12-31"),
        ("2024-12-07", "2024-12-07"),
    ],
)
def test_hijri_dates_are_read_where_declared_and_said_to_be_calculated(
    text: str, expected: str
) -> None:
    found = dates.read(text, "hijri", MONTHS)
    assert found.iso() == expected
    assert ("W-HIJRI" in found.notes) == ("1446" in text)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 30)))
def test_every_day_is_read_back_in_every_order(day: date) -> None:
    for order, form in (("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%Y"), ("ymd", "%Y/%m/%d")):
        assert iso(day.strftime(form), order) == day.isoformat()
    assert dates.read(day.strftime("%d/%m/%Y 24:00"), "dmy", MONTHS).first_day() == day + timedelta(
        1
    )


@given(st.text(alphabet="0123456789/.- :Tصمكانوالأ", max_size=20))
def test_any_text_is_a_date_or_one_reason(text: str) -> None:
    try:
        said = dates.read(text, "dmy", MONTHS).iso()
    except DateError as error:
        said = str(error) and error.ar
    assert said


def test_old_mac_workbooks_count_days_from_1904() -> None:
    assert when.day_number(44171, when.EPOCH_1904).iso() == "2024-12-07"


# ── numbers and serials ─────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (991207, "00000000", "00991207"),
        (4711, '"SYN-"000000', "SYN-004711"),
        (123456789, "000-00-0000", "123-45-6789"),
        (45, r"\A000", "A045"),
        (7, "[Red]000;-0", "007"),
        (99034718, "General", "99034718"),
        (99034718, "0.00E+00", "99034718"),
        (45, "00%", "45"),
        (5, "#,##0", "5"),
        (12000, "0,", "12000"),
    ],
)
def test_zeros_come_back_from_the_number_format(value: int, number_format: str, text: str) -> None:
    assert numberformat.shown(value, number_format) == text


@given(st.integers(0, 10**15 - 1), st.integers(1, 15))
def test_a_format_of_zeros_only_pads(value: int, width: int) -> None:
    assert numberformat.shown(value, "0" * width) == str(value).zfill(width)


@pytest.mark.parametrize(
    ("cell", "text", "status", "codes"),
    [
        ("xz120455", "XZ120455", "READ", ()),
        ("ЩA 3471", "ЩА 3471", "READ", ("W-HOMOGLYPH",)),
        ("ХZ120455", "XZ120455", "READ", ("W-HOMOGLYPH",)),
        ("99O3471I", "99034711", "READ", ("W-LETTER",)),
        ("ЩО 3471", "ЩО 3471", "READ", ()),
        ("XZ1204??", "XZ1204??", "PARTIAL", ()),
        ("XZ1204؟؟", "XZ1204??", "PARTIAL", ()),
        ("مطموس", None, "ILLEGIBLE", ()),
        ("بدون رقم", None, "ABSENT", ()),
        ("كتابة أجنبية", None, "UNTRANSLATABLE", ()),
        ("", None, "ABSENT", ("W-NOSERIAL",)),
        ("-", None, "ABSENT", ("W-NOSERIAL",)),
        ("n/a", None, "ABSENT", ("W-NOSERIAL",)),
        ("77-1234", "77-1234", "READ", ()),
        ("AB/1234", "AB/1234", "READ", ()),
    ],
)
def test_a_serial_is_read_with_its_status(
    cell: str, text: str | None, status: str, codes: tuple[str, ...]
) -> None:
    found = serials.read(cell, TABLES.serial_words)
    assert (found.text, found.status, found.codes) == (text, status, codes)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("9.90E+07", "scientific"),
        ("1,2E7", "scientific"),
        ("1234567890123456", "more than 15"),
        ("ЩА 3471 / 99012345", "two serials"),
        ("ЩА 3471 - 99012345", "two serials"),
        ("ЩА 3471 و 99012345", "two serials"),
        ("XZ120455 XZ120456", "two serials"),
        ("M1/07/13", "rack"),
        ("رف 7", "rack"),
        ("АB 1234", "mixed"),
    ],
)
def test_a_cell_without_one_serial_is_refused(cell: str, reason: str) -> None:
    with pytest.raises(serials.SerialError, match=reason):
        serials.read(cell, TABLES.serial_words)


def test_the_rows_own_rack_is_no_serial() -> None:
    with pytest.raises(serials.SerialError, match="rack"):
        serials.read("A 77", TABLES.serial_words, place="A-77")


def test_two_lines_in_a_cell_are_two_serials() -> None:
    with pytest.raises(serials.SerialError, match="two serials"):
        serials.read("771 882", TABLES.serial_words, raw="771\n882")


# ── names ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("arabic", "latin"),
    [
        ("محمد يوسف الخطيب", "Mohamad Y. Elkhatib"),
        ("عبد الرحمن", "Abdurrahman"),
        ("عبدالله", "Abd Allah"),
        ("سيف الدين", "Saif al-Din"),
        ("محمد علي", "Mhd Ali"),
        ("أبو بكر", "Abou Bakr"),
        ("حسين طلحة", "Hussein Talhah"),
        ("يوسف خالد", "Khalid Yusuf"),
    ],
)
def test_one_name_in_two_scripts_is_alike(arabic: str, latin: str) -> None:
    assert namekey.similar(arabic, latin) >= 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("محمد يوسف الخطيب", "Ahmad Y. Elkhatib"),
        ("محمود حسن", "Mohamed Hassan"),
        ("خالد علي الحداد", "خالد علي النجار"),
        ("سامر عمر", "سامر ماهر"),
        ("علي", "Omar"),
    ],
)
def test_brothers_and_neighbours_are_less_alike_than_one_man(one: str, other: str) -> None:
    assert namekey.similar(one, other) < 0.93


@given(st.sampled_from(GIVEN), st.sampled_from(GIVEN), st.sampled_from(FAMILY), st.randoms())
def test_every_spelling_of_a_name_of_the_scenario_is_proposed(
    first: object, father: object, family: object, rng: object
) -> None:
    parts = (first, father, family)
    arabic = " ".join(token.arabic for token in parts)  # type: ignore[attr-defined] # Token
    latin = " ".join(rng.choice(token.latin) for token in parts)  # type: ignore[attr-defined] # Token
    assert namekey.similar(arabic, latin) >= 0.8


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_between_0_and_1_and_the_same_both_ways(one: str, other: str) -> None:
    score = namekey.similar(one, other)
    assert 0 <= score <= 1
    assert score == pytest.approx(namekey.similar(other, one))
