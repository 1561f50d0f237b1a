"""Every event of the domain is recorded by a command in somebody's life, and means what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import event as events
from domain import history
from domain.errors import BadInputError, NotAllowedError, UnknownError
from domain.event import EVENTS, Event

KEY = "A" * 43 + "="


def _persons(house) -> None:
    dec = house.dec
    anna = house.admitted()
    personal = {"declared_name": "Anna", "birth_date": "1990-01-01"}
    house.do("register", anna, at=dec(7, 9, 30), category="MILITARY", personal=personal)
    house.do("house", anna, at=dec(7, 10), site="CAMP-R1", place="T-1")
    house.do("dispute_identity", anna, at=dec(8, 1), by_whom="liaison")
    house.do("confirm_identity", anna, at=dec(8, 2), document="ID-1")
    house.do("correct_identity", anna, field="declared_name", value="Hanna")
    house.approve(anna)
    house.do("move", anna, at=dec(8, 4), site="CAMP-R1", place="T-2")
    house.do("refer_to_care", anna, at=dec(8, 5), site="CLINIC")
    house.do("return_from_care", anna, at=dec(8, 6), site="CAMP-R1", place="T-2")
    house.do("deposit_effects", anna, at=dec(8, 7), receipt="E-1", items=3)
    house.do("return_effects", anna, at=dec(8, 8), receipt="E-1")
    house.do("report_absence", anna, at=dec(8, 9))
    house.do("find_again", anna, at=dec(8, 10), site="CAMP-R1", place="T-2")
    assurance = {"giver": "PARTY-SYR", "kind": "amnesty", "status": "ISSUED"}
    house.do("record_assurance", anna, at=dec(8, 11), **assurance)
    twin = house.sheltered()
    house.do("flag_duplicate", twin, other=anna, score=80)
    house.do("dismiss_duplicate", twin, other=anna)
    house.do("merge", twin, survivor=anna)
    house.approve(twin)
    house.do("erase", anna, authority="COURT-1")
    dead = house.sheltered()
    house.do("record_death", dead, at=dec(9), site="CLINIC", certificate="C-1")
    gone = house.sheltered()
    house.do("release_otherwise", gone, at=dec(9), basis="visa", destination="third country")
    unsure = house.willing()
    house.planned("RETURN", unsure)
    house.do("withdraw_pledge", unsure, at=dec(15, 12), pledgor="SELF")


def _weapons(house) -> None:
    dec = house.dec
    item = house.do("declare", at=dec(8, 8), as_described="a rifle").subject
    received = {"site": "DEPOT-1", "unit": "PARTY-SYR", "receiver": "OFF-011"}
    house.do("receive", item, at=dec(8, 9), **received)
    house.do("make_safe", item, at=dec(8, 10))
    first, second = house.in_trust(serial="AB 12"), house.in_trust(serial="ab-12")
    house.do("resolve_serial", second, outcome="DISTINCT")
    house.do("assert_ownership", first, owner="the ministry", basis="marks")
    house.do("correct_description", first, model="AKMS")
    house.approve(first)
    house.do("assess_condition", first, condition="SERVICEABLE")
    house.do("record_damage", first, damage="stock cracked")
    house.do("check_seal", "CRATE-1", seal="SEAL-1", intact=True)
    house.do("break_seal", "CRATE-1", seal="SEAL-1", authorised=True)
    house.do("place_hold", second, hold="COURT")
    house.do("lift_hold", second, hold="COURT")
    house.do("destroy", second, authority="A-1", method="cut", witnesses=["OFF-012", "OFF-013"])
    house.approve(second)


def _counts(house) -> None:
    item, other = house.in_trust(), house.in_trust()
    count = house.do("open_stocktake", by="OFF-012", kind="ITEMS", site="DEPOT-1").subject
    house.do("scan", count, by="OFF-012", code=other.lower(), place="RACK 1")
    house.do("scan", count, by="OFF-012", code="a thing without a label")
    house.do("countersign", count, by="OFF-011")
    house.do("close_stocktake", count, by="OFF-012")
    house.do("reopen_stocktake", count, by="OFF-012", reason="crate overlooked")
    house.do("scan", count, by="OFF-012", code=item)
    house.do("countersign", count, by="OFF-011")
    house.do("close_stocktake", count, by="OFF-012")
    lost = house.in_trust()
    again = house.do("open_stocktake", by="OFF-012", kind="ITEMS", site="DEPOT-1").subject
    house.do("scan", again, by="OFF-012", code=item)
    house.do("scan", again, by="OFF-012", code=other)
    house.do("close_stocktake", again, by="OFF-012")
    house.do("declare_loss", lost, authority="A-2")
    away = house.do("open_stocktake", by="OFF-012", kind="PERSONS", site="CAMP-R2").subject
    house.do("scan", away, by="OFF-012", code=house.sheltered())
    house.do("store_weapon", item, site="DEPOT-1", container="CRATE-2")
    house.do("move_crate", "CRATE-2", site="DEPOT-2")


def _transfers(house) -> None:
    dec = house.dec
    taken, refused, missing = house.in_trust(), house.in_trust(), house.in_trust()
    convoy = house.released("RELOCATION", taken, refused, missing, kind="ITEMS")
    house.do("depart", convoy, at=dec(16, 10), transport="truck 1")
    house.do("arrive", convoy, at=dec(16, 15))
    house.accepted(convoy, exceptions={refused: "not on our list", missing: "MISSING"})
    unlisted = house.in_trust()
    house.do("record_unlisted", convoy, at=dec(18, 10), subject=unlisted)
    house.accepted(convoy, at=dec(18, 12), lines=[missing, unlisted])
    house.do("close_transfer", convoy)
    called_off = house.planned("RETURN", house.willing())
    house.do("void", called_off, reason="no bus")
    person = house.willing()
    house.do("remove_line", house.planned("RETURN", person), line=person)
    house.handed_over()
    item = house.authorised(house.in_trust(), house.recognised())
    house.accepted(house.released("RESTITUTION", item, kind="ITEMS"))


def _directory(house) -> None:
    house.do("set_capacity", "SITE-CAMP-R2", capacity=100)
    house.do("name_operator", "SITE-CAMP-R2", operator="PARTY-MOD")
    house.do("close_site", "SITE-CAMP-R2")
    house.do("withdraw_recognition", house.recognised("PARTY-NEW"))
    house.do("grant_role", "OFF-017", role="WELFARE")
    house.do("end_role", "OFF-017", role="WELFARE")
    house.do("register_key", "OFF-017", public_key=KEY)
    house.do("revoke_key", "OFF-017")
    house.do("dismiss", "OFF-017")


def _record(house) -> None:
    unauthorised = house.admitted(authority="")
    flagged = house.read(unauthorised).version
    house.do("close_irregularity", unauthorised, event=flagged, rule=4, reason="found on paper")
    person = house.sheltered()
    moved = house.do("move", person, at=house.dec(8), site="CAMP-R1", place="T-9").version
    house.do("retract", person, version=moved, why="did_not_occur", reason="mixed up")
    house.approve(person)
    house.do("correct", person, version=moved - 1, changes={"place": "T-3"}, reason="misread")
    house.do("decline", person, by="OFF-020", proposal=moved + 4, reason="it was right")
    house.do("set_clock", "OFF-001", first=1, last=1, ahead=3_600_000_000, reason="battery")


LIVES = [_persons, _weapons, _counts, _transfers, _directory, _record]


def test_every_event_of_the_domain_is_recorded_by_a_command(house) -> None:
    for live in LIVES:
        live(house)
    assert {row[3] for row in house.rows()} == set(EVENTS)
    assert house.register_is_sound()


def test_every_command_leads_to_an_event_that_is_registered_under_its_name(verbs) -> None:
    assert len(verbs) > 70
    for verb in verbs.values():
        assert EVENTS[verb.event.TOPIC] is verb.event


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_a_stored_name_is_the_stream_and_a_past_tense(topic: str) -> None:
    kind, _, what = topic.partition(".")
    assert kind in {*history.STATES, "record"}
    assert what == what.lower()
    assert EVENTS[topic].ROLES, "somebody must be allowed to record it"


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_the_light_twin_knows_every_default_of_its_class(topic: str) -> None:
    cls, twin = EVENTS[topic], events.REPLAYED[topic]({})
    for name, field in cls.model_fields.items():
        if not field.is_required() and field.default_factory is None:
            assert getattr(twin, name) == field.get_default()
    assert twin.evolve.__func__ is cls.evolve


def test_an_official_without_the_role_is_refused_and_nothing_is_recorded(house) -> None:
    person = house.sheltered()
    before = house.rows()
    with pytest.raises(NotAllowedError, match=r"OFF-012 may not record person.died: it needs"):
        house.do("record_death", person, by="OFF-012", site="CLINIC", certificate="C-1")
    assert house.rows() == before


@pytest.mark.parametrize("reader", ["OFF-017", "OFF-019", "OFF-018"])
def test_liaisons_auditors_and_key_custodians_write_nothing_of_a_persons_life(
    house, verbs, reader: str
) -> None:
    allowed = {
        name
        for name, verb in verbs.items()
        if house.custody.vault is not None
        and house.state(reader).holds(verb.event.ROLES, house.clock.now)
    }
    assert allowed == ({"erase"} if reader == "OFF-018" else set())


def test_a_role_ends_when_its_time_is_over(house) -> None:
    now = house.clock.now
    house.do("grant_role", "OFF-017", role="WELFARE", valid_until=now + 3_600_000_000)
    house.do("refer_to_care", house.sheltered(), by="OFF-017", site="CLINIC")
    person = house.sheltered()
    house.clock.now = now + 3_600_000_000
    with pytest.raises(NotAllowedError):
        house.do("refer_to_care", person, by="OFF-017", site="CLINIC")


def test_an_official_who_was_dismissed_records_nothing_more(house) -> None:
    person = house.sheltered()
    house.do("dismiss", "OFF-015")
    with pytest.raises(NotAllowedError):
        house.do("refer_to_care", person, by="OFF-015", site="CLINIC")


def test_an_official_nobody_appointed_is_unknown(house) -> None:
    with pytest.raises(UnknownError, match="the official OFF-999 is not in the directory"):
        house.do("seek_refuge", by="OFF-999", site="GATE")


@pytest.mark.parametrize(
    ("verb", "facts", "sentence"),
    [
        ("house", {"site": "NOWHERE"}, "NOWHERE is not in this ledger (named as site)"),
        ("house", {}, "site is missing"),
        ("house", {"site": "GATE", "colour": "red"}, "there is no field colour in this fact"),
        ("deposit_effects", {"receipt": "E", "items": 0}, "items 0: input should be greater"),
        ("state_intent", {"intent": "MAYBE", "interviewer": "OFF-016"}, "intent 'MAYBE': input"),
    ],
)
def test_facts_that_cannot_be_meant_are_refused_in_one_sentence(
    house, verb: str, facts: dict[str, object], sentence: str
) -> None:
    person = house.sheltered()
    with pytest.raises((BadInputError, UnknownError)) as refusal:
        house.do(verb, person, **facts)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "http" not in str(refusal.value)


@pytest.mark.parametrize(
    ("verb", "subject", "facts"),
    [
        ("house", "P-000999-0", {"site": "GATE"}),
        ("house", "NOBODY", {"site": "GATE"}),
        ("house", "W-000001-A", {"site": "GATE"}),
        ("approve", "XYZ-1", {"proposal": 1}),
        ("set_capacity", "SITE-NOWHERE", {"capacity": 1}),
        ("accept", "T-000009-0", {"party": "PARTY-SYR"}),
        ("scan", "S-000009-0", {"code": "W"}),
    ],
)
def test_a_command_about_something_else_or_nothing_is_one_sentence(
    house, verb: str, subject: str, facts: dict[str, object]
) -> None:
    with pytest.raises((UnknownError, BadInputError)) as refusal:
        house.do(verb, subject, **facts)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("verb", "subject", "facts"),
    [
        ("open_site", "W-000001-A", {"kind": "CAMP", "name": "a camp"}),
        ("open_site", "PARTY-X", {"kind": "CAMP", "name": "a camp"}),
        ("name_party", "SITE-X", {"kind": "UNIT", "name": "a unit"}),
        ("appoint", "P-000001-I", {"party": "PARTY-MOD"}),
        ("admit", "W-000001-A", {"site": "GATE", "receiving_party": "PARTY-MOD"}),
        ("admit", "P-000001-Z", {"site": "GATE", "receiving_party": "PARTY-MOD"}),
    ],
)
def test_a_stream_is_opened_under_an_identifier_of_its_own_kind_only(
    house, verb: str, subject: str, facts: dict[str, object]
) -> None:
    before = house.rows()
    with pytest.raises(BadInputError):
        house.do(verb, subject, **facts)
    assert house.rows() == before


ANYTHING = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)


@given(st.data())
def test_evolve_never_raises_on_any_order_of_valid_events(data) -> None:
    kind = data.draw(st.sampled_from(sorted(history.STATES)))
    topics = [t for t in sorted(EVENTS) if t.startswith((f"{kind}.", "record."))]
    stream = {
        "person": "P-000001-I",
        "weapon": "W-000001-A",
        "transfer": "T-000001-8",
        "stocktake": "S-000001-M",
        "site": "SITE-A",
        "party": "PARTY-A",
        "official": "OFF-1",
    }[kind]
    state = history.initial(stream)
    for version in range(1, data.draw(st.integers(1, 6)) + 1):
        cls = EVENTS[data.draw(st.sampled_from(topics))]
        state = events.evolve(state, data.draw(valid(cls, stream, version)))
    assert state.id == stream


@st.composite
def valid(draw, cls: type[Event], stream: str, version: int):
    """Draw an event of a class with facts that its types allow, made without the ledger."""
    facts = {}
    for name, field in cls.model_fields.items():
        if name in events.ENVELOPE and not (
            name in {"reason", "authority"} and field.is_required()
        ):
            continue
        facts[name] = draw(_value(field.annotation, field.metadata))
    return cls.model_construct(
        originator_id=stream,
        originator_version=version,
        recorded_by="OFF-1",
        occurred_at=draw(st.integers(0, 10)),
        irregularities=draw(st.sampled_from([(), (3,)])),
        **facts,
    )


def _value(kind, _metadata):
    """Any value of roughly the kind a fact is: what matters is that nothing raises."""
    text = str(kind)
    if "dict" in text:
        return st.dictionaries(st.sampled_from(["SELF", "unit"]), st.text(max_size=3), max_size=2)
    if "tuple" in text:
        return st.lists(st.sampled_from(["OFF-1", "OFF-2", "P-000001-I"]), max_size=3)
    if "Literal" in text:
        return st.sampled_from(["RETURN", "CHAIR", "SELF", "UNKNOWN", "SIGNED"])
    if "int" in text:
        return st.integers(0, 9)
    if "bool" in text:
        return st.booleans()
    return st.sampled_from(["", "A", "P-000001-I", "T-000001-8"])
