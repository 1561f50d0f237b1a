"""Answers of the reports as values: what they hold, whom they refuse, and where their spans end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.answers.by_property import PersonsAsked, WeaponsAsked, persons, weapons
from application.answers.declined import declined
from application.answers.discrepancies import discrepancies
from application.answers.feed.follow import Views
from application.answers.flow import flow
from application.answers.handovers import handovers
from application.answers.headcount import headcount
from application.answers.in_trust import in_trust
from application.answers.irregularities import irregularities, open_events
from application.answers.occupancy import occupancy
from application.answers.reader import Reader, reader
from application.answers.spans import Day, span
from application.answers.statements import statements
from application.answers.subjects import one_site
from application.answers.two_clocks import Clocks, latest
from application.decisions.open import VIEWS_SUFFIX, settings_of
from domain import times
from domain.errors import BadInputError, NotAllowedError, UnknownError
from tests.report_desk import count
from words.days import beyond

BAGHDAD = ZoneInfo("Asia/Baghdad")
AUDITOR, STOREKEEPER = "OFF-019", "OFF-012"


class Asked:
    """Somebody who asks a house at noon of 20 December, about that instant."""

    def __init__(self, house: Any, views: Views) -> None:
        self.house, self.views = house, views
        self.streams = house.custody.streams

    def clocks(self) -> Clocks:
        return Clocks(self.house.dec(20, 12), self.house.dec(20, 12))

    def __call__(self, question: Callable[..., Any], *more: Any, **options: Any) -> Any:
        """Ask a question that reads both the read models and the log."""
        return question(self.views, self.streams, self.clocks(), *more, **options)


@pytest.fixture
def ask(house: Any) -> Iterator[Callable[[], Asked]]:
    """Open a house's views, caught up with its log."""
    opened: list[Views] = []

    def begin() -> Asked:
        path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
        opened.append(Views(house.custody.streams, path, settings_of(house.custody)["id"]))
        opened[-1].catch_up()
        return Asked(house, opened[-1])

    yield begin
    for views in opened:
        views.close()


# ── who may read ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("official", [None, STOREKEEPER, "OFF-013", "OFF-018"])
def test_what_persons_want_is_refused_by_the_answer_itself(house, ask, official):
    house.sheltered()
    asked, who = ask(), reader(house.custody, official)
    with pytest.raises(NotAllowedError):
        asked(declined, who)
    for wanted in (PersonsAsked(declined=True), PersonsAsked(("SHELTERED",), without_pledge=True)):
        with pytest.raises(NotAllowedError):
            asked(persons, lambda: who, wanted)
    assert len(asked(persons, lambda: who, PersonsAsked(("SHELTERED",))).rows) == 1


def test_what_persons_want_is_answered_to_who_may_know_it(house, ask):
    one = house.sheltered()
    house.do("state_intent", one, at=house.dec(9), intent="STAY", interviewer="OFF-016")
    house.willing()
    asked, who = ask(), reader(house.custody, AUDITOR)
    found = asked(declined, who)
    assert (found.persons, found.stated) == (2, {"RETURN": 1, "STAY": 1})
    assert [row.person for row in found.declined] == [one]
    assert (found.kept_off, found.not_kept_off, found.all_kept_off) == (1, 0, True)
    rows = asked(persons, lambda: who, PersonsAsked(without_pledge=True)).rows
    assert [row.person for row in rows] == [one]


def test_who_declined_and_was_carried_all_the_same_is_told_to_both_questions(house, ask):
    person = house.handed_over()
    house.do("state_intent", person, at=house.dec(17), intent="STAY", interviewer="OFF-016")
    asked, who = ask(), reader(house.custody, AUDITOR)
    found = asked(declined, who)
    assert (found.kept_off, found.not_kept_off, found.all_kept_off) == (0, 1, False)
    assert not asked(persons, lambda: who, PersonsAsked(declined=True)).all_kept_off
    others = asked(persons, lambda: who, PersonsAsked(("HANDED_OVER",)))
    assert [row.person for row in others.rows] == [person]
    assert others.all_kept_off, "nobody asked about those who declined"


def test_nobody_is_listed_whole(house, ask):
    with pytest.raises(BadInputError, match="say which persons"):
        ask()(persons, lambda: reader(house.custody, AUDITOR), PersonsAsked())


# ── numbers ──────────────────────────────────────────────────────────────────


def test_a_head_count_is_numbers_with_the_last_roll_call_of_each_place(house, ask):
    one, _missed = house.sheltered(), house.sheltered()
    house.handed_over()
    number = count(house, "PERSONS", "CAMP-R1", one, at=house.dec(19, 9))
    found = ask()(headcount)
    assert (found.admitted, found.doubles, found.left, found.here) == (3, 0, 1, 2)
    assert (found.expected, found.agrees, found.all_agree, found.called) == (2, True, False, True)
    assert found.by_custody == {"ABSENT": 1, "HANDED_OVER": 1, "SHELTERED": 1}
    (there,) = found.sites
    assert (there.site, there.here, there.sheltered) == ("CAMP-R1", 2, 1)
    assert (there.roll_call.stocktake, there.roll_call.at) == (number, house.dec(19, 9))
    assert found.echo.position == ask().streams.newest()


def test_who_is_expected_is_not_here_and_books_that_are_wrong_make_the_answer_false(house, ask):
    house.sheltered()
    house.do("seek_refuge", at=house.dec(9), site="GATE")
    found = ask()(headcount)
    assert found.by_custody == {"EXPECTED": 1, "SHELTERED": 1}
    assert (found.here, found.agrees, found.all_agree, found.called) == (1, True, True, False)
    assert not found._replace(here=2).all_agree, "without a roll call the books alone decide"


def test_what_is_owed_is_counted_apart_from_what_is_held(house, ask):
    kept, lost, sent = house.in_trust(), house.in_trust(), house.in_trust()
    count(house, "ITEMS", "DEPOT-1", kept, sent, at=house.dec(13, 9))
    house.released("RELOCATION", sent, kind="ITEMS")
    asked = ask()
    found = asked(in_trust, owed=False)
    assert (found.owed, found.held, found.on_the_way, found.missing) == (3, 1, 1, 1)
    assert [row.weapon for row in found.rows] == [kept]
    assert (found.rows[0].since, found.rows[0].days) == (house.dec(8, 11), 12)
    every = asked(in_trust, owed=True)
    assert {row.weapon for row in every.rows} == {kept, lost, sent}


def test_a_count_says_what_it_missed_and_where_that_is_now(house, ask):
    kept, lost = house.in_trust(), house.in_trust()
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(12, 9))
    count(house, "ITEMS", "DEPOT-1", kept, lost, at=house.dec(14, 9))
    asked = ask()
    last = asked(discrepancies, None, every=False)
    assert (last.closed, last.missing, last.besides, last.all_counts) == (2, 0, 1, False)
    every = asked(discrepancies, None, every=True)
    assert [one.missing for one in every.counts] == [{lost: "IN_TRUST"}, {}]
    assert every.all_counts
    assert asked(discrepancies, "DEPOT-2", every=True).closed == 0


def test_an_event_that_broke_two_rules_is_one_irregular_event(house, ask):
    odd = house.do("seek_refuge", at=house.dec(7, 9), site="GATE").subject
    house.do("admit", odd, at=house.dec(7, 8), site="GATE", receiving_party="PARTY-MOD")
    asked = ask()
    now, anybody = latest(asked.views), Reader(None, frozenset())
    found = irregularities(asked.views, now, anybody, None, "admitted")
    assert (found.name, found.looked_at, found.irregular) == ("admitted", 1, 1)
    assert [(one.event, one.rule) for one in found.events] == [(f"{odd}:2", 3), (f"{odd}:2", 4)]
    assert found.events == open_events(asked.views, now, anybody, None, "admitted")
    assert [one.rule for one in open_events(asked.views, now, anybody, 4)] == [4]
    assert not open_events(asked.views, now, anybody, 5)
    assert irregularities(asked.views, now, anybody, None, None).looked_at == found.echo.position
    with pytest.raises(BadInputError, match="no event is called 'teleported'"):
        irregularities(asked.views, now, anybody, None, "teleported")


def test_a_handover_is_of_the_day_of_the_ledgers_zone(house, ask):
    person = house.willing()
    house.accepted(house.released("RETURN", person), at=house.dec(18, 0, 30))
    (row,) = ask()(handovers, None).rows
    assert times.day_name(row.day) == "2024-12-18", "in Baghdad; in UTC it was the 17th"
    assert (row.site, row.receiving_party, row.persons) == ("GATE", "PARTY-SYR", 1)


def test_a_weapon_is_listed_when_all_that_was_asked_is_so(house, ask):
    alone, other = house.in_trust(counted_with=None), house.inventoried()
    asked = ask()
    assert [r.weapon for r in asked(weapons, WeaponsAsked(lacking="joint-count")).rows] == [alone]
    assert [r.weapon for r in asked(weapons, WeaponsAsked(lacking="receipt")).rows] == [other]
    assert len(asked(weapons, WeaponsAsked(unit="syr")).rows) == 2
    assert not asked(weapons, WeaponsAsked(unit="syr", lacking="joint-count", held_up=True)).rows
    with pytest.raises(UnknownError, match="amana directory list parties"):
        asked(weapons, WeaponsAsked(unit="PARTY-NOBODY"))


def test_statements_say_as_of_which_position_they_were_judged(house, ask):
    house.handed_over()
    asked = ask()
    found = statements(asked.views, asked.streams, asked.clocks(), house.path.with_name("none"))
    assert found.echo.position == asked.streams.newest()
    assert {claim.verdict for claim in found.claims} >= {"CONTRADICTED", "CONSISTENT"}


# ── codes ────────────────────────────────────────────────────────────────────


def test_a_code_that_the_directory_does_not_have_is_refused(house):
    streams = house.custody.streams
    assert one_site(streams, "site-camp-r1") == "CAMP-R1"
    assert one_site(streams, None) is None
    with pytest.raises(UnknownError, match="the site NOPE is not in the directory"):
        one_site(streams, "NOPE")


# ── days ─────────────────────────────────────────────────────────────────────


def days(asked: Asked, first: int | None, last: int | None, known: int | None = None) -> Any:
    """Return the span of days of December, by their numbers; named days are asked at noon."""
    begins, ends = (
        None if day is None else Day(asked.house.dec(day, 12), f"day {day}")
        for day in (first, last)
    )
    return span(asked.views, begins, ends, known, asked.house.clock.now)


def test_a_span_that_nobody_named_is_from_the_first_fact_to_the_known_day(house, ask):
    house.sheltered()
    found = days(ask(), None, None)
    assert times.day_name(found.first) <= "2024-12-07"
    assert (times.day_name(found.last), found.asked) == ("2024-12-20", None)
    assert found.until == found.known_at == house.clock.now
    assert beyond(found, BAGHDAD) == ""


def test_a_span_that_ends_before_the_first_fact_is_its_last_day(house, ask):
    house.sheltered()
    asked = ask()
    last = Day(house.dec(1) - 365 * times.DAY, "2023-12-02")
    found = span(asked.views, None, last, None, house.clock.now)
    assert found.first == found.last == found.asked
    assert flow(asked.views, asked.streams, found, None).days == ()


def test_a_day_after_the_known_instant_is_left_out_and_said(house, ask):
    house.sheltered()
    found = days(ask(), 18, 25, house.dec(20, 12))
    assert times.day_name(found.last) == "2024-12-20"
    assert found.until == house.dec(20, 12)
    assert beyond(found, BAGHDAD).endswith("2024-12-20 is counted so far, later days are left out")
    so_far = days(ask(), 18, 20, house.dec(20, 12))
    assert beyond(so_far, BAGHDAD).endswith("2024-12-20 is counted so far")
    over = days(ask(), 18, 19, house.dec(20, 12))
    assert over.until == house.dec(20) - 1
    assert beyond(over, BAGHDAD) == ""
    assert beyond(days(ask(), 21, 25, house.dec(20, 12)), BAGHDAD).endswith("had begun")


def test_one_day_is_a_span_and_days_the_wrong_way_round_are_none(ask):
    asked = ask()
    assert days(asked, 12, 12).first == days(asked, 12, 12).last
    with pytest.raises(BadInputError, match="--from day 13 lies after --until day 12"):
        days(asked, 13, 12)
    with pytest.raises(BadInputError, match="--from day 21 lies after --until 2024-12-20"):
        days(asked, 21, None)


def test_who_comes_at_the_first_or_the_last_instant_of_a_span_is_in_it(house, ask):
    first, last = house.dec(10), house.dec(12) - 1
    for at in (first - 1, first, last, last + 1):
        house.admitted(at)
    asked = ask()
    found = flow(asked.views, asked.streams, days(asked, 10, 11), None)
    assert sum(day.entered for day in found.days if day.site == "GATE") == 2
    assert found.adds_up
    so_far = flow(asked.views, asked.streams, days(asked, 12, 12, house.clock.now), None)
    assert [day.came for day in so_far.days] == [1]
    assert "merged" in so_far.ways
    assert "merged" not in so_far.usual_ways


def test_a_count_stands_beside_the_custody_in_which_it_finds(house, ask):
    kept, _lost = house.in_trust(), house.in_trust()
    house.inventoried()
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(13, 9))
    number = count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(13, 10))
    asked = ask()
    rows = occupancy(asked.views, asked.streams, days(asked, 13, 13), "weapon", None).rows
    beside = {row.custody: row.counted and row.counted.stocktake for row in rows}
    assert beside == {"IN_TRUST": number, "MISSING": None}
    assert {row.counts for row in rows if row.counted} == {2}
    assert not occupancy(asked.views, asked.streams, days(asked, 13, 13), "person", None).rows
