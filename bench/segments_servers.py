"""The peers of `segments.py` that need a server: started here in a folder, asked, stopped again.

    PostgreSQL, trigger history    a current row a subject, a trigger that keeps each version with the
                                   time of its recording (as pghistory does); asked for t = k only
    MariaDB, bitemporal tables     application-time columns and system versioning, loaded with its own
                                   history, asked FOR SYSTEM_TIME AS OF

Both are Debian's packages (`postgresql`, `mariadb-server` 10.11). Times are the server's own.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from domain import history
from domain.times import INF, moment
from projections import population
from projections.facets import MAIN, values

Say = Callable[..., None]
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
MARIADB = shutil.which("mariadbd")
PATIENCE_SECONDS = 60


def contend(
    connection: Any,
    world: Any,
    sites: Sequence[str],
    t: int,
    k: int,
    floor: float,
    line: Say,
    say: Callable[[str], None],
) -> None:
    """Ask the servers that are installed for one site, and compare the answers."""
    if POSTGRES:
        trigger_history(connection, world, sites, k, line)
    else:
        say("  PostgreSQL is not installed: skipped (apt-get install postgresql)")
    if MARIADB:
        bitemporal_tables(connection, sites, t, k, floor, line)
    else:
        say("  MariaDB is not installed: skipped (apt-get install mariadb-server)")


# ── starting and stopping ───────────────────────────────────────────────────


def demoted(user: str) -> dict[str, Any]:
    """Return how to run a server that refuses to be root."""
    return {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}


@contextlib.contextmanager
def folder_of(user: str) -> Iterator[Path]:
    """Make a folder that the server's user owns."""
    with tempfile.TemporaryDirectory(prefix="amana-bench-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, user, user)
        yield Path(name)


@contextlib.contextmanager
def running(command: Sequence[str], ask: Callable[[str], str], **how: Any) -> Iterator[None]:
    """Run a server until it answers, and stop that one process at the end."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, **quiet, **how)
    try:
        patience = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                ask("SELECT 1;")
                break
            except subprocess.CalledProcessError:
                if time.monotonic() > patience or server.poll() is not None:
                    raise
                time.sleep(0.2)
        yield
    finally:
        server.send_signal(signal.SIGINT if "postgres" in command[0] else signal.SIGTERM)
        server.wait(PATIENCE_SECONDS)


def client(command: Sequence[str], **how: Any) -> Callable[[str], str]:
    """Return a function that sends statements and returns what the client prints."""

    def ask(statements: str) -> str:
        return subprocess.run(
            command, input=statements, text=True, check=True, capture_output=True, **how
        ).stdout

    return ask


# ── PostgreSQL: a trigger keeps every version ───────────────────────────────

PG_TABLES = """
CREATE UNLOGGED TABLE fed (n bigint, subject text, status text, site text, place text, at bigint);
CREATE TABLE now (subject text PRIMARY KEY, status text, site text, place text, at bigint);
CREATE TABLE version (
    id bigserial PRIMARY KEY, subject text, status text, site text, place text, at bigint);
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO version (subject, status, site, place, at)
        VALUES (NEW.subject, NEW.status, NEW.site, NEW.place, NEW.at);
    RETURN NEW; END $$;
CREATE TRIGGER keep AFTER INSERT OR UPDATE ON now FOR EACH ROW EXECUTE FUNCTION keep();
"""
PG_FEED = """
DO $$ DECLARE r fed%ROWTYPE; BEGIN
    FOR r IN SELECT * FROM fed ORDER BY n LOOP
        INSERT INTO now VALUES (r.subject, r.status, r.site, r.place, r.at)
        ON CONFLICT (subject) DO UPDATE SET status = r.status, site = r.site, place = r.place, at = r.at;
    END LOOP; END $$;
CREATE INDEX ON version (subject, at DESC, id DESC);
CREATE INDEX ON version (site);
VACUUM ANALYZE version;
"""
PG_ASK = """
SELECT subject, status, coalesce(place, '') FROM (
    SELECT DISTINCT ON (subject) * FROM version WHERE at <= {k} ORDER BY subject, at DESC, id DESC
) AS v WHERE site = '{site}' ORDER BY subject COLLATE "C";
"""


def trigger_history(connection: Any, world: Any, sites: Sequence[str], k: int, line: Say) -> None:
    """One site at t = k, from a history kept by triggers."""
    home = POSTGRES[-1].parent
    how = demoted("postgres")
    with folder_of("postgres") as folder:
        data = folder / "data"
        subprocess.run(
            [home / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C", "-U", "bench"],
            check=True,
            capture_output=True,
            **how,
        )
        ask = client(
            [
                str(home / "psql"),
                "-h",
                str(folder),
                "-U",
                "bench",
                "-d",
                "postgres",
                "-qAt",
                "-v",
                "ON_ERROR_STOP=1",
            ],
            **how,
        )
        options = [
            "-c",
            "listen_addresses=",
            "-c",
            f"unix_socket_directories={folder}",
            "-c",
            "fsync=off",
            "-c",
            "shared_buffers=1GB",
            "-c",
            "work_mem=256MB",
        ]
        with running([str(home / "postgres"), "-D", str(data), *options], ask, **how):
            ask(PG_TABLES)
            fed = folder / "fed"
            with fed.open("w") as file:
                file.writelines(versions(world))
            fed.chmod(0o644)
            ask(f"COPY fed FROM '{fed}';")
            start = time.perf_counter()
            ask(PG_FEED)
            spent = time.perf_counter() - start
            events = world.size * 8
            answer = ask(PG_ASK.format(site=sites[0], k=k))
            assert parsed(answer, "|") == answers(connection, sites[0], k, k)
            times = []
            for site in sites[:5]:
                said = ask("\\timing on\n" + PG_ASK.format(site=site, k=k))
                times.append(float(re.findall(r"^Time: ([\d.]+) ms", said, re.MULTILINE)[-1]))
    line(
        "one site, t = k",
        "trigger history, PostgreSQL",
        statistics.median(times),
        f"fed at {spent / events * 1e6:.0f} µs an event",
    )


def versions(world: Any) -> Iterator[str]:
    """Yield what an application without a history of its own would write, in order of the log."""
    for stream in world.streams():
        before, known = None, history.of(stream.id, ())
        for position, event in zip(stream.positions, stream.events, strict=True):
            known = known.then(event)
            value = values(known.state)[MAIN]
            if value is not None and value != before:
                before = value
                place = value.place or "\\N"
                yield (
                    f"{position}\t{stream.id}\t{value.status}\t{value.site}\t{place}"
                    f"\t{event.recorded_at}\n"
                )


# ── MariaDB: application time and system versioning ─────────────────────────

MARIADB_TABLE = """
CREATE DATABASE bench; USE bench;
CREATE TABLE standing (
    subject VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin, status VARCHAR(24), site VARCHAR(24),
    place VARCHAR(24), valid_from DATETIME(6) NOT NULL, valid_to DATETIME(6) NOT NULL,
    row_start TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
    row_end TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
    PERIOD FOR valid (valid_from, valid_to), PERIOD FOR SYSTEM_TIME (row_start, row_end),
    KEY (site, valid_from, valid_to), KEY (subject)
) WITH SYSTEM VERSIONING;
"""
MARIADB_LOAD = """
USE bench; SET time_zone = '+00:00'; SET system_versioning_insert_history = 1;
LOAD DATA INFILE '{file}' INTO TABLE standing
    (subject, status, site, place, valid_from, valid_to, row_start, row_end);
ANALYZE TABLE standing;
"""
MARIADB_ASK = """
SELECT subject, status, coalesce(place, '') FROM bench.standing
    FOR SYSTEM_TIME AS OF TIMESTAMP '{k}'
    WHERE site = '{site}' AND valid_from <= '{t}' AND valid_to > '{t}' ORDER BY subject;
"""
FOR_EVER, UNTIL_CHANGED = "9999-12-31 00:00:00", "2038-01-19 03:14:07.999999"


def bitemporal_tables(
    connection: Any, sites: Sequence[str], t: int, k: int, floor: float, line: Say
) -> None:
    """One site at (t, k), from MariaDB's own two periods."""
    assert MARIADB is not None
    how = demoted("mysql")
    with folder_of("mysql") as folder:
        data, socket, fed = folder / "data", folder / "socket", folder / "fed"
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
            ],
            check=True,
            capture_output=True,
            **how,
        )
        ask = client(
            ["mariadb", "--no-defaults", "-u", "root", f"--socket={socket}", "-N", "-B"], **how
        )
        server = [
            MARIADB,
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={socket}",
            "--skip-networking",
            f"--pid-file={folder}/pid",
            "--secure-file-priv=",
            "--innodb-buffer-pool-size=2G",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        with running(server, ask, **how):
            ask(MARIADB_TABLE)
            with fed.open("w") as file:
                file.writelines(rectangles(connection))
            fed.chmod(0o644)
            ask(MARIADB_LOAD.format(file=fed))
            when = {"t": stamp(t), "k": stamp(k)}
            zone = "SET time_zone = '+00:00';"
            answer = ask(zone + MARIADB_ASK.format(site=sites[0], **when))
            assert parsed(answer, "\t") == answers(connection, sites[0], t, k)
            times = []
            for site in sites:
                said = ask(
                    f"{zone}SET @start = SYSDATE(6);{MARIADB_ASK.format(site=site, **when)}"
                    "SELECT timestampdiff(MICROSECOND, @start, SYSDATE(6));"
                )
                times.append(int(said.splitlines()[-1]) / 1_000)
    spent = statistics.median(times)
    line("one site", "bitemporal tables, MariaDB", spent, f"{spent / floor:.1f} times the floor")


def rectangles(connection: Any) -> Iterator[str]:
    """Yield the standard rectangles of the segments as MariaDB reads them."""
    for subject, status, site, place, *times in connection.execute(
        "SELECT subject, status, site, place, valid_from, valid_to, known_from, known_to"
        " FROM rectangle WHERE facet = 0"
    ):
        valid_from, valid_to, known_from, known_to = times
        cells = (
            subject,
            status,
            site,
            place or "\\N",
            stamp(valid_from),
            FOR_EVER if valid_to == INF else stamp(valid_to),
            stamp(known_from),
            UNTIL_CHANGED if known_to == INF else stamp(known_to),
        )
        yield "\t".join(cells) + "\n"


def stamp(at: int) -> str:
    """Return an instant as MariaDB writes it, in UTC."""
    return moment(at).strftime("%Y-%m-%d %H:%M:%S.%f")


# ── equal answers ───────────────────────────────────────────────────────────


def parsed(text: str, separator: str) -> list[tuple[str, ...]]:
    """Return the rows that a client printed."""
    return [tuple(row.split(separator)) for row in text.splitlines()]


def answers(connection: Any, site: str, t: int, k: int) -> list[tuple[str, ...]]:
    """Return our own answer in the same shape."""
    found = population.at(connection, "site", site, t, k)
    return [(s.subject, s.status, s.place or "") for s in found]
