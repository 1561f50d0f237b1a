"""The rule book, rule by rule: refused or flagged once, passed once. Real ledger, real commands."""

from __future__ import annotations

import contextlib
import re

import pytest

from domain import rules, times
from domain.errors import RefusedError
from domain.ids import control_number
from tests.report_desk import count


@contextlib.contextmanager
def refused(house, number: int, words: str | None = None):
    """Expect a rule's refusal that leaves no trace in the ledger."""
    before = house.rows()
    with pytest.raises(RefusedError, match=words) as refusal:
        yield refusal
    assert refusal.value.number == number
    sentence = str(refusal.value)
    assert sentence.startswith(f"rule {number}: ")
    assert "\n" not in sentence
    assert not sentence.endswith(".")
    assert house.rows() == before
    assert house.register_is_sound()


def test_the_book_has_every_agreed_rule() -> None:
    assert list(rules.BOOK) == list(range(1, 33))
    assert {s for severity, _ in rules.BOOK.values() for s in severity.split(", ")} == set("RFC")


# ── every event ─────────────────────────────────────────────────────────────


def test_rule_01_nothing_follows_an_end_state(house) -> None:
    person = house.handed_over()
    with refused(house, 1, f"{person} is HANDED_OVER since"):
        house.do("house", person, at=house.dec(19), site="CAMP-R1")


def test_rule_01_a_fact_from_before_the_end_may_come_late(house) -> None:
    person = house.handed_over()
    done = house.do("deposit_effects", person, at=house.dec(9), receipt="E-1", items=1)
    assert done.irregularities == ()
    assert house.state(person).custody == "HANDED_OVER"
    assert house.state(person).effects == ("E-1",)


def test_rule_02_a_fact_is_not_dated_more_than_five_minutes_ahead(house) -> None:
    person = house.sheltered()
    ahead = house.clock.now + 10 * times.MINUTE
    with refused(house, 2, "lies in the future"):
        house.do("refer_to_care", person, at=ahead, site="CLINIC")


def test_rule_02_a_clock_a_little_ahead_is_clamped_to_the_recorded_time(house) -> None:
    person = house.sheltered()
    house.do("refer_to_care", person, at=house.clock.now + 4 * times.MINUTE, site="CLINIC")
    last = house.read(person).events[-1]
    assert last.occurred_at == last.recorded_at
    assert house.state(person).custody == "IN_CARE"


def test_rule_03_a_fact_before_the_episodes_first_event_is_flagged(house) -> None:
    person = house.sheltered(at=house.dec(7, 12))
    early = house.do("deposit_effects", person, at=house.dec(6), receipt="E-1", items=1)
    assert early.irregularities == (3,)


def test_rule_03_a_fact_at_the_first_events_instant_passes(house) -> None:
    person = house.sheltered(at=house.dec(7, 12))
    first = house.read(person).events[0].occurred_at
    done = house.do("deposit_effects", person, at=first, receipt="E-1", items=1)
    assert done.irregularities == ()


def test_rule_03_correcting_the_first_event_to_an_earlier_time_is_no_irregularity(house) -> None:
    person = house.sheltered()
    earlier = house.dec(6)
    house.do("correct", person, version=1, changes={}, at=earlier, reason="paper")
    assert house.approve(person).irregularities == ()
    assert house.state(person).irregular == ()


# ── persons ─────────────────────────────────────────────────────────────────


def test_rule_04_admission_without_an_entry_authorisation_is_flagged(house) -> None:
    assert house.state(house.admitted(authority="")).irregular == ((2, 4),)


def test_rule_04_admission_on_an_authority_passes(house) -> None:
    assert house.state(house.admitted()).irregular == ()


def test_rule_05_two_housing_places_at_one_instant_are_refused(house) -> None:
    person = house.sheltered(at=house.dec(7, 10))
    with refused(house, 5, "is housed at CAMP-R1"):
        house.do("house", person, at=house.dec(7, 11), site="CAMP-R2")
    with refused(house, 5):
        house.do("move", person, at=house.dec(7, 10), site="CAMP-R2")


def test_rule_05_a_move_and_the_same_place_again_pass(house) -> None:
    person = house.sheltered()
    house.do("move", person, at=house.dec(8), site="CAMP-R2", place="T-1")
    house.do("house", person, at=house.dec(9), site="CAMP-R2", place="T-1")
    assert house.state(person).site == "CAMP-R2"


def test_rule_06_a_site_over_its_capacity_is_flagged(house) -> None:
    house.do("set_capacity", "SITE-CAMP-R1", capacity=1)
    house.sheltered()
    assert house.state(house.sheltered()).irregular == ((4, 6),)


def test_rule_06_the_last_place_and_a_move_within_the_site_pass(house) -> None:
    house.do("set_capacity", "SITE-CAMP-R1", capacity=1)
    person = house.sheltered()
    house.do("move", person, at=house.dec(9), site="CAMP-R1", place="T-99")
    assert house.state(person).irregular == ()


LACKING = {
    "intent": lambda house: house.sheltered(),
    "undecided": lambda house: _stated(house, "UNDECIDED"),
    "stay": lambda house: _stated(house, "STAY"),
    "protection": lambda house: _stated(house, "SEEKS_PROTECTION"),
    "pledge": lambda house: _stated(house, "RETURN", house.sheltered()),
    "withdrawn": lambda house: _after(house, "withdraw_pledge", pledgor="SELF"),
    "care": lambda house: _after(house, "refer_to_care", site="CLINIC"),
    "absent": lambda house: _after(house, "report_absence"),
}
"""Everything that keeps somebody off a return manifest: rule 7, and rule 8 under its number."""


def _after(house, verb: str, person: str = "", **facts) -> str:
    person = person or house.willing()
    house.do(verb, person, **facts)
    return person


def _stated(house, intent: str, person: str = "") -> str:
    return _after(house, "state_intent", person, intent=intent, interviewer="OFF-016")


@pytest.mark.parametrize("lack", LACKING)
def test_rule_07_who_may_not_go_is_refused_in_one_sentence_whatever_is_lacking(
    house, lack: str
) -> None:
    person, number = LACKING[lack](house), house.planned("RETURN")
    with refused(house, 7, f"^rule 7: {person} may not be put on {number}: ask"):
        house.do("add_line", number, line=person)


def test_rule_07_intent_and_a_familys_pledge_are_enough(house) -> None:
    person = house.sheltered()
    house.do("state_intent", person, intent="RETURN", interviewer="OFF-016")
    house.do("sign_pledge", person, pledgor="FAMILY", document="PL-2")
    house.do("add_line", house.planned("RETURN"), line=person)
    assert house.state(person).transfer is not None


@pytest.mark.parametrize("intent", ["STAY", "SEEKS_PROTECTION"])
def test_rule_08_nobody_who_declines_is_frozen_and_nobody_is_named(house, intent: str) -> None:
    person, other = house.willing(), house.willing()
    number = house.planned("RETURN", person, other)
    said = next(e for e in house.read(person).events if e.TOPIC == "person.intent_stated")
    house.do(
        "correct", person, version=said.originator_version, changes={"intent": intent}, reason="x"
    )
    house.approve(person)
    with refused(house, 7, f"^rule 7: somebody on {number} may not go on this transport: ask"):
        house.do("freeze", number)
    house.do("remove_line", number, line=person)
    house.do("freeze", number)


def test_rule_08_a_statement_takes_the_person_off_the_manifest_and_thaws_it(house) -> None:
    person, other = house.willing(), house.willing()
    number = house.planned("RETURN", person, other)
    house.do("freeze", number, at=house.dec(16))
    house.do("state_intent", person, at=house.dec(17), intent="STAY", interviewer="OFF-016")
    assert house.state(number).lines == {other: "LISTED"}
    assert house.state(number).status == "PLANNED"
    assert house.state(person).transfer is None


def test_rule_08_a_handover_against_the_intent_is_recorded_as_critical(house) -> None:
    person = house.willing()
    number = house.released("RETURN", person)
    house.do("state_intent", person, at=house.dec(17), intent="STAY", interviewer="OFF-016")
    house.accepted(number)
    assert house.state(person).custody == "HANDED_OVER"
    assert (house.read(person).version, 8) in house.state(person).irregular


def test_rule_08_a_statement_learned_of_after_the_handover_is_critical(house) -> None:
    person = house.handed_over()
    late = {"at": house.dec(17), "intent": "STAY", "interviewer": "OFF-016"}
    assert house.do("state_intent", person, **late).irregularities == (8,)


def test_rule_08_a_relocation_is_open_to_who_stays(house) -> None:
    person = house.sheltered()
    house.do("state_intent", person, intent="STAY", interviewer="OFF-016")
    house.do("add_line", house.planned("RELOCATION", kind="PERSONS"), line=person)


def test_rule_09_a_pledge_withdrawn_before_handover_takes_the_person_off(house) -> None:
    person = house.willing()
    number = house.planned("RETURN", person)
    house.do("withdraw_pledge", person, at=house.dec(16), pledgor="SELF")
    assert house.state(number).lines == {}


def test_rule_09_a_withdrawal_learned_of_after_the_handover_is_critical(house) -> None:
    person = house.handed_over()
    done = house.do("withdraw_pledge", person, at=house.dec(17), pledgor="SELF")
    assert done.irregularities == (9,)


def test_rule_09_a_handover_after_a_withdrawal_is_critical(house) -> None:
    person = house.willing()
    number = house.released("RETURN", person)
    house.do("withdraw_pledge", person, at=house.dec(17), pledgor="SELF")
    house.accepted(number)
    assert 9 in {rule for _, rule in house.state(person).irregular}


def test_rule_10_a_handover_without_pledge_or_assurance_is_flagged(house) -> None:
    stranger = house.sheltered()
    number = house.released("RETURN", house.willing())
    house.do("record_unlisted", number, at=house.dec(18), subject=stranger)
    facts = {"transfer": number, "receiving_party": "PARTY-SYR", "site": "GATE"}
    assert house.do("hand_over", stranger, at=house.dec(18), **facts).irregularities == (10,)


def test_rule_10_a_handover_on_an_assurance_passes(house) -> None:
    stranger = house.sheltered()
    assurance = {"giver": "PARTY-SYR", "kind": "amnesty", "status": "ISSUED"}
    house.do("record_assurance", stranger, at=house.dec(9), **assurance)
    number = house.released("RETURN", house.willing())
    house.do("record_unlisted", number, at=house.dec(18), subject=stranger)
    facts = {"transfer": number, "receiving_party": "PARTY-SYR", "site": "GATE"}
    assert house.do("hand_over", stranger, at=house.dec(18), **facts).irregularities == ()


# ── custody between parties ─────────────────────────────────────────────────


def test_rule_11_custody_passes_between_parties_only_through_a_transfer(house) -> None:
    person, item = house.willing(), house.in_trust()
    facts = {"receiving_party": "PARTY-SYR", "site": "GATE"}
    with refused(house, 11, "only through a transfer"):
        house.do("hand_over", person, **facts)
    number = house.released("RETURN", house.willing())
    with refused(house, 11, f"{person} is not on {number}"):
        house.do("hand_over", person, transfer=number, **facts)
    terms = {"receipt": "R", "beneficiary": "the government", "terms": "return"}
    with refused(house, 11, "another trustee needs a transfer"):
        house.do("deposit", item, trustee="PARTY-SYR", **terms)


def test_rule_11_a_handover_on_its_transfer_passes(house) -> None:
    assert house.state(house.handed_over()).receiving_party == "PARTY-SYR"


def test_rule_12_one_subject_is_on_one_open_transfer(house) -> None:
    person = house.willing()
    first, second = house.planned("RETURN", person), house.planned("RETURN")
    with refused(house, 12, f"already on the open transfer {first}"):
        house.do("add_line", second, line=person)
    with refused(house, 12):
        house.do("add_line", first, line=person)


def test_rule_12_a_voided_transfer_frees_its_lines(house) -> None:
    person = house.willing()
    house.do("void", house.planned("RETURN", person), reason="no bus")
    number = house.planned("RETURN", person)
    assert house.state(person).transfer == number


def test_rule_13_nothing_is_accepted_before_it_is_released(house) -> None:
    number = house.planned("RETURN", house.willing())
    house.do("freeze", number, at=house.dec(16, 8))
    with refused(house, 13, "nothing is accepted before it is released"):
        house.accepted(number)
    house.do("release", number, at=house.dec(16, 9))
    with refused(house, 13, "after that acceptance"):
        house.accepted(number, at=house.dec(16, 8))


def test_rule_13_the_releasing_official_does_not_accept(house) -> None:
    number = house.released("RETURN", house.willing())
    with refused(house, 13, "another official must accept"):
        house.accepted(number, official="OFF-013")


def test_rule_13_nor_the_lines_that_were_missing_at_first(house) -> None:
    one, late = house.willing(), house.willing()
    number = house.released("RETURN", one, late)
    house.accepted(number, exceptions={late: "MISSING"})
    with refused(house, 13, "another official must accept"):
        house.accepted(number, lines=[late], official="OFF-013")
    house.accepted(number, at=house.dec(19), lines=[late])
    assert house.state(late).custody == "HANDED_OVER"


def test_rule_14_an_unidentified_receiver_is_flagged(house) -> None:
    person = house.willing()
    number = house.released("RETURN", person)
    house.accepted(number, party="UNIDENTIFIED")
    assert 14 in {rule for _, rule in house.state(number).irregular}
    assert 14 in {rule for _, rule in house.state(person).irregular}


def test_rule_14_an_identified_receiver_passes(house) -> None:
    assert house.state(house.handed_over()).irregular == ()


def test_rule_15_a_transfer_with_unresolved_lines_is_not_closed(house) -> None:
    one, late = house.willing(), house.willing()
    number = house.released("RETURN", one, late)
    house.accepted(number, exceptions={late: "MISSING"})
    with refused(house, 15, f"1 unresolved lines, first {late}"):
        house.do("close_transfer", number)


def test_rule_15_a_transfer_is_closed_once_every_line_is_resolved(house) -> None:
    one, late = house.willing(), house.willing()
    number = house.released("RETURN", one, late)
    house.accepted(number, exceptions={late: "MISSING"})
    house.accepted(number, at=house.dec(19), exceptions={late: "stayed behind"})
    house.do("close_transfer", number)
    assert house.state(number).status == "CLOSED"
    assert house.state(late).custody == "SHELTERED"


# ── weapons ─────────────────────────────────────────────────────────────────

TERMS = {"receipt": "R", "trustee": "PARTY-MOD", "beneficiary": "the government", "terms": "return"}


def test_rule_16_only_made_safe_and_inventoried_goes_into_trust(house) -> None:
    item = house.received()
    with refused(house, 16, "is not inventoried"):
        house.do("deposit", item, **TERMS)


def test_rule_16_what_is_not_made_safe_stays_out_of_trust(house) -> None:
    item = house.received(made_safe=False)
    house.do("inventory", item, category="RIFLE", model="AKM", serial_status="ABSENT")
    with refused(house, 16, "is not made safe"):
        house.do("deposit", item, **TERMS)


def test_rule_16_a_deposit_without_a_joint_signature_is_flagged(house) -> None:
    item = house.inventoried(counted_with=None)
    assert house.do("deposit", item, **TERMS).irregularities == (16,)


def test_rule_16_a_safe_and_jointly_counted_weapon_passes(house) -> None:
    assert house.state(house.in_trust()).irregular == ()


def test_rule_17_restitution_only_to_a_recognised_party(house) -> None:
    item = house.in_trust()
    facts = {"recipient": "PARTY-SYR", "basis": "request", "authority": "O-1"}
    with refused(house, 17, "PARTY-SYR is not a recognised recipient"):
        house.do("authorise_restitution", item, **facts)


def test_rule_17_restitution_only_when_authorised_to_that_party_without_a_hold(house) -> None:
    item = house.in_trust()
    house.recognised()
    house.recognised("PARTY-NEW")
    number = house.planned("RESTITUTION", kind="ITEMS")
    with refused(house, 17, "is not authorised"):
        house.do("add_line", number, line=item)
    house.authorised(item, "PARTY-NEW")
    with refused(house, 17, "authorised to PARTY-NEW, not to PARTY-SYR"):
        house.do("add_line", number, line=item)
    house.authorised(item, "PARTY-SYR")
    house.do("place_hold", item, hold="COURT")
    with refused(house, 17, "open hold: COURT"):
        house.do("add_line", number, line=item)


def test_rule_17_a_hold_placed_on_the_way_stops_the_return(house) -> None:
    item = house.authorised(house.in_trust(), house.recognised())
    number = house.released("RESTITUTION", item, kind="ITEMS")
    house.do("place_hold", item, at=house.dec(17), hold="DISPUTE")
    with refused(house, 17, "open hold: DISPUTE"):
        house.accepted(number)


def test_rule_17_an_authorised_weapon_is_returned(house) -> None:
    item = house.authorised(house.in_trust(), house.recognised())
    house.accepted(house.released("RESTITUTION", item, kind="ITEMS"))
    assert house.state(item).custody == "RETURNED"
    assert house.state(item).recipient == "PARTY-SYR"


def _missed(house) -> str:
    item = house.in_trust()
    count = house.do("open_stocktake", kind="ITEMS", site="DEPOT-1").subject
    house.do("close_stocktake", count)
    return item


def test_rule_18_a_loss_needs_a_stock_take_that_missed_it_and_an_authority(house) -> None:
    item = house.in_trust()
    with refused(house, 18, "a stock-take must have missed it first"):
        house.do("declare_loss", item, authority="A-1")
    item = _missed(house)
    with refused(house, 18, "a loss needs an authority"):
        house.do("declare_loss", item)


def test_rule_18_a_missing_weapon_is_declared_lost_on_an_authority(house) -> None:
    item = _missed(house)
    house.do("declare_loss", item, authority="A-1")
    assert house.state(item).custody == "LOST"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"witnesses": ["OFF-012", "OFF-013"]}, "needs an authority"),
        ({"authority": "A-1", "witnesses": ["OFF-012"]}, "two witnesses, got 1"),
        ({"authority": "A-1", "witnesses": ["OFF-012", "OFF-012"]}, "two witnesses, got 1"),
    ],
)
def test_rule_19_destruction_needs_an_authority_and_two_witnesses(house, facts, words) -> None:
    item = house.in_trust()
    with refused(house, 19, words):
        house.do("destroy", item, method="cut", **facts)


def test_rule_19_a_hold_stops_a_destruction_that_was_proposed(house) -> None:
    item = house.in_trust()
    facts = {"authority": "A-1", "witnesses": ["OFF-012", "OFF-013"], "method": "cut"}
    house.do("destroy", item, **facts)
    house.do("place_hold", item, hold="COURT")
    with refused(house, 19, "open hold: COURT"):
        house.approve(item)


def test_rule_19_destruction_with_everything_passes(house) -> None:
    item = house.in_trust()
    facts = {"authority": "A-1", "witnesses": ["OFF-012", "OFF-013"], "method": "cut"}
    house.do("destroy", item, **facts)
    assert house.state(item).custody == "IN_TRUST"
    house.approve(item)
    assert house.state(item).custody == "DESTROYED"


# ── records ─────────────────────────────────────────────────────────────────


def test_rule_20_nobody_approves_what_they_proposed_or_recorded(house) -> None:
    person = house.sheltered()
    housed = house.read(person).version
    house.do("retract", person, by="OFF-015", version=housed, why="did_not_occur")
    with refused(house, 20, "was proposed by OFF-015: another must approve"):
        house.approve(person, by="OFF-015")
    with refused(house, 20, "was recorded by OFF-010: another official must approve"):
        house.approve(person, by="OFF-010")


def test_rule_20_another_official_approves(house) -> None:
    person = house.sheltered()
    housed = house.read(person).version
    house.do("retract", person, by="OFF-015", version=housed, why="did_not_occur")
    house.approve(person)
    assert house.state(person).custody == "ADMITTED"
    assert house.read(person).events[-1].approved_by == "OFF-020"


def test_rule_21_an_event_is_retracted_only_together_with_what_depends_on_it(house) -> None:
    item = house.in_trust()
    received = next(
        e.originator_version for e in house.read(item).events if e.TOPIC == "weapon.inventoried"
    )
    with refused(house, 21, rf"{item}:{received} is needed by {item}:"):
        house.do("retract", item, version=received, why="wrong_subject")


def test_rule_21_a_group_is_retracted_together(house) -> None:
    item = house.in_trust()
    topics = {e.TOPIC: e.originator_version for e in house.read(item).events}
    counted, deposited = topics["weapon.inventoried"], topics["weapon.deposited_in_trust"]
    together = [(item, deposited)]
    house.do(
        "retract", item, by="OFF-012", version=counted, why="wrong_subject", together_with=together
    )
    first, second = house.state(item).pending
    house.approve(item, proposal=first, together_with=[(item, second)])
    assert house.state(item).custody == "RECEIVED"
    assert not house.state(item).inventoried


def test_rule_22_a_seal_broken_without_authority_is_flagged_on_every_item(house) -> None:
    one, other = house.in_trust(), house.in_trust()
    house.do("break_seal", "CRATE-1", seal="SEAL-1", authorised=False)
    for item in (one, other):
        assert house.state(item).recount_due
        assert {rule for _, rule in house.state(item).irregular} == {22}


def test_rule_22_a_seal_broken_with_authority_passes(house) -> None:
    item = house.in_trust()
    house.do("break_seal", "CRATE-1", seal="SEAL-1", authorised=True, authority="A-1")
    assert not house.state(item).recount_due
    assert house.state(item).irregular == ()


def test_rule_23_a_control_number_is_never_given_twice(house) -> None:
    numbers = [house.received() for _ in range(3)]
    house.reopen()
    numbers += [house.received() for _ in range(3)]
    assert len(set(numbers)) == len(numbers)


def test_rule_23_a_number_in_use_is_refused_for_a_new_weapon_and_a_free_one_is_taken(house) -> None:
    item = house.do("declare", as_described="a rifle").subject
    facts = {"as_described": "another"}
    with refused(house, 23, f"{item} is in use: a control number is never used twice"):
        house.do("declare", item, **facts)
    assert house.do("declare", control_number("W", 417), **facts).version == 1


def test_rule_23_numbers_given_out_pass_over_labels_already_in_use(house) -> None:
    taken = control_number("W", 3)
    house.do("declare", taken, as_described="came with a label")
    assert taken not in [house.received() for _ in range(4)]


def test_rule_23_an_entry_recorded_late_and_a_reception_taken_back_pass(house) -> None:
    person = house.do("admit", at=house.dec(7, 9), site="GATE", receiving_party="PARTY-MOD").subject
    house.do("seek_refuge", person, at=house.dec(7, 8), site="GATE")
    item = house.received()
    house.do("retract", item, by="OFF-012", version=1, why="wrong_subject")
    house.approve(item)
    facts = {"unit": "PARTY-SYR", "receiver": "OFF-011", "site": "DEPOT-2"}
    house.do("receive", item, at=house.dec(9), **facts)
    assert house.state(item).site == "DEPOT-2"


def test_rule_23_equal_serials_are_flagged_never_refused(house) -> None:
    first, second = house.inventoried(serial="AB 12-34"), house.inventoried(serial="ab1234")
    assert {rule for _, rule in house.state(second).irregular} == {23}
    assert house.state(second).same_serial == (first,)


def test_rule_23_different_and_unread_serials_pass(house) -> None:
    house.inventoried(serial="1234")
    assert house.state(house.inventoried(serial="1235")).irregular == ()
    for _ in range(2):
        item = house.received()
        house.do("inventory", item, category="OTHER", model="?", serial_status="ABSENT")
        assert house.state(item).irregular == ()


@pytest.mark.parametrize(
    "text",
    ["x" * 2_001, "two\nlines", "bell\x07", "turn\u202eed", "isolate\u2066", "mark\u200f", "\x85"],
    ids=["long", "newline", "bell", "override", "isolate", "mark", "nel"],
)
def test_rule_24_a_text_is_short_and_plain(house, text: str) -> None:
    with refused(house, 24):
        house.do("declare", as_described=text)
    with refused(house, 24):
        house.do("declare", as_described="a rifle", authority=text)


def test_rule_24_also_inside_evidence_and_proposals(house) -> None:
    person = house.sheltered()
    paper = {"sha256": "0" * 64, "media_type": "text/plain", "label": "turn\u202eed"}
    with refused(house, 24):
        house.do("refer_to_care", person, site="CLINIC", evidence=(paper,))
    version = house.read(person).version
    with refused(house, 24):
        house.do("correct", person, version=version, changes={"place": "\u202e"}, reason="misread")


def test_rule_24_two_thousand_characters_in_any_script_pass(house) -> None:
    assert house.do("declare", as_described="ب" * 2_000).version == 1


# ── the two beyond ──────────────────────────────────────────────────────────


def test_rule_25_the_steps_of_a_transfer_follow_their_order(house) -> None:
    person = house.willing()
    number = house.planned("RETURN", person)
    for step, facts in (("release", {}), ("depart", {"transport": "bus"}), ("arrive", {})):
        with refused(house, 25):
            house.do(step, number, **facts)
    item = house.in_trust()
    with refused(house, 25, "does not belong on"):
        house.do("add_line", number, line=item)


def test_rule_25_a_step_is_not_dated_before_the_one_it_follows(house) -> None:
    number = house.planned("RETURN", house.willing())
    house.do("freeze", number, at=house.dec(16, 8))
    with refused(house, 25, "was PLANNED then"):
        house.do("release", number, at=house.dec(16, 7))


def test_rule_25_the_steps_in_their_order_pass(house) -> None:
    number = house.released("RETURN", house.willing())
    house.do("depart", number, at=house.dec(17, 1), transport="bus")
    house.do("arrive", number, at=house.dec(17, 2))
    house.accepted(number)
    assert house.do("close_transfer", number).irregularities == ()


def test_rule_26_who_opened_a_count_does_not_counter_sign_it(house) -> None:
    count = house.do("open_stocktake", by="OFF-012", kind="ITEMS", site="DEPOT-1").subject
    with refused(house, 26, "another official counter-signs"):
        house.do("countersign", count, by="OFF-012")
    assert house.do("close_stocktake", count, by="OFF-012").irregularities == (26,)


def test_rule_26_a_counter_signed_count_passes(house) -> None:
    count = house.do("open_stocktake", by="OFF-012", kind="ITEMS", site="DEPOT-1").subject
    house.do("countersign", count, by="OFF-011")
    assert house.do("close_stocktake", count, by="OFF-012").irregularities == ()


def test_rule_23_a_number_is_registered_once_and_corrected_after_that(house) -> None:
    person = house.admitted()
    facts = {"category": "MILITARY", "personal": {"declared_name": "SYNTHETIC"}}
    house.do("register", person, **facts)
    with pytest.raises(RefusedError, match="rule 23"):
        house.do("register", person, **facts)


# ── places of their kind ────────────────────────────────────────────────────


def test_rule_04_who_was_never_admitted_is_neither_kept_nor_handed_over(house) -> None:
    for verb, facts in (
        ("house", {"site": "CAMP-R1"}),
        ("move", {"site": "CAMP-R1"}),
        ("refer_to_care", {"site": "CLINIC"}),
        ("find_again", {"site": "CAMP-R1"}),
    ):
        person = house.do("seek_refuge", at=house.dec(7), site="GATE").subject
        assert house.do(verb, person, at=house.dec(8), **facts).irregularities == (4,)
        again = house.do("move", person, at=house.dec(9), site="CAMP-R2")
        assert 4 not in again.irregularities


PEOPLE = {
    "admit": {"receiving_party": "PARTY-MOD"},
    "house": {},
    "move": {},
    "refer_to_care": {},
    "return_from_care": {},
    "find_again": {},
}


@pytest.mark.parametrize("verb", PEOPLE)
def test_rule_28_a_store_is_no_place_for_people(house, verb: str) -> None:
    for site, wrong in (("DEPOT-1", True), ("CAMP-R2", False), ("CLINIC", False)):
        person = house.admitted() if verb == "house" else house.sheltered()
        if verb == "admit":
            person = house.do("seek_refuge", at=house.dec(7), site="GATE").subject
        done = house.do(verb, person, at=house.dec(8), site=site, **PEOPLE[verb])
        assert (28 in done.irregularities) == wrong


@pytest.mark.parametrize("verb", ["store_weapon", "locate"])
def test_rule_28_a_camp_is_no_place_for_weapons(house, verb: str) -> None:
    for site, wrong in (("CAMP-R1", True), ("CLINIC", True), ("DEPOT-2", False), ("GATE", False)):
        done = house.do(verb, house.in_trust(), at=house.dec(9), site=site)
        assert (28 in done.irregularities) == wrong


def test_rule_28_no_transfer_leads_people_to_a_store(house) -> None:
    parties = {"from_party": "PARTY-MOD", "to_party": "PARTY-MOD"}
    sites = {"from_site": "CAMP-R1", "to_site": "DEPOT-1"}
    with refused(house, 28, "DEPOT-1 is a site of kind DEPOT: nobody is kept there"):
        house.do("plan", kind="PERSONS", **parties, **sites)
    sites = {"from_site": "DEPOT-1", "to_site": "CAMP-R1"}
    house.do("plan", kind="PERSONS", **parties, **sites)


# ── what a clerk does then ──────────────────────────────────────────────────


def test_rule_01_the_merged_name_the_survivor_and_the_event_to_take_back(house) -> None:
    double, survivor = house.sheltered(), house.sheltered()
    house.do("merge", double, by="OFF-010", survivor=survivor, reason="one card")
    house.approve(double)
    said = f"{double} was merged into {survivor}: record it there (amana history {survivor})"
    with refused(house, 1, re.escape(said)) as caught:
        house.do("move", double, site="CAMP-R2")
    version = int(str(caught.value).partition(f"take {double}:")[2].partition(" back")[0])
    house.do("retract", double, version=version, why="did_not_occur", reason="two persons")
    house.approve(double)
    assert house.do("move", double, site="CAMP-R2")


def voided(house) -> str:
    number = house.planned("RELOCATION")
    house.do("void", number, at=house.dec(16), reason="road closed")
    return number


def closed(house) -> str:
    house.do("close_site", "SITE-DEPOT-2")
    return "SITE-DEPOT-2"


def dismissed(house) -> str:
    house.do("dismiss", "OFF-017", reason="left")
    return "OFF-017"


@pytest.mark.parametrize(
    ("over", "verb", "facts", "way_on"),
    [
        (
            lambda house: count(house, "ITEMS", "DEPOT-1", at=house.dec(12)),
            *("scan", {"code": "W-000001-A"}, "amana stocktake reopen S-"),
        ),
        (voided, "depart", {"transport": "bus 12"}, "amana transfer plan"),
        (closed, "set_capacity", {"capacity": 9}, "amana directory open-site DEPOT-2"),
        (dismissed, "grant_role", {"role": "CHAIR"}, "amana directory appoint OFF-017"),
    ],
)
def test_rule_01_what_is_over_says_how_to_go_on(house, over, verb, facts, way_on) -> None:
    subject = over(house)
    with refused(house, 1, way_on):
        house.do(verb, subject, **facts)


def test_rule_23_who_was_registered_is_told_when_and_how_a_value_is_changed(house) -> None:
    person = house.sheltered()
    facts = {"category": "OTHER", "personal": {"declared_name": "SYNTHETIC سامر علي"}}
    version = house.do("register", person, **facts).version
    with refused(house, 23, f"{person} was registered already, at ") as caught:
        house.do("register", person, **facts)
    assert f"({person}:{version}): to change a value, amana person correct" in str(caught.value)


def test_rule_11_who_received_a_person_does_not_change_unseen(house) -> None:
    kept, just_admitted, misread = house.sheltered(), house.admitted(), house.admitted()
    admitted = {
        one: next(
            e.originator_version
            for e in house.read(one).events
            if e.TOPIC == "person.admitted"
        )
        for one in (kept, just_admitted, misread)
    }  # fmt: skip
    for one in (kept, just_admitted):
        why = {"why": "did_not_occur", "reason": "never"}
        house.do("retract", one, version=admitted[one], **why)
        house.approve(one)
    house.do(
        "correct",
        misread,
        version=admitted[misread],
        reason="misread",
        changes={"receiving_party": "PARTY-SYR"},
    )
    house.approve(misread)
    flagged = {
        one: 11 in {rule for _, rule in house.state(one).irregular}
        for one in (kept, just_admitted, misread)
    }
    assert flagged == {kept: True, just_admitted: False, misread: True}
