"""The store: one narrow interface, read by the library too; and files that are never half-written."""

from __future__ import annotations

import os
import pickle
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from application.decisions import open as opening
from application.store import files
from application.store.interface import Store
from application.store.schema import FORMAT
from domain.errors import BadInputError, BusyError, StorageError
from tests.terminal import ROOT

# ── who knows the engine ────────────────────────────────────────────────────

ROOMS = ("application", "commands", "scenario", "paper", "words", "intake")
CONNECTIONS = re.compile(
    r"import sqlite3|from sqlite3|(?<!csv)\.writer\b|(?<!views\.)\bconnection\.(execute|commit|rollback)"
)
ONE_ENGINE = re.compile(r"\browid\b|INSERT OR |json_extract|\?\d")


def sources(*rooms: str) -> dict[str, str]:
    """The program's files of some rooms."""
    found = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in found}


def test_nobody_but_the_store_holds_a_connection_to_a_ledger() -> None:
    outside = {n: text for n, text in sources(*ROOMS).items() if "application/store" not in n}
    assert len(outside) > 100
    assert [name for name, text in outside.items() if CONNECTIONS.search(text)] == []


def test_what_is_said_to_the_ledger_stands_in_both_engines() -> None:
    said = {n: t for n, t in sources(*ROOMS).items() if "store/sqlite" not in n}
    assert [name for name, text in said.items() if ONE_ENGINE.search(text)] == []


# ── the interface ───────────────────────────────────────────────────────────


def test_a_refused_transaction_leaves_nothing_and_a_renewed_one_what_came_before(house) -> None:
    store: Store = house.custody.store
    before = house.rows("control_number")
    insert = "INSERT INTO control_number (prefix, last) VALUES (?, ?)"
    with pytest.raises(BusyError, match="changed the same record first"):
        numbered(store, insert, ("X", 1), ("X", 2))
    assert house.rows("control_number") == before
    with pytest.raises(BusyError):
        numbered(store, insert, ("X", 1), (), ("Y", 1), ("X", 2))
    assert {prefix for prefix, _ in house.rows("control_number")} == {"X", *dict(before)}


def numbered(store: Store, insert: str, *rows: tuple[Any, ...]) -> None:
    """Insert rows in one transaction; an empty one renews it."""
    with store.writing():
        for row in rows:
            store.execute(insert, row) if row else store.renew()


def test_a_snapshot_is_one_state_whatever_another_writes_meanwhile(house) -> None:
    store = house.custody.store
    other = opening.open_ledger(house.path, clock=house.clock)
    with store.snapshot():
        position = store.position()
        with other.store.writing():
            other.store.insert([("SITE-X", 1, "site.opened", b"{}")])
        assert store.position() == position
    assert store.position() == position + 1
    other.close()


def test_another_reader_is_opened_in_another_process_and_cannot_write(house) -> None:
    person = house.sheltered()
    sent = pickle.dumps(house.custody.streams.another())
    streams = pickle.loads(sent)()  # noqa: S301 -- made on the line before
    with closing(streams.store):
        assert streams.history(person).state == house.state(person)
        assert streams.store.settings() == opening.settings_of(house.custody)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            list(streams.store.fetch("DELETE FROM stored_events"))


def test_the_log_is_read_piece_by_piece_as_it_stood(house) -> None:
    people = [house.sheltered() for _ in range(3)]
    streams = house.custody.streams
    (events, count), newest = streams.size(), streams.newest()
    assert events == newest == len(house.rows()) == streams.last().position
    assert streams.ids() == sorted({row[1] for row in house.rows()})
    assert len(streams.ids()) == count
    assert dict(streams.lengths(newest))[people[0]] == 4
    assert streams.ids_between(newest - 1, newest) == [people[2]]
    (last,) = streams.some(newest - 1, [people[2]])
    assert (len(last.events), last.positions[-1]) == (3, newest - 1)
    within = [stream.id for stream in streams.within(newest, "P-", "P-\U0010ffff")]
    assert within == people == [stream.id for stream in streams.some(newest, people)]


# ── as the library reads it ─────────────────────────────────────────────────


def test_the_librarys_own_calls_read_the_log_by_position(house) -> None:
    recorder, rows = house.custody.recorder, house.rows()
    house.sheltered()
    rows = house.rows()
    newest = recorder.max_notification_id()
    assert newest == rows[-1][0]

    def read(*args: Any, **named: Any) -> list[tuple[Any, ...]]:
        found = recorder.select_notifications(*args, **named)
        return [(n.id, n.originator_id, n.originator_version, n.topic, n.state) for n in found]

    assert read(None, 10_000) == rows
    assert read(newest, 10) == rows[-1:]
    assert read(newest, 10, inclusive_of_start=False) == []
    assert read(newest - 3, 2) == rows[-4:-2]
    assert read(1, 10, stop=2) == rows[:2]
    admitted = [row for row in rows if row[3] in {"person.admitted", "person.housed"}]
    assert read(1, 10, topics=("person.admitted", "person.housed")) == admitted
    notifications = house.custody.notification_log.select(start=newest, limit=5)
    assert [n.id for n in notifications] == [newest]


def test_a_ledger_of_an_older_format_is_refused_in_one_sentence(house) -> None:
    house.custody.close()
    with closing(sqlite3.connect(house.path)) as connection:
        connection.execute("PRAGMA user_version=1")
    words = f"has format 1, this program knows {FORMAT}: use the version that made it"
    with pytest.raises(BadInputError, match=words):
        opening.open_ledger(house.path)


# ── files ───────────────────────────────────────────────────────────────────


def pieces() -> Iterator[bytes]:
    yield b"half"
    raise OSError(28, "No space left on device")


def test_a_file_that_cannot_be_finished_is_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "report"
    files.write_whole(path, "old")
    with pytest.raises(StorageError, match="report cannot be written: No space left on device"):
        files.write_whole(path, pieces())
    with pytest.raises(StorageError, match="No space left"):
        files.write_new(tmp_path / "new", pieces())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report"]
    with pytest.raises(StorageError, match=r"none/x cannot be written: No such file or directory"):
        files.write_whole(tmp_path / "none" / "x", "text")


@pytest.mark.parametrize("links", [True, False], ids=["links", "a stick without links"])
def test_a_new_file_and_a_key_never_overwrite(tmp_path: Path, monkeypatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", refuse_links)
    path, key = tmp_path / "proof", tmp_path / "a.key"
    files.write_new(path, "one")
    files.new_key_file(key, "secret")
    with pytest.raises(BadInputError, match="proof exists already and is not overwritten: name an"):
        files.write_new(path, "other")
    with pytest.raises(BadInputError, match="is not overwritten: name another key file"):
        files.new_key_file(key, "other")
    late = tmp_path / "late"
    with pytest.raises(BadInputError, match="late exists already"):
        files.write_new(late, meanwhile(late))
    assert (path.read_text(), key.read_text(), late.read_text()) == (
        "one",
        "secret",
        "came meanwhile",
    )
    assert sorted(os.listdir(tmp_path)) == ["a.key", "late", "proof"]


def meanwhile(path: Path) -> Iterator[bytes]:
    path.write_text("came meanwhile")
    yield b"mine"


def refuse_links(*_: Any) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_key_is_private_and_what_is_handed_on_as_the_user_wishes(tmp_path: Path) -> None:
    was = os.umask(0o022)
    try:
        files.new_key_file(tmp_path / "a.key", "secret")
        files.replace_key_file(tmp_path / "a.key", "newer")
        files.write_new(tmp_path / "proof", "x")
    finally:
        os.umask(was)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"a.key": 0o600, "proof": 0o644}
    assert files.read_key_file(tmp_path / "a.key", "a key", "none there") == "newer"
    (tmp_path / "a.key").chmod(0o644)
    with pytest.raises(BadInputError, match="can be read by others: chmod 600 it"):
        files.read_key_file(tmp_path / "a.key", "a key", "none there")


def test_a_name_as_long_as_a_name_may_be_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("ن" * 127)
    files.write_whole(path, "text")
    assert path.read_text() == "text"
