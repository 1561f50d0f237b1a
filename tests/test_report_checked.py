"""Reports that check: head-count against roll calls, who declined, which events were irregular."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenario.replay import replay
from tests.report_desk import count, desk
from tests.terminal import Terminal

# ── head-count ───────────────────────────────────────────────────────────────


def test_a_head_count_without_a_roll_call_says_so(house):
    house.sheltered()
    answer = desk(house)("report", "headcount")
    assert answer.out.startswith("1 admitted = 0 left + 1 here\n")
    assert "no roll call" in answer.out
    assert answer.err == (
        "no roll call was closed by then: only the ledger's own books were compared\n"
    )


def test_a_roll_call_that_agrees_stands_beside_the_books(house):
    one, two = house.sheltered(), house.sheltered("CAMP-R2")
    number = count(house, "PERSONS", "CAMP-R1", one, at=house.dec(13, 9))
    answer = desk(house)("report", "headcount")
    assert answer.err == ""
    lines = {line.split()[0]: line for line in answer.out.splitlines()[2:]}
    assert number in lines["CAMP-R1"]
    assert lines["CAMP-R1"].endswith("agrees")
    assert lines["CAMP-R2"].endswith("no roll call")
    plain = desk(house)("--plain", "report", "headcount").out.splitlines()
    assert len({line.count("\t") for line in plain}) == 1
    assert two not in answer.out


def test_a_head_that_a_roll_call_missed_makes_the_head_count_false(house):
    one, _gone = house.sheltered(), house.sheltered()
    count(house, "PERSONS", "CAMP-R1", one, at=house.dec(13, 9))
    answer = desk(house)("report", "headcount", code=1)
    assert answer.out.startswith("2 admitted = 0 left + 2 here\n")
    assert "● differs" in answer.out
    document = desk(house)("--json", "report", "headcount", code=1).document
    (place,) = document["places"]
    assert (place["here"], place["sheltered"], place["roll_call"]["missing"]) == (2, 1, 1)
    assert place["roll_call"]["at"] == "2024-12-13T09:00:00+03:00"
    before = desk(house)("--json", "report", "headcount", "--as-of", "2024-12-13T08:00+03:00")
    assert before.document["places"][0]["roll_call"] is None


def test_who_was_admitted_twice_is_one_person(house):
    one, double = house.sheltered(), house.sheltered()
    house.do("merge", double, by="OFF-010", survivor=one, reason="same card")
    house.approve(double)
    document = desk(house).document("report", "headcount")
    assert (document["admitted"], document["doubles"], document["here"]) == (1, 1, 1)
    before = desk(house).document("report", "headcount", "--as-of", "2024-12-08T00:00+03:00")
    assert (before["admitted"], before["doubles"], before["here"]) == (2, 0, 2)


# ── discrepancies ────────────────────────────────────────────────────────────


def test_the_last_count_of_each_place_says_what_it_missed(house):
    kept, lost, person = house.in_trust(), house.in_trust(), house.sheltered()
    first = count(house, "ITEMS", "DEPOT-1", kept, "W-000099-A", at=house.dec(12, 9))
    roll_call = count(house, "PERSONS", "CAMP-R1", person, at=house.dec(12, 10))
    document = desk(house).document("report", "discrepancies")
    assert [one["stocktake"] for one in document["counts"]] == [first, roll_call]
    assert document["counts"][0]["missing"] == {lost: "MISSING"}
    assert document["counts"][0]["at"] == "2024-12-12T09:00:00+03:00"
    said = desk(house)("report", "discrepancies").out
    assert said.startswith("1 missing and 1 besides in all 2 counts\n")
    assert f"{lost} (now MISSING)" in said
    last = count(house, "ITEMS", "DEPOT-1", kept, lost, at=house.dec(14, 9))
    words = ("report", "discrepancies", "--site", "DEPOT-1")
    assert [one["stocktake"] for one in desk(house).document(*words)["counts"]] == [last]
    before = desk(house).document(*words, "--as-of", "2024-12-13T00:00+03:00")
    assert [one["stocktake"] for one in before["counts"]] == [first]
    every = desk(house).document(*words, "--all")["counts"]
    assert [one["stocktake"] for one in every] == [first, last]
    assert every[0]["missing"] == {lost: "IN_TRUST"}, "it was found since"
    assert desk(house)(*words).out.startswith("0 missing and 1 besides in the last of each site")


def test_where_nothing_was_counted_it_is_said(house):
    answer = desk(house)("report", "discrepancies", "--site", "DEPOT-2")
    assert answer.out.startswith("0 missing and 0 besides in all 0 counts\n")
    desk(house)("report", "discrepancies", "--site", "NOPE", code=5)


# ── who declined ─────────────────────────────────────────────────────────────


def stated(house: Any, person: str, intent: str, *at: int) -> None:
    """Somebody says whether to return."""
    house.do("state_intent", person, at=house.dec(*at), intent=intent, interviewer="OFF-016")


def test_nobody_declined_is_said_with_how_many_were_asked(house):
    house.handed_over()
    house.sheltered()
    answer = desk(house)("report", "declined")
    assert answer.out.splitlines()[0] == (
        "0 of 2 persons declined to return: there was nobody to keep off a return manifest"
    )
    assert "1 NOTHING, 1 RETURN" in answer.out
    assert "1 return manifests with 1 lines: 0 who declined stand on one" in answer.out


def test_who_declined_and_was_kept_off_is_listed(house):
    one, other = house.sheltered(), house.willing()
    stated(house, one, "STAY", 9)
    house.accepted(house.released("RETURN", other))
    document = desk(house).document("report", "declined")
    assert (document["persons"], document["declined"], document["kept_off"]) == (2, 1, 1)
    assert document["rows"][0]["person"] == one
    assert document["rows"][0]["since"] == "2024-12-09T00:00:00+03:00"


def test_who_changed_their_mind_and_returned_was_kept_off_until_then(house):
    person = house.sheltered()
    stated(house, person, "STAY", 9)
    stated(house, person, "RETURN", 10)
    house.do("sign_pledge", person, at=house.dec(11), pledgor="SELF", document="PL-1")
    house.accepted(house.released("RETURN", person))
    (row,) = desk(house).document("report", "declined")["rows"]
    assert (row["intent"], row["custody"], row["kept_off"]) == ("RETURN", "HANDED_OVER", True)


def test_who_declines_on_a_manifest_is_taken_off_and_was_kept_off(house):
    person = house.willing()
    house.planned("RETURN", person)
    stated(house, person, "SEEKS_PROTECTION", 16)
    (row,) = desk(house).document("report", "declined")["rows"]
    assert (row["listed"], row["breaches"], row["kept_off"]) == ("", [], True)


def test_who_was_handed_over_although_they_had_declined_is_a_breach(house):
    person = house.handed_over()
    stated(house, person, "STAY", 17)  # known too late
    (row,) = desk(house)("--json", "report", "declined", code=1).document["rows"]
    topics = [
        house.read(person).events[int(b.rpartition(":")[2]) - 1].TOPIC for b in row["breaches"]
    ]
    assert topics == ["person.handed_over"]
    answer = desk(house)("report", "declined", code=1)
    assert "1 of 1 persons declined to return, 0 of them were kept off" in answer.out
    assert "● NO" in answer.out


def test_who_was_put_on_a_manifest_although_they_had_declined_is_a_breach(house):
    person = house.willing()
    number = house.planned("RETURN", person)
    stated(house, person, "STAY", 14)  # known after they were listed, on the 15th
    (row,) = desk(house)("--json", "report", "declined", code=1).document["rows"]
    assert len(row["breaches"]) == 1
    on_the_16th = ("report", "declined", "--as-of", "16 Dec 2024 12:00")
    (row,) = desk(house)("--json", *on_the_16th, code=1).document["rows"]
    assert (row["listed"], row["kept_off"]) == (number, False)


def test_intent_is_not_shown_to_those_who_may_not_read_it(house):
    answer = desk(house)("report", "declined", "--by", "OFF-012", code=None)
    assert answer.code != 0
    assert answer.sentence.startswith("intent and pledges are read by")


def test_of_the_story_in_which_some_declined_all_were_kept_off(tmp_path: Path):
    replay(tmp_path / "ledger.amana", tmp_path / "ledger.key", "stress", "small").close()
    terminal = Terminal(tmp_path)
    terminal.env |= {"AMANA_LEDGER": "ledger.amana", "AMANA_BY": "OFF-043"}
    document = terminal.document("report", "declined")
    assert document["declined"] > 0
    assert document["kept_off"] == document["declined"]
    assert {row["custody"] for row in document["rows"]}.isdisjoint({"HANDED_OVER"})


# ── irregularities ───────────────────────────────────────────────────────────


def test_irregularities_are_told_of_how_many_events(house):
    house.sheltered()
    odd = house.admitted(authority="")
    answer = desk(house)("report", "irregularities", "--of", "admitted")
    assert answer.out.splitlines()[0] == "1 of 2 events 'admitted' are irregular"
    assert f"{odd}:2" in answer.out
    found = desk(house).document("report", "irregularities", "--of", "housed")
    clocks = {"as_of", "true_at", "known_at", "position"}
    assert clocks <= found.keys()
    assert {name: found[name] for name in found.keys() - clocks} == {
        "schema": 1,
        "rule": None,
        "of": "housed",
        "looked_at": 1,
        "irregular": 0,
        "events": [],
    }


def test_a_kind_of_event_that_nobody_knows_is_refused(house):
    answer = desk(house)("report", "irregularities", "--of", "teleported", code=2)
    assert answer.sentence.startswith("no event is called 'teleported'")


@pytest.mark.parametrize("words", [("flow",), ("headcount",), ("declined",), ("irregularities",)])
def test_an_empty_ledger_answers_too(house, words):
    answer = desk(house)("report", *words)
    assert "Traceback" not in answer.err
