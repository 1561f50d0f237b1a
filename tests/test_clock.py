"""The machine's clock: when it is not believed, what waits, and that what it wrote poisons no answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.answers.diff import Ends, everybody
from application.answers.feed.follow import Views
from application.answers.reader import Reader
from application.answers.recorded import Asked, recorded
from application.answers.two_clocks import Clocks, echo, knowledge, recorded_when
from domain import times
from domain.errors import RefusedError
from projections.belief import belief
from projections.index import clock_wrong
from tests.terminal import Terminal

DAY = times.DAY
YEAR = 365 * DAY


def told(house: Any, person: str, place: str, **note: Any) -> Any:
    return house.do("move", person, site="CAMP-R1", place=place, **note)


def views_of(house: Any, tmp_path: Any) -> Views:
    settings = house.custody.store.settings()
    views = Views(house.custody.streams, tmp_path / "views", settings["id"])
    views.catch_up()
    return views


@pytest.fixture
def real(house: Any) -> Any:
    """The house as no story: its clock is the machine's."""
    house.custody.store.execute("UPDATE ledger SET value = 'no' WHERE name = 'synthetic'")
    return house


@pytest.mark.parametrize("off", [5 * YEAR, -YEAR, -times.HOUR])
def test_under_a_wrong_clock_plans_wait_and_facts_need_their_time(real: Any, off: int) -> None:
    person = real.sheltered()
    real.clock.now += off
    plan = {
        "kind": "PERSONS",
        "purpose": "RETURN",
        "from_party": "PARTY-MOD",
        "to_party": "PARTY-SYR",
    }
    with pytest.raises(RefusedError, match=r"rule 32.*audit clock"):
        real.do("plan", None, at=real.dec(9), from_site="CAMP-R1", to_site="GATE", **plan)
    with pytest.raises(RefusedError, match=r"rule 32.*--at"):
        told(real, person, "A")
    assert 32 in told(real, person, "A", at=real.dec(10)).irregularities
    real.clock.now -= off
    assert told(real, person, "B").irregularities == ()  # right again: nothing is left behind


def test_a_clock_that_ran_a_year_ahead_unseen_poisons_no_answer(real: Any, tmp_path: Any) -> None:
    person, other = real.sheltered(), real.sheltered()
    today = real.clock.now
    real.clock.now = today + 300 * DAY
    told(real, person, "WRONG", at=real.dec(20))
    real.clock.now = today
    with pytest.raises(RefusedError, match="rule 32"):
        told(real, other, "B")
    real.do(
        "set_clock", "OFF-001", by="OFF-001", first=1, last=1, ahead=300 * DAY, reason="battery"
    )
    assert told(real, other, "B").irregularities == ()
    event = real.read(other).events[-1]
    assert event.recorded_at > today + 299 * DAY  # it never decreases
    assert event.clock == pytest.approx(today, abs=times.HOUR)
    views, now = views_of(real, tmp_path), real.clock.now
    reach = knowledge(views, now)
    assert belief(real.read(other), now, reach).place == "B"
    assert echo(views, Clocks(now, reach, said=now)).position == real.custody.streams.newest()
    assert knowledge(views, today - DAY) == today - DAY
    wrong = clock_wrong(views.connection, now)
    assert wrong is not None
    assert wrong[0] == wrong[1]


def test_after_a_clock_that_ran_ahead_an_answer_as_known_at_a_position_rests_on_it_alone(
    real: Any, tmp_path: Any
) -> None:
    person, other = real.sheltered(), real.sheltered()
    today = real.clock.now
    real.clock.now = today + 300 * DAY
    told(real, person, "WRONG", at=real.dec(20))
    position = real.custody.streams.newest()
    real.clock.now = today
    real.do(
        "set_clock", "OFF-001", by="OFF-001", first=1, last=1, ahead=300 * DAY, reason="battery"
    )
    told(real, other, "B")
    views, streams = views_of(real, tmp_path), real.custody.streams
    reach = recorded_when(views, position)
    assert reach is not None
    assert echo(views, Clocks(reach, reach)).position == position
    now = knowledge(views, real.clock.now)
    rows = recorded(views, streams, Asked(reach, now)).rows
    assert [(row.subject, row.position) for row in rows] == [
        ("OFF-001", position + 1),
        (other, position + 2),
    ]
    ends = Ends("knowledge", now, reach, now)
    found = everybody(views, streams, ends, lambda: Reader(None, frozenset())).subjects
    assert [one.stream for one in found] == [other]


def test_rule_2_measures_against_the_machines_clock(real: Any) -> None:
    person = real.sheltered()
    today = real.clock.now
    real.clock.now = today + 5 * YEAR
    told(real, person, "A", at=real.dec(10))
    real.clock.now = today
    with pytest.raises(RefusedError, match="rule 2"):
        told(real, person, "B", at=today + YEAR)


def test_every_printed_instant_is_typed_back_and_answers_the_same(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path).begin_ledger()
    party = ("--party", "PARTY-COMMITTEE", "--roles", "WEAPONS_CLERK")
    terminal("--by", "OFF-001", "directory", "appoint", "OFF-900", *party)
    for what in ("a rifle", "a pistol"):
        terminal("--by", "OFF-900", "weapon", "declare", "--as-described", what)
    ask = ("--json", "status", "W-000001-A")
    now = terminal(*ask).document
    first = terminal("--json", "history", "W-000001-A").document["events"][0]
    recorded = (first["recorded_at"], first["recorded"], f"@{first['position']}")
    for known in (now["known_at"], *recorded):
        again = terminal(*ask, "--as-of", now["as_of"], "--known-at", known).document
        assert again["described"] == "a rifle"
        both = ("--as-of", again["as_of"], "--known-at", again["known_at"])
        assert terminal(*ask, *both).document == again | {
            "now": terminal(*ask, *both).document["now"]
        }
    for as_of in (now["true_at"], first["occurred"], first["occurred_at"]):
        assert terminal(*ask, "--as-of", as_of).document["custody"] == now["custody"]
    assert "has not come yet" in terminal(*ask, "--known-at", "2199-01-01 00:00").err
    assert terminal(*ask, "--known-at", "-1c", code=None).code == 5  # before it was declared


@pytest.mark.parametrize("zone", ["Asia/Baghdad", "Europe/Amsterdam", "Africa/Monrovia"])
@pytest.mark.parametrize(
    "typed", ["1900-01-02 00:05", "5 May 1910 00:05", "1917-12-31", "1950-06-01"]
)
def test_old_instants_read_back_as_what_was_printed(zone: str, typed: str) -> None:
    where = ZoneInfo(zone)
    at = times.parse(typed, where, 0).at
    assert times.parse(times.iso(at, where), where, 0).at == at


def test_everything_recorded_between_two_instants_is_listed_back_dated_or_not(
    tmp_path: Path,
) -> None:
    terminal = Terminal(tmp_path).begin_ledger()
    terminal(
        "directory",
        "appoint",
        "OFF-900",
        "--party",
        "PARTY-MOD",
        "--roles",
        "WEAPONS_CLERK",
        "--by",
        "OFF-001",
    )
    declare = ("--by", "OFF-900", "weapon", "declare", "--as-described")
    terminal(*declare, "now", "--batch", "B7")
    terminal(*declare, "long ago", "--at", "7 Dec 2024 08:00")
    ask = ("--json", "audit", "recorded", "--official", "OFF-900")
    every = terminal(*ask).document["recorded"]
    assert [row["event"] for row in every] == ["W-000001-A:1", "W-000002-8:1"]
    assert [row["back-dated"] for row in every] == [False, True]
    (late,) = terminal(*ask, "--back-dated").document["recorded"]
    assert late["event"] == "W-000002-8:1"
    assert terminal(*ask, "--from", f"@{every[0]['position']}").document["recorded"] == [late]
    assert terminal(*ask, "--batch", "B7").document["count"] == 1
    assert terminal(*ask, "--kind", "person").document["count"] == 0
