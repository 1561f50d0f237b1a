"""Edges of decisions: the last that is allowed, the first that is not, and who counts as the same."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from application.decisions import signing
from application.decisions.note import Note
from application.store.vault import KEY_BYTES, KEY_HEADER, new_key_file, read_key_file
from domain import history, transfer
from domain.errors import BadInputError, NotAllowedError, RefusedError, UnknownError
from domain.times import HOUR
from tests.vectors.world import signer


def refusing(number: int) -> Any:
    """Expect a refusal by one rule."""
    return pytest.raises(RefusedError, match=f"^rule {number}: ")


# ── rules ───────────────────────────────────────────────────────────────────


def test_rule_02_five_minutes_ahead_pass_and_a_microsecond_more_does_not(house) -> None:
    person = house.sheltered()
    now = house.clock.stand(house.clock.now + HOUR)
    with refusing(2):
        house.do("refer_to_care", person, at=now + 300_000_001, site="CLINIC")
    house.do("refer_to_care", person, at=now + 300_000_000, site="CLINIC")
    assert house.state(person).custody == "IN_CARE"


def test_rule_05_who_was_housed_this_instant_is_moved_a_microsecond_later(house) -> None:
    person = house.sheltered(at=house.dec(7, 10))
    with refusing(5):
        house.do("move", person, at=house.dec(7, 10), site="CAMP-R2")
    house.do("move", person, at=house.dec(7, 10) + 1, site="CAMP-R2")
    assert house.state(person).site == "CAMP-R2"


def test_rule_08_a_wish_of_the_moment_before_the_handover_is_critical(house) -> None:
    person = house.handed_over()
    facts = {"intent": "STAY", "interviewer": "OFF-016"}
    with refusing(1):
        house.do("state_intent", person, at=house.dec(18, 9), **facts)
    done = house.do("state_intent", person, at=house.dec(18, 9) - 1, **facts)
    assert done.irregularities == (8,)


def test_rule_13_what_was_released_is_accepted_the_same_instant_and_not_before(house) -> None:
    number = house.released("RETURN", house.willing())
    with refusing(13):
        house.accepted(number, at=house.dec(16, 9) - 1)
    house.accepted(number, at=house.dec(16, 9))
    assert house.state(number).status == "ACCEPTED"


def test_a_span_lasts_a_microsecond_at_least(house) -> None:
    at = house.dec(8, 9)
    person = house.sheltered()
    for until in (at, at - 1):
        with pytest.raises(BadInputError, match="the span of its time ends before it begins"):
            house.do("refer_to_care", person, at=at, until=until, precision="RANGE", site="CLINIC")
    house.do("refer_to_care", person, at=at, until=at + 1, precision="RANGE", site="CLINIC")


def test_a_span_without_a_beginning_ends_after_now(house) -> None:
    person = house.sheltered()
    now = house.clock.stand(house.clock.now + HOUR)
    with pytest.raises(BadInputError, match="ends before it begins"):
        house.do("refer_to_care", person, until=now, precision="RANGE", site="CLINIC")
    house.do("refer_to_care", person, until=now + 1, precision="RANGE", site="CLINIC")


def test_a_proposal_is_approved_the_instant_it_was_made_and_not_before(house) -> None:
    person = house.sheltered()
    house.do("retract", person, by="OFF-001", version=4, why="did_not_occur")
    proposed = house.read(person).events[-1].occurred_at
    with pytest.raises(BadInputError, match="was proposed after that time"):
        house.approve(person, at=proposed - 1)
    house.approve(person, at=proposed)
    assert house.state(person).pending == ()


def test_a_role_is_held_to_its_end_and_no_longer(house) -> None:
    person, other = house.sheltered(), house.sheltered()
    ends = house.clock.now + HOUR
    house.do("grant_role", "OFF-017", role="WELFARE", valid_until=ends)
    house.clock.stand(ends - 1)
    house.do("refer_to_care", person, by="OFF-017", site="CLINIC")
    house.clock.stand(ends)
    with pytest.raises(NotAllowedError):
        house.do("refer_to_care", other, by="OFF-017", site="CLINIC")


def test_the_version_after_the_last_is_not_there(house) -> None:
    person = house.sheltered()
    last = house.read(person).version
    with pytest.raises(UnknownError, match=f"{person} has no event {last + 1}"):
        house.do("retract", person, by="OFF-001", version=last + 1, why="duplicate")
    house.do("retract", person, by="OFF-001", version=last, why="duplicate")


def test_an_event_of_the_same_instant_as_the_last_is_folded_after_it(house) -> None:
    person = house.sheltered(at=house.dec(7, 10))
    known = house.read(person)
    again = known.events[-1]
    assert history.of(person, [*known.events[:-1]]).then(again) == known
    twin = house.do("find_again", person, at=house.dec(7, 10), site="CAMP-R2").version
    assert house.read(person).events[-1].originator_version == twin
    assert house.custody.streams.history(person).state.site == "CAMP-R2"


# ── numbers and serials ─────────────────────────────────────────────────────


def test_rule_23_a_number_taken_back_once_and_given_again_is_in_use(house) -> None:
    item = house.do("declare", as_described="a rifle").subject
    taken_back(house, item, 1)
    house.do("declare", item, as_described="another rifle")
    with refusing(23):
        house.do("declare", item, as_described="a third one")


def test_rule_23_a_number_whose_first_use_counts_again_is_in_use(house) -> None:
    item = house.do("declare", as_described="a rifle").subject
    gone = taken_back(house, item, 1)
    second = house.do("declare", item, as_described="another rifle").version
    taken_back(house, item, gone)
    taken_back(house, item, second)
    assert house.state(item).described == "a rifle"
    with refusing(23):
        house.do("declare", item, as_described="a third one")


def test_rule_23_a_third_weapon_of_one_serial_names_both_others(house) -> None:
    first, second, third = (house.inventoried(serial=s) for s in ("AB 12", "ab12", "A-B-1-2"))
    assert house.state(second).same_serial == (first,)
    assert house.state(third).same_serial == (first, second)
    for item in (second, third):
        assert {rule for _, rule in house.state(item).irregular} == {23}


def taken_back(house: Any, subject: str, version: int) -> int:
    """Retract an event and approve it; return the version of the retraction."""
    house.do("retract", subject, by="OFF-011", version=version, why="wrong_subject")
    done: int = house.approve(subject).version
    return done + 1 if house.read(subject).version > done else done


# ── twins in two streams ────────────────────────────────────────────────────


def test_rule_21_only_what_was_recorded_in_the_same_operation_is_a_twin(house) -> None:
    person = house.willing()
    number = house.planned("RETURN", person)
    house.do("remove_line", number, line=person)
    house.do("add_line", number, line=person)
    line = house.read(number).version
    twin = house.read(person).version
    with pytest.raises(
        RefusedError, match=rf"{number}:{line} is needed by {person}:{twin}: retract"
    ):
        house.do("retract", number, by="OFF-001", version=line, why="did_not_occur")
    together = [(person, twin)]
    house.do(
        "retract", number, by="OFF-001", version=line, why="did_not_occur", together_with=together
    )


def test_rule_21_two_commands_sent_one_after_the_other_are_no_twins(house) -> None:
    person = house.sheltered()
    number = house.released("RETURN", house.willing())
    house.accepted(number)
    with (
        house.custody.unit() as unit
    ):  # as ledgers hold it that are older than batches of transfers
        note = Note("OFF-014", house.dec(18, 10))
        unit.record(transfer.UnlistedReceived, number, note, subject=person)
    facts = {"transfer": number, "receiving_party": "PARTY-SYR", "site": "GATE"}
    house.do("hand_over", person, at=house.dec(18, 11), **facts)
    assert {house.read(one).events[-1].batch for one in (number, person)} == {""}
    last = house.read(person).version
    house.do("retract", person, by="OFF-001", version=last, why="wrong_subject")


def test_rule_21_of_a_list_accepted_together_each_has_its_own_twin(house) -> None:
    first, second = house.willing(), house.willing()
    number = house.released("RETURN", first, second)
    house.accepted(number)
    own = {
        e.subject: e.originator_version
        for e in house.read(number).events
        if e.TOPIC == "transfer.line_accepted"
    }
    last = house.read(first).version
    sentence = f"{first}:{last} is needed by {number}:{own[first]}: retract them together"
    with pytest.raises(RefusedError, match=sentence):
        house.do("retract", first, by="OFF-001", version=last, why="wrong_subject")


# ── key files ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("keys", "kept"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_key_file_holds_one_key_to_four(tmp_path: Path, keys: int, kept: bool) -> None:
    path = tmp_path / "log.key"
    signing.new_key_file(path, [signer(f"key-{n}.example") for n in range(keys)])
    if kept:
        assert len(signing.read_key_file(path)) == keys
        return
    with pytest.raises(BadInputError, match="does not hold a signing key"):
        signing.read_key_file(path)


@pytest.mark.parametrize("bytes_held", [31, 32, 33, 64])
def test_a_ledger_key_file_holds_one_key_of_32_bytes(tmp_path: Path, bytes_held: int) -> None:
    path = tmp_path / "ledger.key"
    path.write_text(f"{KEY_HEADER}{base64.b64encode(bytes(bytes_held)).decode()}\n")
    path.chmod(0o600)
    if bytes_held == KEY_BYTES:
        assert read_key_file(path) == bytes(32)
        return
    with pytest.raises(BadInputError, match="does not hold a ledger key"):
        read_key_file(path)


def test_a_ledger_key_file_does_not_hold_two_keys(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    new_key_file(path)
    with path.open("a") as file:
        file.write(path.read_text())
    with pytest.raises(BadInputError, match="does not hold a ledger key"):
        read_key_file(path)
