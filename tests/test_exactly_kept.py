"""Exactly what is kept: states and stored values that single changed words once got away with."""

from __future__ import annotations

from typing import Any

import pytest

from domain import rules, times
from domain.errors import RefusedError


def refusing(number: int) -> Any:
    """Expect a refusal by one rule."""
    return pytest.raises(RefusedError, match=f"^rule {number}: ")


# ── the book ────────────────────────────────────────────────────────────────


def test_the_book_says_of_each_rule_what_its_checks_do() -> None:
    entered: dict[int, set[str]] = {number: set() for number in rules.BOOK}
    for checks in rules.RULES.values():
        for check in checks:
            entered[check.number].add(check.severity)
    for number, (letters, sentence) in rules.BOOK.items():
        says = set(letters.split(", "))
        assert entered[number] <= says, number
        # what is refused as a plan is flagged where it is told as having happened; 8 is refused as 7
        assert says - entered[number] <= ({"F", "C"} if "R" in entered[number] else {"R"}), number
        assert len(sentence) > 20, number
    assert {n for n, found in entered.items() if not found} == {20, 21, 24}


def test_rule_08_a_wish_told_of_the_instant_of_the_handover_was_no_earlier_wish(house) -> None:
    person = house.handed_over()
    facts = {"intent": "STAY", "interviewer": "OFF-016", "happened": "her letter"}
    told = house.do("state_intent", person, at=house.dec(18, 9), **facts)
    assert told.irregularities == (1,)
    told = house.do("state_intent", person, at=house.dec(18, 9) - 1, **facts)
    assert told.irregularities == (8,)


# ── the directory ───────────────────────────────────────────────────────────


def test_rule_01_a_closed_site_is_at_its_end(house) -> None:
    house.do("close_site", "SITE-CAMP-R2", reason="empty")
    with refusing(1):
        house.do("set_capacity", "SITE-CAMP-R2", capacity=40)


def test_rule_31_a_site_that_is_open_is_not_opened_again(house) -> None:
    facts = {"kind": "CAMP", "name": "another one"}
    with refusing(31):
        house.do("open_site", "SITE-CAMP-R2", **facts)
    assert house.state("SITE-CAMP-R2").name != "another one"
    house.do("close_site", "SITE-CAMP-R2", reason="empty")
    assert house.do("open_site", "SITE-CAMP-R2", **facts).irregularities == ()
    assert house.state("SITE-CAMP-R2").name == "another one"


def test_rule_07_a_site_of_another_party_is_a_way_out_from_one_that_nobody_operates(house) -> None:
    house.do("name_operator", "SITE-CAMP-R2", operator="PARTY-SYR")
    facts = {"purpose": "RELOCATION", "from_site": "CAMP-R1", "to_site": "CAMP-R2"}
    parties = {"from_party": "PARTY-MOD", "to_party": "PARTY-MOD"}
    number = house.do("plan", kind="PERSONS", **facts, **parties).subject
    with refusing(7):
        house.do("add_line", number, line=house.sheltered())


# ── the envelope ────────────────────────────────────────────────────────────


def test_the_machines_clock_is_kept_where_it_lies_more_than_five_minutes_behind(house) -> None:
    person = house.sheltered()
    last = house.read(person).events[-1].recorded_at
    for behind, kept in ((times.SKEW, False), (times.SKEW + 1, True)):
        last += 1
        house.clock.stand(last - behind)
        house.do("refer_to_care", person, at=house.dec(8), site="CLINIC", authority=str(kept))
        event = house.read(person).events[-1]
        assert event.recorded_at == last
        assert event.clock == (house.clock.now if kept else None)
