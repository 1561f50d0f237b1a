"""`amana demo`: the numbers of December 2024, and nothing in the log that names anybody."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from application.decisions.open import open_ledger
from scenario.population import population
from tests.terminal import Terminal

HANDED_OVER = {
    "joc": {"18 December 2024": 36, "19 December 2024": 1_905},
    "stress": {"18 December 2024": 36, "19 December 2024": 1_856},
    "wide": {},
}
"""What the other readings say, as scenario.md tells them; `wide` is told by its sum, 2,400."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminal, str]:
    """Somebody in the folder of the whole story, made once, and what the demo printed."""
    terminal = Terminal(tmp_path_factory.mktemp("full"))
    said = terminal("demo", "--dir", "demo").out
    terminal.folder /= "demo"
    return terminal, said


def test_the_demo_tells_the_numbers_of_the_reports(full: tuple[Terminal, str]) -> None:
    lines = full[1].splitlines()
    assert lines[0].startswith("SYNTHETIC ledger (k24, full): ")
    assert "1,905 persons, " in lines[0]
    assert [line.split() for line in lines[2:5]] == [
        ["36", "18", "December", "2024"],
        ["1,869", "19", "December", "2024"],
        ["1,905", "in", "all"],
    ]
    assert any(line.endswith("  IN_TRUST") for line in lines)
    assert any("rule 4: nobody is admitted without an entry authorisation" in n for n in lines)


def test_what_the_demo_tells_to_try_works(full: tuple[Terminal, str]) -> None:
    terminal, said = full
    tries = re.findall(r"^ {6}amana (.+?)  +\S.*$", said, re.M)
    assert len(tries) >= 6
    for words in tries:
        assert terminal(*shlex.split(words)).out


@pytest.mark.parametrize(
    ("variant", "size", "total"),
    [("joc", "full", 1_941), ("stress", "full", 1_892), ("wide", "full", 2_400)],
)
def test_the_other_readings_add_up_too(tmp_path: Path, variant: str, size: str, total: int) -> None:
    terminal = Terminal(tmp_path)
    found = terminal.document("demo", "--scenario", variant, "--size", size)
    assert sum(found["handed_over"].values()) == total
    if HANDED_OVER[variant]:
        assert found["handed_over"] == HANDED_OVER[variant]
    assert found["synthetic"] is True


def test_the_log_and_the_views_name_nobody(full: tuple[Terminal, str]) -> None:
    persons = population("k24", "full").persons
    values = {
        value
        for p in persons
        for value in (p.declared_name, p.name_latin, p.father_name, p.birth_date, p.service_number)
    }
    assert len(values) > 3 * len(persons)
    text = "\n".join(_texts(full[0].folder))
    assert "\\u06" not in text  # Arabic would be seen as Arabic
    assert not _named(values, text)
    some = persons[416]
    for value in (some.declared_name, some.name_latin, some.birth_date, some.service_number):
        assert _named(values, f'{text[:1000]}"x":"{value}"')


def _named(values: set[str], text: str) -> set[str]:
    """The values that occur in a text, which is long: looked for among its words alone."""
    words = r"[\u0600-\u06ff]+(?: [\u0600-\u06ff]+)*|[A-Z][A-Za-z-]+(?: [A-Z][A-Za-z-]+)+"
    numbers = r"SYN-\d+|\d{4}-\d\d-\d\d"
    runs = {f" {run} " for run in re.findall(f"{words}|{numbers}", text)}
    said = "\n".join(runs)
    return {value for value in values if f" {value} " in said}


def _texts(folder: Path) -> Iterator[str]:
    """Every cell of every table that is not the vault's, as text."""
    for name in ("ledger.amana", "ledger.amana.views"):
        with closing(sqlite3.connect(folder / name)) as connection:
            tables = [
                table
                for (table,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type='table'"
                )
            ]
            for table in tables:
                for row in connection.execute(f"SELECT * FROM {table}"):
                    for cell in row:
                        if isinstance(cell, bytes):
                            yield cell.decode("utf-8", "replace")
                        elif isinstance(cell, str):
                            yield cell


def test_the_views_may_be_deleted_and_answer_the_same(full: tuple[Terminal, str]) -> None:
    terminal, _ = full
    questions = [
        ["status", "--as-of", "12 Dec 2024 12:00", "--known-at", "15 Dec 2024 18:00"],
        ["status", "--site", "DEPOT-M1", "--as-of", "12 Dec 2024 12:00"],
        ["irregularity", "list"],
        ["report", "flow"],
    ]
    before = [_answered(terminal, words) for words in questions]
    for left in terminal.folder.glob("ledger.amana.views*"):
        left.unlink()
    assert [_answered(terminal, words) for words in questions] == before
    assert _sound(terminal)


def _sound(terminal: Terminal, looks: int = 8) -> bool:
    """Return whether the doctor looks at so many things and finds nothing to say about any."""
    return [line[:3] for line in terminal("doctor").out.splitlines()[4:]] == ["ok "] * looks


def _answered(terminal: Terminal, words: list[str]) -> dict[str, Any]:
    found = terminal.document(*words)
    return {
        name: value for name, value in found.items() if name not in {"as_of", "true_at", "known_at"}
    }


def test_a_demo_is_replaced_only_by_force_and_other_files_never(
    small_demo: tuple[Path, str], tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path)
    shutil.copytree(small_demo[0] / "amana-demo", tmp_path / "amana-demo")
    said = terminal("demo", "--size", "small", code=2).sentence
    assert said == "amana-demo holds a demo already: use it, or replace it with --force"
    terminal("demo", "--size", "small", "--force")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    said = terminal("demo", "--dir", "mine", "--force", code=2).sentence
    assert said == "mine holds other files: name an empty folder with --dir"
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep"


def test_the_same_demo_is_made_twice_alike(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    first, second = (
        terminal.document("demo", "--size", "small", "--dir", folder) for folder in ("a", "b")
    )
    assert first == second


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_demo_may_be_stopped_anywhere(tmp_path: Path, how: signal.Signals) -> None:
    terminal = Terminal(tmp_path)
    process = terminal.begin("demo")
    _until_it_has_recorded(tmp_path / "amana-demo" / "ledger.amana", process)
    process.send_signal(how)
    out, err = process.communicate(timeout=30)
    assert b"Traceback" not in err
    assert not out
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert err.decode().splitlines()[-1] == (
            "Error: interrupted; what was acknowledged is recorded"
        )
    with closing(sqlite3.connect(tmp_path / "amana-demo" / "ledger.amana")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    custody = open_ledger(tmp_path / "amana-demo" / "ledger.amana")
    custody.close()
    terminal.env["AMANA_LEDGER"] = "amana-demo/ledger.amana"
    assert _sound(terminal, looks=7)  # no proofs yet: the log is begun at the demo's end
    terminal("demo", "--size", "small", "--force")


def _until_it_has_recorded(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the ledger holds some of the story, not all of it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it could be stopped"
        wal = path.with_name(path.name + "-wal")
        if wal.exists() and wal.stat().st_size > 1_000_000:
            return
        time.sleep(0.02)
    pytest.fail("nothing was recorded")
