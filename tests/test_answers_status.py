"""Status, places, history and diff as values: what is withheld, and the same facts in three forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from application.answers import diff, status, whereabouts
from application.answers.diff import Ends
from application.answers.feed.follow import Views
from application.answers.history import SubjectHistory, history
from application.answers.reader import reader
from application.answers.two_clocks import Clocks
from application.decisions.open import VIEWS_SUFFIX, settings_of, zone_of
from domain import times
from domain.errors import BadInputError, UnknownError
from tests.report_desk import desk
from words.events import WITHHELD

WELFARE, CHAIR, SECURITY, NOBODY = "OFF-015", "OFF-020", "OFF-017", None
"""Two who may read what a person wants, and two who may not."""


class Asked:
    """A house and its views; each question in the name of an official."""

    def __init__(self, house: Any) -> None:
        self.house, self.custody = house, house.custody
        path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
        self.views = Views(house.custody.streams, path, settings_of(house.custody)["id"])

    def clocks(self, as_of: int | None = None, known_at: int | None = None) -> Clocks:
        """Return both clocks; now where none is named."""
        self.views.catch_up()
        now = self.house.clock()
        named = as_of is not None or known_at is not None
        return Clocks(as_of or now, known_at or now, named)

    def status(self, stream: str, by: str | None = CHAIR, *, why: bool = False, **at: int) -> Any:
        clocks, streams = self.clocks(**at), self.custody.streams
        now = self.house.clock()
        return status.status(self.views, streams, clocks, self.asker(by), stream, now=now, why=why)

    def history(self, stream: str, by: str | None = CHAIR, **options: Any) -> SubjectHistory:
        clocks = self.clocks(known_at=options.pop("known_at", None))
        return history(self.views, self.custody.streams, clocks, self.asker(by), stream, **options)

    def diff(self, ends: Ends, stream: str | None = None, by: str | None = CHAIR) -> diff.Diff:
        self.views.catch_up()
        asked = (self.views, self.custody.streams, ends, self.asker(by))
        return diff.everybody(*asked) if stream is None else diff.subject(*asked, stream)

    def asker(self, by: str | None) -> Any:
        return lambda: reader(self.custody, by)


@pytest.fixture
def asked(house: Any) -> Iterator[Asked]:
    found = Asked(house)
    yield found
    found.views.close()


def days(house: Any, first: int, second: int) -> Ends:
    """Compare noon of two days of December, as known now."""
    return Ends("time", house.clock(), house.dec(first, 12), house.dec(second, 12))


# ── what is protected ────────────────────────────────────────────────────────


def everything_of(asked: Asked, person: str, by: str | None) -> dict[str, Any]:
    """Ask every question about a person in the name of an official."""
    ends = days(asked.house, 7, 12)
    return {
        "status": asked.status(person, by, why=True),
        "status in its span": asked.status(person, by, as_of=asked.house.dec(9, 12)),
        "history": asked.history(person, by, positions=True),
        "diff": asked.diff(ends, person, by),
        "diff of all": asked.diff(ends, None, by),
    }


@pytest.mark.parametrize("by", [SECURITY, NOBODY])
def test_what_a_person_wants_is_in_no_answer_to_who_may_not_read_it(house, asked, by):
    person = house.willing()
    span = {"at": house.dec(9), "until": house.dec(10), "precision": "DAY"}
    house.do("state_intent", person, intent="SEEKS_PROTECTION", interviewer="OFF-016", **span)
    for question, answer in everything_of(asked, person, by).items():
        for secret in ("SEEKS_PROTECTION", "RETURN", "SIGNED", "PL-1", "'SELF'"):
            assert secret not in repr(answer), (question, secret)
    found = asked.status(person, by)
    assert {"intent", "pledges"}.isdisjoint(found.facts)
    assert found.facts["custody"] == "SHELTERED"
    told = [one for one in asked.history(person, by).events if one.withheld]
    assert [one.facts for one in told] == [{}, {}, {}]
    facts = {
        fact.fact for one in asked.diff(days(house, 7, 12), None, by).subjects for fact in one.facts
    }
    assert facts.isdisjoint({"intent", "pledge", "pledges", "status"})


def test_who_may_read_what_a_person_wants_gets_it_in_every_answer(house, asked):
    person = house.willing()
    for question, answer in everything_of(asked, person, WELFARE).items():
        assert "RETURN" in repr(answer), question
    assert not any(one.withheld for one in asked.history(person, WELFARE).events)
    (one,) = asked.diff(days(house, 7, 12), None, WELFARE).subjects
    assert [(fact.fact, fact.after) for fact in one.facts] == [
        ("intent", "RETURN"),
        ("pledge", "SIGNED"),
    ]


def test_a_stranger_is_refused_a_person_and_told_of_a_weapon(house, asked):
    person, item = house.sheltered(), house.in_trust()
    ends = days(house, 7, 12)
    for question in (
        lambda stream: asked.status(stream, "OFF-999"),
        lambda stream: asked.history(stream, "OFF-999"),
        lambda stream: asked.diff(ends, stream, "OFF-999"),
    ):
        with pytest.raises(UnknownError, match="official OFF-999 is not in the directory"):
            question(person)
        assert question(item)


def test_a_change_that_may_not_be_read_is_no_hint_that_something_differs_now(house, asked):
    person = house.sheltered()
    noon = house.dec(12, 12)
    before = house.clock.now
    house.do("state_intent", person, at=house.dec(8, 9), intent="STAY", interviewer="OFF-016")
    assert asked.status(person, CHAIR, as_of=noon, known_at=before).differs == (
        "intent",
        "intent_private",
    )
    assert asked.status(person, SECURITY, as_of=noon, known_at=before).differs == ()


# ── three forms of one value ─────────────────────────────────────────────────


def test_a_status_says_the_same_facts_to_people_to_pipes_and_to_programs(house, asked):
    item = house.in_trust()
    found = asked.status(item)
    terminal = desk(house)
    zone = zone_of("Asia/Baghdad")
    document = terminal.document("status", item)
    plain = dict(line.split("\t") for line in terminal("--plain", "status", item).out.splitlines())
    text = terminal("status", item).out
    assert (document["kind"], document["version"]) == ("weapon", found.version) == ("weapon", 4)
    for fact, name in (("site", "site"), ("container", "crate"), ("keeper", "accountable")):
        assert document[fact] == plain[name] == found.facts[fact] is not None
        assert f"{name:<14}  {found.facts[fact]}\n" in text
    assert document["in_trust_since"] == times.iso(found.facts["in_trust_since"], zone)
    assert plain["in trust since"] == times.show(
        times.When(found.facts["in_trust_since"], None, "MINUTE"), zone
    )
    assert document["position"] == int(plain["position"]) == found.echo.position


def test_an_uncertain_time_leaves_a_status_open_only_within_its_span(house, asked):
    person = house.admitted()
    span = {"at": house.dec(9), "until": house.dec(10), "precision": "DAY"}
    house.do("house", person, site="CAMP-R1", **span)
    within = asked.status(person, as_of=house.dec(9, 12))
    assert [other["custody"] for other in within.others] == ["ADMITTED"]
    assert [event.topic for event in within.spanning] == ["person.housed"]
    after = asked.status(person, as_of=house.dec(10))
    assert (after.others, after.spanning) == ((), [])
    assert [event.topic for event in after.uncertain] == ["person.housed"], "since when, roughly"


def test_a_place_is_told_with_its_doubts_only_when_they_are_asked_for(house, asked):
    certain, doubtful = house.sheltered("CAMP-R1"), house.admitted()
    span = {"at": house.dec(9), "until": house.dec(10), "precision": "DAY"}
    house.do("house", doubtful, site="CAMP-R1", **span)
    noon = asked.clocks(as_of=house.dec(9, 12))
    where = (asked.views, asked.custody.streams, noon)
    found = whereabouts.site(*where, "CAMP-R1", bounds=True)
    assert [one.id for one in found.there] == sorted([certain, doubtful])
    assert found.numbers == [("person", "SHELTERED", 2)]
    assert found.bounds == whereabouts.Doubt(1, 2, (doubtful,))
    assert whereabouts.site(*where, "CAMP-R1").bounds is None
    document = desk(house).document(
        "status", "--site", "CAMP-R1", "--as-of", "9 Dec 2024 12:00", "--bounds"
    )
    assert (document["certain"], document["possible"]) == (1, 2)
    assert document["doubtful"] == [doubtful]
    (number,) = whereabouts.counts(*where).counts
    assert tuple(number) == ("person", "SHELTERED", "CAMP-R1", 2)


def test_a_place_that_nobody_knows_is_refused_and_not_empty(house, asked):
    where = (asked.views, asked.custody.streams, asked.clocks())
    with pytest.raises(UnknownError, match="the site NOWHERE is not in the directory"):
        whereabouts.site(*where, "NOWHERE")
    with pytest.raises(UnknownError, match="crate 'CRATE-9'"):
        whereabouts.crate(*where, "CRATE-9")
    assert whereabouts.party(*where, "UNIDENTIFIED").there == ()
    kept = house.in_trust()
    asked.views.catch_up()
    where = (asked.views, asked.custody.streams, asked.clocks())
    found = whereabouts.crate(*where, "crate-1")
    assert (found.key, [one.id for one in found.there]) == ("CRATE-1", [kept])


# ── history and diff ─────────────────────────────────────────────────────────


def test_a_corrected_event_is_told_with_what_replaced_it(house, asked):
    person = house.sheltered("CAMP-R1")
    before = house.clock.now
    facts = {"version": 4, "changes": {"site": "CAMP-R2"}, "reason": "the wrong hall"}
    house.do("correct", person, by="OFF-010", **facts)
    house.approve(person)
    found = asked.history(person, positions=True)
    first, replaced = found.events[0], found.events[3]
    assert first.dropped_by is None
    assert replaced.dropped_by is not None
    assert (replaced.dropped_by.corrects, replaced.dropped_by.reason) == (4, "the wrong hall")
    assert [one.event.version for one in found.events] == list(range(1, len(found.events) + 1))
    positions = [one.position for one in found.events]
    assert None not in positions
    assert positions == sorted(positions)
    then = asked.history(person, known_at=before)
    assert [one.dropped_by for one in then.events] == [None] * 4
    assert {one.position for one in then.events} == {None}, "nobody asked for positions"
    ends = Ends("knowledge", house.dec(12, 12), before, house.clock())
    (changed,) = asked.diff(ends).subjects
    (fact,) = [fact for fact in changed.facts if fact.fact == "site"]
    assert (fact.before, fact.after) == ("CAMP-R1", "CAMP-R2")
    assert [step.event.corrects for step in fact.steps] == [4]


def test_an_event_is_late_after_a_day_and_a_correction_never_is(house, asked):
    house.clock.now = house.dec(9, 0) - 3 * times.SECOND
    person = house.do("seek_refuge", at=house.dec(8), site="GATE").subject
    (told,) = asked.history(person).events
    assert told.event.recorded_at - told.event.occurred_at <= times.DAY
    assert not told.late
    late = house.do("seek_refuge", at=house.dec(7, 23), site="GATE").subject
    (told,) = asked.history(late).events
    assert told.late


def test_who_held_it_is_told_of_weapons_only(house, asked):
    item, person = house.in_trust(), house.sheltered()
    assert asked.history(item).holdings is None
    holdings = asked.history(item, gaps=True).holdings
    assert holdings is not None
    assert holdings[-1].party == "PARTY-MOD"
    with pytest.raises(BadInputError, match="--gaps is about weapons"):
        asked.history(person, gaps=True)


def test_both_answers_of_a_comparison_say_where_the_log_stood(house, asked):
    person = house.sheltered()
    before = house.clock.now
    house.do("move", person, at=house.dec(9), site="CAMP-R2")
    by_knowledge = asked.diff(Ends("knowledge", house.dec(12), before, house.clock()), person)
    first, second = by_knowledge.echoes
    assert second.position == first.position + 1
    by_time = asked.diff(days(house, 7, 12), person)
    assert [one.true_at for one in by_time.echoes] == [house.dec(7, 12), house.dec(12, 12)]
    assert {one.position for one in by_time.echoes} == {second.position}


def test_a_withheld_event_says_in_every_form_that_it_is_not_shown(house):
    person = house.willing()
    terminal = desk(house)
    terminal.env["AMANA_BY"] = SECURITY
    assert terminal("history", person).out.count(WITHHELD) == 2
    assert terminal("--plain", "history", person).out.count(WITHHELD) == 2
    events = terminal.document("history", person)["events"]
    assert [e["facts"] for e in events if e["what"] == "intent stated"] == [{WITHHELD: ""}]
