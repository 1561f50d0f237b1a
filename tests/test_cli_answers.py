"""What the terminal answers: to people, to pipes and to programs."""

from __future__ import annotations

import os
import pty
import re
import sys
from pathlib import Path

import pytest

from tests.terminal import AMANA, Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path).begin_ledger()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A ledger with a person and a weapon whose records were mended; questions only."""
    t = Terminal(tmp_path_factory.mktemp("lived")).begin_ledger()
    (t.folder / "sheet.pdf").write_bytes(b"%PDF SYNTHETIC")
    person = t.person()
    t(
        "person",
        "move",
        person,
        "--site",
        "CAMP-R1",
        "--place",
        "T-07/12",
        "--at",
        "9 Dec 2024 14:00",
        "--authority",
        "order 9",
        "--evidence",
        "sheet.pdf=sheet p. 4",
        "--on-behalf-of",
        "PARTY-MOD",
    )
    t("correct", f"{person}:3", "--set", "place=T-07/13", "--reason", "bed list misread")
    t("approve", f"{person}:4", "--by", "OFF-003")
    t(
        "weapon",
        "receive",
        "--person",
        person,
        "--site",
        "DEPOT-1",
        "--receiver",
        "OFF-002",
        "--made-safe",
        "--at",
        "~7 Dec 2024 18:00 ±2h",
    )
    t(
        "weapon",
        "inventory",
        "W-000001-A",
        "--category",
        "RIFLE",
        "--model",
        "AKM",
        "--serial",
        "ГИ 3471",
        "--serial-status",
        "READ",
    )
    t("weapon", "record-damage", "W-000001-A", "--damage", "stock cracked")
    t("retract", "W-000001-A:3", "--why", "wrong_subject", "--reason", "the other rifle")
    t("approve", "W-000001-A:4", "--by", "OFF-003")
    return t


QUESTIONS = [
    "status", "status P-000001-I", "status --site CAMP-R1", "status SITE-CAMP-R1", "status OFF-002",
    "history P-000001-I", "history W-000001-A", "history OFF-002", "history PARTY-MOD",
    "pending", "irregularity list", "irregularity list --rule 4", "rules", "doctor",
    "directory list sites", "directory list parties", "directory list officials",
    "weapon find 'ГИ 3471'", "report flow", "report in-trust",
    "diff P-000001-I --known-at '8 Dec 2024 00:00' now",
]  # fmt: skip


def words_of(question: str) -> list[str]:
    import shlex

    return shlex.split(question)


# ── history ──────────────────────────────────────────────────────────────────


def test_the_history_of_a_person_shows_both_clocks_and_all_that_stands_behind(
    lived: Terminal,
) -> None:
    said = lived("history", "P-000001-I").out
    block = re.search(r"^  3  (.+?)(?=^  4)", said, re.S | re.M)
    assert block is not None
    text = block[1]
    assert text.startswith("09 Dec 2024 14:00 ")
    assert re.search(r"recorded \d\d \w{3} 20\d\d \d\d:\d\d:\d\d  moved to", text)
    assert "CAMP-R1 / T-07/12" in text
    assert "by OFF-002, on behalf of PARTY-MOD" in text
    assert "authority: order 9" in text
    assert "evidence: sheet p. 4 (application/pdf)" in text
    assert "LATE" in text
    assert "NO LONGER COUNTS, see 6" in text
    assert re.search(r"^  6  09 Dec 2024 14:00 .*moved to +replaces 3", said, re.M)
    assert "approved by OFF-003" in said
    assert "reason: bed list misread" in said
    assert "irregular: rule 4" in said
    assert not re.search(r"\d{13,}", said), "an instant that is not for people"


def test_digests_of_evidence_are_shown_when_asked_for(lived: Terminal) -> None:
    digest = re.compile(r"sha256 [0-9a-f]{64}")
    assert not digest.search(lived("history", "P-000001-I").out)
    assert digest.search(lived("history", "P-000001-I", "--evidence").out)


def test_the_history_of_a_weapon_keeps_what_was_retracted(lived: Terminal) -> None:
    said = lived("history", "W-000001-A").out
    assert re.search(r"^  1  ~07 Dec 2024 18:00 ±2h .*received from holder +LATE", said, re.M)
    assert re.search(
        r"^  3  .*damage recorded +NO LONGER COUNTS, see 6: the other rifle", said, re.M
    )
    assert re.search(r"^  6  .*retracted +takes back 3", said, re.M)
    assert "serial ГИ 3471" in said


def test_the_history_as_data_holds_both_clocks(lived: Terminal) -> None:
    events = lived.document("history", "P-000001-I")["events"]
    assert [event["version"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[2]["occurred_at"] == "2024-12-09T14:00:00+03:00"
    assert events[2]["recorded_at"] > "2026"
    assert events[2]["evidence"][0]["label"] == "sheet p. 4"
    assert len(events[2]["evidence"][0]["sha256"]) == 64
    assert events[5]["corrects"] == 3
    assert events[5]["approved_by"] == "OFF-003"


def test_intent_is_shown_to_those_who_may_read_it(terminal: Terminal) -> None:
    person = terminal.person()
    terminal("person", "state-intent", person, "--intent", "STAY", "--interviewer", "OFF-002")
    for official, shown in (("OFF-002", True), ("OFF-051", False)):
        for command in ("history", "status"):
            for form in ("--plain", "--json", "--quiet"):
                said = terminal("--by", official, form, command, person).out
                assert ("STAY" in said) is shown, (official, command, form)
    del terminal.env["AMANA_BY"]
    assert "STAY" not in terminal("history", person).out


# ── forms ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("question", QUESTIONS)
def test_json_is_one_document_with_its_schema(lived: Terminal, question: str) -> None:
    answer = lived("--json", *words_of(question))
    assert answer.out.count("\n") == 1
    assert answer.document
    assert lived(*words_of(question), "--json").document.keys() == answer.document.keys()


@pytest.mark.parametrize("question", QUESTIONS)
def test_plain_is_lines_of_tabs(lived: Terminal, question: str) -> None:
    out = lived("--plain", *words_of(question)).out
    assert "\x1b" not in out
    assert not re.search("[\u2500-\u257f\u2066-\u2069]", out)
    assert all(line == line.strip(" ") for line in out.splitlines())


def test_plain_tables_have_as_many_cells_in_each_line(lived: Terminal) -> None:
    for question in ("history P-000001-I", "directory list officials", "rules", "pending"):
        lines = lived("--plain", *question.split()).out.splitlines()
        assert len({line.count("\t") for line in lines}) == 1, question


def test_no_escape_codes_and_no_marks_leave_for_a_pipe(lived: Terminal) -> None:
    for question in QUESTIONS:
        out = lived(*words_of(question)).out
        assert not re.search("\x1b|[\u2066-\u2069]", out)


@pytest.mark.parametrize(
    ("settings", "words", "bold"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": ""}, [], True),
        ({"TERM": "dumb"}, [], False),
        ({}, ["--no-color"], False),
    ],
)
def test_a_terminal_gets_bold_lines_unless_told_not_to(
    lived: Terminal, settings: dict[str, str], words: list[str], bold: bool
) -> None:
    out = on_a_terminal(lived, {"TERM": "xterm", **settings}, *words, "weapon", "find", "ГИ 3471")
    assert ("\x1b[1m" in out) is bold
    assert "\u2068ГИ 3471\u2069" in out


def on_a_terminal(terminal: Terminal, settings: dict[str, str], *words: str) -> str:
    """Run a command whose stdout is a terminal; return what it wrote there."""
    main, side = pty.openpty()
    process = terminal.begin(*words, stdout=side, env={**terminal.env, **settings})
    os.close(side)
    said = b""
    while True:
        try:
            chunk = os.read(main, 65_536)
        except OSError:  # Linux says EIO when the other side is gone
            break
        if not chunk:
            break
        said += chunk
    os.close(main)
    terminal.end(process)
    return said.decode()


def test_empty_answers_say_so_beside_the_data(terminal: Terminal) -> None:
    answer = terminal("pending")
    assert (answer.out, answer.err) == ("", "none\n")
    assert terminal.document("pending")["pending"] == []
    answer = terminal("weapon", "find", "999", code=5)
    assert (answer.out, answer.err) == ("", "no weapon has the serial '999'\n")


def test_what_was_recorded_is_told_in_three_forms(terminal: Terminal) -> None:
    seek = ("person", "seek-refuge", "--site", "CAMP-R1", "--at", "7 Dec 2024 06:10")
    assert terminal(*seek).out == "P-000001-I:1  seek refuge  occurred 07 Dec 2024 06:10 +03:00\n"
    assert terminal(*seek, "--plain").out == "subject\tversion\tirregularities\nP-000002-G\t1\t\n"
    found = terminal.document(*seek)
    assert found["occurred_at"] == "2024-12-07T06:10:00+03:00"
    assert found["precision"] == "MINUTE"
    assert found["recorded"][0]["subject"] == "P-000003-E"


def test_times_are_echoed_in_the_zone_of_the_ledger(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.env |= {"AMANA_LEDGER": "x.amana", "AMANA_BY": "OFF-001"}
    terminal("init", "--tz", "Asia/Tehran")
    said = terminal(
        "directory", "open-site", "A", "--kind", "CAMP", "--name", "a", "--at", "2024-12-07T06:00Z"
    ).out
    assert said == "SITE-A:1  open-site  occurred 07 Dec 2024 09:30 +03:30\n".replace("-s", " s")


def test_a_correction_echoes_the_time_it_would_have(terminal: Terminal) -> None:
    person = terminal.person()
    said = terminal("correct", f"{person}:2", "--at", "2024-12-08", "--reason", "the day after").out
    assert said.endswith("correct: proposed  occurred 08 Dec 2024 +03:00\n")


# ── standard input and pipes ─────────────────────────────────────────────────


def test_identifiers_come_from_standard_input_all_or_none(terminal: Terminal) -> None:
    people = [terminal.person(), terminal.person()]
    listed = "\n".join(f"{one}  # a remark" for one in [*people, people[0]])
    done = terminal("person", "report-absence", "-", stdin=listed + "\n\n").out
    assert [line.split(":")[0] for line in done.splitlines()] == people
    before = terminal("history", people[0]).out.splitlines()[2:]
    terminal(
        "person", "find-again", "-", "--site", "CAMP-R1", stdin=f"{people[0]}\nP-000099-I\n", code=2
    )
    unknown = "P-000009-2"
    terminal(
        "person", "find-again", "-", "--site", "CAMP-R1", stdin=f"{people[0]}\n{unknown}\n", code=5
    )
    assert terminal("history", people[0]).out.splitlines()[2:] == before


def test_a_reader_that_leaves_early_is_no_error(lived: Terminal) -> None:
    process = lived.begin("rules")
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    process.stdout = None
    answer = lived.end(process)
    assert answer.code in {0, 141, -13}
    assert not answer.err


def test_nothing_ever_asks_back(lived: Terminal) -> None:
    assert "prompt" not in "".join(
        path.read_text("utf-8") for path in (Path(__file__).parent.parent / "commands").glob("*.py")
    )
    answer = lived.process("key", "shred", "P-000001-I", "--authority", "x")
    assert answer.code == 2
    assert answer.sentence.endswith("confirm with --yes to destroy them")


def test_a_full_standard_output_is_not_silence(lived: Terminal) -> None:
    with open("/dev/full", "wb") as full:
        answer = lived.process("rules", stdout=full)
    assert answer.code == 74
    assert answer.sentence == "the answer cannot be written: No space left on device"


# ── speed, by what is not loaded ─────────────────────────────────────────────


@pytest.mark.parametrize(
    "words", [["--version"], ["-h"], ["help", "times"], ["completion", "bash"]]
)
def test_what_needs_no_ledger_loads_no_heavy_library(lived: Terminal, words: list[str]) -> None:
    import subprocess

    heavy = {"pydantic", "eventsourcing", "rich", "cryptography", "sqlite3"}
    if words == ["-h"]:
        heavy = {"rich"}  # its short helps are the events' own
    script = (
        "import sys, cli\n"
        f"sys.argv = ['amana', *{words!r}]\n"
        "try:\n    cli.main()\nexcept SystemExit as left:\n    assert not left.code\n"
        f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=lived.env, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"


def test_the_version_is_said_in_a_line(lived: Terminal) -> None:
    assert re.fullmatch(r"amana \d+\.\d+\.\d+\n", lived("--version").out)
    assert AMANA[0] == sys.executable


# ── counts ───────────────────────────────────────────────────────────────────


def test_a_count_says_where_each_was_found_to_people_and_to_programs(terminal: Terminal) -> None:
    people = sorted(terminal.person() for _ in range(6))
    terminal("stocktake", "open", "--kind", "PERSONS", "--site", "CAMP-R1", "--by", "OFF-003")
    for n, person in enumerate(people):
        terminal("stocktake", "scan", "S-000001-4", person, "--place", f"T-{n}", "--by", "OFF-003")
    for question in ("stocktake show S-000001-4", "status S-000001-4"):
        document = terminal("--json", *question.split()).document
        assert document["found"] == {p: f"T-{n}" for n, p in enumerate(people)}
        assert list(document["found"]) == people
    assert "Map" not in terminal("status", "S-000001-4").out
