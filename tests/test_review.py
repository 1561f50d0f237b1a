"""Two officials: what is proposed changes nothing, what is approved replaces or takes back."""

from __future__ import annotations

import contextlib

import pytest

from domain import history
from domain.errors import BadInputError, NotAllowedError, RefusedError, UnknownError


def version_of(house, subject: str, topic: str) -> int:
    """Return the version of a stream's first event of a stored name."""
    events = house.read(subject).events
    return next(e.originator_version for e in events if topic == e.TOPIC)


def test_a_proposal_changes_nothing_but_that_it_waits(house) -> None:
    person = house.sheltered()
    before = house.state(person)
    housed = version_of(house, person, "person.housed")
    done = house.do(
        "correct", person, version=housed, changes={"site": "CAMP-R2"}, reason="misread"
    )
    assert house.state(person)._replace(pending=()) == before
    assert house.state(person).pending == (done.version,)
    assert ("pending", "", f"{person}:{done.version}") in house.rows("register")


def test_a_correction_keeps_the_true_time_and_replaces_the_event(house) -> None:
    person = house.sheltered()
    housed = version_of(house, person, "person.housed")
    house.do("correct", person, version=housed, changes={"site": "CAMP-R2"}, reason="misread")
    house.approve(person)
    known = house.read(person)
    old, new = known.events[housed - 1], known.events[-1]
    assert (new.corrects, new.occurred_at, new.approved_by) == (housed, old.occurred_at, "OFF-020")
    assert new.recorded_at > old.recorded_at
    assert known.state.site == "CAMP-R2"
    assert known.state.pending == ()


def test_a_correction_keeps_the_authority_and_the_evidence_it_does_not_change(house) -> None:
    paper = {"sha256": "0" * 64, "media_type": "image/png", "label": "order"}
    person = house.do("seek_refuge", at=house.dec(7, 8), site="GATE").subject
    house.do("authorise_entry", person, at=house.dec(7, 9), authority="D-1", evidence=(paper,))
    house.do("correct", person, version=2, changes={}, at=house.dec(7, 10), reason="hour misread")
    house.approve(person)
    new = house.read(person).events[-1]
    assert (new.TOPIC, new.occurred_at) == ("person.entry_authorised", house.dec(7, 10))
    assert (new.authority, [*new.evidence]) == ("D-1", [paper])
    assert house.state(person).entry_authority == "D-1"


def test_a_correction_of_time_and_place_is_not_judged_against_what_it_replaces(house) -> None:
    person = house.sheltered(at=house.dec(7, 10))
    housed = version_of(house, person, "person.housed")
    later = {"changes": {"site": "CAMP-R2"}, "at": house.dec(7, 12), "reason": "misread"}
    house.do("correct", person, version=housed, **later)
    assert house.approve(person).irregularities == ()
    assert (house.state(person).site, house.state(person).since) == ("CAMP-R2", house.dec(7, 12))


def test_an_end_state_is_corrected_to_a_later_time(house) -> None:
    person = house.sheltered()
    house.do("record_death", person, at=house.dec(9), site="CLINIC", certificate="C")
    died = house.read(person).version
    house.do("correct", person, version=died, changes={}, at=house.dec(10), reason="certificate")
    house.approve(person)
    assert house.state(person).since == house.dec(10)


def test_a_correction_is_itself_corrected_and_only_the_last_counts(house) -> None:
    person = house.sheltered()
    version = version_of(house, person, "person.housed")
    for place in ("T-1", "T-2", "T-3"):
        house.do("correct", person, version=version, changes={"place": place}, reason="misread")
        version = house.approve(person).version
        assert house.state(person).place == place
    counted = history.in_order(house.read(person).events)
    assert [e.originator_version for e in counted if e.TOPIC == "person.housed"] == [version]
    house.do("retract", person, by="OFF-001", version=version, why="transcription")
    house.approve(person)
    assert house.state(person).place == "T-2"


def test_an_event_is_replaced_once_by_name_of_the_one_that_took_its_place(house) -> None:
    person = house.sheltered()
    housed = version_of(house, person, "person.housed")
    for place in ("T-1", "T-2"):
        house.do("correct", person, version=housed, changes={"place": place}, reason="misread")
    first, second = house.state(person).pending
    house.approve(person, proposal=first)
    corrected = house.read(person).version
    words = f"{person}:{housed} no longer counts, {person}:{corrected} took its place"
    with pytest.raises(BadInputError, match=words):
        house.approve(person, proposal=second)
    with pytest.raises(BadInputError, match=words):
        house.do("correct", person, version=housed, changes={}, reason="misread")
    with pytest.raises(BadInputError, match=words):
        house.do("retract", person, version=housed, why="duplicate", by="OFF-001")
    assert house.state(person).place == "T-1"


def test_a_retraction_of_a_retraction_lets_the_event_count_again(house) -> None:
    person = house.sheltered()
    before = house.state(person)
    target = version_of(house, person, "person.housed")
    for expected in ("ADMITTED", "SHELTERED", "ADMITTED"):
        house.do("retract", person, by="OFF-001", version=target, why="wrong_subject")
        house.approve(person)
        assert house.state(person).custody == expected
        target = house.read(person).version
    house.do("retract", person, by="OFF-001", version=target, why="wrong_subject")
    house.approve(person)
    assert house.state(person) == before
    assert house.register_is_sound()


def test_a_retracted_correction_lets_the_first_reading_count_again(house) -> None:
    person = house.sheltered()
    before = house.state(person)
    housed = version_of(house, person, "person.housed")
    house.do("correct", person, version=housed, changes={"place": "X"}, reason="misread")
    house.approve(person)
    house.do(
        "retract", person, by="OFF-001", version=house.read(person).version, why="transcription"
    )
    house.approve(person)
    assert house.state(person) == before


def test_a_declined_proposal_waits_no_longer(house) -> None:
    person = house.sheltered()
    version = house.read(person).version
    house.do("correct", person, version=version, changes={"place": "X"}, reason="misread")
    proposal = house.state(person).pending[0]
    with pytest.raises(BadInputError, match="reason is missing"):
        house.do("decline", person, by="OFF-020", proposal=proposal)
    house.do("decline", person, by="OFF-020", proposal=proposal, reason="it was right")
    with pytest.raises(UnknownError, match="is not a proposal that waits"):
        house.approve(person, proposal=proposal)
    assert house.state(person).place != "X"


@pytest.mark.parametrize("answer", ["approve", "decline"])
def test_an_answer_is_not_dated_before_its_question(house, answer: str) -> None:
    person = house.sheltered()
    version = house.read(person).version
    house.do("correct", person, version=version, changes={"place": "X"}, reason="misread")
    proposal = house.state(person).pending[0]
    facts = {"by": "OFF-020", "proposal": proposal, "at": house.dec(9), "reason": "no"}
    with pytest.raises(BadInputError, match="was proposed after that time"):
        house.do(answer, person, **facts)


def test_a_proposal_is_judged_when_proposed_and_again_when_approved(house) -> None:
    item = house.in_trust()
    house.recognised()
    facts = {"recipient": "PARTY-SYR", "basis": "request", "authority": "O"}
    house.do("authorise_restitution", item, **facts)
    house.do("withdraw_recognition", "PARTY-SYR")
    with pytest.raises(RefusedError) as refusal:
        house.approve(item)
    assert refusal.value.number == 17
    assert house.state(item).restitution is None
    assert house.state(item).pending != ()


def test_only_who_may_record_such_an_event_may_propose_it(house) -> None:
    person = house.sheltered()
    version = house.read(person).version
    with pytest.raises(NotAllowedError, match=r"OFF-012 may not record person\.housed"):
        house.do("correct", person, by="OFF-012", version=version, changes={"place": "X"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, "has no fact 'colour'"),
        ({"recorded_by": "OFF-001"}, "has no fact 'recorded_by'"),
        ({"site": "NOWHERE"}, "NOWHERE is not in this ledger"),
        ({"site": 7}, "site 7: input should be a valid string"),
    ],
)
def test_a_correction_that_cannot_be_meant_is_one_sentence(house, changes, words: str) -> None:
    person = house.sheltered()
    version = house.read(person).version
    with pytest.raises((BadInputError, UnknownError), match=words):
        house.do("correct", person, version=version, changes=changes, reason="misread")


@pytest.mark.parametrize("version", [0, -1, 99])
def test_an_event_that_is_not_there_is_unknown(house, version: int) -> None:
    person = house.sheltered()
    with pytest.raises(UnknownError, match=f"{person} has no event {version}"):
        house.do("retract", person, by="OFF-001", version=version, why="duplicate")


def test_a_retracted_line_takes_its_twin_in_the_other_stream_with_it(house) -> None:
    person = house.willing()
    number = house.planned("RETURN", person)
    line = version_of(house, number, "transfer.line_added")
    added = version_of(house, person, "person.added_to_manifest")
    facts = {"by": "OFF-001", "why": "wrong_subject"}
    with pytest.raises(RefusedError, match=f"{number}:{line} is needed by {person}:{added}"):
        house.do("retract", number, version=line, **facts)
    house.do("retract", number, version=line, together_with=[(person, added)], **facts)
    first, twin = house.state(number).pending[0], house.state(person).pending[0]
    with pytest.raises(RefusedError, match="rule 21"):
        house.approve(number, proposal=first)
    house.approve(number, proposal=first, together_with=[(person, twin)])
    assert house.state(number).lines == {}
    assert house.state(person).transfer is None
    assert house.register_is_sound()


def test_the_first_event_goes_only_with_everything_after_it(house) -> None:
    person = house.sheltered()
    with pytest.raises(RefusedError, match="rule 21"):
        house.do("retract", person, by="OFF-001", version=1, why="wrong_subject")
    rest = [(person, version) for version in range(2, house.read(person).version + 1)]
    facts = {"by": "OFF-001", "why": "wrong_subject"}
    house.do("retract", person, version=1, together_with=rest, **facts)
    first, *others = house.state(person).pending
    together = [(person, proposal) for proposal in others]
    house.approve(person, proposal=first, together_with=together)
    assert house.state(person).custody == "EXPECTED"


def test_an_irregularity_is_closed_by_the_chair_with_a_reason(house) -> None:
    person = house.admitted(authority="")
    facts = {"event": 2, "rule": 4}
    with pytest.raises(NotAllowedError):
        house.do("close_irregularity", person, by="OFF-010", reason="found", **facts)
    with pytest.raises(BadInputError, match="reason is missing"):
        house.do("close_irregularity", person, **facts)
    house.do("close_irregularity", person, reason="found on paper", **facts)
    assert house.state(person).irregular == ()


def test_an_irregularity_that_is_not_open_is_not_closed(house) -> None:
    person = house.admitted(authority="")
    for facts in ({"event": 2, "rule": 5}, {"event": 1, "rule": 4}):
        with pytest.raises(UnknownError, match="has no open irregularity by rule"):
            house.do("close_irregularity", person, reason="tidy", **facts)


def test_a_merge_is_proposed_approved_and_taken_back(house) -> None:
    one, other = house.sheltered(), house.sheltered()
    with pytest.raises(BadInputError, match="cannot be merged with itself"):
        house.do("merge", one, survivor=one)
    house.do("merge", one, survivor=other)
    house.approve(one)
    merged = house.read(one).version
    assert house.state(one).same_as == other
    with pytest.raises(RefusedError, match="rule 1"):
        house.do("move", one, site="CAMP-R2")
    assert ("housed", "CAMP-R1", one) not in house.rows("register")
    house.do("retract", one, by="OFF-001", version=merged, why="incorrect_data")
    house.approve(one)
    house.do("move", one, site="CAMP-R2")


def test_a_refused_approval_in_a_batch_leaves_the_proposal_waiting(house) -> None:
    person = house.sheltered()
    version = house.read(person).version
    house.do("retract", person, by="OFF-001", version=version, why="duplicate")
    proposal = house.state(person).pending[0]
    with house.custody.batch(), contextlib.suppress(RefusedError):
        house.approve(person, by="OFF-001")
    assert house.state(person).pending == (proposal,)
    assert house.register_is_sound()
