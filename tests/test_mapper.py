"""Stored bytes: canonical, whole, and readable for ever."""

from __future__ import annotations

from typing import Annotated

import orjson
import pytest
from eventsourcing.persistence import JSONTranscoder, StoredEvent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from application.store import mapper
from domain import event as events
from domain import history, person, weapon
from domain.errors import BadInputError
from domain.event import EVENTS, MAX_TEXT, Text

MAPPER = mapper.CanonicalMapper(JSONTranscoder())
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20)


@st.composite
def declared(draw):
    return weapon.Declared(
        originator_id="W-000001-A",
        originator_version=draw(st.integers(1, 99)),
        occurred_at=draw(st.integers(-(2**53), 2**53)),
        recorded_by="OFF-1",
        authority=draw(WORDS),
        batch=draw(WORDS),
        reason=draw(WORDS),
        as_described=draw(WORDS),
        irregularities=draw(st.lists(st.integers(1, 26), max_size=3)),
        corrects=draw(st.none() | st.integers(1, 9)),
        precision=draw(st.sampled_from(["EXACT", "DAY"])),
        evidence=draw(
            st.lists(
                st.builds(
                    lambda label: {"sha256": "0" * 64, "media_type": "text/plain", "label": label},
                    WORDS,
                ),
                max_size=2,
            )
        ),
    )


@given(declared())
def test_bytes_go_round(event) -> None:
    stored = MAPPER.to_stored_event(event)
    assert MAPPER.to_domain_event(stored) == event
    again = MAPPER.to_stored_event(MAPPER.to_domain_event(stored))
    assert again == stored


@given(declared())
def test_the_light_twin_reads_what_validation_reads(event) -> None:
    stored = MAPPER.to_stored_event(event)
    light = mapper.replayed(
        stored.originator_id, stored.originator_version, stored.topic, stored.state
    )
    for name in type(event).model_fields:
        full = getattr(event, name)
        got = getattr(light, name)
        assert tuple(got) == full if isinstance(full, tuple) else got == full


@given(declared())
def test_bytes_are_sorted_compact_utf8_without_absent_members(event) -> None:
    state = MAPPER.to_stored_event(event).state
    members = orjson.loads(state)
    assert list(members) == sorted(members)
    assert orjson.dumps(members) == state
    assert members["schema"] == 1
    envelope = {n: v for n, v in members.items() if n in events.ENVELOPE}
    assert None not in envelope.values()
    assert "" not in envelope.values()
    assert [] not in envelope.values()


def test_equal_events_are_equal_bytes_whatever_order_their_facts_came_in() -> None:
    facts = {
        "originator_id": "W-000001-A",
        "originator_version": 1,
        "occurred_at": 5,
        "recorded_by": "OFF-1",
        "seed": "A" * 43,
        "as_described": "بندقية",
    }
    one = weapon.Declared(**facts)
    other = weapon.Declared(**dict(reversed(facts.items())))
    assert mapper.to_bytes(one) == mapper.to_bytes(other)
    assert (
        mapper.to_bytes(one)
        == (
            '{"as_described":"بندقية","occurred_at":5,"precision":"EXACT","recorded_at":0,'
            f'"recorded_by":"OFF-1","schema":1,"seed":"{"A" * 43}"}}'
        ).encode()
    )


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_a_fact_given_as_empty_is_read_back_as_empty(topic: str) -> None:
    cls = EVENTS[topic]
    facts = {name: empty for name in cls.model_fields if (empty := _empty(cls, name)) is not None}
    event = cls.model_construct(**{"originator_id": "X", "originator_version": 1, **facts})
    light = mapper.replayed(event.originator_id, 1, topic, mapper.to_bytes(event))
    for name, value in facts.items():
        got = getattr(light, name)
        assert (tuple(got) if value == () else got) == value, name


def _empty(cls: type[events.Event], name: str) -> object:
    """Return the empty value a fact may have, or None."""
    field = cls.model_fields[name]
    kind = Annotated.__class_getitem__((field.annotation, *field.metadata, "a fact"))
    for empty in ("", (), {}):
        try:
            given = TypeAdapter(kind).validate_python(empty, strict=True)
        except ValidationError:
            continue
        return given
    return None


def test_a_description_corrected_to_nothing_stays_so_when_read_back(house) -> None:
    item = house.in_trust(serial="7731")
    house.do("correct_description", item, serial="", serial_status="ABSENT", reason="a part number")
    house.approve(item)
    with house.custody.unit() as unit:
        assert unit.state(item).serial == ""
    assert house.state(item).serial == ""


def test_a_count_of_an_empty_site_and_facts_left_empty_are_read_back(house) -> None:
    count = house.do("open_stocktake", kind="ITEMS", site="DEPOT-2").subject
    item = house.do("declare", as_described="").subject
    someone = house.do("register", category="OTHER", personal={"declared_name": "N"}).subject
    house.reopen()
    assert house.state(count).expected == ()
    assert house.state(item).described == ""
    assert list(house.state(someone).identity_fields) == ["declared_name"]
    for stream in (count, item, someone):
        assert next(iter(house.custody.events.get(stream))).originator_id == stream


@pytest.fixture
def older(monkeypatch):
    """`person.found` as if it had changed its shape twice: `where` became `site`, then `place`."""
    monkeypatch.setitem(mapper.SCHEMAS, "person.found", 3)
    monkeypatch.setitem(
        mapper.UPCASTERS,
        ("person.found", 1),
        lambda facts: {("site" if k == "where" else k): v for k, v in facts.items()},
    )
    monkeypatch.setitem(
        mapper.UPCASTERS, ("person.found", 2), lambda facts: {"place": "TENT-1", **facts}
    )


def _stored(topic: str, schema: int, **facts: object) -> StoredEvent:
    facts = {"occurred_at": 1, "recorded_by": "OFF-1", "schema": schema, **facts}
    return StoredEvent("P-000001-I", 1, topic, orjson.dumps(facts))


@pytest.mark.usefixtures("older")
def test_an_old_shape_is_read_through_its_upcasters_on_both_paths() -> None:
    for stored in (
        _stored("person.found", 1, where="CAMP-R1", seed="A" * 43),
        _stored("person.found", 2, site="CAMP-R1", seed="A" * 43),
        _stored("person.found", 3, site="CAMP-R1", place="TENT-1", seed="A" * 43),
    ):
        full = MAPPER.to_domain_event(stored)
        light = mapper.replayed(*_columns(stored))
        assert isinstance(full, person.Found)
        state = history.initial("P-000001-I")
        assert events.evolve(state, full) == events.evolve(state, light)
        assert (light.site, light.place) == ("CAMP-R1", "TENT-1")
    assert orjson.loads(mapper.to_bytes(full))["schema"] == 3


def _columns(stored: StoredEvent) -> tuple[str, int, str, bytes]:
    return str(stored.originator_id), stored.originator_version, stored.topic, stored.state


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        (
            _stored("person.found", 2, site="CAMP-R1"),
            "the event person.found has schema 2: a newer version of this program wrote it",
        ),
        (
            _stored("person.teleported", 1),
            "the ledger holds 'person.teleported' events: a newer version of this program wrote it",
        ),
    ],
)
def test_what_a_newer_version_wrote_is_one_sentence_on_both_paths(stored, sentence: str) -> None:
    with pytest.raises(BadInputError) as full:
        MAPPER.to_domain_event(stored)
    with pytest.raises(BadInputError) as light:
        mapper.replayed(*_columns(stored))
    assert str(full.value) == str(light.value) == sentence


def test_a_ledger_with_a_newer_event_says_so_when_its_stream_is_asked(house) -> None:
    someone = house.sheltered()
    with house.custody.store.writing():
        house.custody.store.execute(
            "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
            " VALUES (?, 5, 'person.teleported', ?)",
            (someone, b'{"recorded_at":1,"schema":1}'),
        )
    with pytest.raises(BadInputError, match="a newer version of this program wrote it"):
        house.do("refer_to_care", someone, site="CLINIC")


def test_the_longest_text_is_kept_whole(house) -> None:
    longest = "ب" * MAX_TEXT
    item = house.do("declare", as_described=longest).subject
    assert house.custody.streams.histories([item])[item].state.described == longest
    assert TypeAdapter(Text).validate_python(longest) == longest
