"""One standard at every door: what is typed, scanned, imported or sent passes one reader, one check."""

from __future__ import annotations

import doctest
from datetime import date
from typing import Any

import pytest

from application.decisions.access import find_person, open_values
from application.decisions.unit import Note
from domain.errors import BadInputError, LooksAlikeError, RefusedError
from domain.ids import parse, serial_key
from intake import personal, readtext
from intake.codes import Quarantine

LIST = "W-000001-A\r\nW-000002-8\r\n"
NAME = "declared_name"


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        LIST.encode("utf-16-le"),
        LIST.encode("utf-16-be"),
        LIST.encode("utf-32"),
        LIST.replace("\r\n", "\r").encode(),
        LIST.encode("utf-8-sig") + LIST.encode("utf-8-sig"),  # two saved lists joined
        f"\u200e{LIST}".encode(),
    ],
)
def test_a_saved_list_reads_the_same_whatever_saved_it(data: bytes) -> None:
    assert list(dict.fromkeys(readtext.lines(data))) == ["W-000001-A", "W-000002-8"]


def test_the_reader_shows_what_it_does() -> None:
    assert doctest.testmod(readtext).failed == 0


def test_what_is_no_text_is_said() -> None:
    with pytest.raises(UnicodeError):
        readtext.decoded(b"\xff\x81\x82")


def test_a_control_number_reads_through_unseen_marks() -> None:
    assert parse("\u200fW-000001-A\u200e") == parse("\ufeffw-٠٠٠٠٠١-a") == "W-000001-A"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({NAME: "   "}, "E-NAME"),
        ({NAME: ""}, "E-NAME"),
        ({NAME: "\u200f\u0640"}, "E-NAME"),
        ({NAME: "123"}, "E-NAME"),
        ({NAME: "a\u202eb"}, "E-BIDI"),
        ({NAME: "a\u2066b"}, "E-BIDI"),
        ({NAME: "a\tb"}, "E-BIDI"),
        ({NAME: "x" * 2001}, "E-LONG"),
        ({NAME: "أحمد علي / محمد حسن"}, "E-MANY"),
        ({NAME: "=HYPERLINK(1)"}, "E-FORMULA"),
        ({"unit": "@SUM(1)"}, "E-FORMULA"),
        ({"rank": " "}, "E-NAME"),
        ({"service_number": "1.2E+07"}, "E-SERIAL"),
        ({"service_number": "#N/A"}, "E-SERIAL"),
        ({"service_number": "true"}, "E-SERIAL"),
        ({"service_number": "12345 / 67890"}, "E-SERIAL"),
        ({"service_number": "--"}, "E-SERIAL"),
        ({"birth_date": "1985-02-30"}, "E-DATE"),
        ({"birth_date": "2085-02-03"}, "E-DATE"),
        ({"birth_date": "2024-12-09"}, "E-DATE"),
        ({"birth_date": "1405-06-20"}, "E-DATE"),
        ({"birth_date": "١٤٠٥"}, "E-DATE"),
        ({"birth_date": "12/03/1985"}, "E-DATE"),
        ({"birth_date": "12/03/85"}, "E-DATE"),
        ({"birth_date": "31000"}, "E-DATE"),
        ({"birth_date": "yesterday"}, "E-DATE"),
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, str], code: str) -> None:
    with pytest.raises(Quarantine) as refused:
        personal.check(values, date(2024, 12, 8))
    assert refused.value.note.code == code


@pytest.mark.parametrize(
    ("written", "found_by"),
    [
        ("١٩٨٥-٠٣-١٢", ("1985-03-12", "1985-03", "1985")),
        ("۱۹۸۵", ("1985",)),
        ("１９８５", ("1985",)),
        ("12 Mar 1985", ("1985-03-12", "1985-03", "1985")),
        ("25/03/1985", ("1985-03-25", "1985-03", "1985")),
        ("1985-03", ("1985-03", "1985")),
        ("1985/1986", ("1985/1986", "1985", "1986")),
    ],
)
def test_a_date_is_found_by_what_it_means(written: str, found_by: tuple[str, ...]) -> None:
    personal.check({"birth_date": written}, date(2024, 12, 8))
    assert personal.keys("birth_date", written) == found_by


def test_serials_are_compared_folded() -> None:
    assert serial_key("АВ 12٣") == serial_key("ав-123") != serial_key("AB 123")
    assert serial_key("ｋ１２") == serial_key("K 12") == "k12"
    assert serial_key("ك۱۲") == serial_key("ک ١٢") == serial_key("كـ12")


# ── at the desk ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({NAME: "  "}, BadInputError),
        ({NAME: "a\u202eb"}, RefusedError),
        ({NAME: "x" * 5000}, RefusedError),
        ({NAME: "x", "birth_date": "1990-02-31"}, BadInputError),
        ({}, BadInputError),
        ({"rank": "sergeant"}, BadInputError),
    ],
)
def test_a_program_passes_the_same_checks(
    house: Any, values: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        house.do("register", category="OTHER", personal=values)


def test_what_was_written_is_kept_and_found_as_a_sheet_compares(house: Any) -> None:
    written = {NAME: "أحمد فاطمة  الهُدى", "birth_date": "١٩٩٠-٠٢-٠١", "service_number": "ق-٧٧"}
    person = house.do("register", category="OTHER", personal=written).subject
    assert open_values(house.custody, "OFF-015", person, "why").values == written
    for asked in (
        {NAME: "احمد فاطمه الهدي", "birth_date": "1990-02-01"},
        {NAME: "احمدفاطمه الهدى", "birth_date": "1990"},
        {"service_number": "ق 77", "birth_date": "1990-02"},
    ):
        assert find_person(house.custody, "OFF-010", asked) == [person]
    other_day = {NAME: "احمد فاطمه الهدي", "birth_date": "1990-02-02"}
    assert find_person(house.custody, "OFF-010", other_day) == []


def test_who_was_indexed_under_the_fold_of_before_is_still_found(house: Any) -> None:
    person = house.do("register", category="OTHER", personal={NAME: "فاطمة", "rank": "x"}).subject
    vault = house.custody.vault
    with house.custody.unit() as unit:
        unit.store.execute("DELETE FROM vault_index WHERE subject = ?", (person,))
        for field, old in ((NAME, "فاطمة"), ("rank", "x")):
            row = (vault._entry(field, old), person)
            unit.store.execute("INSERT INTO vault_index (key, subject) VALUES (?, ?)", row)
    assert vault.find({NAME: "فاطمة", "rank": "X"}) == [person]


def test_a_likely_double_stops_and_says_who(house: Any) -> None:
    from application.decisions.access import register_new

    first = {NAME: "أحمد علي", "birth_date": "1990-02-01", "service_number": "77"}
    one = house.do("register", category="OTHER", personal=first).subject
    note = Note("OFF-010")
    for again in (
        {NAME: "احمد علي", "birth_date": "1990"},
        {NAME: "someone else", "service_number": "٧٧"},
    ):
        with pytest.raises(LooksAlikeError, match=one):
            register_new(house.custody, None, note, category="OTHER", personal=again, liaison=None)
    looks = house.custody.store.fetch("SELECT subject, purpose FROM access_log")
    assert (one, "likely double") in list(looks)
    other = {NAME: "احمد علي", "birth_date": "1991"}
    register_new(house.custody, None, note, category="OTHER", personal=other, liaison=None)


@pytest.mark.parametrize(
    ("serial", "why"),
    [
        ("#N/A", "a value that was lost"),
        ("#REF!", "a value that was lost"),
        ("true", "a value that was lost"),
        (" FALSE ", "a value that was lost"),
        ("9.90E+07", "figures are lost"),
        ("990347 / 990348", "two numbers"),
    ],
)
def test_what_a_spreadsheet_shows_for_a_serial_is_no_serial_at_any_door(
    house: Any, serial: str, why: str
) -> None:
    facts = {"category": "RIFLE", "model": "AKM", "serial_status": "READ"}
    item = house.received()
    with pytest.raises(BadInputError, match=why):
        house.do("inventory", item, serial=serial, **facts)
    house.do("inventory", item, serial="SN 77", **facts)
    with pytest.raises(BadInputError, match=why):
        house.do("correct_description", item, serial=serial, reason="read again")
    with pytest.raises(BadInputError, match=why):
        house.do("correct", item, version=2, changes={"serial": serial}, reason="misread")
    assert house.state(item).serial == "SN 77"


def test_the_error_of_a_spreadsheet_is_no_model_and_a_word_may_be_one(house: Any) -> None:
    facts = {"category": "RIFLE", "serial_status": "ABSENT"}
    with pytest.raises(BadInputError, match="model '#REF!'"):
        house.do("inventory", house.received(), model="#REF!", **facts)
    assert house.do("inventory", house.received(), model="True", **facts)
