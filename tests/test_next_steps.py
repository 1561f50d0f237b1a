"""What is printed as a next step runs as it is typed, from where it is printed."""

from __future__ import annotations

import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.rich_ledger import SHEET, Rich, fill
from tests.terminal import Answer, Terminal

NEXT = re.compile(r"^\s*(?:next|or)\b[^:]*: (amana .*)$", re.MULTILINE)
"""A next step, on whichever stream; `#` begins what is said of it, as in a shell."""


def steps(answer: Answer) -> list[list[str]]:
    """Return the commands an answer names, as words without the program."""
    found = NEXT.findall(answer.out + answer.err)
    return [shlex.split(line, comments=True)[1:] for line in found]


@pytest.fixture
def desk(house) -> Rich:
    """A rich ledger of its own; what is next is typed into it."""
    return fill(house)


def told(desk: Rich, words: str, by: str, **options: int) -> tuple[Answer, list[list[str]]]:
    """Run a command and return its answer and the steps it names; there must be some."""
    desk.terminal.env["AMANA_BY"] = by
    answer = desk.terminal(*desk.words(words), **options)
    found = steps(answer)
    assert found, answer
    return answer, found


@pytest.mark.parametrize(
    ("words", "by", "then"),
    [
        ("correct {person}:11 --set place=TENT-6 --reason misread", "OFF-010", "OFF-020"),
        ("retract {slip}:1 --why did_not_occur --reason 'none came'", "OFF-011", "OFF-020"),
        ("pending", "OFF-019", "OFF-019"),
        ("pending {proposal}", "OFF-020", "OFF-020"),
        ("intake review", "OFF-010", "OFF-010"),
        ("intake retract {batch} --reason 'the sheet of another day'", "OFF-001", "OFF-020"),
        (
            "weapon inventory {slip} --category RIFLE --model AKM --serial 'SN 1' "
            "--serial-status READ",
            "OFF-011",
            "OFF-011",
        ),
        ("key new OFF-012 -o OFF-012.key", "OFF-012", "OFF-001"),
        (
            "status {person} --as-of '9 Dec 2024 12:00' --known-at '11 Dec 2024 12:00'",
            "OFF-015",
            "OFF-015",
        ),
    ],
)
def test_every_next_step_runs_as_typed(desk: Rich, words: str, by: str, then: str) -> None:
    desk.terminal.env["AMANA_BY"] = by
    answer = desk.terminal(*desk.words(words))
    found = steps(answer) or [
        shlex.split(line)[1:] for line in re.findall(r"amana diff .*$", answer.out, re.MULTILINE)
    ]
    assert found, answer
    desk.terminal.env["AMANA_BY"] = then
    for step in found:
        desk.terminal(*step)


def test_a_sheet_that_was_tried_is_taken_in_by_the_step_it_names(desk: Rich) -> None:
    again = SHEET.replace("S-10", "S-20")
    (desk.terminal.folder / "a sheet.csv").write_text(again, encoding="utf-8")
    words = "intake import 'a sheet.csv' --kind persons --dates dmy --site GATE"
    _, (step,) = told(desk, words, "OFF-010", code=4)
    done = desk.terminal("--json", *step, code=4).document
    assert done["committed"] is True
    assert done["recorded"] > 0


def test_what_flags_named_stands_in_the_next_step(house) -> None:
    desk = fill(house)
    path, key = desk.terminal.env.pop("AMANA_LEDGER"), desk.terminal.env.pop("AMANA_KEY_FILE")
    named = ("--ledger", path, "--key-file", key, "--by", "OFF-010")
    words = desk.words("correct {person}:11 --set place=TENT-6 --reason misread")
    first, second = steps(desk.terminal(*named, *words))[:2]
    assert first[: len(named)] == list(named)
    desk.terminal(*first)
    assert "OFF-010" not in second, "another official approves"
    desk.terminal(*second, "--by", "OFF-020")


def test_the_first_step_of_a_new_ledger_runs(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    (step,) = steps(terminal("--ledger", "my camp.amana", "init"))
    terminal(*step)


def test_a_difference_names_the_step_that_mends_it(house) -> None:
    desk = fill(house)
    desk.terminal("status", "--by", "OFF-019")
    views = house.path.with_name(house.path.name + ".views")
    with closing(sqlite3.connect(views)) as file:
        tables = [
            name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        table = next(name for name in tables if "segment" in name)
        file.execute(f"DELETE FROM {table}")
        file.commit()
    _, found = told(desk, "audit replay --compare", "OFF-019", code=1)
    for step in found:
        desk.terminal(*step)
    desk.terminal("audit", "replay", "--compare")


def test_what_a_demo_in_another_folder_tells_to_try_runs_as_typed(tmp_path: Path) -> None:
    """In a shell, with a folder that has a blank and a ledger of one's own in the environment."""
    terminal = Terminal(tmp_path)
    terminal.env["AMANA_LEDGER"] = "mine.amana"
    bash = tmp_path / "amana"
    bash.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cli "$@"\n')
    bash.chmod(0o755)
    terminal.env["PATH"] = f"{tmp_path}:{terminal.env['PATH']}"
    said = terminal.process("demo", "--size", "small", "--dir", "a demo").out
    block = said.partition("Try:  ")[2]
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    script = "set -e\n" + "\n".join(lines)
    done = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, env=terminal.env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    tried = re.search(r"Try it:  (.*)\n +(.*)\n", said)
    assert tried is not None
    caught = subprocess.run(
        ["/bin/sh", "-c", f"unset AMANA_LEDGER; {tried[1]} && {tried[2]}"],
        cwd=tmp_path,
        env=terminal.env,
        capture_output=True,
        check=False,
    )
    assert caught.returncode == 1, caught.stderr.decode()
    assert b"ALTERED" in caught.stdout
