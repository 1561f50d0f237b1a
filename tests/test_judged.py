"""Judged again: what a late, corrected or retracted fact makes irregular or clears, in both clocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from application.answers.by_property import WeaponsAsked, weapons
from application.answers.feed.follow import Views
from application.answers.headcount import headcount
from application.answers.irregularities import closed_events, open_events
from application.answers.reader import Reader
from application.answers.two_clocks import Clocks, latest
from application.decisions.open import VIEWS_SUFFIX
from domain.errors import UnknownError
from tests.test_audit_replay import ledger_id

ANYBODY = Reader(None, frozenset())


@pytest.fixture
def views(house) -> Iterator[Views]:
    path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
    with closing(Views(house.custody.streams, path, ledger_id(house))) as made:
        yield made


def now(views: Views) -> Clocks:
    views.catch_up()
    return latest(views)


def taken_back(house, subject: str, version: int) -> None:
    house.do("retract", subject, version=version, why="did_not_occur", reason="another's")
    house.approve(subject)


def test_an_admission_is_irregular_once_its_authorisation_is_taken_back_and_closed_with_a_reason(
    house, views
):
    person = house.admitted(authority="D-1")
    before = now(views)
    assert not open_events(views, before, ANYBODY, 4)
    numbers = {e.TOPIC: e.originator_version for e in house.read(person).events}
    taken_back(house, person, numbers["person.entry_authorised"])
    admitted = f"{person}:{numbers['person.admitted']}"
    after = now(views)
    assert [one.event for one in open_events(views, after, ANYBODY, 4, "admitted")] == [admitted]
    assert not open_events(views, before, ANYBODY, 4)
    version = numbers["person.admitted"]
    with pytest.raises(UnknownError):
        house.do("close_irregularity", person, event=version, rule=6, reason="no such")
    house.do("close_irregularity", person, event=version, rule=4, reason="paper found")
    closed = now(views)
    assert not open_events(views, closed, ANYBODY, 4)
    assert [one.event for one in open_events(views, after, ANYBODY, 4)] == [admitted]
    (one,) = closed_events(views, house.custody.streams, closed, ANYBODY).closed
    assert (one.event, one.rule, one.reason) == (admitted, 4, "paper found")


def test_the_head_count_follows_an_admission_taken_back_and_given_back(house, views):
    person = house.admitted()
    version = next(
        e.originator_version for e in house.read(person).events if e.TOPIC == "person.admitted"
    )

    def books() -> tuple[int, int]:
        found = headcount(views, house.custody.streams, now(views))
        return found.admitted, found.here

    assert books() == (1, 1)
    taken_back(house, person, version)
    assert books() == (0, 0)
    retraction = house.read(person).version
    taken_back(house, person, retraction)
    assert books() == (1, 1)


def test_equal_serials_are_equal_as_of_the_clocks_and_a_seal_taken_back_was_not_broken(
    house, views
):
    one, other = house.in_trust(), house.in_trust()
    streams = house.custody.streams

    def found(**asked: bool) -> list[str]:
        return [w.weapon for w in weapons(views, streams, now(views), WeaponsAsked(**asked)).rows]

    serials = {w.weapon: w.serial for w in weapons(views, streams, now(views), WeaponsAsked()).rows}
    if serials[one] != serials[other]:
        assert found(same_serial=True) == []
        house.do("correct_description", other, serial=serials[one], reason="misread")
        house.approve(other)
    assert found(same_serial=True) == sorted((one, other))
    crate = house.state(one).container
    house.do("break_seal", crate, seal=house.state(one).seal, authorised=False)
    assert one in found(seal_broken=True)
    taken_back(house, one, house.read(one).version)
    assert one not in found(seal_broken=True)


def test_a_release_from_where_it_was_not_stays_open_when_it_has_arrived(house, views):
    item = house.in_trust()
    house.do("store_weapon", item, at=house.dec(9), site="DEPOT-2")
    number = house.released("RELOCATION", item, kind="ITEMS")
    left = f"{item}:{house.read(item).version}"
    house.do("assess_condition", item, at=house.dec(17), condition="WORN")
    seen = f"{item}:{house.read(item).version}"
    assert {left, seen} <= {one.event for one in open_events(views, now(views), ANYBODY, 27)}
    house.accepted(number)
    still = {one.event for one in open_events(views, now(views), ANYBODY, 27)}
    assert left in still
    assert seen not in still
    version = int(seen.rpartition(":")[2])
    with pytest.raises(UnknownError):
        house.do("close_irregularity", item, event=version, rule=27, reason="it is answered")
