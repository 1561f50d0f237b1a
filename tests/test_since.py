"""What changed since somebody asked last: nothing twice, nothing lost, and what it changed now."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.report_desk import desk
from tests.terminal import Terminal

ASK = ("diff", "--since", "last")


def asked(house: Any, by: str = "OFF-019") -> dict[str, Any]:
    return desk(house).document("--by", by, *ASK)


def remembered(house: Any) -> list[Path]:
    return sorted((house.path.parent / "state" / "amana").iterdir())


def test_the_first_time_it_says_so_and_the_next_time_shows_what_came(house):
    person = house.sheltered()
    terminal = desk(house)
    first = terminal(*ASK)
    assert first.out == ""
    assert "OFF-019 asks for the first time here: remembered at position" in first.err
    assert terminal(*ASK).out.startswith("0 events recorded since position")
    house.do("move", person, at=house.dec(19, 12), site="CAMP-R2", place="T-1")
    house.do("house", house.admitted(), at=house.clock.now, site="CAMP-R1", place="T-9")
    told = asked(house)
    moved, *_, housed = told["recorded"]
    assert (moved["event"], moved["what"], moved["back_dated"]) == (f"{person}:5", "moved to", True)
    assert {"fact": "site", "before": "CAMP-R1", "after": "CAMP-R2"} in moved["changed_now"]
    assert housed["back_dated"] is False
    assert told["changed"] == sorted({one["event"][:10] for one in told["recorded"]})
    assert told["count"] == len(told["recorded"]) == told["position"] - told["since"]
    assert asked(house)["count"] == 0


def test_text_and_a_pipe_say_the_same(house):
    person = house.sheltered()
    position = house.custody.streams.newest()
    house.do("move", person, at=house.dec(19, 12), site="CAMP-R2", place="T-1")
    for form in ((), ("--plain",)):
        answer = desk(house)(*form, "diff", "--since", f"@{position}")
        assert "1 event recorded since position" in answer.out + answer.err
        assert "1 back-dated; 1 answer about now changed" in answer.out + answer.err
        assert "site CAMP-R1 → CAMP-R2" in answer.out


def test_each_official_has_a_place_of_their_own_in_a_file_they_alone_may_read(house):
    asked(house)
    house.sheltered()
    assert "first" in asked(house, "OFF-010")
    assert asked(house)["count"] == 4, "another one's question took nothing away"
    assert [file.stat().st_mode & 0o777 for file in remembered(house)] == [0o600, 0o600]


def test_a_wish_is_no_change_to_who_may_not_read_it(house):
    person = house.sheltered()
    for official in ("OFF-012", "OFF-015"):
        asked(house, official)
    house.do("state_intent", person, at=house.dec(19), intent="STAY", interviewer="OFF-016")
    assert asked(house, "OFF-012")["changed"] == []
    told = asked(house, "OFF-015")
    assert told["changed"] == [person]
    assert told["recorded"][0]["changed_now"] == [
        {"fact": "intent", "before": None, "after": "STAY"}
    ]


def test_an_answer_that_nobody_could_read_is_not_remembered(house):
    asked(house)
    house.sheltered()
    house.custody.store.close()
    terminal = desk(house)
    with terminal.begin("--json", *ASK, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.close()  # before it writes: whoever reads it is gone
    assert terminal.document(*ASK)["count"] == 4
    assert terminal.document(*ASK)["count"] == 0


def test_another_copy_of_the_ledger_is_told_from_the_one_asked(house):
    house.sheltered()
    before = house.path.with_name("before.amana")
    house.custody.store.execute("VACUUM INTO ?", (str(before),))
    house.sheltered()
    asked(house)
    position = house.custody.streams.newest()
    house.custody.close()
    os.replace(before, house.path)
    shutil.rmtree(house.path.with_name(f"{house.path.name}.views"), ignore_errors=True)
    for leftover in house.path.parent.glob(f"{house.path.name}-*"):
        leftover.unlink()
    answer = desk(house)(*ASK, code=5)
    assert answer.sentence.startswith(f"you asked last at position {position} of another copy")
    assert desk(house).document("diff", "--since", "@1")["count"] == position - 4 - 1
    assert asked(house)["count"] == 0


def test_what_was_remembered_may_be_lost_or_broken(house):
    asked(house)
    (file,) = remembered(house)
    for broken in ("", "no number", "1", "\x00\xff"):
        file.write_text(broken, "utf-8")
        assert asked(house)["first"] is True
    assert asked(house)["first"] is False


def test_since_is_about_the_whole_ledger(house):
    for words in (("P-000001-I",), ("--site", "CAMP-R1"), ("--known-at", "now")):
        answer = desk(house)("diff", "--since", "last", *words, code=2)
        assert answer.sentence.startswith("--since is about the whole ledger")
    assert (
        desk(house)("diff", "--since", "@9999", code=5).sentence == "the log has no position 9999"
    )


def test_an_empty_ledger_is_asked_from_its_beginning(tmp_path):
    terminal = Terminal(tmp_path).begin_ledger()
    told = terminal.document("diff", "--since", "7 Dec 2024 00:00")
    assert (told["since"], told["count"]) == (0, told["position"])
