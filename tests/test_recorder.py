"""The ledger's file: what is opened, what is refused in one sentence, and how it is written."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from application.decisions import open as opening
from application.store.register import rebuild
from application.store.schema import FORMAT
from domain.errors import BadInputError, BusyError, CustodyError, StorageError, UnknownError


def refuses(path, error: type[CustodyError], words: str) -> None:
    """Assert that opening is one sentence and changes no byte."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error, match=words) as refusal:
        opening.open_ledger(path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_ledger_that_is_not_there_is_unknown_and_is_not_made(tmp_path) -> None:
    refuses(tmp_path / "none.amana", UnknownError, "there is no ledger at")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"some text\n" * 50, b"SQLite format 3\0", b"\0" * 5000])
def test_a_file_of_another_kind_is_not_a_ledger(tmp_path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    refuses(path, BadInputError, "is not a ledger of this program")


def test_a_folder_is_not_a_ledger(tmp_path) -> None:
    refuses(tmp_path, StorageError, "cannot be read")


def test_another_programs_database_is_not_a_ledger(tmp_path) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE stored_events (a)")
    refuses(path, BadInputError, "is not a ledger of this program")


def test_a_newer_format_is_refused_with_both_numbers(house) -> None:
    house.custody.close()
    with closing(sqlite3.connect(house.path)) as connection:
        connection.execute(f"PRAGMA user_version={FORMAT + 1}")
    words = f"has format {FORMAT + 1}, this program knows {FORMAT}: install a newer version"
    refuses(house.path, BadInputError, words)


def test_a_damaged_ledger_is_a_storage_error(house) -> None:
    house.sheltered()
    house.custody.close()
    content = bytearray(house.path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    house.path.write_bytes(content)
    custody = opening.open_ledger(house.path)
    with pytest.raises(StorageError, match="nothing was recorded"), custody.unit():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_ledger_is_one_sentence(house, what: str) -> None:
    house.custody.close()
    target = house.path if what == "file" else house.path.parent
    mode = target.stat().st_mode
    target.chmod(0o400 if what == "file" else 0o500)
    try:
        refuses(house.path, StorageError, "must be writable")
    finally:
        target.chmod(mode)


def test_a_file_made_read_only_under_way_is_one_sentence(house) -> None:
    house.custody.store.execute("PRAGMA query_only=ON")
    with pytest.raises(StorageError, match="may not be written; nothing was recorded"):
        house.do("seek_refuge", site="GATE")
    house.custody.store.execute("PRAGMA query_only=OFF")
    house.do("seek_refuge", site="GATE")


def test_an_existing_file_is_never_overwritten(house) -> None:
    before = house.path.read_bytes()
    with pytest.raises(BadInputError, match="exists already and is not overwritten"):
        opening.create(house.path, house.path.with_suffix(".key2"))
    with pytest.raises(BadInputError, match="exists already and is not overwritten"):
        opening.create(house.path.with_suffix(".new"), house.custody.key_file)
    assert house.path.read_bytes() == before
    assert not house.path.with_suffix(".key2").exists()
    assert not house.path.with_suffix(".new").exists()


@pytest.mark.parametrize("facts", [{"zone": "Mars/Base"}, {"chair": "nobody"}, {"party": "P-1"}])
def test_a_ledger_that_cannot_be_founded_leaves_no_file(tmp_path, facts) -> None:
    with pytest.raises(CustodyError):
        opening.create(tmp_path / "a.amana", tmp_path / "a.key", **facts)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path) -> None:
    with pytest.raises(StorageError):
        opening.create(tmp_path / "none" / "a.amana", tmp_path / "a.key")
    assert list(tmp_path.iterdir()) == []


def test_a_new_ledger_knows_itself_and_its_first_official(house) -> None:
    settings = opening.settings_of(house.custody)
    assert settings.keys() == {"id", "zone", "synthetic", "key", "made_at"}
    assert (settings["zone"], settings["synthetic"]) == ("Asia/Baghdad", "yes")
    assert house.state("OFF-001").roles == {"CHAIR": None}
    opening.check_key(house.custody)


def test_the_file_is_written_durably(house) -> None:
    ask = house.custody.store.one
    assert ask("PRAGMA journal_mode") == ("wal",)
    assert ask("PRAGMA synchronous") == (2,)  # FULL
    (sql,) = ask("SELECT sql FROM sqlite_master WHERE name = 'stored_events'")
    assert "position INTEGER PRIMARY KEY AUTOINCREMENT" in sql
    assert "UNIQUE (originator_id, originator_version)" in sql


def test_positions_are_never_used_twice(house) -> None:
    last = house.rows()[-1][0]
    house.custody.store.execute("DELETE FROM stored_events WHERE position = ?", (last,))
    house.reopen().do("seek_refuge", site="GATE")
    assert house.rows()[-1][0] == last + 1


def test_the_library_reads_the_same_table(house) -> None:
    person = house.sheltered()
    found = [e.TOPIC for e in house.custody.events.get(person)]
    assert found == [
        "person.refuge_sought",
        "person.entry_authorised",
        "person.admitted",
        "person.housed",
    ]
    newest = house.custody.recorder.max_notification_id()
    assert newest == house.rows()[-1][0]
    log = house.custody.recorder.select_notifications(start=newest - 3, limit=10)
    assert [n.topic for n in log] == found


def test_an_event_that_is_there_already_is_busy_and_a_new_one_gets_the_next_position(house) -> None:
    *_, (newest, person, version, topic, state) = house.rows()
    store = house.custody.store
    with (
        pytest.raises(BusyError, match="another command changed the same record first"),
        store.writing(),
    ):
        store.insert([(person, version, topic, state)])
    with store.writing():
        assert list(store.insert([(person, version + 1, topic, state)])) == [newest + 1]


def test_the_process_environment_does_not_move_the_store(house, monkeypatch) -> None:
    monkeypatch.setenv("PERSISTENCE_MODULE", "eventsourcing.popo")
    monkeypatch.setenv("CUSTODY_SQLITE_DBNAME", ":memory:")
    person = house.reopen().sheltered()
    assert person in {row[1] for row in house.rows()}


def test_a_damaged_register_is_made_again_from_the_events(house) -> None:
    house.in_trust()
    house.sheltered()
    good = house.rows("register")
    store = house.custody.store
    with store.writing():
        store.execute("DELETE FROM register WHERE name = 'housed'")
        store.execute("INSERT INTO register VALUES ('housed', 'GATE', 'P-000099-0')")
        states = (known.state for known in house.custody.streams.every())
        assert rebuild(store, states) == 2
    assert house.rows("register") == good


def test_streams_are_read_many_at_once_as_one_by_one(house) -> None:
    subjects = [house.sheltered() for _ in range(3)] + ["P-000099-0"]
    streams = house.custody.streams
    many = streams.histories(subjects)
    assert [many[s].version for s in subjects] == [4, 4, 4, 0]
    for subject in subjects:
        assert streams.history(subject).state == many[subject].state
    assert [h.id for h in streams.every("P-")] == sorted(subjects[:3])
    log = streams.log(0, 10_000)
    assert [position for position, _ in log] == [row[0] for row in house.rows()]
