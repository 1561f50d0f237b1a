"""Workers: the same answers in the same order, and an error or a stop reaches the one who asked."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from application.answers.feed import compare, compare_rows, replay, workers
from application.answers.feed.follow import Views
from application.decisions.open import VIEWS_SUFFIX, settings_of
from application.store.sqlite import ReadOnly
from application.store.streams import Streams
from domain.errors import BadInputError, StorageError
from projections import row_codes


@pytest.fixture
def log(tmp_path: Any) -> Any:
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection, connection:
        connection.execute("CREATE TABLE fact (n INTEGER)")
        connection.executemany("INSERT INTO fact VALUES (?)", [(n,) for n in range(100)])
    with closing(ReadOnly(tmp_path / "log.db")) as reader:
        yield reader


def summed(log: ReadOnly, piece: tuple[int, int]) -> tuple[int, int]:
    ((found,),) = log.fetch("SELECT sum(n) FROM fact WHERE n >= ? AND n < ?", piece)
    return os.getpid(), found


def refuse(_log: ReadOnly, piece: int) -> int:
    if piece == 2:
        msg = "the ledger holds 'x' events"
        raise BadInputError(msg)
    return piece


def die(_log: ReadOnly, piece: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return piece


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 2)


@pytest.mark.usefixtures("two_cores")
def test_answers_come_in_the_order_of_the_pieces_from_processes_of_their_own(log):
    pieces = [(n, n + 5) for n in range(0, 100, 5)]
    far = list(workers.each(log, summed, pieces, spread=True))
    near = list(workers.each(log, summed, pieces, spread=False))
    assert [found for _, found in far] == [found for _, found in near]
    assert os.getpid() not in {pid for pid, _ in far}
    assert {os.getpid()} == {pid for pid, _ in near}


@pytest.mark.usefixtures("two_cores")
def test_an_error_in_a_worker_reaches_the_one_who_asked(log):
    with pytest.raises(BadInputError, match="holds 'x' events"):
        list(workers.each(log, refuse, range(9), spread=True))


@pytest.mark.usefixtures("two_cores")
def test_a_worker_stopped_from_outside_is_one_clear_error(log):
    with pytest.raises(StorageError, match="stopped from outside"):
        list(workers.each(log, die, range(9), spread=True))


@pytest.mark.usefixtures("two_cores")
def test_a_replay_spread_over_processes_finds_and_writes_the_same(house, monkeypatch):
    house.handed_over()
    item = house.in_trust()
    for name, few in (("LONG", 1), ("PIECE", 3)):
        monkeypatch.setattr(replay, name, few)
    views = house.path.with_name(house.path.name + VIEWS_SUFFIX)
    log, about = house.custody.streams, settings_of(house.custody)["id"]
    steps: list[int] = []
    compare.rebuild(log, views, about, progress=steps.append)
    assert sum(steps) == len(house.rows())
    assert len(steps) > 2
    with closing(Views(log, views, about)) as built:
        assert differing(built, log) == set()
        code = row_codes.code_of(item)
        built.connection.execute("UPDATE segment SET site = 'X' WHERE subject = ?", (code,))
        assert differing(built, log) == {item}


def differing(views: Views, log: Streams) -> set[str]:
    with compare_rows.scope(log, views.connection, views.calendar) as asked:
        return {f.subject for f in compare.compare(asked).findings}


def tell_and_wait(_log: ReadOnly, folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(60)


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path):
    program = (
        "from pathlib import Path; from application.answers.feed import workers\n"
        "from tests.test_workers import *\n"
        "workers.cores = lambda: 2\n"
        f"log = ReadOnly(Path({str(tmp_path / 'log.db')!r}))\n"
        f"list(workers.each(log, tell_and_wait, [{str(tmp_path / 'told')!r}] * 2, spread=True))"
    )
    (tmp_path / "told").mkdir()
    sqlite3.connect(tmp_path / "log.db").execute("CREATE TABLE fact (n INTEGER)").connection.close()
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    while len(told := list((tmp_path / "told").iterdir())) < 2:
        assert parent.poll() is None
        time.sleep(0.05)
    assert all(alive(int(one.name)) for one in told)
    parent.kill()
    parent.communicate()  # ends once nobody holds the pipe any more
    until = time.monotonic() + 10
    while any(alive(int(one.name)) for one in told):
        assert time.monotonic() < until, "a worker lives on"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
