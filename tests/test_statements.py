"""Public claims against real ledgers: the missing are not held, what was taken back counts nowhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from application.answers.statements import Facts, JudgedClaim, add, added, judge
from domain.errors import BadInputError
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
    assert said(claims(house)["K5"]) == [
        ("MISMATCH", "0 of 1"),
        ("MATCH", "1 of 1"),  # the statement says: by anybody
        ("MISMATCH", "0 of 1"),  # a reading of ours
    ]
    assert [r.ours for r in claims(house)["K5"].readings] == [False, False, True]


def test_the_place_and_the_window_of_a_claim_are_used(house):
    house.handed_over()  # on 18 December, by GATE
    one = {"id": "r", "query": "persons_handed_over"}
    day = facts_day(house)

    def found(**claim: Any) -> Any:
        said = {
            "id": "c",
            "metric": "m",
            "operator": "=",
            "value": 1,
            "interpretations": [one],
            **claim,
        }
        statement = {"id": "S", "outlet": "O", "claims": [said]}
        (judged,) = judge(Facts(house.custody.streams, INF), {"statements": [statement]})
        return judged.readings[0].found

    assert found(window=[day, day]) == 1
    assert found(window=["2024-12-01", "2024-12-02"]) == 0
    assert found(place="GATE") == 1
    assert found(place="AL-QAIM") == 0


def facts_day(house: Any) -> str:
    """Return the day on which the only one was handed over."""
    facts = Facts(house.custody.streams, INF)
    return facts.day(facts.handed_over[0].since).isoformat()


def test_an_added_statement_is_judged_and_kept_and_a_broken_one_is_not(tmp_path):
    kept, file = tmp_path / "kept.json", tmp_path / "new.json"
    claim = {
        "id": "N1", "metric": "m", "operator": "=", "value": 3,
        "interpretations": [{"id": "r", "query": "persons_handed_over"}],
    }  # fmt: skip
    statement = {"id": "NEW", "outlet": "Paper", "claims": [claim]}
    file.write_text(json.dumps({"statements": [statement]}), "utf-8")
    assert add(kept, file) == ["NEW"]
    assert added(kept) == [statement]
    with pytest.raises(BadInputError, match="there already"):
        add(kept, file)
    claim["interpretations"][0]["query"] = "no_such"
    file.write_text(json.dumps({"statements": [{**statement, "id": "B"}]}), "utf-8")
    with pytest.raises(BadInputError, match="no file of statements"):
        add(kept, file)
