"""Read models: each event once, equal to the fold, made anew when they are not this ledger's."""

from __future__ import annotations

import json
import sqlite3

import pytest

from application.answers.feed.follow import Views, discard
from domain.errors import CustodyError
from domain.times import INF
from projections import index, irregular, population, row_codes
from projections.belief import belief
from tests.two_clocks import spelled


@pytest.fixture
def views(house):
    made = []

    def make(ledger_id: str = "this ledger") -> Views:
        path = house.path.with_name(house.path.name + ".views")
        made.append(Views(house.custody.streams, path, ledger_id))
        return made[-1]

    yield make
    for one in made:
        one.close()


def shown(views: Views) -> dict[str, list[tuple[object, ...]]]:
    """Everything the views hold, spelled out."""
    irregular = views.connection.execute("SELECT * FROM irregularity ORDER BY 1, 2, 3").fetchall()
    return {"irregularity": irregular, **spelled(views.connection)}


def live_on(house) -> None:
    house.handed_over()
    house.admitted(authority="")
    item = house.authorised(house.in_trust(), house.recognised())
    house.accepted(house.released("RESTITUTION", item, kind="ITEMS"))
    house.do("correct", item, version=1, changes={"site": "DEPOT-2"}, reason="misread")
    house.approve(item)


NOW = INF - 1


def standing(views: Views, subject: str) -> tuple[str, str | None]:
    """Where the views say somebody or something stands now: (status, site)."""
    main = population.standing(views.connection, subject, NOW, NOW).main
    return (main.status, main.site) if main else ("", None)


def test_every_event_is_taken_once_and_the_standing_is_the_fold(house, views) -> None:
    live_on(house)
    model = views()
    newest = model.catch_up()
    assert model.catch_up() == newest == house.rows()[-1][0]
    taken = sorted(row[2] for row in shown(model)["event_index"])
    assert taken == [row[0] for row in house.rows()]
    open_now = dict.fromkeys(irregular.irregular(model.connection, None))
    for known in house.custody.streams.every():
        state = belief(known, NOW, NOW)
        if known.id[:2] in {"P-", "W-"}:
            assert standing(model, known.id) == (state.custody, state.site or "")
        for version, rule in known.state.irregular:
            if rule == 27:
                continue  # what says where one is answers a sighting, see `judging.ANSWERED_BY`
            assert (f"{known.id}:{version}", rule) in {(e.event, e.rule) for e in open_now}
    again = {s for (s,) in model.connection.execute("SELECT DISTINCT subject FROM judging")}
    settled = [
        e
        for e in open_now
        if e.rule != 27 and row_codes.code_of(e.event.rpartition(":")[0]) not in again
    ]
    assert len(settled) == sum(
        sum(rule != 27 for _, rule in known.state.irregular)
        for known in house.custody.streams.every()
        if row_codes.code_of(known.id) not in again
    )


def test_the_index_has_both_clocks_of_every_event(house, views) -> None:
    live_on(house)
    model = views()
    model.catch_up()
    columns = "position, subject, version, topic, occurred_at, recorded_at, recorded_by, corrects"
    rows = model.connection.execute(f"SELECT {columns} FROM spelled_event ORDER BY 1").fetchall()
    for row, stored in zip(rows, house.rows(), strict=True):
        facts = json.loads(stored[4])
        assert row == (
            *stored[:4],
            facts["occurred_at"],
            facts["recorded_at"],
            facts["recorded_by"],
            facts.get("corrects"),
        )
    assert index.newest(model.connection) == (*rows[-1][:3], rows[-1][5])


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
        assert standing(model, person) == ("SHELTERED", site)


def test_a_batch_that_failed_half_way_is_taken_again_whole(house, views, monkeypatch) -> None:
    model = views()
    model.catch_up()
    person = house.sheltered()
    index_view = next(v for v in model.views if v.NAME == "event_index")
    segments_view = next(v for v in model.views if v.NAME == "segments")
    take = segments_view.take

    def fails(*args: object) -> None:
        take(*args)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(segments_view, "take", fails)
    with pytest.raises(CustodyError):
        model.catch_up()
    monkeypatch.undo()
    assert index_view is not None
    assert standing(model, person) == ("", None)
    model.catch_up()
    assert standing(model, person) == ("SHELTERED", "CAMP-R1")


def test_who_kept_words_in_memory_reads_and_writes_right_after_another_has_made_the_views_anew(
    house, views
) -> None:
    """Two processes: one asks and feeds, the other repairs in between, in another order of words."""
    one, other = views(), views()
    person = house.sheltered("CAMP-R2")
    one.catch_up()
    assert standing(one, person) == ("SHELTERED", "CAMP-R2")
    other.remake()
    assert standing(one, person) == ("SHELTERED", "CAMP-R2")
    late = house.sheltered("CAMP-R1")
    house.do("move", person, site="GATE")
    one.catch_up()
    for model in (one, other):
        assert standing(model, person) == ("SHELTERED", "GATE")
        assert standing(model, late) == ("SHELTERED", "CAMP-R1")
    fed = shown(one)
    other.remake()
    assert shown(other) == shown(one) == fed


def test_another_ledgers_views_are_made_anew(house, views) -> None:
    stranger = views("another ledger")
    stranger.catch_up()
    stranger.connection.execute("UPDATE word SET text = 'NOWHERE' WHERE text = 'CAMP-R1'")
    stranger.close()
    house.sheltered()
    model = views()
    model.catch_up()
    assert "NOWHERE" not in str(shown(model)["segment"])


def test_views_that_fit_the_log_are_read_as_they_are(house, views) -> None:
    house.sheltered()
    first = views()
    first.catch_up()
    first.close()
    house.sheltered()
    again = views()
    again.catch_up()
    assert again.remade == ""


def counted_now(views: Views) -> list[tuple[str, str, str, int]]:
    """How many stand where now."""
    return [tuple(one) for one in population.counts(views.connection, NOW, NOW)]


def test_deleting_the_views_file_gives_the_same_answers(house, views) -> None:
    live_on(house)
    model = views()
    model.catch_up()
    before = shown(model)
    counted = counted_now(model)
    model.close()
    discard(model.path)
    anew = views()
    anew.catch_up()
    assert shown(anew) == before
    assert counted_now(anew) == counted


def test_the_views_file_is_private_to_its_owner(views) -> None:
    assert views().path.stat().st_mode & 0o077 == 0


def test_an_irregularity_is_open_until_it_is_closed_or_its_event_taken_back(house, views) -> None:
    closed, taken_back = house.admitted(authority=""), house.admitted(authority="")
    version = next(e.originator_version for e in house.read(closed).events if e.irregularities)
    model = views()
    model.catch_up()
    assert irregular.irregularities(model.connection) == [(4, 2)]
    house.do("close_irregularity", closed, event=version, rule=4, reason="form found")
    house.do("retract", taken_back, version=version, why="did_not_occur", reason="entered twice")
    house.approve(taken_back)
    model.catch_up()
    assert irregular.irregularities(model.connection) == []


def test_counts_places_and_irregularities(house, views) -> None:
    house.sheltered()
    house.sheltered()
    merged, survivor = house.sheltered("CAMP-R2"), house.sheltered("CAMP-R2")
    house.do("merge", merged, survivor=survivor)
    house.approve(merged)
    house.admitted(authority="")
    house.in_trust()
    model = views()
    model.catch_up()
    assert counted_now(model) == [
        ("person", "ADMITTED", "GATE", 1),
        ("person", "SHELTERED", "CAMP-R1", 2),
        ("person", "SHELTERED", "CAMP-R2", 1),
        ("weapon", "IN_TRUST", "DEPOT-1", 1),
    ]
    assert irregular.irregularities(model.connection) == [(4, 1)]
    there = population.at(model.connection, "site", "CAMP-R2", NOW, NOW)
    assert [one.subject for one in there] == [survivor]


def test_admissions_are_counted_at_an_instant_as_known_at_another(house, views) -> None:
    early, late = house.dec(7, 10), house.dec(9, 10)
    house.admitted(early)
    house.admitted(late)
    model = views()
    model.catch_up()
    assert index.admissions(model.connection, house.dec(8), NOW) == 1
    assert index.admissions(model.connection, NOW, NOW) == 2
    assert index.admissions(model.connection, NOW, house.dec(1)) == 0


def test_who_comes_second_to_a_file_that_is_made_anew_does_not_empty_it_again(
    house, views, monkeypatch
) -> None:
    """Two processes find the same strange file; while one judges, the other has made it anew."""
    person = house.sheltered()
    first = views()
    first.catch_up()
    first.connection.execute("DELETE FROM event_index")
    second, stranger = views(), Views._stranger

    def judged_late(self: Views) -> str:
        why = stranger(self)
        if self is second:
            views().catch_up()  # a third process is faster
        return why

    monkeypatch.setattr(Views, "_stranger", judged_late)
    emptied = []
    make = Views._make
    monkeypatch.setattr(Views, "_make", lambda self: (emptied.append(self), make(self)))
    second.catch_up()
    assert standing(second, person) == ("SHELTERED", "CAMP-R1")
    assert second not in emptied
    assert len(emptied) == 1
