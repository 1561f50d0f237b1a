"""What a correction breaks elsewhere is flagged where it is approved, and told before."""

from __future__ import annotations

import pytest

from application.decisions import foresight, review


def corrected(house, stream: str, version: int, **facts):
    """Correct one event by two officials; return what was recorded."""
    facts.setdefault("changes", {})
    house.do("correct", stream, version=version, reason="paper", **facts)
    return house.approve(stream)


def test_a_receipt_moved_after_the_deposit_is_flagged_and_the_trust_stands(house) -> None:
    item = house.in_trust()
    done = corrected(house, item, 1, at=house.dec(9))
    assert {3, 16} <= set(done.irregularities)
    assert house.state(item).custody == "IN_TRUST"
    assert house.state(item).site == "DEPOT-1"


def test_a_weapon_that_was_loaded_when_deposited_is_flagged(house) -> None:
    item = house.in_trust()
    assert 16 in corrected(house, item, 1, changes={"made_safe": False}).irregularities


def test_an_acceptance_moved_before_its_transfer_is_flagged(house) -> None:
    item = house.in_trust()
    house.accepted(house.released("RELOCATION", item, kind="ITEMS"))
    version = house.read(item).version
    assert corrected(house, item, version, at=house.dec(10)).irregularities


def test_a_wish_moved_before_the_handover_is_flagged_critical(house) -> None:
    person = house.willing()
    house.do("state_intent", person, at=house.dec(12), intent="STAY", interviewer="OFF-016")
    version = house.read(person).version
    house.do("state_intent", person, at=house.dec(13), intent="RETURN", interviewer="OFF-016")
    house.accepted(house.released("RETURN", person))
    flagged = corrected(house, person, version, at=house.dec(14)).irregularities
    assert 8 in flagged


def test_a_correction_that_breaks_nothing_is_not_flagged(house) -> None:
    item = house.in_trust()
    assert corrected(house, item, 4, changes={"place": "R/9"}).irregularities == ()
    assert corrected(house, item, 1, at=house.dec(8, 8)).irregularities == ()


def test_a_person_housed_before_the_admission_keeps_the_bed(house) -> None:
    person = house.sheltered()
    done = corrected(house, person, 3, at=house.dec(8))
    assert house.state(person).custody == "SHELTERED"
    assert house.state(person).site == "CAMP-R1"
    assert done.version == house.read(person).version


def test_taking_the_correction_back_clears_what_it_broke(house) -> None:
    item = house.in_trust()
    done = corrected(house, item, 1, at=house.dec(9))
    house.do("retract", item, by="OFF-001", version=done.version, why="wrong_time")
    house.approve(item)
    assert house.state(item).irregular == ()


def test_looking_ahead_records_nothing(house) -> None:
    item = house.in_trust()
    house.do("correct", item, version=1, changes={}, at=house.dec(9), reason="paper")
    before, (proposal,) = house.rows(), house.state(item).pending
    with house.custody.reading() as unit:
        seen = review.foreseen(unit, [(item, proposal)])
    assert {3, 16} <= set(seen.rules)
    assert [c.stream for c in seen.changes] == [item]
    assert house.rows() == before


def test_what_a_correction_breaks_on_the_transfer_is_foreseen_too(house) -> None:
    person = house.willing()
    house.do("state_intent", person, at=house.dec(12), intent="STAY", interviewer="OFF-016")
    version = house.read(person).version
    house.do("state_intent", person, at=house.dec(13), intent="RETURN", interviewer="OFF-016")
    number = house.released("RETURN", person)
    house.accepted(number)
    moved = {"version": version, "changes": {}, "at": house.dec(15, 12), "reason": "paper"}
    house.do("correct", person, **moved)
    (proposal,) = house.state(person).pending
    with house.custody.reading() as unit:
        seen = review.foreseen(unit, [(person, proposal)])
    assert {(stream, rule) for stream, _, rule in seen.breaks} == {(person, 8), (number, 7)}


@pytest.mark.parametrize("life", ["in_trust", "sheltered", "willing", "handed_over"])
def test_an_ordinary_life_judged_again_breaks_nothing_new(house, life: str) -> None:
    subject = getattr(house, life)()
    with house.custody.reading() as unit:
        found = {rule for _, _, rule in foresight.broken(unit, subject)}
    assert found <= {rule for _, rule in house.state(subject).irregular}
