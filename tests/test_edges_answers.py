"""Edges of answers and of sheets' dates: both sides of each instant, number and day."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.answers.feed.follow import Views
from application.answers.late import late
from application.answers.statements import Facts, judge
from application.answers.two_clocks import latest
from application.decisions.open import settings_of
from domain import times
from domain.errors import BadInputError
from domain.times import DAY, INF, MINUTE, SECOND
from intake import dates
from intake.dates import Months
from intake.tables import load
from tests.report_desk import count, desk

TABLES = load()
MONTHS = Months(TABLES.months, TABLES.hijri_months)


def test_a_weapon_that_was_only_declared_is_not_among_those_received(house) -> None:
    house.in_trust()
    house.do("declare", at=house.dec(8), as_described="one more, nobody has seen it")
    facts = Facts(house.custody.streams, INF)
    (claim,) = [claim for claim in judge(facts) if claim.id == "K7"]
    assert [reading.found for reading in claim.readings] == ["1 of 1", "1 of 1"]


def claimed(house: Any, query: str, operator: str, value: Any, **asked: Any) -> str:
    """Return what the ledger says to one claim with one reading."""
    reading = {"id": "r", "query": query, **asked}
    claim = {"id": "c", "metric": "m", "operator": operator, "value": value}
    statement = {"id": "s", "outlet": "o", "claims": [{**claim, "interpretations": [reading]}]}
    known_at = asked.get("known_at", INF)
    facts = Facts(house.custody.streams, known_at)
    (found,) = judge(facts, {"statements": [statement]})
    return found.readings[0].result


@pytest.mark.parametrize(
    ("operator", "value", "result"),
    [
        (">", 0, "MATCH"),
        (">", 1, "MISMATCH"),
        ("≥", 1, "MATCH"),
        ("≥", 2, "MISMATCH"),
        ("=", 1, "MATCH"),
        ("≈", 1, "MATCH"),
    ],
)
def test_a_number_is_compared_as_the_report_says(house, operator, value, result) -> None:
    house.handed_over()
    assert claimed(house, "persons_handed_over", operator, value) == result


def test_roughly_allows_five_in_a_hundred_and_no_more() -> None:
    from application.answers.statements import _number

    assert _number("r", "≈", 95, 100).result == _number("r", "≈", 105, 100).result == "MATCH"
    assert _number("r", "≈", 94, 100).result == _number("r", "≈", 106, 100).result == "MISMATCH"


def test_until_a_day_takes_the_day_itself(house) -> None:
    house.handed_over()  # on 18 December
    counted = [
        claimed(house, "persons_handed_over", "=", 1, until=f"2024-12-{day}") for day in (17, 18)
    ]
    assert counted == ["MISMATCH", "MATCH"]


def test_an_assurance_of_the_moment_of_the_first_handover_came_not_before_it(house) -> None:
    house.handed_over()  # at nine on 18 December
    facts = {"giver": "PARTY-SYR", "kind": "amnesty"}
    asked = {"query": "assurance_status", "operator": "=", "before": "first_handover"}
    house.do("record_assurance", house.sheltered(), at=house.dec(18, 9), status="ISSUED", **facts)
    assert claimed(house, value="ISSUED", **asked) == "NO_DATA"
    house.do(
        "record_assurance", house.sheltered(), at=house.dec(18, 9) - 1, status="ISSUED", **facts
    )
    assert claimed(house, value="ISSUED", **asked) == "MATCH"


def test_a_missing_weapon_that_was_never_in_trust_is_owed_to_nobody(house) -> None:
    item = house.inventoried()
    count(house, "ITEMS", "DEPOT-1", at=house.dec(13, 10))
    assert house.state(item).custody == "MISSING"
    facts = Facts(house.custody.streams, INF)
    (claim,) = [claim for claim in judge(facts) if claim.id == "K7"]
    assert [reading.found for reading in claim.readings] == ["0 of 1", "0 of 1"]


def test_the_days_of_entry_are_one_day_or_the_first_and_the_last(house) -> None:
    house.admitted(house.dec(7, 9))
    house.admitted(house.dec(7, 21))
    assert claimed(house, "admission_days", "=", "2024-12-07") == "MATCH"
    for day in (8, 9):
        house.admitted(house.dec(day, 9))
    assert claimed(house, "admission_days", "=", "2024-12-07 to 2024-12-09") == "MATCH"


def test_of_the_known_instant_itself_there_is_data(house) -> None:
    house.in_trust()
    at = times.parse("2024-12-20T12:00:00+03:00", ZoneInfo("UTC"), 0).at
    asked = {"at": "2024-12-20T12:00:00+03:00"}
    early, exact = (
        claimed(house, "weapons_in_trust", "all", None, known_at=known, **asked)
        for known in (at - 1, at)
    )
    assert (early, exact) == ("NO_DATA", "MATCH")


def test_what_is_recorded_exactly_so_late_is_not_later_than_that(house) -> None:
    person = house.do("seek_refuge", at=house.clock.now - 3 * DAY, site="GATE").subject
    (event,) = house.read(person).events
    late_by = event.recorded_at - event.occurred_at
    path = house.path.with_name("asked.views")
    ledger = settings_of(house.custody)["id"]
    with closing(Views(house.custody.streams, path, ledger)) as views:
        views.catch_up()
        assert late(views, late_by, latest(views)).events == ()
        (one,) = late(views, late_by - 1, latest(views)).events
        assert (one.subject, one.late_by) == (person, late_by)


@pytest.mark.parametrize(("over", "number"), [("30m", 1), ("90m", 0), ("1h", 0), ("1d", 0)])
def test_late_is_counted_in_minutes_hours_and_days(house, over: str, number: int) -> None:
    house.do("seek_refuge", at=house.clock.now - 45 * MINUTE, site="GATE")
    answer = desk(house).document("audit", "late", "--over", over)
    assert answer["count"] == number


@pytest.mark.parametrize(
    ("days", "code"), [(("2024-12-01", None), 0), (("2024-12-02", "2024-12-01"), 2)]
)
def test_a_span_that_ends_before_the_first_fact_is_empty_and_no_mistake(
    house, days: tuple[str, str | None], code: int
) -> None:
    house.sheltered()
    first_or_last, last = days
    words = (
        ["--until", first_or_last] if last is None else ["--from", first_or_last, "--until", last]
    )
    answer = desk(house)("--json", "report", "flow", *words, code=code)
    assert code or answer.document["flow"] == []


def test_a_span_of_one_day_is_a_day(house) -> None:
    house.sheltered()
    day = ("--from", "2024-12-07", "--until", "2024-12-07")
    answer = desk(house).document("report", "flow", *day)
    assert {row["day"] for row in answer["flow"]} == {"2024-12-07"}
    assert answer["true_at"] == "2024-12-07T23:59:59+03:00"


def test_a_day_begins_at_midnight_and_ends_before_the_next(house) -> None:
    first, last = house.dec(9), house.dec(10) - 1
    for at in (first - 1, first, last, last + 1):
        house.do("seek_refuge", at=at - SECOND, site="GATE")
        person = house.do("seek_refuge", at=at, site="GATE").subject
        house.do("admit", person, at=at, site="GATE", receiving_party="PARTY-MOD")
    day = ("--from", "2024-12-09", "--until", "2024-12-09")
    (row,) = desk(house).document("report", "flow", *day)["flow"]
    assert (row["before"], row["came"], row["there"], row["adds_up"]) == (1, 2, 3, True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1899-12-31", False), ("1900-01-01", True), ("2200-12-31", True), ("2201-01-01", False)],
)
def test_a_time_lies_between_1900_and_2200(typed: str, kept: bool) -> None:
    if kept:
        assert times.parse(typed, ZoneInfo("UTC"), 0).precision == "DAY"
        return
    with pytest.raises(BadInputError, match="is not between 1900 and 2200"):
        times.parse(typed, ZoneInfo("UTC"), 0)


# ── dates of sheets ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("05/05/2024", "2024-05-05"),
        ("12/12/2024", "2024-12-12"),
        ("13/12/2024", "2024-12-13"),
        ("12/13/2024", "2024-12-13"),
        ("13/01/2024", "2024-01-13"),
    ],
)
def test_without_a_declared_order_a_date_that_reads_in_one_way_is_read(text: str, iso: str) -> None:
    assert dates.read(text, None, MONTHS).iso() == iso


@pytest.mark.parametrize("text", ["05/06/2024", "12/11/2024", "01/12/2024", "12/01/2024"])
def test_without_a_declared_order_a_date_with_two_readings_is_refused(text: str) -> None:
    with pytest.raises(dates.DateError, match="can be read in two ways"):
        dates.read(text, None, MONTHS)


@pytest.mark.parametrize("text", ["13/13/2024", "05/05/24"])
def test_without_a_declared_order_what_has_no_reading_is_refused(text: str) -> None:
    with pytest.raises(dates.DateError):
        dates.read(text, None, MONTHS)


def test_a_range_may_be_one_day_and_never_ends_before_it_begins() -> None:
    assert dates.read("7-7/12/2024", "dmy", MONTHS).iso() == "2024-12-07/2024-12-07"
    with pytest.raises(dates.DateError, match="the range ends before it begins"):
        dates.read("8-7/12/2024", "dmy", MONTHS)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("01/01/1899", False),
        ("01/01/1900", True),
        ("31/12/2100", True),
        ("01/01/2101", False),
        ("2024-12-07T04:30+14:00", True),
        ("2024-12-07T04:30+15:00", False),
    ],
)
def test_years_and_offsets_have_their_edges(text: str, kept: bool) -> None:
    if kept:
        assert dates.read(text, "dmy", MONTHS)
        return
    with pytest.raises(dates.DateError):
        dates.read(text, "dmy", MONTHS)
