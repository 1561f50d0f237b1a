"""The eventsourcing library over a ledger: its doors read aggregates, none stores past the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import JSONTranscoder, OperationalError

from application.decisions.custody import Custody
from domain.errors import NotAllowedError
from domain.person import Person
from domain.stocktake import StockTake
from domain.transfer import Transfer
from domain.weapon import Weapon

CALLED: dict[str, Callable[[Custody], object]] = {
    "construct_env": lambda c: c.construct_env("custody", {}),
    "construct_factory": lambda c: c.construct_factory(c.env),
    "construct_mapper": lambda c: c.construct_mapper(),
    "construct_transcoder": lambda c: c.construct_transcoder(),
    "construct_recorder": lambda c: c.construct_recorder().max_notification_id(),
    "construct_event_store": lambda c: list(c.construct_event_store().get("OFF-001")),
    "construct_repository": lambda c: c.construct_repository().get("OFF-001"),
    "construct_notification_log": lambda c: c.construct_notification_log()["1,10"],
    "register_transcodings": lambda c: c.register_transcodings(JSONTranscoder()),
    "notify": lambda c: c.notify([]),
    "events": lambda c: list(c.events.get("OFF-001")),
    "mapper": lambda c: [c.mapper.to_stored_event(e) for e in c.events.get("OFF-001")],
    "recorder": lambda c: c.recorder.select_notifications(start=1, limit=5),
    "repository": lambda c: c.repository.get("OFF-001"),
    "notification_log": lambda c: c.notification_log["1,10"].items[0],
    "factory": lambda c: c.factory.application_recorder().max_notification_id(),
}  # fmt: skip
REFUSED: dict[str, Callable[[Custody], object]] = {
    "save": lambda c: c.save(),
    "take_snapshot": lambda c: c.take_snapshot("OFF-001"),
    "construct_snapshot_store": lambda c: c.construct_snapshot_store(),
}
DEPRECATED, LAST = "log", "close"
"""The first warns, as the library does; the other ends it."""
SETTINGS = {
    "AGGREGATE_CACHE_FASTFORWARD", "AGGREGATE_CACHE_FASTFORWARD_SKIPPING", "AGGREGATE_CACHE_MAXSIZE",
    "DEEPCOPY_FROM_AGGREGATE_CACHE", "closing", "env", "is_snapshotting_enabled", "log_section_size",
    "name", "notify_topics", "snapshot_class", "snapshots", "snapshotting_intervals",
    "snapshotting_projectors",
}  # fmt: skip


def one_of_each_kind(house) -> dict[type[Any], str]:
    person = house.willing()
    number, weapon = house.planned("RETURN", person), house.in_trust()
    count = house.do("open_stocktake", kind="ITEMS", site="DEPOT-1").subject
    return {Person: person, Weapon: weapon, Transfer: number, StockTake: count}


def test_the_repository_gives_each_kind_of_aggregate_as_questions_read_it(house) -> None:
    for kind, stream in one_of_each_kind(house).items():
        found = house.custody.repository.get(stream)
        assert isinstance(found, kind)
        assert found == house.state(stream)
        assert stream in house.custody.repository


def test_the_repository_gives_an_aggregate_as_it_was_known_at_a_version(house) -> None:
    person = house.sheltered()
    states = [house.custody.repository.get(person, version=n).custody for n in (1, 3, 4)]
    assert states == ["EXPECTED", "ADMITTED", "SHELTERED"]


def test_a_late_fact_is_folded_where_it_belongs_also_by_the_repository(house) -> None:
    person = house.sheltered()
    house.do("refer_to_care", person, at=house.dec(7, 9) + 1, site="CLINIC")
    assert house.custody.repository.get(person).custody == "SHELTERED"


@pytest.mark.parametrize("version", [None, 0])
def test_an_aggregate_that_is_not_there_is_the_library_s_own_error(house, version) -> None:
    subject = "P-000099-0" if version is None else house.sheltered()
    with pytest.raises(AggregateNotFoundError):
        house.custody.repository.get(subject, version=version)
    assert "W-000099-0" not in house.custody.repository
    assert "nothing of ours" not in house.custody.repository


def test_every_door_of_the_library_works_or_refuses_with_a_sentence(house) -> None:
    plain = Application[str]({"PERSISTENCE_MODULE": "eventsourcing.popo"})
    doors = {name for name in (*dir(plain), *vars(plain)) if not name.startswith("_")}
    assert doors == CALLED.keys() | REFUSED.keys() | SETTINGS | {DEPRECATED, LAST}
    before = house.rows()
    for name in SETTINGS:
        getattr(house.custody, name)
    for knock in CALLED.values():
        knock(house.custody)
    for name, knock in REFUSED.items():
        sentence = f"^custody.{name} is refused: events are recorded through commands$"
        with pytest.raises(NotAllowedError, match=sentence):
            knock(house.custody)
    with pytest.warns(DeprecationWarning, match="notification_log"):
        assert getattr(house.custody, DEPRECATED) is house.custody.notification_log
    assert house.rows() == before


def test_nothing_stores_an_event_past_the_rules(house) -> None:
    custody = house.custody
    person = house.sheltered()
    event = list(custody.events.get(person))[-1].model_copy(update={"originator_version": 5})
    stored = custody.mapper.to_stored_event(event)
    before = house.rows()
    for store in (
        lambda: custody.save(event),
        lambda: custody.events.put([event]),
        lambda: custody.construct_event_store().put([event]),
        lambda: custody.factory.event_store().put([event]),
        lambda: custody.repository.event_store.put([event]),
        lambda: custody.recorder.insert_events([stored]),
        lambda: custody.notification_log.recorder.insert_events([stored]),
        lambda: custody.factory.application_recorder().insert_events([stored]),
    ):
        with pytest.raises(NotAllowedError, match="is refused: events are recorded through"):
            store()
    for stock in (custody.factory.aggregate_recorder(), custody.factory.process_recorder()):
        with pytest.raises(OperationalError, match="5 columns"):  # ours has the position, too
            stock.insert_events([stored])
    assert house.rows() == before
