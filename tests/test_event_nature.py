"""What each event is by nature, said a second time: whoever changes it changes a promise.

A decision is refused where a fact is flagged; some wait for a second official; some may follow the end
of a custody. Each is one word at an event's class, easily lost; what the words lead to, the tests of
the rules hold.
"""

from __future__ import annotations

import pytest

from domain import judging, person, weapon
from domain.event import EVENTS

ENDS = {"person": person.END, "weapon": weapon.END, "kept": weapon.KEPT, "owed": weapon.OWED}


def named(text: str) -> set[str]:
    """Read `person: admitted housed` as stored names."""
    found, stream = set(), ""
    for word in text.split():
        if word.endswith(":"):
            stream = word[:-1]
        else:
            found.add(f"{stream}.{word}")
    return found


TWO_OFFICIALS = named("""
person: identity_corrected same_as
record: retracted
weapon: description_corrected destroyed restitution_authorised
""")
AFTER_AN_END = named("""
official: appointed
person: duplicate_dismissed duplicate_flagged effects_returned identity_corrected
  removed_from_manifest same_as sighted took_over wish_taken_over
record: approved clock_set declined erased irregularity_closed proposed retracted
site: opened
stocktake: reopened
weapon: description_corrected duplicate_serial_flagged duplicate_serial_resolved
  ownership_asserted sighted
""")
BEGINS_A_STREAM = named("""
official: appointed
party: named
person: admitted refuge_sought registered
site: opened
stocktake: opened
transfer: planned
weapon: declared inventoried received_from_holder
""")
DECIDED_HERE = named("""
official: appointed dismissed key_registered key_revoked role_ended role_granted
party: named recognised recognition_withdrawn
person: added_to_manifest entry_authorised identity_corrected released_otherwise same_as
record: approved clock_set declined erased irregularity_closed proposed retracted
site: capacity_set closed opened operator_named
stocktake: closed countersigned opened reopened
transfer: closed frozen line_added line_removed planned released voided
weapon: deposited_in_trust description_corrected destroyed hold_lifted hold_placed
  loss_declared restitution_authorised returned
""")
SAYS_ONCE = named("""
party: recognised
person: entry_authorised registered
site: opened
weapon: deposited_in_trust inventoried
""")
USES_NUMBER = named("""
person: effects_deposited effects_returned
weapon: crate_moved deposited_in_trust received_from_holder seal_broken seal_checked stored
""")
SEES = named("""
person: found housed moved_to referred_to_care returned_from_care sighted
stocktake: scanned unexpected_found
transfer: unlisted_received
weapon: accepted condition_assessed damage_recorded located received_from_holder seal_broken
  seal_checked sighted stored
""")
LEAVES_TRUSTEE = named("""
weapon: accepted crate_moved destroyed located loss_declared returned stored
""")
WAY_OUT = named("""
person: added_to_manifest departed
transfer: frozen line_added released
weapon: released
""")
PASSES_PERSON = named("""
person: found handed_over housed moved_to referred_to_care released_otherwise
  returned_from_care same_as took_over
""")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("SECOND", TWO_OFFICIALS),
        ("AFTER_END", AFTER_AN_END),
        ("OPENS", BEGINS_A_STREAM),
        ("DECISION", DECIDED_HERE),
    ],
)
def test_an_event_is_of_the_nature_it_was_given(word: str, expected: set[str]) -> None:
    assert {name for name, cls in EVENTS.items() if getattr(cls, word)} == expected


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("SAYS_ONCE", SAYS_ONCE),
        ("USES_NUMBER", USES_NUMBER),
        ("SEES", SEES),
        ("LEAVES_TRUSTEE", LEAVES_TRUSTEE),
        ("WAY_OUT", WAY_OUT),
        ("PASSES_PERSON", PASSES_PERSON),
    ],
)
def test_the_events_that_rules_look_at_by_effect_are_these(effect: str, expected: set[str]) -> None:
    assert {name for name, cls in EVENTS.items() if effect in cls.EFFECTS} == expected


def test_what_ends_a_custody_and_what_a_count_expects() -> None:
    ends = {name: sorted(words) for name, words in ENDS.items()}
    assert ends == {
        "person": ["DECEASED", "HANDED_OVER", "RELEASED_OTHERWISE"],
        "weapon": ["DESTROYED", "LOST", "RETURNED"],
        "kept": ["INVENTORIED", "IN_TRUST", "RECEIVED"],
        "owed": ["IN_TRANSIT", "IN_TRUST", "MISSING"],
    }
    order = "EXPECTED ADMITTED SHELTERED IN_TRANSIT IN_CARE ABSENT HANDED_OVER RELEASED_OTHERWISE"
    assert " ".join(person.CUSTODIES) == f"{order} DECEASED"


def test_what_says_where_a_thing_is_ends_that_it_was_seen_elsewhere() -> None:
    answers = named("weapon: located accepted returned person: found")
    assert answers == judging.ANSWERED_BY[27]
