"""The ledger beside the plain eventsourcing library doing the bare minimum, on the same disk.

    python -m bench.ledger            print the table
    python -m bench.ledger --write    and put it into docs/benchmarks.md

Both sides record the same life of a weapon: taken over, inventoried, deposited, stored, then its
condition assessed again and again. Ours checks the official's role, what the event names, and the
rules; it carries an idempotency key, a seed, and two clocks. The peer checks nothing: an aggregate
whose methods trigger events, loaded and saved by `Application` as it ships, SQLite at its defaults.
Both commit with synchronous FULL. Runs alternate in one process; each figure is a median.

    command    load one weapon of 12 events, add one, save durably; one transaction each.
               fresh: nothing in memory, as after another process wrote; warm: as it usually is
    batch      500 streams a transaction: whole new lives of 4 and 12 events (floor: the same bytes by
               `executemany`), and one event more to each of many weapons that are there
    rebuild    every weapon from its events. Floor: fetching the rows
    scenario   the story of December 2024 through the commands
    process    the terminal command from start to exit

The floor of `command` is one bare INSERT of the same bytes and its commit.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application

from application.decisions.custody import Custody
from application.decisions.open import create
from application.decisions.unit import Note
from application.store.schema import TABLES
from application.store.sqlite import ReadOnly
from application.store.sqlite_file import connect
from application.store.streams import Streams
from bench.machine import Measured, in_turn, machine, report, seconds, write
from bench.plain import (
    CONDITIONS,
    EVENTS,
    INTAKE,
    STREAMS,
    Weapon,
    life,
    peer_application,
    peer_commands,
    peer_lives,
    peer_round,
)
from scenario.replay import replay

COMMAND = "python -m bench.ledger"
RUNS, COMMANDS, LIVES = 5, 200, 1_000

# ── ours ────────────────────────────────────────────────────────────────────


def our_ledger(folder: Path) -> Custody:
    """Make a ledger with the directory that the life needs."""
    folder.mkdir(exist_ok=True)
    ticks = itertools.count(time.time_ns() // 1_000, 1_000)
    custody = create(
        folder / "ledger.amana", folder / "ledger.key", synthetic=True, clock=lambda: next(ticks)
    )
    chair = Note("OFF-001")
    for party, kind in (("PARTY-MOD", "MINISTRY"), ("PARTY-K17", "AUTHORITY")):
        custody.name_party(party, chair, kind=kind, name=party)
    custody.open_site("SITE-DEPOT-M1", chair, kind="DEPOT", name="Depot 1")
    roles = ("WEAPONS_CLERK", "STOREKEEPER")
    custody.appoint("OFF-002", chair, party="PARTY-MOD", post="storekeeper", roles=roles)
    return custody


def our_lives(custody: Custody, lives: range, events: int = EVENTS) -> list[str]:
    """Record lives through the rules, 500 streams a transaction."""
    note, made = Note("OFF-002"), []
    with custody.batch(STREAMS):
        for number in lives:
            (first, facts), *rest = life(number, events)
            subject: str = getattr(custody, first)(None, note, **facts).subject
            for verb, more in rest:
                getattr(custody, verb)(subject, note, **more)
            made.append(subject)
    return made


def our_round(custody: Custody, weapons: list[str], run: int) -> None:
    """Assess every weapon again, nothing in memory, 500 streams a transaction."""
    note = Note("OFF-002")
    for start in range(0, len(weapons), STREAMS):
        some = weapons[start : start + STREAMS]
        with custody.unit() as unit:
            unit.forget()
        with custody.batch(STREAMS + 1, some):
            for weapon in some:
                custody.assess_condition(weapon, note, condition=CONDITIONS[run % len(CONDITIONS)])


def our_commands(custody: Custody, weapons: list[str], run: int, *, fresh: bool) -> float:
    """Return the seconds that one command to each weapon takes, forgetting not counted."""
    taken = 0.0
    for weapon in weapons:
        if fresh:
            with custody.unit() as unit:
                unit.forget()
        note = Note("OFF-002", key=f"{weapon}/{run}")
        taken += seconds(
            lambda w=weapon, n=note: custody.assess_condition(  # type: ignore[misc]  # mypy cannot type defaults
                w, n, condition=CONDITIONS[run % len(CONDITIONS)]
            )
        )
    return taken


# ── the floor ───────────────────────────────────────────────────────────────


def rows_of(custody: Custody, weapons: list[str]) -> list[list[tuple[Any, ...]]]:
    """Return the stored rows of each weapon."""
    select = (
        "SELECT originator_id, originator_version, topic, state FROM stored_events"
        " WHERE originator_id = ? ORDER BY originator_version"
    )
    return [list(custody.store.fetch(select, (weapon,))) for weapon in weapons]


def bare_file(folder: Path, name: str) -> sqlite3.Connection:
    """Make an empty file with the table of events alone."""
    connection = connect(folder / name, create=True)
    connection.execute(TABLES[0])
    return connection


INSERT = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
    " VALUES (?, ?, ?, ?)"
)


def bare_inserts(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
    """Insert rows one by one, each committed."""
    for row in rows:
        connection.execute(INSERT, row)


def bare_batches(connection: sqlite3.Connection, lives: list[list[tuple[Any, ...]]]) -> None:
    """Insert the rows of 500 streams a transaction."""
    for start in range(0, len(lives), STREAMS):
        connection.execute("BEGIN IMMEDIATE")
        rows = itertools.chain.from_iterable(lives[start : start + STREAMS])
        connection.executemany(INSERT, rows)
        connection.execute("COMMIT")


# ── the lines ───────────────────────────────────────────────────────────────


def commands(folder: Path) -> Iterator[Measured]:
    """Measure single durable commands."""
    ledgers = {name: our_ledger(folder / name) for name in ("fresh", "warm")}
    ours = {name: our_lives(custody, range(COMMANDS)) for name, custody in ledgers.items()}
    app, bare = peer_application(folder), bare_file(folder, "bare")
    peers = peer_lives(app, range(COMMANDS))
    last = [life_rows[-1] for life_rows in rows_of(ledgers["warm"], ours["warm"])]
    turn = {"run": 1}

    def floor() -> None:
        bare_inserts(bare, [(row[0], turn["run"], *row[2:]) for row in last])
        turn["run"] += 1  # the last of its turn

    found = in_turn(
        RUNS,
        fresh=lambda: our_commands(ledgers["fresh"], ours["fresh"], turn["run"], fresh=True),
        warm=lambda: our_commands(ledgers["warm"], ours["warm"], turn["run"], fresh=False),
        peer=lambda: peer_commands(app, peers, turn["run"]),
        floor=floor,
    )
    for name, custody in ledgers.items():
        known = custody.streams.histories(ours[name])
        for history, peer in zip(known.values(), peers, strict=True):
            weapon: Weapon = app.repository.get(peer)
            assert (history.version, history.state.condition) == (weapon.version, weapon.condition)
        custody.close()
    rate = {name: COMMANDS / took for name, took in found.items()}
    for name, aim in (("fresh", 2.0), ("warm", 2.0)):
        yield Measured(
            f"one durable command, {name}", "a second", rate[name], rate["peer"], rate["floor"], aim
        )
    app.close()
    bare.close()


def batches(folder: Path, events: int) -> Iterator[Measured]:
    """Measure recording whole lives, then, of the longer ones, rebuilding them."""
    custody, app = our_ledger(folder), peer_application(folder)
    starts = {side: itertools.count(0, LIVES) for side in ("ours", "peer", "floor")}
    made: dict[str, list[Any]] = {}

    def record(side: str, work: Callable[[range, int], list[Any]]) -> None:
        start = next(starts[side])
        made[side] = work(range(start, start + LIVES), events)

    def floor() -> float:
        rows = rows_of(custody, made["ours"])
        with contextlib.closing(bare_file(folder, f"bare-{next(starts['floor'])}")) as bare:
            return seconds(lambda: bare_batches(bare, rows))

    found = in_turn(
        RUNS,
        ours=lambda: record("ours", functools.partial(our_lives, custody)),
        peer=lambda: record("peer", functools.partial(peer_lives, app)),
        floor=floor,
    )
    rate = {name: LIVES * events / took for name, took in found.items()}
    yield Measured(
        f"batches of {STREAMS} streams, {events} events each",
        "events a second",
        rate["ours"],
        rate["peer"],
        rate["floor"],
        2.0,
    )
    if events == EVENTS:
        yield from rebuilding(custody, app, made["ours"], made["peer"])
        yield rounds(custody, app, made["ours"], made["peer"])
    custody.close()
    app.close()


def rebuilding(
    custody: Custody, app: Application[UUID], ours: list[str], peers: list[UUID]
) -> Iterator[Measured]:
    """Measure how fast streams come back from their events."""
    streams = custody.streams
    everything = sum(1 for known in streams.every("W-") if known.version == EVENTS)
    assert everything == RUNS * LIVES
    answers: dict[str, list[Any]] = {}

    def kept(name: str, work: Callable[[], list[Any]]) -> None:
        answers[name] = work()

    found = in_turn(
        RUNS,
        some=lambda: kept("ours", lambda: list(streams.histories(ours).values())),
        every=lambda: sum(1 for _ in streams.every("W-")) and None,
        peer=lambda: kept("peer", lambda: [app.repository.get(peer) for peer in peers]),
        floor=lambda: len(rows_of(custody, ours)) and None,
    )
    for known, weapon in zip(answers["ours"], answers["peer"], strict=True):
        told = (known.version, known.state.custody, known.state.serial, known.state.condition)
        assert told == (weapon.version, weapon.custody, weapon.serial, weapon.condition)
    peer, floor = LIVES / found["peer"], LIVES / found["floor"]
    yield Measured(
        f"rebuilt by identifier, {EVENTS} events each",
        "streams a second",
        LIVES / found["some"],
        peer,
        floor,
        4.0,
    )
    yield Measured(
        "rebuilt, the whole ledger",
        "streams a second",
        RUNS * LIVES / found["every"],
        peer,
        floor,
        4.0,
    )


def rounds(
    custody: Custody, app: Application[UUID], ours: list[str], peers: list[UUID]
) -> Measured:
    """Measure one more fact about each of many weapons that are there: what most batches are."""
    runs = {side: itertools.count(1) for side in ("ours", "peer")}
    found = in_turn(
        RUNS,
        ours=lambda: our_round(custody, ours, next(runs["ours"])),
        peer=lambda: peer_round(app, peers, next(runs["peer"])),
    )
    known = custody.streams.histories(ours)
    for history, peer in zip(known.values(), peers, strict=True):
        weapon: Weapon = app.repository.get(peer)
        assert (history.version, history.state.condition) == (weapon.version, weapon.condition)
    return Measured(
        f"batches of {STREAMS} streams of {EVENTS} events, one event more each",
        "events a second",
        LIVES / found["ours"],
        LIVES / found["peer"],
        aim=2.0,
    )


def story(folder: Path) -> Iterator[Measured]:
    """Measure the whole scenario, then the terminal's commands on its ledger."""
    ledger = folder / "story.amana"

    def tell() -> None:
        replay(ledger, ledger.with_suffix(".key"), "k24", "full").close()

    took = seconds(tell)
    with contextlib.closing(ReadOnly(ledger)) as reader:
        events = reader.position()
        weapon = next(Streams(reader).every("W-")).id
    yield Measured(f"the scenario, k24 full, {events:,} events", "seconds", took, aim=8.0)
    yield Measured("the same", "events a second", events / took)
    yield from processes(ledger, weapon)


def processes(ledger: Path, weapon: str) -> Iterator[Measured]:
    """Measure the terminal's command from start to exit."""
    amana = [sys.executable, str(Path(__file__).parent.parent / "cli.py")]
    status = [*amana, "--ledger", str(ledger), "status", weapon]

    def run(words: list[str]) -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    run(status)  # the first question makes the read models
    found = in_turn(RUNS, version=lambda: run([*amana, "--version"]), status=lambda: run(status))
    yield Measured("`amana --version`, a process", "seconds", found["version"], aim=0.2)
    yield Measured("`amana status ID`, a process", "seconds", found["status"], aim=0.5)


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="The ledger beside its peer.")
    parser.add_argument("--dir", type=Path, default=Path(), help="on which disk (default: here)")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    where, lines = machine(), list[Measured]()
    short, long = (functools.partial(batches, events=n) for n in (INTAKE, EVENTS))
    for measure in (commands, short, long, story):
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=options.dir) as folder:
            for line in measure(Path(folder)):
                lines.append(line)
                print(*line.cells(), sep="  ", file=sys.stderr, flush=True)
    text = report(COMMAND, where, lines)
    print(text)
    if options.write:
        write("ledger", text)


if __name__ == "__main__":
    main()
