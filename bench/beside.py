"""This checkout beside another one, older or newer: the same command lines, in turn, on one disk.

    python -m bench.beside ../older           print the table
    python -m bench.beside ../older --write   and put it into docs/benchmarks.md

Each checkout has its own `.venv` and tells its own small story, so both answer the same questions about
the same persons and weapons. A command is a whole process; its time is the median of several runs, wall
clock, and the processor's time of the process beside it, which a busy machine disturbs less. `demo` and
`batch` differ by the log of proofs and the questions that a demo ends with.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.machine import machine, table, write

HERE = Path(__file__).parent.parent
THEN = ("--as-of", "12 Dec 2024 12:00", "--known-at", "15 Dec 2024 18:00")
LINES: dict[str, tuple[str, ...]] = {
    "`--version`": ("--version",),
    "one command recorded": (
        *("--by", "OFF-031", "weapon", "assess-condition", "W-000001-A", "--condition", "WORN"),
    ),
    "`status` of a weapon": ("status", "W-000001-A"),
    "`history` of a weapon": ("history", "W-000001-A"),
    "`status` of a site": ("status", "--site", "CAMP-R1", *THEN),
    "`diff` of a site": ("diff", "--site", "CAMP-R1", *THEN, "now"),
    "`report flow`": ("report", "flow"),
    "`report headcount`": ("report", "headcount", "--as-of", "12 Dec 2024 12:00"),
    "`report in-trust`": ("report", "in-trust"),
    "`irregularity list`": ("irregularity", "list"),
    "`audit replay`": ("audit", "replay"),
}
"""Command lines that both understand, about the story's own persons and weapons."""
RUNS = 7
STORIES = 3
BATCH = (
    "import sys, tempfile; from pathlib import Path; from scenario.replay import replay; "
    "d = Path(tempfile.mkdtemp(dir='.')); replay(d / 'l.amana', d / 'l.key', size='full').close()"
)


def main() -> int:
    """Time both and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("other", type=Path, help="another checkout, with its .venv made")
    parser.add_argument(
        "--write", action="store_true", help="put the table into docs/benchmarks.md"
    )
    wanted = parser.parse_args()
    trees = (HERE, wanted.other.resolve())
    where = machine()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        rows = measured(trees, Path(folder))
    header = ("what", "unit", "before", "now", "ratio", "processor before", "now ", "ratio ")
    found = f"`python -m bench.beside ../older`, {time.strftime('%Y-%m-%d')}, {where}\n\n" + table(
        header, rows
    )
    print(found)
    if wanted.write:
        write("beside", found)
    return 0


def measured(trees: tuple[Path, Path], folder: Path) -> list[tuple[str, ...]]:
    """Return the table's rows: both told, batches and demos first, then each command line."""
    homes = []
    for name, tree in zip(("now", "before"), trees, strict=True):
        home = folder / name
        home.mkdir()
        ran(tree, home, "demo", "--size", "small")
        homes.append(home / "amana-demo")
    rows = [
        row(
            "the story as one batch, 47,000 events",
            STORIES,
            [_batch(*at) for at in zip(trees, homes, strict=True)],
        ),
        row("`demo`, whole", STORIES, [_demo(*at) for at in zip(trees, homes, strict=True)]),
    ]
    for what, words in LINES.items():
        works = [_line(tree, home, words) for tree, home in zip(trees, homes, strict=True)]
        for work in works:
            work()  # read models are made once, by the first question
        rows.append(row(what, RUNS, works))
    return rows


def row(what: str, runs: int, works: list[Callable[[], None]]) -> tuple[str, ...]:
    """Return one row: medians of both in turn, wall clock and processor, and now over before."""
    wall: list[list[float]] = [[], []]
    used: list[list[float]] = [[], []]
    for _ in range(runs):
        for n, work in enumerate(works):
            began, before = time.perf_counter(), _processor_time()
            work()
            wall[n].append(time.perf_counter() - began)
            used[n].append(_processor_time() - before)
    cells = []
    for now, before in (map(median, wall), map(median, used)):
        cells += [f"{before:.2f}", f"{now:.2f}", f"{now / before:.2f}"]
    return (what, "seconds", *cells)


def ran(tree: Path, folder: Path, *words: str) -> None:
    """Run a checkout's own terminal command in a folder; what it prints is not looked at."""
    env = {**os.environ, "AMANA_LEDGER": "ledger.amana"}
    if words[0] == "demo":
        del env["AMANA_LEDGER"]
    done = subprocess.run(
        [tree / ".venv/bin/amana", *words],
        cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    if done.returncode not in {0, 1}:  # 1: an answer that says no
        sys.exit(f"{tree}: amana {' '.join(words)}: {done.stderr.decode().strip()}")


def _line(tree: Path, home: Path, words: tuple[str, ...]) -> Callable[[], None]:
    return lambda: ran(tree, home, *words)


def _demo(tree: Path, home: Path) -> Callable[[], None]:
    def work() -> None:
        folder = home.parent / "again"
        folder.mkdir()
        ran(tree, folder, "demo")
        shutil.rmtree(folder)

    return work


def _batch(tree: Path, home: Path) -> Callable[[], None]:
    def work() -> None:
        folder = home.parent / "batch"
        folder.mkdir()
        env = {**os.environ, "PYTHONPATH": str(tree)}
        subprocess.run([tree / ".venv/bin/python", "-c", BATCH], cwd=folder, env=env, check=True)
        shutil.rmtree(folder)

    return work


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
