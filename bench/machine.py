"""What every benchmark shares: runs taken in turn, medians, a table, and the machine it ran on.

    times = in_turn(5, ours=ours, peer=peer)      ours, peer, ours, peer, … in one process, on one disk
    median(times["ours"])                         seconds; a line of the table says what it is divided by

A rate without its machine says nothing, so the table in `docs/benchmarks.md` carries the command, the
machine and the date; ratios between what ran side by side are what lasts.
"""

from __future__ import annotations

import datetime
import os
import platform
import sqlite3
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


class Measured(NamedTuple):
    """One line of the table: ours against a peer, the floor below both, and what was aimed at.

    Attributes:
        ours, peer, floor: in `unit`, None where there is nothing to measure.
        aim: the least ratio of ours to the peer; or, without a peer, the most of `unit`.
    """

    what: str
    unit: str
    ours: float
    peer: float | None = None
    floor: float | None = None
    aim: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the peer's rate ours is."""
        return None if self.peer is None else self.ours / self.peer

    @property
    def reached(self) -> bool:
        """True when the aim is reached, or there is none."""
        if self.aim is None:
            return True
        return self.ours <= self.aim if self.ratio is None else self.ratio >= self.aim

    def cells(self) -> tuple[str, ...]:
        """Return the line as it is printed."""
        ratio = "" if self.ratio is None else f"{self.ratio:.1f} ×"
        ours, peer, floor = (_number(n) for n in (self.ours, self.peer, self.floor))
        return (self.what, self.unit, ours, peer, ratio, self._aim(), floor)

    def _aim(self) -> str:
        if self.aim is None:
            return ""
        bound = f"≤ {self.aim:g}" if self.peer is None else f"≥ {self.aim:g} ×"
        return f"{bound} {'✓' if self.reached else '✗'}"


HEADER = ("what", "unit", "amana", "plain library", "ratio", "aim", "floor")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes, wall clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(runs: int, **works: Callable[[], float | None]) -> dict[str, float]:
    """Run each work so many times, in turn, and return its median.

    Args:
        runs: how often each runs.
        works: each returns its own measure where it times itself, None to be timed from outside.

    Returns:
        The median of each, seconds unless a work measured something else.
    """
    measured: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            began = time.perf_counter()
            own = work()
            measured[name].append(time.perf_counter() - began if own is None else own)
    return {name: median(values) for name, values in measured.items()}


def machine() -> str:
    """Return one line about the machine, how busy it is now, the interpreter and the libraries."""
    return (
        f"{_processor()}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f} before the run), "
        f"{platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"eventsourcing {version('eventsourcing')}"
    )


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or "unknown processor"


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table whose columns line up; the first two are text, the rest numbers."""
    widths = [max(len(row[n]) for row in [header, *rows]) for n in range(len(header))]
    rule = tuple("-" * w if n < 2 else "-" * (w - 1) + ":" for n, w in enumerate(widths))
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(w) if n < 2 else cell.rjust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in [header, rule, *rows]
    )


def report(command: str, where: str, lines: list[Measured]) -> str:
    """Return the table with the command that made it, the machine (`machine()`) and the date."""
    today = datetime.datetime.now(datetime.UTC).date()
    found = table(HEADER, [line.cells() for line in lines])
    return f"`{command}`, {today}, {where}\n\n{found}"


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put a text between its markers on the page, `<!-- name -->` and `<!-- /name -->`.

    Raises:
        ValueError: the page has no such markers.
    """
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = page.read_text("utf-8").partition(opening)
    _, closed, after = rest.partition(closing)
    if not (found and closed):
        msg = f"{page} has no markers {opening} … {closing}"
        raise ValueError(msg)
    page.write_text(f"{before}{opening}\n{text}\n{closing}{after}", "utf-8")
