"""Reports of days: occupancy with its counts, flow, and which days a ledger can know of at all."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.store.sqlite import ReadOnly
from application.store.streams import Streams
from domain import times
from domain.times import DAY
from projections import flows
from projections.belief import belief
from projections.cube import Calendar
from scenario.replay import replay
from tests.report_desk import count, desk
from tests.terminal import Terminal

DAYS = ("--from", "2024-12-12", "--until", "2024-12-14")
BAGHDAD = ZoneInfo("Asia/Baghdad")


def occupancy(house: Any, *words: str) -> list[dict[str, Any]]:
    """Return the rows of three days."""
    rows: list[dict[str, Any]] = desk(house).document("report", "occupancy", *DAYS, *words)[
        "occupancy"
    ]
    return rows


# ── counts beside the ledger ─────────────────────────────────────────────────


def test_a_count_of_items_says_nothing_about_the_persons_of_the_site(house):
    person, item = house.sheltered("CAMP-R1"), house.in_trust()
    house.do("store_weapon", item, at=house.dec(9), site="CAMP-R1", container="CRATE-1")
    count(house, "PERSONS", "CAMP-R1", person, at=house.dec(13, 9))
    count(house, "ITEMS", "CAMP-R1", at=house.dec(13, 10))
    persons = [r for r in occupancy(house) if r["day"] == "2024-12-13"]
    assert [(r["status"], r["roll_call"]["agrees"]) for r in persons] == [("SHELTERED", True)]
    items = [r for r in occupancy(house, "--kind", "weapon") if r["day"] == "2024-12-13"]
    (said,) = [r["roll_call"] for r in items if r["roll_call"]]
    assert (said["found"], said["expected"], said["agrees"]) == (0, 1, False)


def test_the_last_count_of_a_day_is_shown_and_how_many_there_were(house):
    one, two = house.sheltered(), house.sheltered()
    count(house, "PERSONS", "CAMP-R1", one, at=house.dec(13, 9))
    house.do("find_again", two, at=house.dec(13, 10), site="CAMP-R1")
    last = count(house, "PERSONS", "CAMP-R1", one, two, at=house.dec(13, 11))
    (row,) = [r for r in occupancy(house) if r["roll_call"]]
    assert (row["day"], row["roll_call"]["stocktake"]) == ("2024-12-13", last)
    assert row["roll_call"]["counts_that_day"] == 2
    for form in ("--quiet", "--plain"):
        said = desk(house)(form, "report", "occupancy", *DAYS).out
        assert re.search(
            r"13\s+CAMP-R1\s+SHELTERED\s+2\s+agrees: 2 of 2 \(S-\S+\), last of 2", said
        ), said


def test_a_count_that_found_more_or_less_is_marked_on_what_it_counts(house):
    one, stranger = house.sheltered(), house.sheltered("CAMP-R2")
    count(house, "PERSONS", "CAMP-R1", one, stranger, at=house.dec(13, 9))
    said = desk(house)("report", "occupancy", *DAYS, "--site", "CAMP-R1").out
    assert "● differs: 1 of 1 and 1 unexpected" in said


def test_a_count_of_one_crate_does_not_pass_for_one_of_the_depot(house):
    inside, outside = house.in_trust(), house.in_trust()
    house.do("store_weapon", outside, at=house.dec(9), site="DEPOT-1", container="CRATE-2")
    count(house, "ITEMS", "DEPOT-1", inside, at=house.dec(13, 9), container="CRATE-1")
    said = desk(house)("report", "occupancy", *DAYS, "--kind", "weapon").out
    assert "agrees: 1 of 1 in CRATE-1" in said


def test_what_a_count_missed_carries_no_agreement(house):
    kept, _gone = house.in_trust(), house.in_trust()
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(13, 9))
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(14, 9))
    rows = {(r["day"], r["status"]): r["roll_call"] for r in occupancy(house, "--kind", "weapon")}
    assert rows["2024-12-14", "IN_TRUST"]["agrees"]
    assert rows["2024-12-14", "MISSING"] is None


def test_a_count_where_nobody_stood_is_shown_all_the_same(house):
    stranger = house.sheltered("CAMP-R2")
    count(house, "PERSONS", "CAMP-R1", stranger, at=house.dec(13, 9))
    (row,) = occupancy(house, "--site", "CAMP-R1")
    assert (row["count"], row["roll_call"]["unexpected"]) == (0, 1)


def test_a_count_opened_again_is_no_count_until_it_ends(house):
    one = house.sheltered()
    number = count(house, "PERSONS", "CAMP-R1", one, at=house.dec(13, 9))
    house.do("reopen_stocktake", number, by="OFF-015", at=house.dec(13, 10), reason="tent 7")
    assert not [r for r in occupancy(house) if r["roll_call"]]


# ── days ─────────────────────────────────────────────────────────────────────


def test_no_day_after_the_known_instant_is_shown(house):
    house.sheltered()
    known = times.iso(house.dec(20, 12), BAGHDAD)
    words = ("--from", "2024-12-18", "--until", "2030-01-01", "--known-at", known)
    document = desk(house).document("report", "occupancy", *words)
    assert [r["day"] for r in document["occupancy"]] == ["2024-12-18", "2024-12-19", "2024-12-20"]
    assert document["as_of"] == document["known_at"] == known
    said = desk(house)("report", "occupancy", *words).err
    assert (
        said
        == f"{document['note']}\n"
        == (
            f"nothing is known after {known}: 2024-12-20 is counted so far, later days are left out\n"
        )
    )
    said = desk(house)("report", "occupancy", "--from", "2025-01-01", *words[2:]).err
    assert "no day asked for had begun" in said


def test_a_day_that_was_over_needs_no_remark(house):
    house.sheltered()
    assert desk(house)("report", "occupancy", *DAYS).err == ""
    assert desk(house)("report", "flow").err == ""


def test_a_day_may_be_said_as_days_back_from_now(house):
    house.sheltered()
    document = desk(house).document("report", "occupancy", "--from", "-2d", "--until", "-1d")
    days = [date.fromisoformat(r["day"]) for r in document["occupancy"]]
    assert (days[1] - days[0]).days == 1
    assert (datetime.now(BAGHDAD).date() - days[1]).days == 1


@pytest.mark.parametrize("typed", ["12 Dec 2024 12:00", "~12 Dec 2024 12:00 ±2h"])
def test_an_hour_is_still_no_day(house, typed):
    answer = desk(house)("report", "occupancy", "--from", typed, "--until", "now", code=2)
    assert answer.sentence == f"'{typed}' is not a day: write it as 2024-12-12 or -1d"


@pytest.mark.parametrize("report", ["occupancy", "flow"])
def test_a_site_that_is_not_in_the_directory_is_not_found(house, report):
    answer = desk(house)("report", report, *DAYS, "--site", "NOPE", code=5)
    assert answer.sentence == "the site NOPE is not in the directory"
    assert answer.out == ""


@pytest.mark.parametrize("report", ["occupancy", "flow"])
def test_an_empty_time_is_refused_and_does_not_mean_now(house, report):
    days = ("--from", "2024-12-12", "--until", "2024-12-14")
    desk(house)("report", report, *days, "--known-at", "", code=2)
    desk(house)("report", report, "--from", "", "--until", "now", code=2)


# ── in trust ─────────────────────────────────────────────────────────────────


def test_days_in_trust_are_counted_to_the_known_instant_at_most(house):
    house.in_trust()
    known = times.iso(house.dec(18, 11), BAGHDAD)
    house.clock.now = house.dec(18, 11)
    words = ("report", "in-trust", "--as-of", "2030-01-01 00:00", "--known-at")
    (row,) = desk(house).document(*words, times.iso(house.dec(20, 12), BAGHDAD))["in_trust"]
    assert row["days"] == 12
    assert desk(house).document(*words, known)["in_trust"] == []


def test_what_is_in_trust_says_to_programs_where_and_since_when(house):
    item = house.in_trust()
    house.do("store_weapon", item, at=house.dec(9), site="DEPOT-1", place="M1/07", container="C-1")
    (row,) = desk(house).document("report", "in-trust")["in_trust"]
    assert (row["place"], row["container"]) == ("M1/07", "C-1")
    assert row["since"] == "2024-12-08T11:00:00+03:00"


def test_what_is_missing_is_owed_and_not_held(house):
    kept, lost = house.in_trust(), house.in_trust()
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(13, 9))
    document = desk(house).document("report", "in-trust")
    assert [row["id"] for row in document["in_trust"]] == [kept]
    assert (document["count"], document["owed"]) == (1, 2)
    said = desk(house)("report", "in-trust").out
    assert said.startswith("1 weapons held in trust; owed, not held (--transit): 1 missing\n")
    assert lost in desk(house)("report", "in-trust", "--transit").out


# ── flow ─────────────────────────────────────────────────────────────────────


def flow(terminal: Terminal, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows by day and place."""
    rows = terminal.document("report", "flow", *words)["flow"]
    return {(row["day"], row["site"]): row for row in rows}


def test_each_way_to_leave_has_its_column(house):
    house.handed_over()
    dead, free, away, hurt = (house.sheltered() for _ in range(4))
    house.do("record_death", dead, at=house.dec(10), site="CLINIC", certificate="DC-1")
    house.do("release_otherwise", free, at=house.dec(10), basis="order", destination="kin")
    house.do("move", away, at=house.dec(10), site="CAMP-R2", place="T-1")
    house.do("refer_to_care", hurt, at=house.dec(10), site="CLINIC")
    rows = flow(desk(house))
    camp = rows["2024-12-10", "CAMP-R1"]
    assert camp["left"] == {"moved on": 2, "handed over": 0, "released": 1, "died": 1, "merged": 0}
    assert (camp["before"], camp["came"], camp["there"]) == (5, 0, 1)
    assert rows["2024-12-18", "CAMP-R1"]["left"]["handed over"] == 1
    assert rows["2024-12-10", "CLINIC"]["came"] == 1
    assert (rows["2024-12-10", "CLINIC"]["entered"], camp["sheltered"]) == (0, 1)
    assert rows["2024-12-10", "CLINIC"]["sheltered"] == 0
    assert rows["2024-12-07", "GATE"]["entered"] == 5
    assert rows["2024-12-07", "GATE"]["came"] == rows["2024-12-07", "GATE"]["left"]["moved on"] == 5
    said = desk(house)("--plain", "report", "flow", "--site", "CAMP-R1").out.splitlines()
    assert said[0].split("\t")[:4] == ["day", "site", "before", "came"]
    assert all(line.split("\t")[1] == "CAMP-R1" for line in said[1:])
    assert "GATE" in desk(house)("report", "flow").out


def test_flow_is_what_was_known_then(house):
    person = house.sheltered()
    before = times.iso(house.clock.now, BAGHDAD)
    house.do("correct", person, by="OFF-010", version=4, changes={"site": "CAMP-R2"}, reason="list")
    house.approve(person)
    words = ("--from", "2024-12-07", "--until", "2024-12-08")
    assert ("2024-12-07", "CAMP-R1") in flow(desk(house), *words, "--known-at", before)
    assert ("2024-12-07", "CAMP-R2") in flow(desk(house), *words)
    assert ("2024-12-07", "CAMP-R1") not in flow(desk(house), *words)


def test_a_double_leaves_as_merged(house):
    one, double = house.sheltered(), house.sheltered()
    house.do("merge", double, by="OFF-010", survivor=one, reason="same card")
    house.approve(double)
    assert sum(row["left"]["merged"] for row in flow(desk(house)).values()) == 1
    assert "merged" in desk(house)("report", "flow").out


def test_a_day_that_does_not_add_up_is_told(house):
    house.sheltered()
    terminal = desk(house)
    terminal("report", "flow")
    with sqlite3.connect(f"{house.path}.views") as views:
        views.execute("UPDATE occupancy_cube SET delta = delta + 1")
    answer = terminal("report", "flow", code=1)
    assert "● NO" in answer.out


@pytest.fixture(scope="module", params=["k24", "stress"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Given: the whole story, small, as it went and with those who did not return."""
    folder = tmp_path_factory.mktemp(request.param)
    replay(folder / "ledger.amana", folder / "ledger.key", request.param, "small").close()
    return folder / "ledger.amana"


def test_the_flow_of_the_story_is_what_a_brute_force_fold_counts(told: Path):
    terminal = Terminal(told.parent)
    terminal.env |= {"AMANA_LEDGER": str(told)}
    known = times.parse("17 Dec 2024 10:00", BAGHDAD, 0).at
    rows = flow(terminal, "--known-at", times.iso(known, BAGHDAD), "--from", "2024-12-01")
    calendar = Calendar(BAGHDAD)
    with closing(ReadOnly(told)) as ledger:
        people = list(Streams(ledger).every("P-"))
    for day in range(calendar.day(known) - 12, calendar.day(known) + 1):
        name = f"{times.moment(day * DAY):%Y-%m-%d}"
        ends = [min(calendar.start(d + 1) - 1, known) for d in (day - 1, day)]
        before, there = (
            Counter(site for p in people if (site := _where(p, end, known))) for end in ends
        )
        came, left = _walked(people, *ends, known)
        for site in before | there | came | left:
            row = rows.get((name, site))
            if row is None:
                assert before[site] == there[site]
                assert not came[site] + left[site]
                continue
            assert (row["before"], row["there"]) == (before[site], there[site]), (name, site)
            assert (row["came"], sum(row["left"].values())) == (came[site], left[site])
            assert there[site] == before[site] + came[site] - left[site]
            states = [
                belief(p, ends[1], known) for p in people if _where(p, ends[1], known) == site
            ]
            assert row["sheltered"] == sum(
                s is not None and s.custody == "SHELTERED" for s in states
            )
            assert row["entered"] == sum(_entered(p, site, *ends, known) for p in people)


def _where(person: Any, at: int, known_at: int) -> str | None:
    """Where somebody is, by the definition of belief; nothing of the flow's own."""
    state = belief(person, at, known_at)
    if state is None or state.same_as is not None or state.custody not in flows.THERE:
        return None
    site: str | None = state.site
    return site


def _entered(person: Any, site: str, begin: int, end: int, known_at: int) -> int:
    """How often somebody who was nowhere came to a site."""
    instants = sorted({e.occurred_at for e in person.events if begin < e.occurred_at <= end})
    places = [_where(person, at, known_at) for at in (begin, *instants)]
    return sum(was is None and now == site for was, now in pairwise(places))


def _walked(people: list[Any], begin: int, end: int, known_at: int) -> tuple[Any, Any]:
    """Look at everybody at each instant at which anything happened: who came, who left."""
    came: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for person in people:
        instants = sorted({e.occurred_at for e in person.events if begin < e.occurred_at <= end})
        places = [_where(person, at, known_at) for at in (begin, *instants)]
        for was, now in pairwise(places):
            if was != now:
                left.update([was] if was else [])
                came.update([now] if now else [])
    return came, left
