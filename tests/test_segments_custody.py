"""Two clocks through the real commands: corrections, late facts, who changed what, who held it when."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from application.answers.feed.follow import Views
from application.decisions.open import VIEWS_SUFFIX, settings_of
from domain.times import DAY, HOUR, INF
from projections import belief, changes, cube, intervals, population
from projections.facets import INTENT, PLEDGE

NOW = INF - 1
BAGHDAD = ZoneInfo("Asia/Baghdad")


@pytest.fixture
def views_of() -> Any:
    """Open a house's views, caught up with its log."""
    opened: list[Views] = []

    def opening(house: Any) -> Views:
        path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
        log = house.custody.streams
        opened.append(Views(log, path, settings_of(house.custody)["id"]))
        opened[-1].catch_up()
        return opened[-1]

    yield opening
    for views in opened:
        views.close()


def corrected(house: Any, item: str, version: int, **changes: Any) -> int:
    """Correct an event with two officials and return the instant just before it was known."""
    before = house.clock.now
    facts = {"version": version, "changes": changes, "reason": "the wrong hall"}
    house.do("correct", item, by="OFF-010", **facts)
    house.approve(item)
    return before


def test_a_corrected_place_is_answered_as_it_was_known_then_and_as_it_is_known_now(house, views_of):
    person = house.sheltered("CAMP-R1")
    before = corrected(house, person, 4, site="CAMP-R2")
    views = views_of(house).connection
    noon = house.dec(12, 12)
    assert [s.subject for s in population.at(views, "site", "CAMP-R1", noon, before)] == [person]
    assert population.at(views, "site", "CAMP-R1", noon, NOW) == []
    assert [s.subject for s in population.at(views, "site", "CAMP-R2", noon, NOW)] == [person]


def test_the_difference_names_the_event_who_recorded_it_and_why(house, views_of):
    person = house.sheltered("CAMP-R1")
    other = house.sheltered("CAMP-R1")
    before = corrected(house, person, 4, site="CAMP-R2")
    views = views_of(house)
    (change,) = changes.learned_of_all(
        views.connection, house.dec(12, 12), before, NOW, views.load, site="CAMP-R1"
    )
    (site,) = [field for field in change.fields if field.field == "site"]
    event = site.steps[-1].event
    assert (change.subject, site.before, site.after) == (person, "CAMP-R1", "CAMP-R2")
    assert change.subject != other
    assert (event.recorded_by, event.approved_by) == ("OFF-010", "OFF-020")
    assert (event.corrects, event.reason) == (4, "the wrong hall")


def test_the_explanation_lists_what_was_folded_and_what_was_dropped_by_what(house):
    person = house.sheltered()
    corrected(house, person, 4, site="CAMP-R2")
    why = belief.explain(house.read(person), house.dec(7, 9), NOW)
    assert [e.TOPIC for e in why.folded] == [
        "person.refuge_sought",
        "person.entry_authorised",
        "person.admitted",
    ]
    ((gone, by),) = why.dropped
    assert (gone.originator_version, by.corrects) == (4, 4)
    assert by in why.later


def test_what_happened_between_two_instants_is_told_field_by_field(house):
    person = house.willing()
    found = {
        one.field: (one.before, one.after)
        for one in changes.happened(house.read(person), NOW, house.dec(7, 9), house.dec(8, 9))
    }
    assert found["custody"] == ("ADMITTED", "SHELTERED")
    assert found["intent"] == (None, "RETURN")
    assert "pledges" not in found


def test_a_changed_intent_does_not_split_the_housing(house, views_of):
    person = house.willing()
    views = views_of(house).connection
    facets = population.standing(views, person, NOW, NOW)
    assert facets.main.valid_from == house.dec(7, 10)
    assert (facets.intent.status, facets.intent.valid_from) == ("RETURN", house.dec(8, 9))
    assert facets.pledge.status == "SIGNED"
    assert population.said(views, INTENT, NOW, NOW) == {("SHELTERED", "RETURN"): 1}
    assert population.said(views, PLEDGE, house.dec(8, 9), NOW) == {("SHELTERED", ""): 1}


def test_a_weapon_in_trust_tells_for_how_many_days_it_has_been_held(house, views_of):
    item = house.in_trust()
    views = views_of(house).connection
    at = house.dec(8, 11)
    for days, instant in ((0, at), (0, at + DAY - 1), (1, at + DAY), (4, at + 4 * DAY + HOUR)):
        (held,) = population.in_trust(views, instant, NOW)
        assert (held.standing.subject, held.days) == (item, days)
    assert population.in_trust(views, at - 1, NOW) == []


def test_the_contents_of_a_container_and_of_a_party_are_answered_at_an_instant(house, views_of):
    item = house.in_trust()
    views = views_of(house).connection
    packed, deposited = house.dec(8, 12), house.dec(8, 11)
    assert population.at(views, "container", "CRATE-1", packed - 1, NOW) == []
    assert population.at(views, "container", "CRATE-1", packed, NOW)[0].subject == item
    assert population.at(views, "party", "PARTY-MOD", deposited - 1, NOW) == []
    assert population.at(views, "party", "PARTY-MOD", deposited, NOW)[0].subject == item


def test_the_releaser_is_accountable_until_acceptance(house):
    item = house.in_trust()
    number = house.released("RELOCATION", item, kind="ITEMS")
    house.accepted(number)
    known = house.read(item)
    on_the_way = intervals.custodian(known, house.dec(18, 9) - 1, NOW)
    assert (on_the_way.kind, on_the_way.official) == ("IN_TRANSIT", "OFF-013")
    assert (on_the_way.party, on_the_way.transfer) == ("PARTY-MOD", number)
    there = intervals.custodian(known, house.dec(18, 9), NOW)
    assert (there.kind, there.official, there.party) == ("HELD", "OFF-012", "PARTY-MOD")


def test_held_by_nobody_and_no_record_are_two_answers(house):
    item = house.do("declare", at=house.dec(7, 9), as_described="a rifle").subject
    facts = {"site": "DEPOT-1", "unit": "PARTY-SYR", "receiver": "OFF-011", "made_safe": True}
    house.do("receive", item, at=house.dec(8, 9), **facts)
    assert intervals.custodian(house.read(item), house.dec(7, 8), NOW) is None
    found = intervals.holdings(house.read(item), NOW)
    assert [(h.kind, h.start, h.end) for h in found] == [
        ("NO_RECORD", house.dec(7, 9), house.dec(8, 9)),
        ("HELD", house.dec(8, 9), INF),
    ]
    lost = house.in_trust()
    count = house.do("open_stocktake", kind="ITEMS", site="DEPOT-1", by="OFF-012").subject
    house.do("scan", count, code=item, by="OFF-012")
    house.do("countersign", count, official="OFF-011", by="OFF-011")
    house.do("close_stocktake", count, by="OFF-012")
    (gap,) = intervals.gaps(house.read(lost), NOW)
    assert (gap.kind, gap.custody, gap.end) == ("NOBODY", "MISSING", INF)


def test_an_uncertain_day_leaves_a_person_possibly_there_and_says_what_else(house, views_of):
    person = house.admitted()
    day, next_day = house.dec(9), house.dec(10)
    note = {"at": day, "until": next_day, "precision": "DAY"}
    house.do("house", person, site="CAMP-R1", **note)
    views = views_of(house)
    noon = (house.dec(9, 12), NOW)
    bounds = population.bounds(views.connection, "site", "CAMP-R1", *noon, views.load)
    assert bounds.certain == []
    ((subject, may_be),) = bounds.possible
    assert subject == person
    assert [(v.status, v.site) for v in may_be] == [("SHELTERED", "CAMP-R1"), ("ADMITTED", "GATE")]
    after = population.bounds(views.connection, "site", "CAMP-R1", next_day, NOW, views.load)
    assert (after.certain, after.possible) == ([person], [])
    numbers = population.count_bounds(views.connection, *noon, views.load)
    assert [(n.status, n.site, n.certain, n.possible) for n in numbers] == [
        ("ADMITTED", "GATE", 0, 1),
        ("SHELTERED", "CAMP-R1", 0, 1),
    ]


def test_a_day_of_occupancy_ends_at_midnight_of_the_site_not_of_greenwich(house, views_of):
    person = house.admitted()
    house.do("house", person, at=house.dec(9, 1), site="CAMP-R1")  # 8 December in Greenwich
    views = views_of(house)
    calendar = cube.Calendar(BAGHDAD)
    eighth, ninth = calendar.day(house.dec(8)), calendar.day(house.dec(9))
    found = cube.occupancy(views.connection, calendar, eighth, ninth, NOW, site="CAMP-R1")
    assert found == [(ninth, "CAMP-R1", "SHELTERED", 1)]


def test_a_merged_record_stands_nowhere_and_comes_back_when_the_merger_is_retracted(
    house, views_of
):
    survivor, double = house.sheltered(), house.sheltered()
    house.do("merge", double, by="OFF-010", survivor=survivor)
    house.approve(double)
    views = views_of(house)
    now = (NOW, NOW)
    assert [s.subject for s in population.at(views.connection, "site", "CAMP-R1", *now)] == [
        survivor
    ]
    version = house.read(double).version
    house.do("retract", double, by="OFF-010", version=version, why="incorrect_data", reason="twins")
    house.approve(double)
    views.catch_up()
    found = population.at(views.connection, "site", "CAMP-R1", *now)
    assert [s.subject for s in found] == sorted([survivor, double])


@pytest.mark.parametrize(
    ("column", "key"), [("site", "DEPOT-1"), ("container", "CRATE-1"), ("party", "PARTY-MOD")]
)
def test_a_place_is_read_from_its_own_index_alone_class_by_class(house, views_of, column, key):
    item = house.in_trust()
    views = views_of(house).connection
    asked: list[str] = []
    views.set_trace_callback(asked.append)
    assert [s.subject for s in population.at(views, column, key, NOW, NOW)] == [item]
    views.set_trace_callback(None)
    question = next(sql for sql in asked if "segment_class" in sql)
    plan = [row[3] for row in views.execute(f"EXPLAIN QUERY PLAN {question}")]
    index = f"segment_{column} ({column}=? AND klass=? AND valid_from>? AND valid_from<?)"
    covering = "COVERING " if column == "site" else ""  # crates and parties have a narrow index
    assert plan[1] == f"SEARCH s USING {covering}INDEX {index}"
