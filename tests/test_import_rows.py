"""One row, what becomes of it in the ledger, and why another one does not go in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.decisions.open import zone_of
from application.imports import batches
from application.imports.clean_values import when_of
from domain import times
from domain.errors import BadInputError
from tests.intake_desk import CLERK, WEAPONS, IntakeDesk

PERSON = {
    "declared_name": "سمير خالد زعبوط", "service_number": "SYN-900001", "rank": "رقيب",
    "unit": "اللواء ك-17", "entered_at": "07/12/2024 07:30", "registered_at": "08/12/2024",
    "site": "CAMP-R1",
}  # fmt: skip
WEAPON = {
    "category": "بندقية", "model": "AKM", "serial": "ЩА 0001", "depositor": "SYN-900001",
    "received_at": "07/12/2024", "inventoried_at": "10/12/2024", "condition": "صالح",
}  # fmt: skip
BAGHDAD = zone_of("Asia/Baghdad")
DMY = ("--dates", "dmy")


@pytest.fixture
def desk(tmp_path: Path) -> IntakeDesk:
    return IntakeDesk(tmp_path, sheets=False)


def events(desk: IntakeDesk, answer: dict[str, Any], row: int = 2) -> list[Any]:
    """The events of one row's person or weapon."""
    custody = desk.open()
    subject = batches.recorded(custody, answer["batch"])[row]
    found = custody.streams.histories([subject])[subject].events
    custody.close()
    return list(found)


def persons(desk: IntakeDesk, *words: str, code: int = 0, **changes: str) -> dict[str, Any]:
    """Import a sheet of one person."""
    sheet = desk.sheet("p.xlsx", "persons", [PERSON | changes])
    return desk.by(CLERK).take_in(sheet, *DMY, *words, code=code)


def weapons(desk: IntakeDesk, *words: str, code: int = 0, **changes: str) -> dict[str, Any]:
    """Import a sheet of one weapon."""
    sheet = desk.sheet("w.xlsx", "weapons", [WEAPON | changes])
    return desk.by(WEAPONS).take_in(sheet, *DMY, "--site", "CP-AQ", *words, code=code)


def local(text: str) -> int:
    return times.parse(text, BAGHDAD, 0).at


def test_a_person_seeks_refuge_is_admitted_and_registered(desk: IntakeDesk) -> None:
    found = events(desk, persons(desk))
    assert [e.TOPIC for e in found] == [
        "person.refuge_sought",
        "person.admitted",
        "person.registered",
    ]
    sought, admitted, registered = found
    assert sought.occurred_at == admitted.occurred_at == local("2024-12-07 07:30")
    assert (sought.precision, registered.precision) == ("MINUTE", "DAY")
    assert (registered.occurred_at, registered.occurred_until) == (
        local("2024-12-08"),
        local("2024-12-09"),
    )
    assert (admitted.site, admitted.receiving_party) == ("CAMP-R1", "PARTY-COMMITTEE-IDENTITY")
    assert registered.category == "MILITARY"
    assert sorted(registered.identity) == ["declared_name", "rank", "service_number", "unit"]
    assert len({e.batch for e in found}) == 1


@pytest.mark.parametrize(
    ("rank", "category"),
    [("عقيد", "MILITARY"), ("موظف جمارك", "CROSSING_STAFF"), ("", "OTHER"), ("طباخ", "OTHER")],
)
def test_rank_or_post_says_which_category_and_an_unknown_word_says_nothing(
    desk: IntakeDesk, rank: str, category: str
) -> None:
    assert events(desk, persons(desk, rank=rank))[-1].category == category


def test_what_the_official_says_of_all_rows_counts(desk: IntakeDesk) -> None:
    words = ("--category", "OTHER", "--receiving-party", "PARTY-JOC", "--site", "CP-AQ")
    found = events(desk, persons(desk, *words, site=""))
    assert (found[0].site, found[1].receiving_party, found[2].category) == (
        "CP-AQ",
        "PARTY-JOC",
        "OTHER",
    )


def test_a_site_is_known_by_its_arabic_name_too(desk: IntakeDesk) -> None:
    assert events(desk, persons(desk, site="مخيم R1"))[0].site == "CAMP-R1"


def test_registered_on_the_day_of_entry_is_registered_after_it(desk: IntakeDesk) -> None:
    registered = events(desk, persons(desk, registered_at="07/12/2024"))[-1]
    assert (registered.occurred_at, registered.occurred_until, registered.precision) == (
        local("2024-12-07 07:30"),
        local("2024-12-08"),
        "RANGE",
    )
    assert registered.irregularities == ()


def test_without_a_day_of_registration_it_happened_between_entry_and_now(desk: IntakeDesk) -> None:
    registered = events(desk, persons(desk, registered_at=""))[-1]
    assert registered.occurred_at == local("2024-12-07 07:30")
    assert registered.precision == "RANGE"
    assert 0 <= registered.recorded_at - registered.occurred_until < 60 * times.SECOND


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"site": ""}, "E-SITE"),
        ({"site": "CAMP-R9"}, "E-SITE"),
        ({"entered_at": "01/01/2090", "registered_at": ""}, "E-DATE"),
        ({"declared_name": ""}, "E-NAME"),
    ],
)
def test_a_person_who_cannot_be_recorded_is_quarantined_with_a_code(
    desk: IntakeDesk, changes: dict[str, str], code: str
) -> None:
    answer = persons(desk, code=4, **changes)
    assert [q["code"] for q in answer["quarantined"]] == [code]
    assert answer["quarantined"][0]["ar"]
    assert (answer["recorded"], sum(answer["counts"].values())) == (0, answer["total"])


def test_a_weapon_is_received_inventoried_and_stored_where_the_sheet_says(desk: IntakeDesk) -> None:
    person = events(desk, persons(desk))[0].originator_id
    received, counted, stored = events(desk, weapons(desk, place="07/13"))
    assert (received.person, received.unit, received.site) == (person, None, "CP-AQ")
    assert (received.receiver, received.made_safe) == (WEAPONS, None)
    assert (counted.category, counted.serial, counted.condition) == (
        "RIFLE",
        "ЩА 0001",
        "SERVICEABLE",
    )
    assert (counted.occurred_at, counted.precision) == (local("2024-12-10"), "DAY")
    assert (stored.site, stored.place) == ("CP-AQ", "07/13")


@pytest.mark.parametrize("depositor", ["اللواء ك-17", "PARTY-BRIGADE-K17", "brigade-k17"])
def test_a_unit_is_known_by_code_or_name(desk: IntakeDesk, depositor: str) -> None:
    received = events(desk, weapons(desk, depositor=depositor))[0]
    assert (received.person, received.unit) == (None, "PARTY-BRIGADE-K17")


def test_a_depositor_nobody_knows_is_warned_of_and_never_guessed(desk: IntakeDesk) -> None:
    answer = weapons(desk)
    received = events(desk, answer)[0]
    assert (received.person, received.unit) == (None, None)
    assert answer["reasons"]["WITH_WARNING"] == {"W-HOLDER": 1}


def test_two_persons_with_one_number_are_nobody_in_particular(desk: IntakeDesk) -> None:
    other = PERSON | {"declared_name": "عادل نزار شمروخ"}
    sheet = desk.sheet("two.xlsx", "persons", [PERSON, other])
    desk.take_in(sheet, *DMY, code=0)
    assert events(desk, weapons(desk))[0].person is None


def test_a_look_for_a_depositor_is_in_the_access_log(desk: IntakeDesk) -> None:
    person = events(desk, persons(desk))[0].originator_id
    weapons(desk)
    custody = desk.open()
    found = list(
        custody.store.fetch("SELECT subject FROM access_log WHERE official = ?", (WEAPONS,))
    )
    custody.close()
    assert found == [(person,)]


@pytest.mark.parametrize("changes", [{"category": "صندوق"}, {"year": "قديم"}])
def test_a_word_that_the_ledger_has_no_place_for_is_quarantined(
    desk: IntakeDesk, changes: dict[str, str]
) -> None:
    answer = weapons(desk, code=4, **changes)
    assert [q["code"] for q in answer["quarantined"]] == ["E-TERM"]


def test_a_serial_keeps_how_it_was_typed(desk: IntakeDesk) -> None:
    counted = events(desk, weapons(desk, serial="٩٩٠١٢٣٤٥"))[1]
    assert (counted.serial, counted.serial_raw) == ("99012345", "٩٩٠١٢٣٤٥")


def test_nobody_records_rows_without_the_role(desk: IntakeDesk) -> None:
    sheet = desk.sheet("p.xlsx", "persons", [PERSON])
    for commit in ([], ["--commit"]):
        answer = desk.by(WEAPONS)("intake", "import", sheet, *DMY, *commit, code=3)
        assert "searched for by intake clerks" in answer.sentence
    assert desk.document("intake", "batches")["batches"] == []


def test_a_weapons_sheet_needs_to_be_told_where_the_weapons_are(desk: IntakeDesk) -> None:
    sheet = desk.sheet("w.xlsx", "weapons", [WEAPON])
    answer = desk.by(WEAPONS)("intake", "import", sheet, *DMY, code=2)
    assert "--site" in answer.sentence
    answer = desk("intake", "import", sheet, *DMY, "--site", "DEPOT-9", code=5)
    assert answer.sentence == "the site DEPOT-9 is not in the directory"


def test_nothing_is_recorded_without_commit(desk: IntakeDesk) -> None:
    sheet = desk.sheet("p.xlsx", "persons", [PERSON, PERSON | {"declared_name": ""}])
    custody = desk.open()
    before = custody.streams.newest()
    custody.close()
    answer = desk("intake", "import", sheet, *DMY, code=4)
    assert "NOTHING HAS BEEN RECORDED YET" in answer.out
    assert "would record         1" in answer.out
    custody = desk.open()
    assert custody.streams.newest() == before
    for table in ("import_batch", "import_row", "import_pair", "vault"):
        assert custody.store.one(f"SELECT count(*) FROM {table}") == (0,)
    custody.close()


@pytest.mark.parametrize(("kind", "by"), [("persons", CLERK), ("weapons", WEAPONS)])
def test_what_a_dry_run_says_is_what_then_happens(tmp_path: Path, kind: str, by: str) -> None:
    desk = IntakeDesk(tmp_path).by(by)
    words = (f"{kind}.xlsx", *DMY, "--site", "CP-AQ")
    told = desk("--json", "intake", "import", *words, code=4).document
    done = desk.take_in(*words, code=4)
    for name in ("counts", "reasons", "quarantined", "flags", "pairs"):
        assert told[name] == done[name], name
    assert told["recorded"] == 0 < done["recorded"]


# ── times ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "at", "until", "precision"),
    [
        ("2024-12-07T07:30", "2024-12-07 07:30", None, "MINUTE"),
        ("2024-12-07T07:30:15", "2024-12-07 07:30:15", None, "EXACT"),
        ("2024-12-07T04:30+00:00", "2024-12-07 07:30", None, "MINUTE"),
        ("2024-12-07T07", "2024-12-07 07:00", "2024-12-07 08:00", "HOUR"),
        ("2024-12-07", "2024-12-07", "2024-12-08", "DAY"),
        ("2024-12", "2024-12-01", "2025-01-01", "RANGE"),
        ("2024", "2024-01-01", "2025-01-01", "RANGE"),
        ("2024-12-07/2024-12-09", "2024-12-07", "2024-12-10", "RANGE"),
        ("2024-12-07T07:30/2024-12-07T09:00", "2024-12-07 07:30", "2024-12-07 09:00", "RANGE"),
    ],
)
def test_a_clean_time_becomes_the_span_it_lies_in(
    text: str, at: str, until: str | None, precision: str
) -> None:
    found = when_of(text, BAGHDAD)
    assert found == (local(at), local(until) if until else None, precision)


@given(
    st.datetimes().filter(lambda d: 2000 <= d.year <= 2099), st.sampled_from([4, 7, 10, 13, 16, 19])
)
def test_the_span_of_a_cut_time_holds_the_instant_it_was_cut_from(moment: Any, cut: int) -> None:
    text = moment.isoformat()[:19]
    instant = times.parse(text, zone_of("UTC"), 0).at
    found = when_of(text[:cut], zone_of("UTC"))
    assert found.at <= instant
    if found.until is not None:
        assert instant < found.until
    else:
        assert instant - found.at < times.MINUTE


def test_an_hour_that_the_clock_skipped_is_no_time() -> None:
    with pytest.raises(BadInputError):
        when_of("2024-03-31T02:30", zone_of("Europe/Berlin"))
