"""Processes that are stopped, starved and crowded: the ledger stays whole, and no inside shows."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from application.answers import soundness
from application.answers.feed.follow import Views
from tests.terminal import Terminal
from tests.test_audit_replay import ledger_id


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path).begin_ledger()


def whole(terminal: Terminal) -> int:
    """How many events the ledger holds; it must be sound."""
    with closing(sqlite3.connect(terminal.folder / "camp.amana")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found: int = connection.execute("SELECT count(*) FROM stored_events").fetchone()[0]
    assert terminal("doctor").out.count("ok ") == 7
    return found


SEEK = ("person", "seek-refuge", "--site", "CAMP-R1")


# ── what may be typed at a shell ─────────────────────────────────────────────


def test_bytes_that_are_no_text_are_refused_wherever_they_stand(terminal: Terminal) -> None:
    before = whole(terminal)
    for words in (
        [*SEEK, "--group", b"a\xffb"],
        [*SEEK, "--at", b"\xff"],
        [*SEEK, "--key", b"\xff"],
        [*SEEK, "--reason", b"\xc3("],
        ["--by", b"OFF-\xff", *SEEK],
        ["status", b"\xff"],
        ["person", "register", "--category", "OTHER", "--declared-name", b"\xff"],
        ["person", "find", "--declared-name", b"\xff", "--birth-date", "1985"],
        ["status", "--crate", b"\xff"],
        [b"\xff"],
        ["help", b"\xff"],
    ):
        assert terminal.process(*words).code in {2, 3, 5}, words
    assert whole(terminal) == before


def test_a_document_may_have_any_name_a_disk_allows(terminal: Terminal) -> None:
    odd = os.fsencode(str(terminal.folder)) + b"/\xff.pdf"
    with open(odd, "wb") as file:
        file.write(b"SYNTHETIC")
    assert terminal.process(*SEEK, "--evidence", odd).code in {0, 3}
    for missing in ("nowhere.pdf", "/", ".", "x" * 5000, "camp.amana/x"):
        answer = terminal.process(*SEEK, "--evidence", missing)
        assert answer.code == 5
        assert re.match(r"the evidence '.*' cannot be read: ", answer.sentence)


def test_an_escape_code_never_reaches_the_screen(terminal: Terminal) -> None:
    red = "\x1b[31mred"
    for words in (
        ["status", red],
        ["status", "--crate", red],
        ["help", red],
        ["--config", red, "rules"],
        [red],
        [*SEEK, "--group", red],
        ["weapon", "find", red],
        ["person", "admit", "--x", red],
    ):
        answer = terminal.process(*words)
        assert "\x1b" not in answer.out + answer.err


# ── permissions, space ───────────────────────────────────────────────────────


def test_a_folder_that_may_not_be_written_is_said(terminal: Terminal) -> None:
    before = whole(terminal)
    terminal.folder.chmod(0o500)
    try:
        for words in (SEEK, ("--ledger", "new.amana", "init"), ("demo",)):
            answer = terminal.process(*words, preexec_fn=_as_anybody)
            assert answer.code == 74
            assert answer.sentence
    finally:
        terminal.folder.chmod(0o700)
    assert whole(terminal) == before


def test_an_auditor_reads_and_replays_a_ledger_on_a_read_only_medium(terminal: Terminal) -> None:
    person, before = terminal.person(), whole(terminal)
    terminal.env["XDG_CACHE_HOME"] = str(terminal.folder.with_name("cache"))
    said = terminal("status", person).out.splitlines()[0]
    for file in terminal.folder.iterdir():
        file.chmod(0o400)
    terminal.folder.chmod(0o500)
    try:
        for words in (
            ("status", person),
            ("history", person),
            ("audit", "replay", "--compare"),
            ("doctor",),
            ("report", "in-trust"),
        ):
            answer = terminal.process(*words, preexec_fn=_as_anybody)
            assert answer.code == 0, (words, answer)
            assert words[0] != "status" or answer.out.splitlines()[0] == said
        assert terminal.process(*SEEK, preexec_fn=_as_anybody).code == 74
    finally:
        terminal.folder.chmod(0o700)
        for file in terminal.folder.iterdir():
            file.chmod(0o600 if file.is_file() else 0o700)
    assert whole(terminal) == before


@pytest.mark.parametrize("name", ["camp.amana", "camp.amana.keys", "camp.amana.views", "camp.key"])
def test_a_file_that_may_not_be_opened_is_said(terminal: Terminal, name: str) -> None:
    person = terminal.person()
    terminal("person", "register", person, "--category", "OTHER", "--declared-name", "سالم")
    terminal("status", person)
    (terminal.folder / name).chmod(0)
    for words in (("status", person), SEEK, ("person", "show", person, "--reason", "asked")):
        assert terminal.process(*words, preexec_fn=_as_anybody).code in {0, 1, 2, 7, 74}, words


def _as_anybody() -> None:
    """Give up what lets root pass over permissions (prctl(2), PR_CAPBSET_DROP)."""
    drop, override, read_search = 24, 1, 2
    libc = ctypes.CDLL(None)
    libc.prctl(drop, override, 0, 0, 0)
    libc.prctl(drop, read_search, 0, 0, 0)


@pytest.mark.parametrize(
    "words",
    [
        ("--ledger", "/proc/x.amana", "init"),
        ("demo", "--dir", "/proc/x"),
        ("demo", "--dir", "camp.key"),
        ("demo", "--dir", "camp.key/x"),
        ("--ledger", "camp.key/x.amana", "init"),
    ],
)
def test_a_ledger_that_cannot_be_made_there_is_said(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    answer = terminal.process(*words)
    assert answer.code in {2, 74}
    assert answer.sentence


@pytest.mark.parametrize("kibibytes", [4, 64, 256])
def test_a_full_disk_stops_the_demo_with_a_sentence(tmp_path: Path, kibibytes: int) -> None:
    terminal = Terminal(tmp_path)
    answer = terminal.process("demo", "--size", "small", preexec_fn=_at_most(kibibytes * 1024))
    assert answer.code == 74
    assert "full" in answer.sentence
    terminal("demo", "--size", "small", "--force")


def test_a_full_disk_records_nothing_and_says_so(terminal: Terminal) -> None:
    before = whole(terminal)
    answer = terminal.process(*SEEK, preexec_fn=_at_most(1024))
    assert answer.code == 74
    assert answer.sentence.endswith("nothing was recorded")
    assert not answer.out
    assert whole(terminal) == before


def _at_most(size: int) -> object:
    """Limit the files a process may write, as `ulimit -f` does; the signal is ignored, as shells do."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


# ── crowds and kills ─────────────────────────────────────────────────────────


def test_processes_at_once_all_record_and_no_number_is_given_twice(terminal: Terminal) -> None:
    before = whole(terminal)
    crowd = [terminal.begin("--json", *SEEK) for _ in range(6)]
    answers = [terminal.end(process) for process in crowd]
    assert {answer.code for answer in answers} == {0}
    numbers = {answer.document["recorded"][0]["subject"] for answer in answers}
    assert len(numbers) == 6
    assert whole(terminal) == before + 6


def test_questions_asked_at_once_after_the_views_were_lost_agree(terminal: Terminal) -> None:
    terminal.person()
    for left in terminal.folder.glob("*.views*"):
        left.unlink()
    crowd = [terminal.begin("--json", "irregularity", "list") for _ in range(4)]
    answers = [terminal.end(process) for process in crowd]
    assert {answer.code for answer in answers} == {0}
    assert len({answer.out for answer in answers}) == 1


def test_what_was_acknowledged_before_a_kill_is_there(terminal: Terminal) -> None:
    script = (
        "import sys; from pathlib import Path; from application.decisions.open import open_ledger\n"
        "from application.decisions.unit import Note\n"
        "custody = open_ledger(Path('camp.amana'))\n"
        "for n in range(10_000):\n"
        "    print(custody.seek_refuge(None, Note('OFF-002'), site='CAMP-R1').subject, flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=terminal.folder,
        env=terminal.env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(20)]
    process.kill()
    acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    process.wait()
    whole(terminal)
    for number in (acknowledged[0], acknowledged[19], acknowledged[-1]):
        assert terminal.document("status", number)["id"] == number


def test_ctrl_c_while_reading_standard_input_leaves_nothing_half_done(terminal: Terminal) -> None:
    terminal.person()
    before = whole(terminal)
    process = terminal.begin("person", "report-absence", "-")
    assert process.stdin is not None
    process.stdin.write(b"P-000001-I\n")
    process.stdin.flush()
    _until_it_reads(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert not out
    assert err.decode() == "Error: interrupted; what was acknowledged is recorded\n"
    assert whole(terminal) == before


def _until_it_reads(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process sleeps in a read of its standard input."""
    import time

    for _ in range(500):
        waiting = Path(f"/proc/{process.pid}/wchan")
        syscall = Path(f"/proc/{process.pid}/syscall")
        try:
            now = syscall.read_text()
        except OSError:
            now = waiting.read_text() if waiting.exists() else ""
        if now.startswith("0 0x0 ") or "pipe_read" in now:
            return
        time.sleep(0.02)
    pytest.fail("it never read its standard input")


@pytest.mark.parametrize("name", ["housed", "cared", "kept", "container", "seal", "receipt", "serial",
                                  "line", "pending"])  # fmt: skip
def test_the_doctor_makes_every_name_of_an_older_register_again(house, name: str) -> None:
    person = house.sheltered()
    house.do("refer_to_care", person, site="CLINIC")
    house.planned("RELOCATION", house.in_trust(), kind="ITEMS")
    house.do("deposit_effects", house.sheltered(), receipt="E-1", items=1)
    house.do("correct", person, version=1, changes={"site": "CAMP-R1"}, reason="r")
    with house.custody.store.writing():
        house.custody.store.execute("DELETE FROM register WHERE name = ?", (name,))
    assert not house.register_is_sound()

    def look(*, fix: bool) -> soundness.Checked:
        streams, path = house.custody.streams, house.path.with_name("views")
        with closing(Views(streams, path, ledger_id(house))) as views:
            found = soundness.checks(lambda: house.custody, lambda: views, fix=fix)
            return next(one for one in found if one.what == "register")

    assert not look(fix=False).well
    assert look(fix=True).number > 0
    assert look(fix=False).well
    assert house.register_is_sound()
