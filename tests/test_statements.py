"""Public claims against real ledgers: the missing are not held, what was taken back counts nowhere."""

from __future__ import annotations

from typing import Any

from application.answers.statements import Facts, JudgedClaim, judge
from domain.times import INF
from tests.report_desk import count


def claims(house: Any, known_at: int = INF) -> dict[str, JudgedClaim]:
    """Return what the ledger says to every shipped claim, by the claim's number."""
    facts = Facts(house.custody.streams, known_at)
    return {claim.id: claim for claim in judge(facts)}


def said(claim: JudgedClaim) -> list[tuple[str, Any]]:
    """Return each reading's result and what was found."""
    return [(reading.result, reading.found) for reading in claim.readings]


def test_a_missing_weapon_is_owed_and_not_held(house):
    kept, gone = house.in_trust(), house.in_trust()
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(13, 10))
    assert house.state(gone).custody == "MISSING"
    claim = claims(house)["K7"]
    assert said(claim) == [("MISMATCH", "1 of 2"), ("MATCH", "2 of 2")]
    assert claim.readings[0].difference == -1
    assert claim.verdict == "CONSISTENT_UNDER(still owed, missing included)"


def test_a_weapon_whose_loss_was_declared_is_neither_held_nor_owed(house):
    kept, gone = house.in_trust(), house.in_trust()
    count(house, "ITEMS", "DEPOT-1", kept, at=house.dec(13, 10))
    house.do("declare_loss", gone, at=house.dec(14, 9), authority="ORDER-9")
    assert house.state(gone).custody == "LOST"
    assert said(claims(house)["K7"]) == [("MISMATCH", "1 of 2"), ("MISMATCH", "1 of 2")]
    assert claims(house)["K7"].verdict == "CONTRADICTED"


def test_a_weapon_that_nobody_missed_is_held_under_both_readings(house):
    house.in_trust()
    assert claims(house)["K7"].verdict == "CONSISTENT"


def test_of_an_instant_after_the_known_one_there_is_no_data(house):
    house.in_trust()
    house.handed_over()
    found = claims(house, known_at=house.clock.now)  # the evening has not come: 20 December
    assert said(found["K7"])[0] == ("MATCH", "1 of 1")
    found = claims(house, known_at=house.dec(19, 12))
    assert {result for result, _ in said(found["K7"]) + said(found["K3"])} == {"NO_DATA"}
    assert found["K7"].verdict == found["K3"].verdict == "OPEN"


def test_an_admission_that_was_taken_back_is_no_day_of_entry(house):
    house.handed_over()
    early = house.admitted(house.dec(6, 23))
    assert claims(house)["K4"].verdict == "CONTRADICTED"
    house.do("retract", early, by="OFF-010", version=3, reason="another's", why="wrong_subject")
    house.approve(early)
    assert claims(house)["K4"].verdict == "CONSISTENT"


def test_a_pledge_that_was_withdrawn_is_held_by_nobody(house):
    person = house.handed_over()
    assert claims(house)["T4"].verdict == "CONSISTENT"
    house.do("sign_pledge", person, at=house.dec(9), pledgor="FAMILY", document="PL-2")
    house.do("withdraw_pledge", person, at=house.dec(10), pledgor="SELF")
    assert said(claims(house)["T4"])[1] == ("MISMATCH", "0 of 1")


def test_an_authority_is_neither_the_person_nor_the_family(house):
    person = house.sheltered()
    house.do("state_intent", person, at=house.dec(8, 9), intent="RETURN", interviewer="OFF-016")
    house.do("sign_pledge", person, at=house.dec(8, 10), pledgor="AUTHORITY", document="PL-1")
    house.accepted(house.released("RETURN", person))
    assert said(claims(house)["T4"])[1] == ("MATCH", "1 of 1")
    assert said(claims(house)["K5"]) == [("MISMATCH", "0 of 1"), ("MISMATCH", "0 of 1")]
