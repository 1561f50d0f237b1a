"""The two clocks on the command line: what is empty, later than known, or still so, is said as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A person in the camp since 7 December, who has said that they want to stay."""
    terminal = Terminal(tmp_path).begin_ledger()
    terminal("directory", "appoint", "OFF-004", "--party", "PARTY-MOD", "--roles",
             "PROTECTION_INTERVIEWER", "--by", "OFF-001")  # fmt: skip
    terminal.person()
    return terminal


P = "P-000001-I"


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
@pytest.mark.parametrize("question", ["status", f"status {P}", f"history {P}", "report in-trust"])
def test_an_empty_time_is_refused_and_never_means_now(
    terminal: Terminal, question: str, option: str
) -> None:
    if question.startswith("history") and option == "--as-of":
        return
    assert "empty" in terminal(*question.split(), option, "", code=2).sentence


def test_an_instant_later_than_known_is_answered_as_the_last_instant_known(
    terminal: Terminal,
) -> None:
    words = ("status", P, "--as-of", "2030-01-01 12:00", "--known-at", "@11")
    said = terminal.document(*words)
    assert said["as_of"] == said["known_at"]
    assert said["asked_as_of"] == "2030-01-01T12:00:00+03:00"
    assert "was not known about by then" in terminal(*words).out
    assert "asked_as_of" not in terminal.document("status", P)


def test_what_was_learned_since_is_what_the_command_it_names_lists(terminal: Terminal) -> None:
    known = terminal.document("status", P)["position"]
    terminal("person", "move", P, "--site", "DEPOT-1", "--at", "8 Dec 2024 09:00", "--reason", "x")
    words = ("status", P, "--as-of", "9 Dec 2024 12:00", "--known-at", f"@{known}")
    learned = terminal.document(*words)["learned_since"]
    assert {"site", "place"} <= set(learned)
    line = next(line for line in terminal(*words).out.splitlines() if "see: amana " in line)
    named = line.partition("see: amana ")[2].replace("'", "").split()
    command = [*named[:2], "--as-of", " ".join(named[3:5]), *named[5:]]
    assert [c["fact"] for c in terminal.document(*command)["changes"]] == learned


def test_a_difference_names_its_facet_and_a_subject_once(terminal: Terminal) -> None:
    before = terminal.document("status")["position"]
    said = ("--interviewer", "OFF-004", "--by", "OFF-004", "--at", "8 Dec 2024 09:00")
    terminal("person", "state-intent", P, "--intent", "stay", *said)
    terminal("person", "move", P, "--site", "DEPOT-1", "--at", "8 Dec 2024 10:00")
    words = ("diff", "--everybody", "--as-of", "9 Dec 2024 12:00", "--known-at", f"@{before}",
             "now", "--by", "OFF-004")  # fmt: skip
    answer = terminal(*words)
    assert "1 subject differs" in answer.out
    assert "intent: none → STAY" in answer.out
    assert answer.out.splitlines().count(P) == 1
    (subject,) = terminal.document(*words)["subjects"]
    facets = {change["facet"] for change in subject["changes"]}
    assert (subject["id"], facets) == (P, {"custody", "intent"})


def test_a_difference_carries_the_position_and_takes_one_now_for_both_clocks(
    terminal: Terminal,
) -> None:
    words = ("diff", P, "--as-of", "7 Dec 2024 01:00", "--as-of", "now")
    said = terminal.document(*words)
    assert said["as_of"][1] == said["known_at"]
    assert f"(position {said['position']:,})" in terminal(*words).out
    assert said["position"] == terminal.document("status")["position"]


def test_what_lasted_when_it_was_known_is_not_called_now(terminal: Terminal) -> None:
    terminal("weapon", "receive", "--site", "CAMP-R1", "--receiver", "OFF-002", "--made-safe",
             "--at", "7 Dec 2024 10:00")  # fmt: skip
    known = terminal.document("status")["position"]
    terminal("weapon", "inventory", "W-000001-A", "--category", "RIFLE", "--model", "AKM", "--serial",
             "SYN 1", "--serial-status", "READ", "--at", "7 Dec 2024 11:00")  # fmt: skip
    out = terminal("history", "W-000001-A", "--gaps", "--known-at", f"@{known}").out
    assert "– still so as known " in out
    held = terminal("history", "W-000001-A", "--gaps").out.partition("Who held it:")[2]
    assert held.count("held by the receiver") == 1
    assert "– now" in held


def test_a_position_is_read_in_arabic_digits_too(terminal: Terminal) -> None:
    assert terminal.document("status", "--known-at", "@١١")["position"] == 11
