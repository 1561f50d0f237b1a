"""`amana audit replay` as users meet it: damaged files, restored ledgers, pipes, full disks."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal import Answer, Terminal
from tests.test_cli_breakage import _at_most as at_most


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A camp where three persons live; the views have read it all."""
    terminal = Terminal(tmp_path).begin_ledger()
    for _ in range(3):
        terminal.person()
    terminal("status")
    return terminal


def views(terminal: Terminal) -> Path:
    return terminal.folder / "camp.amana.views"


def change(terminal: Terminal, *statements: str) -> None:
    """Somebody edits the read models behind the program's back."""
    with closing(sqlite3.connect(views(terminal), isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def compare(terminal: Terminal, code: int) -> Answer:
    return terminal("audit", "replay", "--compare", code=code)


def test_views_ahead_of_a_restored_ledger_are_made_anew_and_it_is_said(terminal: Terminal) -> None:
    for name in ("camp.amana", "camp.amana.keys"):
        backup(terminal.folder / name)
    late = terminal.person()
    terminal("status", late)
    for name in ("camp.amana", "camp.amana.keys"):
        restore(terminal.folder / name)
    answer = terminal("status", "--site", "CAMP-R1")
    assert "3 persons SHELTERED" in answer.out
    assert "restored" in answer.err
    other = terminal.person(at="8 Dec 2024 06:00")  # the same number, another life
    assert other == late
    assert "4 persons SHELTERED" in terminal("status", "--site", "CAMP-R1").out
    compare(terminal, 0)


def test_a_ledger_restored_and_grown_again_is_noticed_by_what_stands_at_the_position(
    terminal: Terminal,
) -> None:
    backup(terminal.folder / "camp.amana")
    terminal.person()
    terminal("status")
    restore(terminal.folder / "camp.amana")
    for _ in range(2):
        terminal.person(at="9 Dec 2024 06:00")
    assert "restored" in terminal("status").err
    compare(terminal, 0)


def backup(path: Path) -> None:
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(f"{path}.kept")) as kept:
        live.backup(kept)


def restore(path: Path) -> None:
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    shutil.copy(f"{path}.kept", path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE tracking SET position = 99999", "did not fit"),
        ("DELETE FROM tracking", "did not fit"),
        ("UPDATE tracking SET position = position - 2", "did not fit"),
        ("DELETE FROM event_index WHERE position > 5", "did not fit"),
        ("UPDATE owner SET id = 'another'", "another ledger"),
    ],
)
def test_views_that_do_not_fit_are_made_anew_at_the_next_question(
    terminal: Terminal, damage: str, said: str
) -> None:
    change(terminal, damage)
    answer = terminal("status", "--site", "CAMP-R1")
    assert "3 persons SHELTERED" in answer.out
    assert said in answer.err
    assert terminal("status").err == ""
    compare(terminal, 0)


@pytest.mark.parametrize("size", [0, 100, 4096, 20_000])
def test_a_garbled_or_cut_views_file_is_made_anew(terminal: Terminal, size: int) -> None:
    path = views(terminal)
    whole = path.read_bytes()
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes(b"garbage" * 99 if size == 0 else whole[:size])
    assert "3 persons SHELTERED" in terminal("status", "--site", "CAMP-R1").out
    compare(terminal, 0)


def test_rows_already_there_beyond_the_position_are_damage_and_not_a_busy_file(
    terminal: Terminal,
) -> None:
    """A position and an event index that agree, and segments that are ahead of both."""
    change(
        terminal, "DELETE FROM event_index WHERE position > 12", "UPDATE tracking SET position = 12"
    )
    answer = terminal("status", "--site", "CAMP-R1")
    assert "3 persons SHELTERED" in answer.out
    assert "damaged" in answer.err
    compare(terminal, 0)


def test_classes_of_length_that_are_missing_are_found(terminal: Terminal) -> None:
    change(terminal, "DELETE FROM segment_class WHERE k = 62")
    assert "segment_class" in compare(terminal, 1).out
    terminal("audit", "replay", "--repair")
    assert "3 persons SHELTERED" in terminal("status", "--site", "CAMP-R1").out
    compare(terminal, 0)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DROP VIEW rectangle; CREATE VIEW rectangle AS SELECT 1 AS subject", "rectangle"),
        ("ALTER TABLE segment ADD COLUMN x", "segment"),
        ("DROP INDEX segment_site; CREATE INDEX segment_site ON segment (site)", "segment_site"),
        ("CREATE TRIGGER t AFTER INSERT ON segment BEGIN DELETE FROM segment; END", "t"),
    ],
)
def test_tables_indexes_and_views_of_somebody_else_are_found(
    terminal: Terminal, statement: str, named: str
) -> None:
    change(terminal, *(statement.split("; ") if statement.startswith("DROP") else [statement]))
    assert f"{named}  " in compare(terminal, 1).out
    terminal("audit", "replay", "--repair")
    compare(terminal, 0)


def test_an_index_that_was_dropped_is_made_again_when_the_file_is_opened(
    terminal: Terminal,
) -> None:
    change(terminal, "DROP INDEX segment_site", "DROP VIEW rectangle")
    compare(terminal, 0)


def test_an_index_that_says_otherwise_than_its_table_is_found(terminal: Terminal) -> None:
    """One byte of the index flips, as a failing disk does it."""
    path = views(terminal)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'segment_site'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    page = bytearray(path.read_bytes())
    place = root * size - 1  # the last byte of the last record's payload on the index's root page
    page[place] ^= 1
    path.write_bytes(page)
    answer = compare(terminal, 1)
    assert "integrity" in answer.out
    assert "! " in terminal("doctor", code=1).out
    terminal("audit", "replay", "--repair")
    compare(terminal, 0)


def test_a_false_verdict_is_told_by_the_exit_code_even_when_nobody_reads_to_the_end(
    terminal: Terminal,
) -> None:
    change(terminal, "UPDATE segment SET version = version + 9")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        assert terminal.process("audit", "replay", "--compare", stdout=nobody).code == 1


def test_the_quick_forms_say_what_they_looked_at(terminal: Terminal) -> None:
    change(terminal, "UPDATE occupancy_cube SET delta = delta + 1")
    assert "counts by day were not looked at" in terminal("audit", "replay", "--sample", "100%").out
    assert "occupancy_cube" in compare(terminal, 1).out
    terminal("audit", "replay", "--repair")
    compare(terminal, 0)
    assert "0 subjects" in terminal("audit", "replay", "--since", "last").out
    person = terminal.person()
    terminal("audit", "replay", "--since", f"@{terminal.document('status')['position']}")
    answer = terminal("audit", "replay", "--since", "last")  # not from the position named just now
    assert answer.out.startswith("what was looked at is what the log says: 1 subject row by row")
    change(terminal, "UPDATE segment SET site = 'X' WHERE valid_to IS NULL AND party IS NULL")
    assert person in terminal("audit", "replay", "--since", "@1", code=1).out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--sample 1% --since @3", 2),
        ("--compare --sample 1%", 2),
        ("--repair --until @3", 2),
        ("--since @99999", 5),
        ("--since yesterday", 2),
        ("--sample 0%", 2),
        ("-o camp.amana", 2),
    ],
)
def test_options_that_exclude_each_other_or_name_nothing_are_refused(
    terminal: Terminal, words: str, code: int
) -> None:
    assert terminal("audit", "replay", *words.split(), code=code).sentence


def test_a_comparison_can_keep_what_was_replayed(terminal: Terminal) -> None:
    terminal("audit", "replay", "--compare", "-o", "kept.views")
    with closing(sqlite3.connect(terminal.folder / "kept.views")) as kept:
        assert kept.execute("SELECT count(*) FROM spelled_event").fetchone()[0] > 9
        spelled = kept.execute("SELECT subject, site FROM rectangle WHERE status = 'SHELTERED'")
        assert set(spelled) == {(f"P-00000{n}", "CAMP-R1") for n in ("1-I", "2-G", "3-E")}


def test_a_copy_for_which_the_disk_is_too_small_leaves_nothing_behind(terminal: Terminal) -> None:
    answer = terminal.process("audit", "replay", "-o", "kept.views", preexec_fn=at_most(16 * 1024))
    assert answer.code == 74
    assert "full" in answer.sentence
    assert not [path.name for path in terminal.folder.iterdir() if "kept" in path.name]
    terminal("audit", "replay", "-o", "kept.views")


def test_repairs_and_questions_at_once_never_answer_from_half_a_file(terminal: Terminal) -> None:
    """Somebody repairs, somebody else too, and everybody asks."""
    for _ in range(3):
        repairs = [terminal.begin("audit", "replay", "--repair") for _ in range(2)]
        others = [terminal.begin("audit", "replay", "-o", f"copy-{n}.views") for n in range(2)]
        questions = [terminal.begin("status", "--site", "CAMP-R1") for _ in range(3)]
        for process in repairs:
            assert terminal.end(process).code == 0
        for process in questions:
            assert "3 persons SHELTERED" in terminal.end(process).out
        for process in others:
            assert terminal.end(process).code == 0
        for n in range(2):
            (terminal.folder / f"copy-{n}.views").unlink()
    compare(terminal, 0)
    assert not [path.name for path in terminal.folder.iterdir() if "part" in path.name]


def test_two_copies_of_one_name_leave_the_first_whole(terminal: Terminal) -> None:
    both = [terminal.begin("audit", "replay", "-o", "kept.views") for _ in range(2)]
    codes = sorted(terminal.end(process).code for process in both)
    assert codes[0] == 0
    assert codes[1] in {2, 74} or codes == [0, 0]
    with closing(sqlite3.connect(terminal.folder / "kept.views")) as kept:
        assert kept.execute("SELECT count(*) FROM rectangle").fetchone()[0] > 3


def test_what_a_killed_replay_left_is_swept_by_the_next(terminal: Terminal) -> None:
    left = terminal.folder / ".camp.amana.views.replay.999999999.part"
    left.write_bytes(b"half")
    terminal("audit", "replay")
    assert not left.exists()
