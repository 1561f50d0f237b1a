"""Who may write what: every role tries every command; the table is written out here once more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from commands.help import ROLES as HELP
from domain import access, history
from domain.event import EVENTS, REPLAYED
from tests.access_house import ROLES, Command, World, civil, commands, furnished, tried

ROOT = Path(__file__).parent.parent
IC, WC, SK, RE, AC, WE, PI, CH, _, _, KC = ROLES
WRITES: dict[str, tuple[set[str], str]] = {
    "arrival": ({IC}, "person.refuge_sought person.admitted"),
    "entry": ({CH}, "person.entry_authorised"),
    "identity": ({IC}, "person.registered person.identity_confirmed person.identity_disputed "
                       "person.identity_corrected person.duplicate_flagged "
                       "person.duplicate_dismissed person.same_as "
                       "person.took_over"),
    "shelter": ({IC, WE}, "person.housed person.moved_to person.died"),
    "care": ({IC, WE}, "person.referred_to_care person.returned_from_care person.absence_reported "
                       "person.found"),
    "effects": ({IC, WE}, "person.effects_deposited person.effects_returned"),
    "intent": ({WE, PI}, "person.intent_stated person.wish_taken_over"),
    "pledge": ({IC, WE, CH}, "person.pledge_signed person.pledge_withdrawn"),
    "assurance": ({CH}, "person.assurance_recorded"),
    "other release": ({CH}, "person.released_otherwise"),
    "manifest": ({CH, RE}, "person.added_to_manifest person.departed"),
    "manifest removal": ({CH, RE, IC, WE}, "person.removed_from_manifest"),
    "handover": ({AC}, "person.handed_over"),
    "weapon": ({WC}, "weapon.declared weapon.inventoried weapon.description_corrected "
                     "weapon.duplicate_serial_flagged weapon.duplicate_serial_resolved "
                     "weapon.ownership_asserted weapon.deposited_in_trust"),
    "depositor": ({WC}, "weapon.received_from_holder"),
    "store": ({SK, WC}, "weapon.made_safe weapon.stored weapon.crate_moved "
                        "weapon.seal_checked weapon.seal_broken "
                        "weapon.condition_assessed weapon.damage_recorded weapon.missing "
                        "weapon.located"),
    "weapon decision": ({CH}, "weapon.loss_declared weapon.hold_placed weapon.hold_lifted "
                              "weapon.restitution_authorised weapon.destroyed"),
    "release": ({RE, SK}, "weapon.released transfer.released"),
    "acceptance": ({AC, SK}, "weapon.accepted weapon.returned transfer.accepted "
                             "transfer.line_accepted transfer.line_refused transfer.line_missing "
                             "transfer.unlisted_received"),
    "transfer": ({CH, RE, SK}, "transfer.planned transfer.line_added transfer.frozen "
                               "transfer.departed transfer.voided"),
    "line removal": ({CH, RE, SK, IC, WE}, "transfer.line_removed"),
    "transfer end": ({CH, RE, SK, AC}, "transfer.arrived transfer.closed"),
    "count": ({SK, WC, WE, IC}, "stocktake.opened stocktake.scanned stocktake.unexpected_found "
                                "stocktake.countersigned stocktake.closed stocktake.reopened "
                                "weapon.sighted person.sighted"),
    "directory": ({CH}, "site.operator_named "
                  "site.opened site.capacity_set site.closed party.named party.recognised "
                        "party.recognition_withdrawn official.appointed official.role_granted "
                        "official.role_ended official.key_registered official.key_revoked "
                        "official.dismissed"),
    "correction": ({IC, WC, SK, RE, AC, WE, PI, CH}, "record.proposed record.declined "
                                                     "record.approved record.retracted"),
    "irregularity": ({CH}, "record.irregularity_closed"),
    "erasure": ({KC}, "record.erased"),
    "clock": ({CH}, "record.clock_set"),
    "personal values": (set(), ""),  # sealed when an identity is registered
    "search": (set(), ""),
    "access log": (set(), ""),
    "weapons sheet": (set(), ""),
}  # fmt: skip
"""Every thing: the roles that write it, and the stored names of what they write."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Given: a house with an official for every role and something of every thing."""
    world = furnished(tmp_path_factory.mktemp("access"))
    yield world
    world.house.custody.close()


@pytest.fixture(scope="module")
def every(world: World) -> dict[str, list[Command]]:
    """Given: how each event is recorded."""
    return commands(world)


def test_every_thing_and_every_event_stands_in_this_table() -> None:
    assert WRITES.keys() == access.THINGS == set(get_args(access.Thing))
    assert set(ROLES) == set(access.PEOPLE) == set(get_args(access.Role))
    written = [topic for _, topics in WRITES.values() for topic in topics.split()]
    assert sorted(written) == sorted(EVENTS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("thing", WRITES)
def test_who_writes_a_thing(world: World, every: dict[str, list[Command]], thing: str, role: str):
    roles, topics = WRITES[thing]
    for topic in topics.split():
        assert roles == EVENTS[topic].ROLES
        for verb, subject, facts in every[topic]:
            allowed = tried(world, civil(role), verb, subject, facts)
            assert allowed is (role in roles), (verb, subject)


@pytest.mark.parametrize("thing", WRITES)
def test_who_holds_no_role_writes_nothing(
    world: World, every: dict[str, list[Command]], thing: str
):
    for topic in WRITES[thing][1].split():
        for verb, subject, facts in every[topic]:
            assert not tried(world, "OFF-C-NONE", verb, subject, facts), (verb, subject)


def test_trying_records_nothing(world: World, every: dict[str, list[Command]]) -> None:
    before = world.house.rows()
    assert tried(world, civil(IC), *every["person.registered"][0])
    assert world.house.rows() == before


# ── what follows from the class of an event ──────────────────────────────────


def test_whoever_reads_an_event_needs_a_right_for_its_thing_unless_that_is_open() -> None:
    protected = {topic: cls.PROTECTED for topic, cls in EVENTS.items() if cls.PROTECTED}
    assert protected == {
        "person.intent_stated": "intent",
        "person.wish_taken_over": "intent",
        "person.pledge_signed": "pledge",
        "person.pledge_withdrawn": "pledge",
    }
    assert all(REPLAYED[topic].PROTECTED == cls.PROTECTED for topic, cls in EVENTS.items())


def test_a_protected_event_names_the_facets_it_writes_and_no_other_event_writes_them(
    world: World,
) -> None:
    written: dict[str, set[str]] = {}
    for known in world.house.custody.streams.every():
        state = history.initial(known.id)
        for event in known.events:
            after = event.evolve(state)
            changed = {f for f in state._fields if getattr(state, f) != getattr(after, f)}
            written.setdefault(event.TOPIC, set()).update(changed)
            state = after
    withheld = {facet for cls in EVENTS.values() for facet in cls.FACETS}
    for topic, facets in written.items():
        assert facets & withheld == set(EVENTS[topic].FACETS), topic
        assert not EVENTS[topic].PROTECTED or facets == set(EVENTS[topic].FACETS)


def test_what_everybody_reads_is_nobodys_right_and_the_rest_is_somebodys() -> None:
    for thing in access.THINGS:
        assert access.is_open(thing) is not bool(access.readers(thing))


# ── what people read about it ────────────────────────────────────────────────


def test_the_page_and_the_help_say_what_the_table_says() -> None:
    read, written = (ROOT / "docs" / "roles.md").read_text("utf-8").split("## Who writes what")
    assert _table(read) == {
        thing: access.readers(thing) for thing in access.THINGS if not access.is_open(thing)
    }
    assert _table(written) == {
        thing: access.writers(thing) for thing in access.THINGS if access.writers(thing)
    }
    for thing, roles in _table(read).items():
        (line,) = re.findall(rf"^  {thing}  +(.+)$", HELP, re.M)
        assert set(line.split()) == roles


def _table(page: str) -> dict[str, set[str]]:
    rows = re.findall(r"^\| ([a-z ]+) \| ([A-Z_, ]+) \|", page, re.M)
    return {thing: set(roles.split(", ")) for thing, roles in rows}
