"""What is refused at the terminal: which sentence, which exit code, and nothing recorded."""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from application.store import sqlite_file
from application.store.schema import FORMAT
from tests.terminal import TREE, TREE_OPTIONS, Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path).begin_ledger()


@contextmanager
def unchanged(terminal: Terminal) -> Iterator[None]:
    """What is refused leaves no event behind."""
    before = events(terminal)
    yield
    assert events(terminal) == before


def events(terminal: Terminal) -> int:
    with closing(sqlite3.connect(terminal.folder / "camp.amana")) as connection:
        found: int = connection.execute("SELECT count(*) FROM stored_events").fetchone()[0]
    return found


# ── the ledger ───────────────────────────────────────────────────────────────


def test_a_missing_ledger_says_how_to_make_one(tmp_path: Path) -> None:
    answer = Terminal(tmp_path)("--ledger", "none.amana", "status", code=5)
    assert answer.sentence == (
        "there is no ledger at none.amana: make one with `amana init`, or name it with --ledger"
    )
    assert not answer.out


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + bytes(200)])
def test_another_file_is_no_ledger_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.amana").write_bytes(content)
    answer = Terminal(tmp_path)("--ledger", "x.amana", "status", code=2)
    assert answer.sentence == "x.amana is not a ledger of this program"
    assert (tmp_path / "x.amana").read_bytes() == content
    assert os.listdir(tmp_path) == ["x.amana"]


def test_a_database_of_somebody_else_is_no_ledger(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.amana")) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    answer = Terminal(tmp_path)("--ledger", "x.amana", "status", code=2)
    assert answer.sentence == "x.amana is not a ledger of this program"


def test_a_ledger_of_a_newer_format_is_left_alone(terminal: Terminal) -> None:
    with closing(sqlite3.connect(terminal.folder / "camp.amana")) as connection:
        connection.execute(f"PRAGMA user_version={FORMAT + 1}")
    said = terminal("status", code=2).sentence
    assert said == (
        f"camp.amana has format {FORMAT + 1}, this program knows {FORMAT}: install a newer version"
    )


def test_a_folder_is_no_ledger(terminal: Terminal) -> None:
    for folder in (".", "..", "/"):
        said = terminal("--ledger", folder, "status", code=2).sentence
        assert said == f"{folder} is a folder: name the ledger file in it"


def test_a_name_that_is_too_long_is_said_so(terminal: Terminal) -> None:
    answer = terminal("--ledger", "x" * 5000, "status", code=74)
    assert answer.sentence.endswith("cannot be read: File name too long")
    assert len(answer.err) < 500


def test_a_ledger_is_not_made_twice(terminal: Terminal) -> None:
    with unchanged(terminal):
        said = terminal("init", code=2).sentence
    assert said == "camp.amana exists already and is not overwritten: name another ledger"


def test_an_unknown_zone_makes_no_ledger(tmp_path: Path) -> None:
    said = Terminal(tmp_path)("--ledger", "x.amana", "init", "--tz", "Mars/Base", code=2).sentence
    assert said == "'Mars/Base' is not a time zone: write it as Asia/Baghdad"
    assert not os.listdir(tmp_path)


def test_a_lost_key_hides_values_and_nothing_else(terminal: Terminal) -> None:
    person = terminal.person()
    terminal("person", "register", person, "--category", "OTHER", "--declared-name", "سالم")
    (terminal.folder / "camp.key").unlink()
    assert "سالم" not in terminal("status", person).out
    answer = terminal("person", "show", person, "--reason", "asked", code=7)
    assert "camp.key" in answer.sentence
    assert terminal("doctor", code=1).out.count("!") == 1


# ── officials and settings ───────────────────────────────────────────────────


def test_nobody_acts_without_a_name(terminal: Terminal) -> None:
    del terminal.env["AMANA_BY"]
    said = terminal("person", "seek-refuge", "--site", "CAMP-R1", code=2).sentence
    assert said == "who acts? name the official with --by OFF-… or AMANA_BY"


def test_an_official_needs_a_role(terminal: Terminal) -> None:
    with unchanged(terminal):
        said = terminal("--by", "OFF-051", "person", "seek-refuge", "--site", "CAMP-R1", code=3)
    assert said.sentence.startswith(
        "OFF-051 may not record person.refuge_sought: it needs the role"
    )


def test_the_nearest_setting_wins_and_doctor_says_which(terminal: Terminal) -> None:
    (terminal.folder / "amana.toml").write_text('by = "OFF-003"\nledger = "other.amana"\n')
    found = terminal.document("doctor")["settings"]
    assert found["by"] == {"value": "OFF-002", "source": "AMANA_BY"}
    assert found["ledger"]["source"] == "AMANA_LEDGER"
    del terminal.env["AMANA_BY"]
    assert terminal.document("doctor")["settings"]["by"]["source"] == "amana.toml"
    assert terminal.document("--by", "OFF-051", "doctor")["settings"]["by"]["source"] == "--by"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("by = ", "amana.toml is not a settings file: "), ("by = 7", "amana.toml: by must be a text")],
)
def test_a_broken_settings_file_is_named(terminal: Terminal, text: str, sentence: str) -> None:
    (terminal.folder / "amana.toml").write_text(text)
    del terminal.env["AMANA_BY"]
    assert terminal("rules", code=2).sentence.startswith(sentence)


def test_a_named_settings_file_must_be_there(terminal: Terminal) -> None:
    said = terminal("--config", "none.toml", "rules", code=2).sentence
    assert said == "there is no settings file none.toml"


# ── times ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            "07/12/2024",
            "time '07/12/2024' has two readings (day or month first): "
            "write 2024-12-07 or '7 Dec 2024'",
        ),
        ("2024-12-07 24:00", "time '2024-12-07 24:00': 24:00 is not on the clock (00:00 to 23:59)"),
        ("31 Nov 2024", "time '31 Nov 2024': there is no day 31 of month 11 in 2024"),
        (
            "7 Dec 24",
            "time '7 Dec 24' has a year of two digits, which is refused: write all four, as 2024",
        ),
        (
            "",
            "time '' is not understood: "
            "write 2024-12-12T12:00+03:00, '12 Dec 2024 12:00', -2d or now",
        ),
        (
            "yesterday",
            "time 'yesterday' is not understood: "
            "write 2024-12-12T12:00+03:00, '12 Dec 2024 12:00', -2d or now",
        ),
        ("-99999w", "time '-99999w': lies outside the years 1900 to 2200"),
        (
            "~1 Jan 1900 00:00 ±9999d",
            "time '~1 Jan 1900 00:00 ±9999d': lies outside the years 1900 to 2200",
        ),
        ("2024-12-07T12:00+19:00", "time '2024-12-07T12:00+19:00': no zone has the offset +19:00"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(
    terminal: Terminal, typed: str, sentence: str
) -> None:
    with unchanged(terminal):
        answer = terminal("person", "seek-refuge", "--site", "CAMP-R1", "--at", typed, code=2)
    assert answer.sentence == sentence


def test_the_future_is_refused_by_rule_2(terminal: Terminal) -> None:
    with unchanged(terminal):
        answer = terminal(
            "person", "seek-refuge", "--site", "CAMP-R1", "--at", "1 Jan 2199 00:00", code=3
        )
    assert answer.sentence.startswith("rule 2: ")


def test_a_span_needs_both_ends_in_their_order(terminal: Terminal) -> None:
    seek = ("person", "seek-refuge", "--site", "CAMP-R1")
    assert terminal(*seek, "--until", "now", code=2).sentence == "--until needs --at"
    said = terminal(
        *seek, "--at", "7 Dec 2024 09:00", "--until", "7 Dec 2024 08:00", code=2
    ).sentence
    assert said == "--until 7 Dec 2024 08:00 does not lie after --at 7 Dec 2024 09:00"


# ── identifiers ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        (
            "P-000001-J",
            2,
            "'P-000001-J': the check character is 'J', expected 'I' if the digits 000001 are right",
        ),
        ("P-0000I1-I", 2, "'P-0000I1-I': character 6 'I' is not a digit"),
        ("P-01", 2, "'P-01': 2 digits, expected 6 and a check character"),
        ("X-000001-I", 2, "'X-000001-I' is not a control number: it begins with P or W or T or S"),
        ("", 2, "'' is not a control number: it begins with P or W or T or S"),
        ("P-000001-I", 5, "P-000001-I is not in this ledger"),
        ("OFF-999", 5, "OFF-999 is not in this ledger"),
    ],
)
def test_an_identifier_says_which_character_is_wrong(
    terminal: Terminal, typed: str, code: int, sentence: str
) -> None:
    for command in ("history", "status"):
        assert terminal(command, typed, code=code).sentence == sentence


def test_a_control_number_is_read_as_people_and_scanners_type_it(terminal: Terminal) -> None:
    person = terminal.person()
    assert person == "P-000001-I"
    for typed in ("p-000001-i", "P000001I", "P-٠٠٠٠٠١-I", "ح-000001-ه", " P-000001-I "):
        assert terminal.document("status", typed)["id"] == person


def test_an_event_is_named_by_its_stream_and_number(terminal: Terminal) -> None:
    person = terminal.person()
    for typed in (
        person,
        f"{person}:",
        f"{person}:x",
        f"{person}:-1",
        f"{person}:٣",
        f"{person}:{'9' * 5000}",
    ):
        said = terminal("correct", typed, "--at", "now", code=2).sentence
        assert said.endswith(
            "' does not name an event: write it as W-000418-Y:3 (`amana history` shows it)"
        )
    for number in ("0", "99", "9" * 15):
        terminal("retract", f"{person}:{number}", "--why", "duplicate", "--reason", "x", code=5)


# ── rules, conflicts, locks ──────────────────────────────────────────────────


def test_a_rule_that_refuses_prints_its_number(terminal: Terminal) -> None:
    person = terminal.person()
    terminal(
        "weapon", "inventory", "--category", "RIFLE", "--model", "AKM", "--serial-status", "ABSENT"
    )
    with unchanged(terminal):
        said = terminal("person", "merge", person, "--survivor", person, "--reason", "x", code=None)
        refused = terminal(
            "weapon",
            "deposit",
            "W-000001-A",
            "--receipt",
            "R-1",
            "--trustee",
            "PARTY-MOD",
            "--beneficiary",
            "b",
            "--terms",
            "t",
            code=3,
        )
    assert said.code in {2, 3}
    assert refused.sentence.startswith("rule 16: W-000001-A")


def test_control_characters_are_refused_by_rule_24(terminal: Terminal) -> None:
    for place in ("a\u202eb", "a\nb", "a\x1b[31mb", "x" * 2001, "a\x00b"):
        with unchanged(terminal):
            said = terminal("person", "seek-refuge", "--site", "CAMP-R1", "--group", place, code=3)
        assert said.sentence.startswith("rule 24: ")
        assert "\x1b" not in said.err


def test_a_version_that_has_moved_on_is_a_conflict(terminal: Terminal) -> None:
    person = terminal.person()
    move = ("person", "move", person, "--site", "CAMP-R1", "--place", "T-2")
    with unchanged(terminal):
        said = terminal(*move, "--if-version", "1", code=6).sentence
    assert said == f"{person} is at version 2, not 1: look again, then retry"
    terminal(*move, "--if-version", "2")


def test_a_key_records_once_and_belongs_to_one_command(terminal: Terminal) -> None:
    person = terminal.person()
    move = ("person", "move", person, "--site", "CAMP-R1", "--key", "row-17", "--place")
    first = terminal.document(*move, "T-3")["recorded"][0]
    with unchanged(terminal):
        again = terminal.document(*move, "T-3")["recorded"][0]
        said = terminal(*move, "T-4", code=2).sentence
        assert terminal(*move, "T-3").out.endswith("(had been recorded before)\n")
    assert again == {**first, "again": True}
    assert said == "the key 'row-17' was used for another command: give this one its own key"


def test_a_held_lock_is_busy_and_safe_to_retry(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_SECONDS", 0.05)
    seek = ("person", "seek-refuge", "--site", "CAMP-R1")
    with closing(sqlite3.connect(terminal.folder / "camp.amana")) as other:
        other.execute("BEGIN IMMEDIATE")
        with unchanged(terminal):
            said = terminal(*seek, code=6).sentence
        assert said == "camp.amana is busy with another command: nothing was recorded, try again"
        other.rollback()
    terminal(*seek)


def test_reading_does_not_wait_for_a_writer(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_SECONDS", 0.05)
    person = terminal.person()
    with closing(sqlite3.connect(terminal.folder / "camp.amana")) as other:
        other.execute("BEGIN IMMEDIATE")
        terminal("history", person)
        terminal("status", person)
        terminal("doctor")


# ── nothing typed breaks it ──────────────────────────────────────────────────


NOTE = {
    "--at",
    "--until",
    "--authority",
    "--on-behalf-of",
    "--reason",
    "--batch",
    "--key",
    "--evidence",
    "--if-version",
    "--by",
    "--ledger",
    "--key-file",
}
TYPED = ["", "x", "-1", "9" * 5000, "\udcff", "=", "\u202e"]
NAMED = [*TYPED[:2], *TYPED[3:5], "-", "@1"]


def example(name: str) -> list[str]:
    """The words of a command's example, of which the first is parsed and understood."""
    text = (TREE[name].epilog or "").removeprefix("\b\n").removeprefix("Example: ")
    words = shlex.split(text.splitlines()[0], comments=True)[1:]
    return words[: next((i for i, word in enumerate(words) if word in {"|", "<", ">"}), None)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A ledger that any of the words below may change."""
    terminal = Terminal(tmp_path_factory.mktemp("shared")).begin_ledger()
    terminal.person()
    return terminal


@pytest.mark.parametrize("name", sorted(TREE_OPTIONS.keys() - {"demo", "init"}))
def test_no_value_of_an_option_shows_the_inside(shared: Terminal, name: str) -> None:
    shared(*example(name), code=None)
    for option in set(TREE_OPTIONS[name]) - NOTE:
        for value in TYPED:
            shared(*example(name), option, value, code=None)


@pytest.mark.parametrize("name", sorted(TREE_OPTIONS.keys() - {"demo", "init"}))
def test_no_argument_shows_the_inside(shared: Terminal, name: str) -> None:
    for value in NAMED:
        shared(*name.split(), value, code=None)


@pytest.mark.parametrize("option", sorted(NOTE))
def test_no_value_of_a_shared_option_shows_the_inside(shared: Terminal, option: str) -> None:
    for value in [*TYPED, *NAMED, "٩", "CAMP-R1", "x" * 300_000, ".", "/", "/dev/full/x"]:
        shared("person", "house", "P-000001-I", "--site", "CAMP-R1", option, value, code=None)
        shared("status", "P-000001-I", option, value, code=None)


def test_standard_input_may_hold_anything(shared: Terminal) -> None:
    for stdin in (b"\xff\xfe\n", b"\x00\n", b"P-000001-I\x00\n", b"x" * 1_000_000, b"\n\n", b""):
        shared("person", "report-absence", "-", stdin=stdin, code=None)
        shared("person", "register", "--category", "OTHER", "--values", "-", stdin=stdin, code=2)
    for stdin in ("[]", '{"a": 1}', '{"declared_name": "\\ud800"}', '{"x": "y"}', "[" * 100_000):
        shared("person", "register", "--category", "OTHER", "--values", "-", stdin=stdin, code=2)


def test_no_settings_file_shows_the_inside(terminal: Terminal) -> None:
    del terminal.env["AMANA_LEDGER"], terminal.env["AMANA_BY"]
    for text in (
        'ledger = "a\\u0000b"',
        'by = ""',
        'ledger = ""',
        "\x00",
        "[[",
        'key_file = "."',
        f'ledger = "{"x" * 5000}"',
        "ledger = []",
    ):
        (terminal.folder / "amana.toml").write_text(text)
        terminal("status", code=None)
        terminal("person", "seek-refuge", "--site", "CAMP-R1", code=None)
