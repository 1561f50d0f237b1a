"""Two writers at once, kill -9, Ctrl-C, a full disk: nothing acknowledged is lost, nothing half done."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from application.decisions.ledger import wall_clock
from application.decisions.open import open_ledger
from domain.errors import BusyError, RefusedError, StorageError
from domain.times import SECOND

ROOT = Path(__file__).resolve().parent.parent
WRITER = """
import sys
from pathlib import Path
from application.decisions.open import open_ledger
from application.decisions.unit import Note
from domain.errors import CustodyError

custody = open_ledger(Path(sys.argv[1]))
name, count = sys.argv[2], int(sys.argv[3])
note = Note("OFF-010")
personal = {"declared_name": "Somebody", "birth_date": "1990-01-01"}
print("ready", flush=True)
for n in range(count):
    try:
        with custody.batch():
            done = custody.register(None, note, category="OTHER", personal=personal)
            custody.house(done.subject, note, site="CAMP-R1", place=f"{name}-{n}")
        print(done.subject, flush=True)
    except CustodyError as error:
        print(type(error).__name__, error, sep=": ", file=sys.stderr, flush=True)
        sys.exit(error.exit_code)
"""


def writer(house, name: str, count: int, before: str = "") -> subprocess.Popen[str]:
    """Start another process that registers and houses persons, and prints each when it is durable."""
    command = f'{before} exec {sys.executable} -c "$0" "$@"'
    return subprocess.Popen(
        ["bash", "-c", command, WRITER, str(house.path), name, str(count)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def is_whole(house, acknowledged: list[str]) -> None:
    """Assert that the file is sound and every acknowledged person is in it, whole."""
    with closing(sqlite3.connect(house.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    house.reopen()
    assert house.register_is_sound()
    for person in acknowledged:
        known = house.read(person)
        assert [e.TOPIC for e in known.events] == ["person.registered", "person.housed"]
        values = house.custody.vault.opened(person, known.state.identity_fields)
        assert values == {"declared_name": "Somebody", "birth_date": "1990-01-01"}
    in_file = {row[1] for row in house.rows() if row[1].startswith("P-")}
    assert all(house.read(person).version == 2 for person in in_file)
    assert len(house.rows("vault")) == 2 * len(in_file)


def lines(text: str) -> list[str]:
    """Return what a writer acknowledged."""
    return [line for line in text.splitlines() if line.startswith("P-")]


def test_two_processes_at_once_lose_nothing_and_share_no_number(house) -> None:
    house.custody.close()
    processes = [writer(house, name, 25) for name in ("A", "B")]
    done = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], done
    acknowledged = [person for out, _ in done for person in lines(out)]
    assert len(set(acknowledged)) == len(acknowledged) == 50
    is_whole(house, acknowledged)


def test_a_stream_another_process_changed_is_read_again_before_deciding(house) -> None:
    person = house.sheltered()  # and remembered
    other = type(house)(house.path, house.clock, open_ledger(house.path, clock=house.clock))
    other.do("record_death", person, site="CLINIC", certificate="C")
    other.clock.now += 3_600_000_000
    late = other.admitted()
    with pytest.raises(RefusedError, match="DECEASED"):
        house.do("refer_to_care", person, site="CLINIC")
    assert house.admitted() not in {person, late}
    other.custody.close()
    recorded = [json.loads(row[4])["recorded_at"] for row in house.rows()]
    assert recorded == sorted(set(recorded))
    assert house.register_is_sound()


def test_a_writer_that_waits_too_long_is_told_busy(house, monkeypatch) -> None:
    monkeypatch.setattr("application.store.sqlite_file.BUSY_TIMEOUT_SECONDS", 0.05)
    house.reopen()
    rows = house.rows()
    with closing(sqlite3.connect(house.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="nothing was recorded, try again"):
            house.do("seek_refuge", site="GATE")
        other.execute("ROLLBACK")
    assert house.rows() == rows
    house.do("seek_refuge", site="GATE")


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
@pytest.mark.parametrize("seed", range(4))
def test_a_writer_stopped_at_any_moment_leaves_the_ledger_whole(house, kind, seed: int) -> None:
    house.custody.close()
    process = writer(house, "A", 10_000)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    acknowledged = [process.stdout.readline() for _ in range(1 + seed)]
    time.sleep(random.Random(seed).random() / 20)  # noqa: S311 -- any moment will do
    process.send_signal(kind)
    out, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    acknowledged += out.splitlines(keepends=True)
    is_whole(house, [line.strip() for line in acknowledged if line.endswith("\n")])


def test_a_full_disk_is_one_sentence_and_nothing_is_half_done(house) -> None:
    house.custody.close()
    process = writer(house, "A", 10_000, before="ulimit -f 2048;")  # KiB a file
    out, err = process.communicate(timeout=120)
    assert process.returncode == 74
    assert err.count("\n") == 1
    assert err.startswith("StorageError: ")
    assert err.rstrip().endswith("nothing was recorded")
    assert lines(out)
    is_whole(house, lines(out))
    house.clock.now = wall_clock() + SECOND  # the other process wrote by the machine's clock
    house.sheltered()


def _many(house) -> None:
    with house.custody.batch(whole=True):
        for _ in range(2_000):
            house.do("seek_refuge", site="GATE", group="x" * 500)


def test_a_full_disk_leaves_a_process_that_goes_on_able_to_write(house) -> None:
    """The same process writes again once there is room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = house.rows()
    largest = max(p.stat().st_size for p in house.path.parent.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        with pytest.raises(StorageError):
            _many(house)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert house.rows() == before
    assert house.sheltered() == "P-000001-I"
    assert house.register_is_sound()
