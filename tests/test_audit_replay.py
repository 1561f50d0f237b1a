"""The audit: a replay of the log finds and names whatever a view says otherwise, and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from application.answers.feed import compare, compare_rows, follow, replay
from application.answers.feed.follow import Views
from application.answers.late import late
from application.answers.two_clocks import latest
from application.decisions.open import VIEWS_SUFFIX, settings_of
from domain.times import DAY, HOUR
from projections import row_codes
from projections.row_codes import ViewsFile
from projections.timelines import Journal
from tests.two_clocks import spelled


@pytest.fixture
def lived(house: Any) -> Any:
    """A house where persons and weapons came, moved, were corrected and taken back."""
    house.handed_over()
    house.sheltered("CAMP-R2")
    item = house.in_trust()
    house.released("RELOCATION", item, kind="ITEMS")
    person = house.sheltered("CAMP-R1")
    house.do("correct", person, by="OFF-010", version=4, changes={"site": "CAMP-R2"}, reason="hall")
    house.approve(person)
    house.do("move", person, at=house.dec(9), until=house.dec(10), precision="DAY", site="CAMP-R1")
    house.do("state_intent", person, at=house.dec(8), intent="STAY", interviewer="OFF-016")
    house.person, house.item = person, item
    return house


@pytest.fixture
def views(lived: Any) -> Any:
    """Its views, fed a few events at a time."""
    path = lived.path.with_name(lived.path.name + VIEWS_SUFFIX)
    with closing(Views(lived.custody.streams, path, ledger_id(lived))) as opened:
        opened.catch_up()
        yield opened


def ledger_id(house: Any) -> str:
    return settings_of(house.custody)["id"]


def scope(
    house: Any, views: Views, to: int | None = None
) -> AbstractContextManager[compare_rows.Scope]:
    return compare_rows.scope(house.custody.streams, views.connection, views.calendar, to)


def found(house: Any, views: Views, to: int | None = None) -> list[compare_rows.Finding]:
    with scope(house, views, to) as asked:
        return list(compare.compare(asked).findings)


def test_an_unchanged_ledger_compares_equal_and_every_event_was_replayed(lived, views):
    steps: list[int] = []
    with scope(lived, views) as asked:
        done = compare.compare(asked, steps.append)
        assert (list(done.findings), done.differing) == ([], 0)
    assert done.events == sum(steps) == len(lived.rows())
    tables = ("irregularity", "mention", "event_index", "segment", "uncertain")
    assert done.rows == sum(
        views.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables
    )


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("segment", "site", "(SELECT code FROM word WHERE text = 'CAMP-R1')"),
        ("segment", "site", "'NOWHERE'"),
        ("event_index", "recorded_by", "'OFF-666'"),
        ("segment", "status", "(SELECT code FROM word WHERE text = 'IN_TRUST')"),
        ("segment", "status", "99999"),
        ("segment", "valid_to", "valid_to - 1"),
        ("segment", "known_to", "known_from + 1"),
        ("segment", "klass", "3"),
    ],
)
def test_one_flipped_column_is_found_and_named_with_both_values_and_the_event(
    lived, views, table, column, value
):
    where = f"WHERE subject = {row_codes.code_of(lived.item)} AND version = 1"
    with scope(lived, views) as asked:
        (stream,) = asked.log.some(asked.to, [lived.item])
        _, says = replay.rows_of([stream], Journal(views.calendar.day))
    names = [row[1] for row in views.connection.execute(f"PRAGMA table_info({table})")]
    views.connection.execute(f"UPDATE {table} SET {column} = {value} {where}")
    (finding,) = found(lived, views)
    assert (finding.table, finding.subject, finding.column) == (table, lived.item, column)
    true = says[table][0][names.index(column)]
    shift = row_codes.ORIGIN if column in compare_rows.INSTANTS and true is not None else 0
    assert (finding.replayed, finding.version) == (true + shift if shift else true, 1)
    assert finding.live != finding.replayed


def test_a_missing_row_and_one_too_many_are_both_found_and_neither_stops_the_other(lived, views):
    views.connection.execute(
        "DELETE FROM segment WHERE subject = ? AND version = 1", (row_codes.code_of(lived.item),)
    )
    stranger = row_codes.code_of("P-000099-X")
    views.connection.execute(
        "INSERT INTO irregularity VALUES (?, 1, 6, 0, 0, NULL, 0)", (stranger,)
    )
    views.connection.execute("UPDATE uncertain SET recorded_at = 0")
    by_table = {f.table: f for f in found(lived, views)}
    assert by_table.keys() == {"segment", "irregularity", "uncertain"}
    assert (by_table["segment"].column, by_table["segment"].live) == ("row", None)
    assert by_table["irregularity"].replayed is None
    assert by_table["irregularity"].subject == "P-000099-X"


def test_a_wrong_number_in_the_cube_is_found(lived, views):
    views.connection.execute("UPDATE occupancy_cube SET delta = 7 WHERE delta = 1")
    findings = found(lived, views)
    assert {f.table for f in findings} == {"occupancy_cube"}
    assert {(f.live, f.replayed) for f in findings} == {(7, 1)}


def test_what_was_known_at_each_position_is_still_what_the_views_answer_about_it(lived, views):
    for position in range(views.catch_up() + 1):
        with scope(lived, views, position) as asked:
            done = compare.compare(asked)
            assert (done.position, done.events, list(done.findings)) == (position, position, [])


def test_a_segment_whose_past_was_changed_is_found_at_an_earlier_position(lived, views):
    views.connection.execute("UPDATE segment SET known_from = known_from + 1 WHERE version = 1")
    position = views.catch_up() // 2
    assert {f.table for f in found(lived, views, position)} == {"segment"}


def test_a_sample_and_the_subjects_since_a_position_are_compared_row_by_row(lived, views):
    views.connection.execute(
        "UPDATE event_index SET recorded_by = 'OFF-666' WHERE version = 1 AND subject = ?",
        (row_codes.code_of(lived.person),),
    )
    with scope(lived, views) as asked:
        every = compare_rows.sampled(asked, 1.0)
        assert {f.subject for f in compare_rows.differences(asked, every)} == {lived.person}
        assert compare_rows.sampled(asked, 0.0) == []
        assert len(compare_rows.sampled(asked, 0.5)) < len(every)
        recent = compare_rows.since(asked, asked.to - 1)
        assert recent == [lived.person]
        assert [f.column for f in compare_rows.differences(asked, recent)] == ["recorded_by"]


def test_a_rebuilt_file_equals_one_fed_event_by_event_row_for_row(lived, views, tmp_path):
    shadow = tmp_path / "shadow.views"
    steps: list[int] = []
    log = lived.custody.streams
    assert compare.rebuild(log, shadow, ledger_id(lived), progress=steps.append) == views.catch_up()
    assert sum(steps) == len(lived.rows())
    assert contents(shadow) == contents(views.path)


def test_a_file_rebuilt_to_a_position_catches_up_to_the_same_rows(lived, views, tmp_path):
    log, shadow = lived.custody.streams, tmp_path / "shadow.views"
    half = views.catch_up() // 2
    assert compare.rebuild(log, shadow, ledger_id(lived), to=half) == half
    with closing(Views(log, shadow, ledger_id(lived))) as behind:
        behind.catch_up()
    assert contents(shadow) == contents(views.path)


def test_a_long_log_is_read_at_once_and_short_ones_event_by_event(
    lived, views, tmp_path, monkeypatch
):
    monkeypatch.setattr(follow, "BATCH", 7)
    whole = tmp_path / "whole.views"
    with closing(Views(lived.custody.streams, whole, ledger_id(lived))) as at_once:
        at_once.catch_up()
        assert at_once.catch_up() == views.catch_up()
    assert contents(whole) == contents(views.path)


def test_a_file_that_another_process_has_filled_is_not_filled_again(views):
    before = contents(views.path)
    assert views.build(to=3) == views.catch_up()
    assert contents(views.path) == before


def test_two_processes_that_take_turns_with_one_file_leave_the_rows_of_one(lived, views):
    path, log = views.path, lived.custody.streams
    with closing(Views(log, path, ledger_id(lived))) as second:
        for turn, processes in enumerate([views, second] * 3):
            late = {"at": lived.dec(10 + turn)} if turn > 3 else {}  # in order first, then late
            lived.do("move", lived.person, site=f"CAMP-R{turn % 2 + 1}", **late)
            processes.catch_up()
    assert found(lived, views) == []


def contents(path: Path) -> dict[str, list[Any]]:
    """All rows, spelled out, and all indexes of a views file."""
    with closing(sqlite3.connect(path, factory=ViewsFile)) as connection:
        named = sorted(connection.execute("SELECT name, type FROM sqlite_master"))
        irregular = sorted(connection.execute("SELECT * FROM irregularity"), key=repr)
        return {"names": named, "irregular": irregular, **spelled(connection)}


def test_what_was_recorded_late_is_listed_and_an_uncertain_time_counts_from_its_end(house):
    path = house.path.with_name(house.path.name + VIEWS_SUFFIX)
    now = house.clock.now
    person = house.do("seek_refuge", at=now - 3 * DAY, site="GATE").subject
    house.do("authorise_entry", person, at=now - HOUR, authority="D-1")
    span = {"at": now - 2 * DAY, "until": now - HOUR, "precision": "RANGE"}
    house.do("admit", person, site="GATE", receiving_party="PARTY-MOD", **span)
    with closing(Views(house.custody.streams, path, ledger_id(house))) as views:
        views.catch_up()
        (one,) = late(views, DAY, latest(views)).events
        assert (one.subject, one.version, one.recorded_by) == (person, 1, "OFF-010")
        assert one.late_by == one.recorded_at - one.occurred_at > 3 * DAY
        some = [one.version for one in late(views, HOUR // 2, latest(views)).events]
        assert some == [1, 2, 3]
