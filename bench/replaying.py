"""Replay of a whole ledger: rebuild every read model, compare it with the live ones, beside two floors.

    python -m bench.replaying                    the story of December 2024, 47,076 events
    python -m bench.replaying --ledger FILE      and a ledger that is there, such as `--size x25` made
    python -m bench.replaying --write            and put the table into docs/benchmarks.md

The floor is fetching every row in the order a replay needs, stream by stream. The peer is what the
library needs to decode the log, nothing folded and nothing stored: a part of it with the same facts,
stored by the library in its own way (JSON transcoder, everything at its defaults), read back with
`select_notifications` and its mapper, and scaled to the whole. Beside it, the log itself read through
the library with our mapper, which validates every event. A ledger of more than 200,000 events is
replayed on every core. Medians of several runs, in turn.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

from application.answers.feed import compare as comparing
from application.answers.feed import compare_rows
from application.answers.feed import replay as replaying
from application.answers.feed.follow import Views, discard
from application.decisions.open import open_ledger
from application.store.sqlite import ReadOnly
from application.store.streams import Streams
from bench.machine import Measured, in_turn, machine, report, write
from bench.plain import peer_application
from scenario.replay import replay

COMMAND = "python -m bench.replaying"
RUNS, PART = 3, 24_000
MOST_REBUILD, MOST_COMPARE, MOST_MB = 5.0, 4.0, 1_000.0


def measure(ledger: Path, folder: Path) -> Iterator[Measured]:
    """Measure one ledger; its live views are made beside, in a folder."""
    reader = ReadOnly(ledger)
    log, about = Streams(reader), reader.settings()["id"]
    live, beside = folder / "live.views", folder / "beside.views"
    views = Views(log, live, about)
    views.catch_up()
    app = peer_application(folder)
    part = same_facts(app, reader)
    custody = open_ledger(ledger)
    with compare_rows.scope(log, views.connection, views.calendar) as asked:
        events = asked.to

    def rebuild() -> None:
        discard(beside)
        comparing.rebuild(log, beside, about)

    def compare() -> None:
        with compare_rows.scope(log, views.connection, views.calendar) as asked:
            done = comparing.compare(asked)
            assert done.events == events
            assert not list(done.findings)

    def decode() -> float:
        began = time.perf_counter()
        assert decoded(app) == part
        return (time.perf_counter() - began) * events / part

    def through() -> None:
        assert decoded(custody) == events

    took = in_turn(
        RUNS,
        fetch=lambda: fetch(reader),
        decode=decode,
        through=through,
        rebuild=rebuild,
        compare=compare,
    )
    floor, size = took["fetch"], live.stat().st_size / events
    used = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    name = f"{events:,} events"
    long = events >= replaying.LONG
    yield Measured(
        f"{name}: all read models rebuilt",
        "seconds",
        took["rebuild"],
        floor=floor,
        aim=round(MOST_REBUILD * floor, 2) if long else None,
    )
    yield Measured(
        f"{name}: the same, times the library's decoding",
        "times",
        took["rebuild"] / took["decode"],
        aim=1.0 if long else None,
    )
    yield Measured(
        f"{name}: compared, no difference",
        "seconds",
        took["compare"],
        floor=floor,
        aim=round(MOST_COMPARE * floor, 2) if long else None,
    )
    yield Measured(f"{name}: decoded by the library alone", "seconds", took["decode"])
    yield Measured(f"{name}: read through the library, validated", "seconds", took["through"])
    yield Measured(f"{name}: memory of a process at most", "MB", used / 1_024, aim=MOST_MB)
    yield Measured(f"{name}: all read models", "bytes an event", size)
    custody.close()
    app.close()
    views.close()
    reader.close()


class Fact(Aggregate.Event):
    """Any event as the library stores one."""

    stored_name: str
    facts: dict[str, Any]


def same_facts(app: Application[UUID], log: ReadOnly) -> int:
    """Store the facts of the log's first events the library's way; return how many there are."""
    rows = log.fetch("SELECT topic, state FROM stored_events ORDER BY position LIMIT ?", (PART,))
    events, stream = [], uuid4()
    for version, (topic, state) in enumerate(rows, 1):
        events.append(
            Fact(
                originator_id=stream,
                originator_version=version,
                timestamp=datetime.now(UTC),
                stored_name=topic,
                facts=orjson.loads(state),
            )
        )
    app.recorder.insert_events([app.mapper.to_stored_event(event) for event in events])
    return len(events)


def fetch(log: ReadOnly) -> None:
    """Read every row, stream by stream, and do nothing with it."""
    for _ in log.fetch(
        "SELECT originator_id, position, originator_version, topic, state FROM stored_events"
        " ORDER BY originator_id, originator_version"
    ):
        pass


def decoded(app: object) -> int:
    """Read the peer's log back through the library and return how many events it holds."""
    recorder, mapper = app.recorder, app.mapper  # type: ignore[attr-defined]  # an Application
    count, start = 0, 1
    while some := recorder.select_notifications(start, 1_000):
        for notification in some:
            mapper.to_domain_event(notification)
        count, start = count + len(some), some[-1].id + 1
    return count


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Replay beside its floor.")
    parser.add_argument("--ledger", type=Path, help="a ledger that is there, besides the story")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    where, lines = machine(), list[Measured]()
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path()) as name:
        folder = Path(name)
        story = folder / "story.amana"
        replay(story, story.with_suffix(".key"), "k24", "full").close()
        for n, ledger in enumerate([story, *([options.ledger] if options.ledger else [])]):
            part = folder / str(n)
            part.mkdir()
            for line in measure(ledger, part):
                lines.append(line)
                print(*line.cells(), sep="  ", file=sys.stderr, flush=True)
    text = report(COMMAND + (" --ledger x25" if options.ledger else ""), where, lines)
    print(text)
    if options.write:
        write("replaying", text)


if __name__ == "__main__":
    main()
