"""One's own slip is corrected alone; whatever rests on it, or is another's, needs a second official."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from domain import times
from domain.errors import RefusedError
from tests.report_desk import desk


def alone(house, stream: str, version: int, by: str = "", **changes):
    """Correct an event alone."""
    facts = {"by": by} if by else {}
    return house.do(
        "correct", stream, version=version, changes=changes, alone=True, reason="slip", **facts
    )


def test_an_own_slip_is_corrected_at_once_and_carries_no_second_official(house) -> None:
    person = house.sheltered()
    done = alone(house, person, 4, place="T-9")
    event = house.read(person).events[done.version - 1]
    assert (event.corrects, event.approved_by, event.reason) == (4, None, "slip")
    assert house.state(person).place == "T-9"
    assert house.state(person).pending == ()


def test_a_slip_in_a_slip_is_one_too(house) -> None:
    person = house.sheltered()
    again = alone(house, person, alone(house, person, 4, place="T-8").version, place="T-9")
    assert house.state(person).place == "T-9"
    assert again.version == house.read(person).version


def proposed(house, *words: str) -> tuple[Any, list[str]]:
    """Propose a correction at a terminal; return the answer and the command it offers."""
    terminal = desk(house)
    terminal.env["AMANA_BY"] = "OFF-010"
    said = terminal("correct", *words, "--reason", "a misread list")
    offers = [line for line in said.err.splitlines() if line.endswith("--alone")]
    return terminal, shlex.split(offers[0].partition(": ")[2]) if offers else []


def test_a_proposal_that_is_an_own_slip_says_so_and_the_command_corrects_at_once(house) -> None:
    terminal = desk(house)
    terminal.env["AMANA_BY"] = "OFF-010"
    entry = ("--site", "GATE", "--receiving-party", "PARTY-MOD")
    person = terminal.document("person", "admit", *entry)["recorded"][0]["subject"]
    terminal("person", "house", person, "--site", "CAMP-R1", "--place", "T 1")
    terminal, (amana, *words) = proposed(house, f"{person}:2", "--set", "place=T 2")
    assert amana == "amana"
    assert terminal.document("status", person)["place"] == "T 1"
    terminal(*words)
    found = terminal.document("status", person)
    assert (found["place"], found["pending"]) == ("T 2", []), "what waited is withdrawn"
    assert terminal.document("audit", "slips", "--by", "OFF-019")["count"] == 1


def test_a_plain_correction_waits_for_a_second_official_always(house) -> None:
    person = house.sheltered()
    _, offered = proposed(house, f"{person}:4", "--set", "place=T-2")
    assert offered == [], "recorded longer than half an hour ago by the machine's clock"
    assert house.reopen().state(person).place != "T-2"
    assert house.state(person).pending == (5,)


def test_another_officials_event_is_not_corrected_alone(house) -> None:
    person = house.sheltered()
    with pytest.raises(RefusedError, match="it was recorded by OFF-010"):
        alone(house, person, 4, by="OFF-015", place="T-9")


def test_after_half_an_hour_it_takes_two(house) -> None:
    person = house.sheltered()
    house.clock.now += 31 * times.MINUTE
    with pytest.raises(RefusedError, match="more than 30 minutes ago"):
        alone(house, person, 4, place="T-9")


def test_what_something_rests_on_takes_two(house) -> None:
    person, item = house.sheltered(), house.in_trust()
    with pytest.raises(RefusedError, match="something was recorded after it"):
        alone(house, person, 3, site="CAMP-R2")
    with pytest.raises(RefusedError, match="a paper or a transfer rests on it"):
        alone(house, item, 3, terms="other")
    house.planned("RELOCATION", item, kind="ITEMS")
    with pytest.raises(RefusedError, match="a transfer or a count rests on it"):
        alone(house, item, 4, place="R/1")


def test_what_a_paper_was_written_for_takes_two(house) -> None:
    facts = {"site": "DEPOT-1", "unit": "PARTY-SYR", "receiver": "OFF-011", "made_safe": True}
    item = house.do("receive", at=house.dec(8), provisional_receipt="P-1", **facts).subject
    dead = house.sheltered()
    house.do("record_death", dead, at=house.dec(9), site="CLINIC", certificate="C-1")
    promised = house.sheltered()
    house.do("sign_pledge", promised, at=house.dec(9), pledgor="SELF", document="PL-1")
    for subject, changes in ((item, {"made_safe": False}), (dead, {"site": "GATE"})):
        with pytest.raises(RefusedError, match="a paper or a transfer rests on it"):
            alone(house, subject, house.read(subject).version, **changes)
    with pytest.raises(RefusedError, match="rule 20"):
        alone(house, promised, house.read(promised).version, pledgor="FAMILY")


def test_what_is_protected_takes_two(house) -> None:
    person = house.sheltered()
    done = house.do("state_intent", person, intent="STAY", interviewer="OFF-016")
    with pytest.raises(RefusedError, match="protected"):
        alone(house, person, done.version, intent="RETURN")
    assert house.state(person).intent == "STAY"


def test_powers_take_two(house) -> None:
    version = house.do("grant_role", "OFF-017", role="WELFARE").version
    with pytest.raises(RefusedError, match="needs two officials"):
        alone(house, "OFF-017", version, role="CHAIR")
