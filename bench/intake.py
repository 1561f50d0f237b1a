"""How fast sheets are taken in: `python -m bench.intake` prints the table, `--write` keeps it.

The scenario's persons sheet (2,013 rows, xlsx) is checked and committed at the terminal, each in a
process of its own; committed means durable, with raw rows sealed, look-alikes kept and compared with
1,887 known persons the second time. A sheet of 100,000 persons is checked for what memory it takes.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from application.decisions.open import create
from bench.machine import Measured, in_turn, machine, report, write
from scenario.clock import Clock
from scenario.places import CHAIR, COMMAND
from scenario.population import population
from scenario.sheets import write_sheets
from scenario.story import at
from scenario.timeline import Timeline

COMMAND_LINE = "python -m bench.intake"
AMANA = [sys.executable, str(Path(__file__).parent.parent / "cli.py")]
RUNS, MANY = 3, 100_000
CLERK = "OFF-015"


def ledger(folder: Path, name: str) -> Path:
    """Make a ledger that knows the scenario's places and officials, and nobody else."""
    clock = Clock(at(6, 19, 0))
    path = folder / f"{name}.amana"
    with (
        closing(
            create(
                path,
                folder / f"{name}.key",
                chair=CHAIR,
                party=COMMAND,
                synthetic=True,
                clock=clock,
            )
        ) as custody,
        custody.batch(),
    ):
        story = Timeline(custody, clock, population("k24", "full"))
        for recorded, step in sorted(story.directory(), key=lambda s: s[0]):
            clock.set(recorded)
            step()
    return path


def amana(*words: str) -> None:
    """Run a command in a process of its own; rows in quarantine are no failure."""
    done = subprocess.run(
        [*AMANA, *words], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert done.returncode in {0, 4}, done.stderr.decode()


def two_thousand(folder: Path) -> Iterator[Measured]:
    """Measure checking and committing a sheet of the first day."""
    write_sheets(folder, "full")
    sheet = str(folder / "persons.xlsx")
    paths = iter([ledger(folder, f"run-{n}") for n in range(RUNS)])
    made: list[Path] = []

    def commit() -> None:
        made.append(next(paths))
        act(made[-1], sheet)

    def act(path: Path, file: str, *words: str) -> None:
        amana(
            "--ledger",
            str(path),
            "--by",
            CLERK,
            "intake",
            "import",
            file,
            "--dates",
            "dmy",
            "--commit",
            *words,
        )

    found = in_turn(
        RUNS,
        check=lambda: amana("intake", "check", sheet, "--dates", "dmy"),
        commit=commit,
        again=lambda: act(made[-1], sheet),
        later=lambda: act(made[-1], str(folder / "persons.csv")),
    )
    yield Measured("2,013 rows checked, a process", "seconds", found["check"], aim=1.0)
    yield Measured("2,013 rows committed, a process", "seconds", found["commit"], aim=5.0)
    yield Measured("the same file again: 0 new", "seconds", found["again"])
    yield Measured("2,013 rows beside 1,887 known persons", "seconds", found["later"])


def big_sheet(path: Path) -> None:
    """Write a sheet of 100,000 persons, no two of one name and year."""
    people = population("k24", "x25").persons
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    page = book.add_worksheet("سجل")
    page.write_row(
        0, 0, ["الاسم الثلاثي", "تاريخ الولادة", "الرقم العسكري", "تاريخ الدخول", "الموقع"]
    )
    for n in range(MANY):
        lap, index = divmod(n, len(people))
        person = people[index]
        year = int(person.birth_date[:4]) - 20 * lap
        page.write_row(
            n + 1,
            0,
            [
                person.declared_name,
                f"{year}{person.birth_date[4:]}",
                f"SYN-{n:07d}",
                "2024-12-07",
                person.camp,
            ],
        )
    book.close()


def hundred_thousand(folder: Path) -> Iterator[Measured]:
    """Measure how long a sheet of 100,000 rows takes, and how much memory at most."""
    path = folder / "many.xlsx"
    big_sheet(path)
    child = os.fork()
    if child == 0:  # a process whose only child is measured
        found = in_turn(1, check=lambda: amana("intake", "check", str(path), "--dates", "dmy"))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        (folder / "measured").write_text(f"{found['check']} {peak}", "ascii")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0
    seconds, megabytes = map(float, (folder / "measured").read_text("ascii").split())
    yield Measured(f"{MANY:,} rows checked, a process", "seconds", seconds)
    yield Measured("the same, memory at most", "MB", megabytes, aim=300)


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog=COMMAND_LINE, description="Sheets taken in.")
    parser.add_argument("--dir", type=Path, default=Path(), help="on which disk (default: here)")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    where, lines = machine(), list[Measured]()
    for measure in (two_thousand, hundred_thousand):
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=options.dir) as folder:
            for line in measure(Path(folder)):
                lines.append(line)
                print(*line.cells(), sep="  ", file=sys.stderr, flush=True)
    text = report(COMMAND_LINE, where, lines)
    print(text)
    if options.write:
        write("intake", text)


if __name__ == "__main__":
    main()
