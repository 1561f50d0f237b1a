"""Read models: each event once, equal to the fold, made anew when they are not this ledger's."""

from __future__ import annotations

import json
import sqlite3

import pytest

from application import streams
from application.follow import Views, discard
from domain.errors import CustodyError
from projections import index, status


@pytest.fixture
def views(house):
    made = []

    def make(ledger_id: str = "this ledger") -> Views:
        path = house.path.with_name(house.path.name + ".views")
        made.append(Views(house.custody.store.writer, path, ledger_id))
        return made[-1]

    yield make
    for one in made:
        one.close()


def shown(views: Views) -> dict[str, list[tuple[object, ...]]]:
    """Everything two of the views hold."""
    tables = ("status", "irregularity", "event_index")
    return {
        name: views.connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
        for name in tables
    }


def live_on(house) -> None:
    house.handed_over()
    house.admitted(authority="")
    item = house.authorised(house.in_trust(), house.recognised())
    house.accepted(house.released("RESTITUTION", item, kind="ITEMS"))
    house.do("correct", item, version=1, changes={"site": "DEPOT-2"}, reason="misread")
    house.approve(item)


def test_every_event_is_taken_once_and_the_status_is_the_fold(house, views) -> None:
    live_on(house)
    model = views()
    newest = model.catch_up()
    assert model.catch_up() == newest == house.rows()[-1][0]
    assert [row[0] for row in shown(model)["event_index"]] == [row[0] for row in house.rows()]
    for known in streams.every(house.custody.store.writer):
        version, state = status.subject(model.connection, known.id)
        assert version == known.version
        assert state == json.loads(json.dumps(known.state._asdict()))


def test_the_index_has_both_clocks_of_every_event(house, views) -> None:
    live_on(house)
    model = views()
    model.catch_up()
    columns = "position, subject, version, topic, occurred_at, recorded_at, recorded_by, corrects"
    rows = model.connection.execute(f"SELECT {columns} FROM event_index ORDER BY 1").fetchall()
    for row, stored in zip(rows, house.rows(), strict=True):
        facts = json.loads(stored[4])
        assert row == (
            *stored[:4], facts["occurred_at"], facts["recorded_at"], facts["recorded_by"],
            facts.get("corrects"),
        )  # fmt: skip
    assert index.last(model.connection) == (rows[-1][0], rows[-1][5])


def test_catching_up_in_steps_is_catching_up_at_once(house, views) -> None:
    model = views()
    for _ in range(3):
        live_on(house)
        model.catch_up()
    stepwise = shown(model)
    model.close()
    discard(model.path)
    anew = views()
    anew.catch_up()
    assert shown(anew) == stepwise


def test_two_processes_feeding_one_file_take_each_event_once(house, views) -> None:
    one, other = views(), views()
    person = house.sheltered()
    one.catch_up()
    for site, model in (("CAMP-R2", other), ("CAMP-R1", other), ("CAMP-R2", one), ("GATE", other)):
        house.do("move", person, site=site)
        model.catch_up()
        version, state = status.subject(model.connection, person)
        assert (version, state["site"]) == (house.read(person).version, site)


def test_a_batch_that_failed_half_way_is_taken_again_whole(house, views, monkeypatch) -> None:
    model = views()
    model.catch_up()
    person = house.sheltered()
    index_view = next(v for v in model.views if v.NAME == "event_index")
    status_view = next(v for v in model.views if v.NAME == "status")
    take = status_view.take

    def fails(*args: object) -> None:
        take(*args)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(status_view, "take", fails)
    with pytest.raises(CustodyError):
        model.catch_up()
    monkeypatch.undo()
    assert index_view is not None
    assert status.subject(model.connection, person) is None
    model.catch_up()
    assert status.subject(model.connection, person)[0] == 4


def test_another_ledgers_views_are_made_anew(house, views) -> None:
    stranger = views("another ledger")
    stranger.catch_up()
    stranger.connection.execute("UPDATE status SET state = '{}'")
    stranger.close()
    house.sheltered()
    model = views()
    model.catch_up()
    assert all(state != "{}" for *_, state in shown(model)["status"])


def test_deleting_the_views_file_gives_the_same_answers(house, views) -> None:
    live_on(house)
    model = views()
    model.catch_up()
    before = shown(model)
    counted = status.counts(model.connection)
    model.close()
    discard(model.path)
    anew = views()
    anew.catch_up()
    assert shown(anew) == before
    assert status.counts(anew.connection) == counted


def test_the_views_file_is_private_to_its_owner(views) -> None:
    assert views().path.stat().st_mode & 0o077 == 0


def test_status_counts_places_and_irregularities(house, views) -> None:
    house.sheltered()
    house.sheltered()
    merged, survivor = house.sheltered("CAMP-R2"), house.sheltered("CAMP-R2")
    house.do("merge", merged, survivor=survivor)
    house.approve(merged)
    house.admitted(authority="")
    house.in_trust()
    model = views()
    model.catch_up()
    assert status.counts(model.connection) == [
        ("person", "ADMITTED", "GATE", 1),
        ("person", "SHELTERED", "CAMP-R1", 2),
        ("person", "SHELTERED", "CAMP-R2", 1),
        ("weapon", "IN_TRUST", "DEPOT-1", 1),
    ]
    assert status.irregularities(model.connection) == [(4, 1)]
    assert [s["id"] for s in status.at_site(model.connection, "CAMP-R2")] == [survivor]
