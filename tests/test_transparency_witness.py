"""Witnesses: they remember one thing a log, before they answer, and cannot be argued with."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.vectors.world import ORIGIN, START, World, fact, signer
from transparency import witness as witnesses
from transparency.checkpoint import Checkpoint
from transparency.cosignature import sign, signed
from transparency.entries import map_entry
from transparency.errors import MalformedError, MismatchError, StaleError
from transparency.signed_note import KeyKind, SignedNote
from transparency.tree import EMPTY_ROOT
from transparency.witness import AddCheckpoint, Witness


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Given: three events, signed at size 4, and the north witness that knows size 4."""
    world = World(tmp_path)
    world.record(fact(1, "declared"), fact(2, "inventoried"), fact(3, "stored"))
    world.checkpoint(1)
    return world


def grow(world: World) -> None:
    version = len(world.facts) + 1
    world.record(fact(version, "stored"))
    world.publisher.checkpoint()


def test_answer_is_a_cosignature_that_the_log_keeps(world: World) -> None:
    grow(world)
    north = world.witnesses[0]
    answer = north.add_checkpoint(world.log.submission(4), START + 9)
    assert world.log.add_cosignatures(6, answer, [north.signers[0].verifier]) == ["north.example"]
    note = SignedNote.parse(world.log.note(6))
    assert signed(note, [north.signers[0].verifier]) == {north.signers[0].verifier: [START + 9]}
    assert north.known(ORIGIN).size == 6


def test_stale_old_is_answered_with_the_size_known(world: World) -> None:
    grow(world)
    north = world.witnesses[0]
    for old in (0, 2, 5):
        with pytest.raises(StaleError, match="known up to size 4") as refusal:
            north.add_checkpoint(world.log.submission(old), START)
        assert refusal.value.size == 4


def test_same_checkpoint_is_cosigned_again_at_a_later_time(world: World) -> None:
    world.checkpoint(5)
    note = SignedNote.parse(world.log.note(4))
    key = world.witnesses[0].signers[0].verifier
    assert len(signed(note, [key])[key]) == 2


def test_state_is_on_the_disk_before_the_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(world)
    north = world.witnesses[0]

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(witnesses, "sign", cut)
    with pytest.raises(KeyboardInterrupt):
        north.add_checkpoint(world.log.submission(4), START)
    assert Witness(north.signers, north.logs, north.state).known(ORIGIN).size == 6


def test_state_that_cannot_be_written_gives_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(world)

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(witnesses, "write_durably", full)
    with pytest.raises(OSError, match="no space"):
        world.witnesses[0].add_checkpoint(world.log.submission(4), START)
    assert world.witnesses[0].known(ORIGIN).size == 4


def forged(world: World, size: int, root: bytes = b"f" * 32) -> str:
    checkpoint = Checkpoint(ORIGIN, size, root)
    return str(SignedNote(checkpoint.text, (sign(world.signers[0], checkpoint, 0),)))


def test_another_history_is_refused_and_not_remembered(world: World) -> None:
    grow(world)
    head, honest = world.log.submission(4).split("\n\n", 1)
    north, before = world.witnesses[0], world.witnesses[0].known(ORIGIN)
    for body in (
        f"{head}\n\n{forged(world, 6)}",
        f"old 4\n\n{forged(world, 4)}",
        f"old 4\n\n{honest}",
        f"old 4\n\n{forged(world, 3)}",
    ):
        with pytest.raises((MismatchError, MalformedError)):
            north.add_checkpoint(body, START)
        assert north.known(ORIGIN) == before


def test_empty_log_and_proof_from_nothing_follow_the_standard(tmp_path: Path) -> None:
    world = World(tmp_path)
    north = world.witnesses[0]
    with pytest.raises(MismatchError, match="another root than the empty tree"):
        north.add_checkpoint(f"old 0\n\n{forged(world, 0)}", START)
    with pytest.raises(MalformedError, match="from size 0 is not empty"):
        north.add_checkpoint(f"old 0\n{'A' * 43}=\n\n{forged(world, 2)}", START)
    assert north.add_checkpoint(f"old 0\n\n{forged(world, 0, EMPTY_ROOT)}", START)


def test_unknown_log_and_unsigned_checkpoint_are_refused(world: World) -> None:
    grow(world)
    body = world.log.submission(4)
    stranger = replace(world.witnesses[0], logs=[signer("b.example/log").verifier])
    with pytest.raises(MismatchError, match="is not one this witness knows"):
        stranger.add_checkpoint(body, START)
    other = replace(world.witnesses[0], logs=[replace(signer(ORIGIN), seed=bytes(32)).verifier])
    with pytest.raises(MismatchError, match="is not signed by the log"):
        other.add_checkpoint(body, START)
    damaged = body.replace("\n— amana.example/log ", "\n— amana.example/log AAAA", 1)
    with pytest.raises((MismatchError, MalformedError)):
        world.witnesses[0].add_checkpoint(damaged, START)


@pytest.mark.parametrize(
    "body", ["", "old", "old 01\n\n", "new 4\n\n", "old 4\nAAAA\n\n", "old 4\n\n", "x" * 200_000]
)
def test_text_that_is_no_add_checkpoint_body_is_refused(body: str) -> None:
    with pytest.raises(MalformedError):
        AddCheckpoint.parse(body)


def test_sixty_four_hashes_are_one_too_many(world: World) -> None:
    body = "old 4\n" + ("A" * 43 + "=\n") * 64 + "\n" + world.log.note(4)
    with pytest.raises(MalformedError, match="more than 63"):
        AddCheckpoint.parse(body)


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', "\udcff", '{"amana.example/log": "x"}'])
def test_damaged_state_is_one_sentence_and_no_answer(text: str, world: World) -> None:
    grow(world)
    north = world.witnesses[0]
    north.state.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(MalformedError):
        north.add_checkpoint(world.log.submission(4), START)


def test_replaying_witness_refuses_a_map_that_leaves_an_event_out(world: World) -> None:
    world.record(fact(4, "returned"))
    index = world.log.size
    lying = map_entry(world.log.labels(4).root(), index)
    with world.log.transaction():
        world.log.append_entry(lying, None)
    world.publisher.checkpoint()
    body = world.log.submission(4)
    with pytest.raises(MismatchError, match="the map entry at 5 is not over all events before it"):
        world.witnesses[0].add_checkpoint(body, START, world.log.entries())
    assert world.witnesses[0].known(ORIGIN).size == 4
    assert world.witnesses[0].add_checkpoint(body, START)


def test_replaying_witness_wants_every_entry(world: World) -> None:
    grow(world)
    entries = list(world.log.entries())
    for wrong in (entries[:-1], entries[::-1], [*entries[:-2], entries[0], entries[-1]]):
        with pytest.raises(MismatchError):
            world.witnesses[0].add_checkpoint(world.log.submission(4), START, wrong)


def test_witness_asked_twice_at_once_answers_once(world: World) -> None:
    """Both continue size 4; to the second it is stale."""
    north, results = world.witnesses[0], list[str]()
    grow(world)
    six = world.log.submission(4)
    grow(world)
    eight = world.log.submission(4)

    def ask(body: str) -> None:
        try:
            results.append(north.add_checkpoint(body, START))
        except StaleError as error:
            results.append(str(error.size))

    threads = [threading.Thread(target=ask, args=(body,)) for body in (six, eight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.isdigit() for result in results) == 1
    assert str(north.known(ORIGIN).size) in [*filter(str.isdigit, results)]


def test_bad_or_unknown_lines_of_an_answer_are_not_kept(world: World) -> None:
    grow(world)
    key = signer("north.example", KeyKind.ED25519_COSIGNATURE).verifier
    checkpoint = Checkpoint.parse(SignedNote.parse(world.log.note(6)).text)
    stranger = signer("stranger.example", KeyKind.ED25519_COSIGNATURE)
    assert world.log.add_cosignatures(6, sign(stranger, checkpoint, 1).text, [key]) == []
    bad = replace(sign(stranger, checkpoint, 1), name=key.name, key_id=key.key_id)
    with pytest.raises(MismatchError):
        world.log.add_cosignatures(6, bad.text, [key])
    with pytest.raises(MalformedError):
        world.log.add_cosignatures(6, "404 page not found\n", [key])
    assert world.log.note(6) == world.log.note(6).split("— north")[0]


def test_witness_that_knows_more_than_the_log_is_said_so(world: World) -> None:
    with pytest.raises(MismatchError, match="the witness knows size 9, this log has signed 4"):
        world.log.submission(9)
