"""What the second official sees before approving, and only what they may."""

from __future__ import annotations

from contextlib import closing

import pytest

from application.answers.closable import closable as closable_of
from application.answers.feed.follow import Views
from application.answers.foreseen import NOT_SHOWN, foreseen
from application.answers.pending import pending
from application.answers.reader import reader
from application.decisions.open import VIEWS_SUFFIX
from domain.errors import RefusedError, UnknownError
from tests.test_audit_replay import ledger_id


def seen(house, stream: str, by: str | None = "OFF-020"):
    """What approving the one proposal of a stream would change."""
    (version,) = house.state(stream).pending
    return foreseen(house.custody, by, (stream, version))


def test_old_and_new_what_moves_and_what_it_breaks(house) -> None:
    item = house.in_trust()
    house.do("correct", item, version=1, changes={"site": "DEPOT-2"}, at=house.dec(9), reason="p")
    found = seen(house, item)
    told = {d.fact: (d.old, d.new) for d in found.facts}
    assert told == {"site": ("DEPOT-1", "DEPOT-2"), "when": (house.dec(8, 9), house.dec(9))}
    assert f"{item}:3 rule 16" in found.raised
    assert "OFF-020" in found.who
    assert "OFF-011" not in found.who
    house.do("decline", item, by="OFF-020", proposal=house.state(item).pending[0], reason="no")
    house.do("correct", item, version=4, changes={"site": "DEPOT-2", "place": "R/9"}, reason="p")
    moved = {(d.stream, d.fact): (d.old, d.new) for d in seen(house, item).changes}
    assert moved[item, "site"] == ("DEPOT-1", "DEPOT-2")


def test_a_retraction_shows_what_it_clears(house) -> None:
    person = house.admitted(authority="")
    house.do("retract", person, by="OFF-001", version=2, why="did_not_occur")
    found = seen(house, person)
    assert found.cleared == (f"{person}:2 rule 4",)
    assert ("ADMITTED", "EXPECTED") in {(d.old, d.new) for d in found.changes}


def test_personal_values_are_opened_for_who_may_and_that_is_noted(house) -> None:
    person = house.sheltered()
    names = {"declared_name": "Salim", "birth_date": "1990-01-01"}
    house.do("register", person, category="MILITARY", personal=names)
    house.do("correct_identity", person, field="declared_name", value="Selim", reason="spelling")
    (shown,) = seen(house, person).facts
    assert (shown.fact, shown.old, shown.new) == ("declared_name", "Salim", "Selim")
    assert house.rows("access_log")[-1][2:5] == ("OFF-020", person, "declared_name")
    before = house.rows("access_log")
    for other in (None, "OFF-013", "OFF-012"):
        shown = seen(house, person, other).facts[0]
        if other != "OFF-013":
            assert (shown.old, shown.new) == (NOT_SHOWN, NOT_SHOWN)
    assert {row[2] for row in house.rows("access_log")[len(before) :]} <= {"OFF-013"}


def test_the_list_shows_both_values_to_who_may_read_them_and_notes_it(house) -> None:
    person, item = house.sheltered(), house.in_trust()
    names = {"declared_name": "Salim", "birth_date": "1990-01-01"}
    version = house.do("register", person, category="MILITARY", personal=names).version
    house.do("correct_identity", person, field="birth_date", value="1991-01-01", reason="p")
    facts = {"category": "OTHER"}
    house.do("correct", person, version=version, changes=facts, reason="p", by="OFF-010")
    house.do("correct", item, version=2, changes={"model": "AKMS"}, reason="p")

    def told(official: str | None, **asked: bool) -> list[tuple[object, object]]:
        def ask():
            return reader(house.custody, official)

        found = pending(house.custody, ask, **asked)
        return [(d.old, d.new) for one in found for d in one.values]

    before = house.rows("access_log")
    assert told("OFF-020") == []
    assert house.rows("access_log") == before
    assert told("OFF-020", values=True) == [("1990-01-01", "1991-01-01")]
    (noted,) = house.rows("access_log")[len(before) :]
    assert noted[2:5] == ("OFF-020", person, "birth_date")
    assert told(None, values=True) == [(NOT_SHOWN, NOT_SHOWN)]
    assert len(house.rows("access_log")) == len(before) + 1


def test_what_is_protected_is_not_told_by_its_proposal(house) -> None:
    person = house.sheltered()
    done = house.do("state_intent", person, intent="STAY", interviewer="OFF-016")
    house.do("correct", person, version=done.version, changes={"intent": "RETURN"}, reason="p")
    hidden = seen(house, person, "OFF-013")
    assert "STAY" not in str(hidden)
    assert "RETURN" not in str(hidden)
    assert "STAY" in str(seen(house, person, "OFF-020"))


def test_what_cannot_be_approved_says_why(house) -> None:
    item = house.in_trust()
    house.recognised()
    facts = {"recipient": "PARTY-SYR", "basis": "request", "authority": "O"}
    house.do("authorise_restitution", item, **facts)
    house.do("withdraw_recognition", "PARTY-SYR")
    assert "rule 17" in seen(house, item).refused


def test_mine_is_what_i_proposed_and_what_i_may_answer(house) -> None:
    person = house.sheltered()
    house.do("correct", person, by="OFF-015", version=4, changes={"place": "X"}, reason="p")

    def mine(official: str) -> list[str]:
        ask = lambda: reader(house.custody, official)  # noqa: E731 -- an asker is a function
        return [one.for_me for one in pending(house.custody, ask, mine=official)]

    assert mine("OFF-015") == ["proposed by me"]
    assert mine("OFF-020") == ["waits for me"]
    assert mine("OFF-010") == []  # recorded what is corrected
    assert mine("OFF-017") == []  # holds no role


def test_open_ones_of_a_rule_are_found_and_critical_ones_are_not_closed_in_bulk(house) -> None:
    path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
    streams, chair = house.custody.streams, reader(house.custody, "OFF-001")

    def closable(rule: int, batch: str | None = None) -> tuple[tuple[str, int], ...]:
        with closing(Views(streams, path, ledger_id(house))) as views:
            views.catch_up()
            return closable_of(views, streams, chair, rule, batch)

    one, two = house.admitted(authority="", batch="B-1"), house.admitted(authority="")
    assert set(closable(4)) == {(one, 2), (two, 2)}
    assert closable(4, "B-1") == ((one, 2),)
    for rule in (8, 17):
        with pytest.raises(RefusedError, match="closed singly"):
            closable(rule)
    with pytest.raises(UnknownError, match="no irregularity by rule 6 is open"):
        closable(6)
    numbers = {e.TOPIC: e.originator_version for e in house.read(house.admitted()).events}
    person = house.admitted()
    house.do("retract", person, version=numbers["person.entry_authorised"], why="did_not_occur")
    house.approve(person)
    assert (person, numbers["person.admitted"]) in closable(4)
