"""Two clocks, measured: segments against the layouts others use, with equal answers asserted.

    python -m bench.segments                  2,000 and 200,000 subjects
    python -m bench.segments --big            and 2,000,000
    python -m bench.segments --subjects 500   another size

Each subject has eight events in rounds: 94 % in order, 3 % late, 3 % corrections. Times are medians in
milliseconds. Contenders on SQLite: the floor (the same rows, materialised for this one question) and a
fold in SQL over the events. PostgreSQL with trigger history and MariaDB with bitemporal tables are
started when they are installed, see `segments_servers.py`, and skipped with a line where they are not.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import itertools
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from application.answers.feed import replay
from application.store.memory import few_collections
from bench.machine import machine, write
from domain import history, person
from domain.event import REPLAYED
from domain.ids import control_numbers
from domain.times import DAY
from projections import belief, changes, cube, population, row_codes
from projections.cube import Calendar
from projections.index import EventIndex
from projections.judged_again import Irregularities
from projections.row_codes import ViewsFile
from projections.segments import Segments

ROUNDS = 8
START = 20_000 * DAY
YEAR = 360 * DAY
CALENDAR = Calendar(ZoneInfo("Asia/Baghdad"))
HOUSED, CARE = person.Housed.TOPIC, person.ReferredToCare.TOPIC
SITES_OF = {2_000: 20, 200_000: 250, 2_000_000: 1_000}
REPEATS = 15
PIECE = 1_000


# ── the events ──────────────────────────────────────────────────────────────


class World:
    """Subjects and their events, made anew whenever they are asked for, always the same."""

    def __init__(self, subjects: int) -> None:
        self.size = subjects
        self.sites = SITES_OF.get(subjects, max(subjects // 100, 2))
        self.step = YEAR // (ROUNDS * subjects)
        self.end = START + YEAR

    def streams(self, only: frozenset[str] | None = None) -> Iterator[replay.Stream]:
        """Yield subjects, all or some, with their events and their positions in the log."""
        for number, (_, subject) in zip(range(self.size), control_numbers("P"), strict=False):
            if only is not None and subject not in only:
                continue
            positions = tuple(turn * self.size + number + 1 for turn in range(ROUNDS))
            yield replay.Stream(subject, positions, tuple(self._life(subject, positions)))

    def _life(self, subject: str, positions: Sequence[int]) -> Iterator[Any]:
        dice = random.Random(subject)  # noqa: S311 -- the same lives each time
        topics = []
        for version, position in enumerate(positions, 1):
            recorded_at = START + position * self.step
            chance, corrects, late = dice.random(), None, dice.randrange(1, 40 * 60_000_000)
            if version > 1 and chance < 0.03:
                corrects, late = version - 1, late + self.step * self.size
            elif chance < 0.06:
                late += 2 * self.step * self.size
            topic = topics[-1] if corrects else (CARE if dice.random() < 0.1 else HOUSED)
            topics.append(topic)
            place = {} if topic == CARE else {"place": f"TENT-{dice.randrange(400)}"}
            yield REPLAYED[topic](
                {
                    "originator_id": subject,
                    "originator_version": version,
                    "occurred_at": recorded_at - late,
                    "recorded_at": recorded_at,
                    "recorded_by": "OFF-010",
                    "corrects": corrects,
                    "site": f"CAMP-{dice.randrange(self.sites):04d}",
                    **place,
                }
            )


# ── the layouts on SQLite ───────────────────────────────────────────────────

OTHERS = """
CREATE TABLE fact (
    subject TEXT, version INTEGER, occurred_at INTEGER, recorded_at INTEGER, corrects INTEGER,
    status TEXT, site TEXT, place TEXT, PRIMARY KEY (subject, version)) WITHOUT ROWID;
CREATE TABLE floor (
    site TEXT, subject TEXT, valid_from INTEGER, version INTEGER, status TEXT, place TEXT,
    PRIMARY KEY (site, subject)) WITHOUT ROWID;
CREATE TABLE one (
    subject TEXT PRIMARY KEY, valid_from INTEGER, version INTEGER, status TEXT, site TEXT,
    place TEXT) WITHOUT ROWID;
"""
FOLD = """
SELECT subject, status, place FROM (
    SELECT f.*, row_number() OVER (PARTITION BY subject ORDER BY occurred_at DESC, version DESC) AS n
    FROM fact AS f WHERE recorded_at <= :k AND occurred_at <= :t AND NOT EXISTS (
        SELECT 1 FROM fact AS c WHERE c.subject = f.subject AND c.corrects = f.version
        AND c.recorded_at <= :k AND NOT EXISTS (
            SELECT 1 FROM fact AS d WHERE d.subject = c.subject AND d.corrects = c.version
            AND d.recorded_at <= :k))
    ) WHERE n = 1
"""
# One correction of a correction deep: enough for this world's answers up to chains of two.


def database(path: Path) -> ViewsFile:
    """Make a file with the views and the other layouts, empty."""
    connection = opened(path)
    connection.executescript(Irregularities.TABLES + OTHERS)
    return connection


def opened(path: Path) -> ViewsFile:
    """Open a views file as the pull loop does, its tables made."""
    connection = sqlite3.connect(path, isolation_level=None, factory=ViewsFile)
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    for tables in (row_codes.TABLES, EventIndex.TABLES, Segments.TABLES):
        connection.executescript(tables)
    return connection


def fill(connection: ViewsFile, world: World) -> None:
    """Fill the segments at once, the indexes last, and the events as facts for the fold in SQL."""
    journal = replay.Journal(CALENDAR.day)
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    connection.execute("BEGIN")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    streams = world.streams()
    while some := list(itertools.islice(streams, PIECE)):
        _, rows = replay.rows_of(some, journal)
        replay.put(connection, rows)
        said = [fact for stream in some for fact in facts(stream)]
        connection.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)", said)
    cube.write(connection, journal.cells)
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")


def facts(stream: replay.Stream) -> Iterator[tuple[Any, ...]]:
    """Yield a stream's events as rows that each say everything."""
    for e in stream.events:
        status, place = ("IN_CARE", None) if e.TOPIC == CARE else ("SHELTERED", e.place)
        yield (
            stream.id,
            e.originator_version,
            e.occurred_at,
            e.recorded_at,
            e.corrects,
            status,
            e.site,
            place,
        )


def materialise(connection: ViewsFile, t: int, k: int) -> None:
    """Write the answers to one question down, so that only reading them is left."""
    rows = list(population.everywhere(connection, t, k))
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO floor VALUES (?, ?, ?, ?, ?, ?)",
        [(s.site, s.subject, s.valid_from, s.version, s.status, s.place) for s in rows],
    )
    connection.execute(
        "INSERT INTO one SELECT subject, valid_from, version, status, site, place FROM floor"
    )
    connection.execute("COMMIT")


# ── measuring ───────────────────────────────────────────────────────────────


def median(ask: Callable[[Any], object], cases: Sequence[Any]) -> float:
    """Return the median milliseconds of one question over its cases, each asked once before."""
    ask(cases[0])
    spent = []
    for case in cases:
        start = time.perf_counter()
        ask(case)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1_000


def line(question: str, layout: str, ms: float, note: str = "") -> None:
    """Print one row of the table."""
    say(f"  {question:<28} {layout:<38} {ms:>10.3f} ms   {note}".rstrip())


SAID: list[str] = []
"""What the present size has printed."""


def say(text: str) -> None:
    """Print a line, and keep it for the page."""
    SAID.append(text)
    print(text, flush=True)


def measure(world: World, connection: ViewsFile, *, servers: bool) -> None:
    """Ask every question of every layout and print the table."""
    dice = random.Random(1)  # noqa: S311 -- the same questions each time
    k = START + YEAR * 3 // 4
    t = k - 20 * DAY
    materialise(connection, t, k)
    subjects = [s for (s,) in connection.execute("SELECT subject FROM one ORDER BY 1")]
    some = dice.sample(subjects, min(200, len(subjects)))
    sites = [f"CAMP-{dice.randrange(world.sites):04d}" for _ in range(REPEATS)]
    known = {s.id: history.of(s.id, s.events) for s in world.streams(frozenset(some))}

    one_subject(connection, some, known, t, k)
    floor = one_site(connection, sites, t, k)
    all_sites(connection, t, k)
    a_year(connection, sites, k)
    a_week(connection, k)
    if servers:
        from bench.segments_servers import contend

        contend(connection, world, sites, t, k, floor, line, say)


def one_subject(
    connection: ViewsFile, some: Sequence[str], known: Mapping[str, Any], t: int, k: int
) -> None:
    """Where was one subject?"""

    def read(subject: str) -> Any:
        return connection.execute("SELECT * FROM one WHERE subject = ?", (subject,)).fetchone()

    def fold(subject: str) -> Any:
        asked = FOLD.replace("AS f WHERE", "AS f WHERE f.subject = :s AND")
        return connection.execute(asked, {"s": subject, "t": t, "k": k}).fetchone()

    for subject in some:
        main = population.standing(connection, subject, t, k).main
        state = belief.belief(known[subject], t, k)
        assert main is not None
        assert (main.status, main.site, main.place or "") == (
            state.custody,
            state.site,
            state.place,
        )
        assert read(subject) == (subject, *main[2:7])
        assert fold(subject) == (subject, main.status, main.place)
    line("one subject", "floor: primary key", median(read, some))
    line("", "segments", median(lambda s: population.standing(connection, s, t, k), some))
    line(
        "",
        "fold in Python, history in memory",
        median(lambda s: belief.belief(known[s], t, k), some),
    )
    line("", "fold in SQL", median(fold, some))


Answer = list[tuple[Any, ...]]


def one_site(connection: ViewsFile, sites: Sequence[str], t: int, k: int) -> float:
    """Who was at one site? Returns the floor."""

    def floor(site: str) -> list[population.Standing]:
        rows = connection.execute(
            "SELECT subject, 0, valid_from, version, status, site, place, NULL, NULL, NULL"
            " FROM floor WHERE site = ? ORDER BY subject",
            (site,),
        )
        return [population.Standing(*row) for row in rows]

    def segments(site: str) -> list[population.Standing]:
        return population.at(connection, "site", site, t, k)

    def fold(site: str) -> Answer:
        asked = f"{FOLD} AND site = :s ORDER BY subject"
        return connection.execute(asked, {"s": site, "t": t, "k": k}).fetchall()

    for site in sites:
        assert segments(site) == floor(site)
    assert [(s.subject, s.status, s.place) for s in segments(sites[0])] == fold(sites[0])
    least = median(floor, sites)
    rows = statistics.median(len(floor(site)) for site in sites)
    line("one site", "floor: rows materialised", least, f"{rows:.0f} rows")
    ours = median(segments, sites)
    line("", "segments", ours, f"{ours / least:.2f} times the floor")
    line("", "fold in SQL", median(fold, sites[:2]))
    return least


def all_sites(connection: ViewsFile, t: int, k: int) -> None:
    """How many were where?"""

    def floor(_: Any) -> Answer:
        return connection.execute(
            "SELECT 'person', status, site, count(*) FROM floor GROUP BY 2, 3 ORDER BY 2, 3"
        ).fetchall()

    def segments(_: Any) -> list[population.Count]:
        return population.counts(connection, t, k)

    assert segments(None) == floor(None)
    line("counts over all sites", "floor: rows materialised", median(floor, [0] * 3))
    line("", "segments", median(segments, [0] * 3))


def a_year(connection: ViewsFile, sites: Sequence[str], k: int) -> None:
    """How many were at a site at the end of each day of a year?"""
    first, last = CALENDAR.day(START), CALENDAR.day(START + YEAR)

    def days(site: str) -> list[cube.Occupancy]:
        return cube.occupancy(connection, CALENDAR, first, last, k, site=site)

    for day in range(first, last, 45):
        at_end = population.at(connection, "site", sites[0], CALENDAR.start(day + 1) - 1, k)
        assert sum(o.number for o in days(sites[0]) if o.day == day) == len(at_end)
    line("a year, day by day, one site", "occupancy cube", median(days, sites[:5]))
    line(
        "",
        "segments, one read a day",
        median(
            lambda site: [
                population.at(connection, "site", site, CALENDAR.start(day + 1) - 1, k)
                for day in range(first, last)
            ],
            sites[:1],
        ),
    )


def a_week(connection: ViewsFile, k: int) -> None:
    """Whose answer did a week of knowledge change, over everybody?"""
    t = k - 20 * DAY
    found = changes.compared(connection, t, k - 7 * DAY, k)

    def two_reads(_: Any) -> set[str]:
        first, second = (
            {s.subject: s.value for s in population.everywhere(connection, t, at)}
            for at in (k - 7 * DAY, k)
        )
        return {s for s in first.keys() | second.keys() if first.get(s) != second.get(s)}

    assert set(found) == two_reads(None)
    ms = median(lambda _: changes.compared(connection, t, k - 7 * DAY, k), [0] * 5)
    line("a week's changes, everybody", "event index and segments", ms, f"{len(found)} subjects")
    line("", "two full reads", median(two_reads, [0]))


# ── upkeep ──────────────────────────────────────────────────────────────────


class BareIndex:
    """A log index as anybody would keep one: a row an event, two indexes, nothing coded."""

    TABLES = """
    CREATE TABLE bare_index (
        position INTEGER PRIMARY KEY, subject TEXT, kind TEXT, occurred_at INTEGER,
        recorded_at INTEGER, corrects INTEGER);
    CREATE INDEX bare_subject ON bare_index (subject, occurred_at, position);
    CREATE INDEX bare_recorded ON bare_index (recorded_at, occurred_at, corrects, subject);
    """

    def take(self, connection: ViewsFile, batch: Any, _load: Any) -> None:
        """Write one row an event."""
        if not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'bare_index'"
        ).fetchone():
            for statement in self.TABLES.split(";"):
                connection.execute(statement)
        connection.executemany(
            "INSERT INTO bare_index VALUES (?, ?, ?, ?, ?, ?)",
            [
                (n, e.originator_id, e.TOPIC, e.occurred_at, e.recorded_at, e.corrects)
                for n, e in batch
            ],
        )


VIEWS: dict[str, Sequence[Callable[[], Any]]] = {
    "bare log index": [BareIndex],
    "our event index": [EventIndex],
    "segments": [lambda: Segments(CALENDAR)],
}
BATCH = 5_000


def upkeep(world: World, folder: Path) -> None:
    """What an event costs, taken as the pull loop takes them, in time and bytes."""
    log: list[tuple[int, Any]] = []
    for stream in world.streams():
        log += zip(stream.positions, stream.events, strict=True)
    log.sort(key=lambda one: one[0])
    by_subject: dict[str, list[Any]] = {}
    for _, event in log:
        by_subject.setdefault(event.originator_id, []).append(event)

    def load(subjects: Sequence[str], position: int) -> dict[str, Any]:
        until = START + position * world.step
        return {
            s: history.of(s, [e for e in by_subject[s] if e.recorded_at <= until]) for s in subjects
        }

    gc.collect()
    gc.freeze()  # the log in memory is the bench's, not the view's

    bare = 0.0
    for name, views in VIEWS.items():
        path = folder / f"{name}.db"
        connection = opened(path)
        parts = [view() for view in views]
        start = time.process_time()
        for first in range(0, len(log), BATCH):
            connection.execute("BEGIN")
            with few_collections():
                for view in parts:
                    view.take(connection, log[first : first + BATCH], load)
            connection.execute("COMMIT")
        us = (time.process_time() - start) / len(log) * 1e6
        connection.close()
        size = path.stat().st_size / len(log)
        bare = bare or us
        line(
            "upkeep an event",
            name,
            us / 1_000,
            f"{us:.1f} µs, {us / bare:.1f} times the log index, {size:.0f} bytes",
        )


UPKEEP_MOST = 200_000
"""The largest log that is held in memory to be fed again."""


def run(subjects: int, *, servers: bool, keep: bool) -> None:
    """Measure one size; keep the table in the page if asked to."""
    world = World(subjects)
    SAID.clear()
    where = machine()
    say(f"{subjects:,} subjects, {subjects * ROUNDS:,} events, {world.sites:,} sites")
    with tempfile.TemporaryDirectory() as folder:
        connection = database(Path(folder) / "bench.db")
        with few_collections():
            fill(connection, world)
        measure(world, connection, servers=servers)
        connection.close()
        if subjects <= UPKEEP_MOST:
            upkeep(world, Path(folder))
    if keep:
        command = f"python -m bench.segments --subjects {subjects}"
        today = datetime.datetime.now(datetime.UTC).date()
        table = "\n".join(SAID)
        write(f"segments {subjects}", f"`{command}`, {today}, {where}\n\n```\n{table}\n```")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description="Two clocks, measured")
    parser.add_argument("--subjects", type=int, action="append", help="a size, again for more")
    parser.add_argument("--big", action="store_true", help="2,000,000 subjects too")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    parser.add_argument("--no-servers", action="store_true", help="SQLite only")
    asked = parser.parse_args()
    for size in asked.subjects or [2_000, 200_000, *([2_000_000] if asked.big else [])]:
        run(size, servers=not asked.no_servers, keep=asked.write)


if __name__ == "__main__":
    main()
