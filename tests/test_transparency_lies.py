"""Designed lies, each against the verdicts it must get: what is not named must be proven."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import verify_custody
from tests.vectors.world import (
    CLAIM,
    DAY,
    OFFICIAL,
    ORIGIN,
    SECRET,
    START,
    World,
    custody_world,
    fact,
    signer,
)
from transparency.bundle import Bundle, Claim
from transparency.checkpoint import Checkpoint
from transparency.cosignature import sign
from transparency.custody import taken_back
from transparency.disclosure import disclose
from transparency.encoding import b64
from transparency.entries import commitment, handover_message, label, map_entry, subject
from transparency.labelmap import LabelMap
from transparency.make import make
from transparency.policy import Policy
from transparency.signed_note import KeyKind, SignatureLine, SignedNote, Signer
from transparency.verify import conflicts, verify

T = subject(SECRET, "W-000417-K")
FAILED, MISSING = "failed", "not proven"
Lie = Callable[[World], tuple[Bundle, dict[str, str]]]
LIES: dict[str, Lie] = {}


def lie(function: Lie) -> Lie:
    LIES[function.__name__] = function
    return function


def edited(bundle: Bundle, change: Callable[[dict[str, Any]], None]) -> Bundle:
    document = json.loads(str(bundle))
    change(document)
    return Bundle.parse(json.dumps(document).encode())


# ── somebody edits the file ─────────────────────────────────────────────────
@lie
def the_last_event_is_cut(world: World) -> tuple[Bundle, dict[str, str]]:
    whole = world.bundle(CLAIM)
    cut = replace(whole, events=whole.events[:-1], versions=whole.versions[:-1])
    return cut, {"completeness": FAILED, "custody": MISSING}


@lie
def a_middle_event_is_cut(world: World) -> tuple[Bundle, dict[str, str]]:
    whole = world.bundle(CLAIM)
    cut = replace(
        whole,
        events=(*whole.events[:3], *whole.events[4:]),
        versions=(*whole.versions[:3], *whole.versions[4:]),
    )
    below = dict.fromkeys(("fields", "times", "handovers", "custody"), MISSING)
    return cut, {"events": FAILED, "completeness": FAILED, **below}


def _body(whole: Bundle, at: int, old: str, new: str) -> Bundle:
    def change(document: dict[str, Any]) -> None:
        event = document["events"][at]
        assert old in event["body"]
        event["body"] = event["body"].replace(old, new)

    return edited(whole, change)


@lie
def a_time_is_changed(world: World) -> tuple[Bundle, dict[str, str]]:
    early = _body(world.bundle(CLAIM), 6, str(START + 18 * DAY), str(START + 17 * DAY))
    below = dict.fromkeys(("fields", "times", "handovers", "custody"), MISSING)
    return early, {"events": FAILED, "completeness": FAILED, **below}


@lie
def a_type_is_changed(world: World) -> tuple[Bundle, dict[str, str]]:
    other = _body(world.bundle(CLAIM), 4, "weapon.released", "weapon.stored")
    below = dict.fromkeys(("fields", "times", "handovers", "custody"), MISSING)
    return other, {"events": FAILED, "completeness": FAILED, **below}


def _shown(whole: Bundle, at: int, *texts: str) -> Bundle:
    event = whole.events[at]
    one = replace(event, disclosures=(*event.disclosures, *texts))
    return replace(whole, events=(*whole.events[:at], one, *whole.events[at + 1 :]))


BELOW_FIELDS = dict.fromkeys(("times", "handovers", "custody"), MISSING)


@lie
def a_field_is_made_up(world: World) -> tuple[Bundle, dict[str, str]]:
    made_up = disclose(bytes(16), "condition", "GOOD")
    return _shown(world.bundle(CLAIM), 4, made_up), {"fields": FAILED, **BELOW_FIELDS}


@lie
def a_field_of_another_event_is_shown(world: World) -> tuple[Bundle, dict[str, str]]:
    whole = world.bundle(CLAIM)
    lent = whole.events[3].disclosures[0]
    return _shown(whole, 4, lent), {"fields": FAILED, **BELOW_FIELDS}


@lie
def a_field_is_shown_twice(world: World) -> tuple[Bundle, dict[str, str]]:
    whole = world.bundle(CLAIM)
    twice = _shown(whole, 3, whole.events[3].disclosures[0])
    return twice, {"fields": FAILED, **BELOW_FIELDS}


@lie
def the_history_begins_in_the_middle(world: World) -> tuple[Bundle, dict[str, str]]:
    whole = world.bundle(CLAIM)
    head = world.log.submission_head(2, whole.sizes[0])
    late = replace(whole, history=(head, *whole.history[1:]))
    below = ("events", "completeness", "fields", "times", "handovers", "custody")
    return late, {"history": FAILED, **dict.fromkeys(below, MISSING)}


@lie
def another_weapons_subject_is_put_in(world: World) -> tuple[Bundle, dict[str, str]]:
    other = replace(world.bundle(CLAIM), subject=subject(SECRET, "W-000002-3"))
    below = dict.fromkeys(("fields", "times", "handovers", "custody"), MISSING)
    wrong = {"events": FAILED, "completeness": FAILED, "receipt": FAILED}
    return other, {**wrong, **below}


# ── the operator lies, with the log's own key ───────────────────────────────
@lie
def the_return_is_left_out_of_the_map(world: World) -> tuple[Bundle, dict[str, str]]:
    """Only whoever replays the entries can see it: here the witnesses did not."""
    world.record(fact(8, "returned", 19, fields={"acceptance": world.acceptance(8)}))
    honest = LabelMap()
    for version in range(1, 8):
        mark = label(T, version)
        index = world.log.find(mark)
        assert index is not None
        honest.insert(mark, world.log.get(0, index))
    index = world.log.size
    with world.log.transaction():
        world.log.append_entry(map_entry(honest.root(), index), None)
    careless(world, 21)
    bundle = bundle_over(world, honest)
    return bundle, {"replay": FAILED}


def careless(world: World, at: float) -> None:
    """Sign what is there and have it cosigned by witnesses that replay nothing."""
    world.at = at
    world.publisher.checkpoint()
    for witness in world.witnesses:
        size = world.log.signed.size
        answer = witness.add_checkpoint(
            world.log.submission(witness.known(ORIGIN).size), world.now()
        )
        world.log.add_cosignatures(size, answer, [s.verifier for s in witness.signers])


def bundle_over(world: World, labels: LabelMap, versions: int = 7) -> Bundle:
    """Return the bundle a lying operator makes with a map of their own."""
    stream = world.stream()[:versions]
    bundle = make(world.log, SECRET, stream, CLAIM, policy=world.policy())
    proofs = tuple(labels.prove(label(T, version)) for version in range(1, versions + 2))
    return replace(bundle, versions=proofs)


@lie
def the_head_does_not_end_in_a_map_entry(world: World) -> tuple[Bundle, dict[str, str]]:
    """The newest map stands in the middle, and the return after it is not in it."""
    world.record(fact(8, "returned", 19, fields={"acceptance": world.acceptance(8)}))
    log, size = world.log, world.log.size
    checkpoint = Checkpoint(ORIGIN, size, log.root(size))
    note = SignedNote(checkpoint.text, (sign(world.signers[0], checkpoint, 0),))
    world.at = 21
    world.publisher.publish(note)
    for witness in world.witnesses:
        world_answer = witness.add_checkpoint(log.submission(size=size, old=14), world.now())
        log.add_cosignatures(size, world_answer, [s.verifier for s in witness.signers])
    bundle = make(log, SECRET, world.stream()[:7], CLAIM, policy=world.policy())
    labels = log.labels(13)
    lying = replace(
        bundle,
        map_entry=log.entry(13),
        map_path=tuple(log.inclusion(13, size)),
        versions=tuple(labels.prove(label(T, version)) for version in range(1, 9)),
    )
    return lying, {"completeness": FAILED, "custody": MISSING, "replay": FAILED}


@lie
def an_event_is_written_long_after(world: World) -> tuple[Bundle, dict[str, str]]:
    """A check that never was, "of day 25", is written on day 60."""
    world.record(fact(8, "seal_checked", 25, fields={"intact": True}))
    world.checkpoint(60)
    claim = replace(CLAIM, until=START + 30 * DAY)
    return world.bundle(claim), {"custody": MISSING}


@lie
def a_recorded_time_is_backdated(world: World) -> tuple[Bundle, dict[str, str]]:
    backdated = {"recorded_at": "2024-12-15T00:00:00Z", "intact": True}
    world.record(fact(8, "seal_checked", 19, fields=backdated))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"times": FAILED, "custody": MISSING}


@lie
def the_recorded_times_run_backwards(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "stored", 19, fields={"recorded_at": "2025-01-01T12:00:00Z"}))
    world.record(fact(9, "stored", 19, fields={"recorded_at": "2025-01-01T11:59:59Z"}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"times": FAILED, "custody": MISSING}


@lie
def an_event_occurs_after_it_was_witnessed(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "stored", 30))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"times": FAILED, "custody": MISSING}


@lie
def an_old_head_hides_the_return(world: World) -> tuple[Bundle, dict[str, str]]:
    claim = replace(CLAIM, until=START + 25 * DAY)
    old = world.bundle(claim)
    world.record(fact(8, "returned", 22, fields={"acceptance": world.acceptance(8)}))
    world.checkpoint(26)
    return old, {"custody": MISSING}


@lie
def the_weapon_was_returned(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "returned", 19, fields={"acceptance": world.acceptance(8)}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": FAILED}


@lie
def the_return_is_retracted(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "returned", 19, fields={"acceptance": world.acceptance(8)}))
    world.record(fact(9, "retracted", 20, fields={"version": 7, "reason": "typing"}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": MISSING}


@lie
def the_deposit_is_retracted(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "retracted", 20, fields={"version": 2}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": MISSING}


@lie
def the_return_is_corrected_to_before_the_end(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "returned", 30, fields={"acceptance": world.acceptance(8)}))
    again = {"version": 7, "acceptance": world.acceptance(9)}
    world.record(fact(9, "returned.correction", 10, fields=again))
    world.checkpoint(31)
    return world.bundle(CLAIM), {"custody": FAILED}


@lie
def the_deposit_is_corrected_and_it_is_not_shown(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "deposited_in_trust.correction", 1.7))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": MISSING}


@lie
def the_deposit_is_corrected_to_a_later_day(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "deposited_in_trust.correction", 5, fields={"version": 2}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": MISSING}


@lie
def nobody_looked_for_twelve_days(world: World) -> tuple[Bundle, dict[str, str]]:
    return world.bundle(replace(CLAIM, max_gap=5 * DAY)), {"custody": MISSING}


@lie
def the_seal_was_not_intact(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "seal_checked", 27, fields={"intact": False}))
    world.checkpoint(28)
    return world.bundle(replace(CLAIM, until=START + 28 * DAY)), {"custody": MISSING}


@lie
def a_seal_check_hides_how_it_came_out(world: World) -> tuple[Bundle, dict[str, str]]:
    hidden = make(
        world.log, SECRET, world.stream(), CLAIM, policy=world.policy(), hidden={"intact"}
    )
    return hidden, {"custody": MISSING}


@lie
def an_event_type_is_unknown(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "melted_down", 19))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": MISSING}


@lie
def a_handover_is_signed_for_another_link(world: World) -> tuple[Bundle, dict[str, str]]:
    signed = OFFICIAL.raw(handover_message(bytes(32)))
    field = {"key": str(OFFICIAL.verifier), "signature": b64(signed)}
    world.record(fact(8, "accepted", 19, fields={"acceptance": field}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"handovers": FAILED}


@lie
def a_handover_is_not_signed(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "accepted", 19))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"handovers": MISSING}


@lie
def a_handover_is_signed_with_a_cosigning_key(world: World) -> tuple[Bundle, dict[str, str]]:
    key = signer("north.example", KeyKind.ED25519_COSIGNATURE)
    previous = world.log.leaf(SECRET, "W-000417-K", 7)
    assert previous is not None
    signed = key.raw(handover_message(previous))
    field = {"key": str(key.verifier), "signature": b64(signed)}
    world.record(fact(8, "accepted", 19, fields={"acceptance": field}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"handovers": FAILED}


@lie
def a_recorded_time_is_no_time(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "stored", 19, fields={"recorded_at": "2024-02-30T00:00:00Z"}))
    world.record(fact(9, "stored", 19, fields={"recorded_at": 1_734_000_000}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"times": MISSING, "custody": MISSING}


@lie
def a_recorded_time_lies_after_the_witnesses(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "stored", 19, fields={"recorded_at": "2025-06-01T00:00:00.5-03:30"}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"times": FAILED, "custody": MISSING}


@lie
def a_retraction_does_not_show_what_it_retracts(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "retracted", 19, fields={"version": 7}))
    world.record(fact(9, "retracted", 19, fields={"version": True}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": MISSING}


@lie
def a_retraction_is_retracted(world: World) -> tuple[Bundle, dict[str, str]]:
    """No lie: the deposit stands again."""
    world.record(fact(8, "retracted", 19, fields={"version": 2}))
    world.record(fact(9, "retracted", 19, fields={"version": 7}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {}


@lie
def another_shape_of_a_return_is_still_a_return(world: World) -> tuple[Bundle, dict[str, str]]:
    world.record(fact(8, "returned.v2", 19, fields={"acceptance": world.acceptance(8)}))
    world.checkpoint(21)
    return world.bundle(CLAIM), {"custody": FAILED}


@lie
def a_person_is_passed_off_as_a_weapon(world: World) -> tuple[Bundle, dict[str, str]]:
    other = "P-000873-5"
    world.record(replace(fact(1, "housed", 19, other), event_type="person.housed"))
    world.checkpoint(21)
    missing = {"custody": MISSING, "receipt": FAILED}
    return world.bundle(CLAIM, other), missing


# ── checkpoints without, or against, the witnesses ──────────────────────────
UNWITNESSED = dict.fromkeys(("witnesses", "completeness", "times", "custody"), MISSING)
ALL_BELOW_LOG = (
    *("witnesses", "history", "events", "completeness"),
    *("fields", "times", "handovers", "custody", "replay"),
)


def _only(bundle: Bundle, keep: Callable[[str], bool]) -> Bundle:
    notes = {
        size: replace(note, lines=tuple(line for line in note.lines if keep(line.name)))
        for size, note in bundle.checkpoints.items()
    }
    return replace(bundle, checkpoints=notes)


@lie
def no_witness_ever_saw_it(world: World) -> tuple[Bundle, dict[str, str]]:
    return _only(world.bundle(CLAIM), lambda name: name == ORIGIN), UNWITNESSED


@lie
def one_witness_of_two_saw_it(world: World) -> tuple[Bundle, dict[str, str]]:
    return _only(world.bundle(CLAIM), lambda name: name != "south.example"), UNWITNESSED


@lie
def only_witnesses_signed_it(world: World) -> tuple[Bundle, dict[str, str]]:
    bundle = _only(world.bundle(CLAIM), lambda name: name != ORIGIN)
    return bundle, {"log": MISSING, **dict.fromkeys(ALL_BELOW_LOG, MISSING)}


def _with_line(bundle: Bundle, size: int, line: SignatureLine) -> Bundle:
    note = bundle.checkpoints[size]
    forged = replace(note, lines=(*note.lines, line))
    return replace(bundle, checkpoints={**bundle.checkpoints, size: forged})


@lie
def a_cosignature_is_forged(world: World) -> tuple[Bundle, dict[str, str]]:
    bundle = _only(world.bundle(CLAIM), lambda name: name == ORIGIN)
    real = signer("north.example", KeyKind.ED25519_COSIGNATURE).verifier
    forger = Signer("north.example", KeyKind.ED25519_COSIGNATURE, bytes(32))
    line = sign(forger, bundle.checkpoint(14), START + 20 * DAY)
    forged = _with_line(bundle, 14, replace(line, key_id=real.key_id))
    return forged, {"log": FAILED, **dict.fromkeys(ALL_BELOW_LOG, MISSING)}


@lie
def a_cosignature_is_given_a_later_time(world: World) -> tuple[Bundle, dict[str, str]]:
    bundle = world.bundle(CLAIM)
    line = bundle.checkpoints[14].lines[-1]
    later = (START + 90 * DAY).to_bytes(8, "big") + line.signature[8:]
    forged = _with_line(bundle, 14, replace(line, signature=later))
    return forged, {"log": FAILED, **dict.fromkeys(ALL_BELOW_LOG, MISSING)}


@lie
def the_log_key_was_stolen(world: World) -> tuple[Bundle, dict[str, str]]:
    """A thief signs a fork of the last checkpoint; no witness signs it."""
    bundle = world.bundle(CLAIM)
    fork = Checkpoint(ORIGIN, 14, b"f" * 32)
    note = SignedNote(fork.text, (sign(world.signers[0], fork, 0),))
    forged = replace(bundle, checkpoints={**bundle.checkpoints, 14: note})
    below = ("fields", "times", "handovers", "custody", "witnesses")
    wrong = dict.fromkeys(("history", "events", "completeness", "replay"), FAILED)
    return forged, {**wrong, **dict.fromkeys(below, MISSING)}


@pytest.mark.parametrize("name", LIES)
def test_lie_gets_the_verdicts_it_deserves(name: str, tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    bundle, expected = LIES[name](world)
    data, entries = str(bundle).encode(), list(world.log.entries())
    report = verify(data, world.policy(), receipt=commitment(T), entries=entries)
    one_file = verify_custody.verify(
        data, world.policy_text(), receipt=commitment(T), entries=entries
    )
    assert one_file == report.as_json()
    found = {v.name: str(v.state) for v in report.verdicts if v.state != "proven"}
    assert found == expected


def test_versions_are_counted_from_1_wherever_they_are_read(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    world.record(fact(8, "returned", 19))
    world.record(fact(9, "retracted", 20, fields={"version": 7}))  # bytes: one lower
    world.record(fact(10, "melted_down", 20))
    world.checkpoint(21)
    report = verify(str(world.bundle(CLAIM)).encode(), world.policy())
    assert [event.version for event in report.events] == list(range(1, 11))
    assert report["completeness"].text == "the map holds versions 1 to 10 and no version 11"
    told = (report["custody"].text, *report["custody"].details)
    assert any(text.startswith("version 8 (weapon.returned)") for text in told)
    assert any(text.startswith("version 10 is of a type unknown here") for text in told)
    assert "version 8 (weapon.returned) shows no signature" in report["handovers"].text
    assert taken_back(report.events[8].fields) == 8
    assert taken_back({"version": True}) is None


def test_there_are_twenty_lies_or_more() -> None:
    assert len(LIES) >= 20


def test_honest_bundle_is_proven_in_every_verdict(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    report = verify(
        str(world.bundle(CLAIM)).encode(),
        world.policy(),
        receipt=commitment(T),
        entries=world.log.entries(),
    )
    assert report.state == "proven"
    assert len(report.verdicts) == 12


def test_without_a_quorum_the_rest_is_still_proven(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    report = verify(str(world.bundle(CLAIM)).encode(), world.policy("none"))
    assert {v.name for v in report.verdicts if v.state != "proven"} == set(UNWITNESSED)
    assert "rest on the operator alone" in report["custody"].text


def test_log_unknown_to_the_policy_proves_nothing(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    text = world.policy_text().replace(f"log {world.signers[0].verifier}\n", "")
    policy = Policy.parse(text)
    assert str(verify(str(world.bundle(CLAIM)).encode(), policy)["log"].state) == MISSING


def test_another_log_of_the_policy_cannot_sign_for_this_one(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    other, bundle = signer("b.example/log"), _only(world.bundle(CLAIM), lambda n: n != ORIGIN)
    for size in bundle.sizes:
        bundle = _with_line(bundle, size, sign(other, bundle.checkpoint(size), 0))
    text = f"log {other.verifier}\n{world.policy_text()}"
    report = verify(str(bundle).encode(), Policy.parse(text))
    assert report["log"].state == MISSING
    assert verify_custody.verify(str(bundle).encode(), text) == report.as_json()


def test_two_bundles_with_one_size_and_two_roots_are_evidence(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    honest = world.bundle(CLAIM)
    fork, _ = the_log_key_was_stolen(world)
    assert conflicts(honest, fork, world.policy()) == [f"{ORIGIN} signed two roots at size 14"]
    assert conflicts(honest, honest, world.policy()) == []


def test_readers_own_question_wins_over_the_bundles(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    data = str(world.bundle(CLAIM)).encode()
    asked = Claim(CLAIM.since, CLAIM.until, 2 * DAY)
    assert verify(data, world.policy(), claim=asked)["custody"].state == MISSING
    assert verify(data, world.policy(), delay_seconds=DAY // 8)["custody"].state == MISSING
