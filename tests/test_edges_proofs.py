"""Edges of proofs, to the second and to the byte, alike in both verifiers."""

from __future__ import annotations

from pathlib import Path

import pytest

import verify_custody
from tests.vectors.world import CLAIM, START, World, custody_world, fact, signer
from transparency.bundle import Claim
from transparency.checkpoint import Checkpoint
from transparency.cosignature import check, sign
from transparency.errors import MalformedError, MismatchError
from transparency.policy import Policy
from transparency.signed_note import KeyKind, SignedNote
from transparency.verify import verify

A_DAY = 86_400  # seconds, as proofs count


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A weapon seen on the days 1.5, 7, 12, 12.25 and 18, its log witnessed to day 20.5."""
    return custody_world(tmp_path_factory.mktemp("told"))


def custody(world: World, claim: Claim, delay: int | None = None) -> str:
    """Return the verdict on custody, which both verifiers give sentence for sentence."""
    data = str(world.bundle(claim)).encode()
    report = verify(data, world.policy(), delay_seconds=delay)
    assert verify_custody.verify(data, world.policy_text(), delay=delay) == report.as_json()
    return report["custody"].state.value


def day(number: float) -> int:
    return START + int(number * A_DAY)


@pytest.mark.parametrize(
    ("since", "until", "gap", "state"),
    [
        (day(1.5), day(20), 8 * A_DAY, "proven"),  # deposited that second
        (day(1.5) - 1, day(20), 8 * A_DAY, "not proven"),
        (day(2), day(20.5), 8 * A_DAY, "proven"),  # the newest checkpoint, witnessed that second
        (day(2), day(20.5) + 1, 8 * A_DAY, "not proven"),
        (day(2), day(20), int(5.75 * A_DAY), "proven"),  # from 12.25 to 18 nobody looked
        (day(2), day(20), int(5.75 * A_DAY) - 1, "not proven"),
        (day(7), day(20), int(5.75 * A_DAY), "proven"),  # seen the second the claim begins
        (
            day(1.5),
            day(13),
            int(5.5 * A_DAY),
            "proven",
        ),  # what comes after its end counts for nothing
    ],
)
def test_a_claim_of_custody_holds_to_the_second(
    told: World, since: int, until: int, gap: int, state: str
) -> None:
    assert custody(told, Claim(since, until, gap)) == state


def test_what_was_witnessed_just_in_time_counts(told: World) -> None:
    delay = int(2.5 * A_DAY)  # the look of day 18 was witnessed on day 20.5
    assert custody(told, Claim(day(2), day(20.5), 6 * A_DAY), delay) == "proven"
    assert custody(told, Claim(day(2), day(20.5), 6 * A_DAY), delay - 1) == "not proven"


@pytest.mark.parametrize(("until", "state"), [(day(19), "proven"), (day(19) + 1, "failed")])
def test_custody_that_ends_the_second_the_claim_does_was_custody_until_then(
    tmp_path: Path, until: int, state: str
) -> None:
    world = custody_world(tmp_path)
    world.record(fact(8, "missing", 19, fields={"stock_take": "S-000001-1"}))
    world.checkpoint(20.75)
    assert custody(world, Claim(day(2), until, 8 * A_DAY)) == state


@pytest.mark.parametrize(("version", "state"), [(0, "proven"), (6, "proven"), (7, "not proven")])
def test_a_retraction_names_an_earlier_version(tmp_path: Path, version: int, state: str) -> None:
    world = custody_world(tmp_path)
    world.record(fact(8, "retracted", 19, fields={"version": version}))
    world.checkpoint(20.75)
    assert custody(world, Claim(day(2), day(20), 8 * A_DAY)) == state


def test_the_claim_of_the_story_is_proven(told: World) -> None:
    assert custody(told, CLAIM) == "proven"


# ── what a note and a policy may hold ───────────────────────────────────────


def accepts(text: str) -> bool:
    """Whether a policy is read, by both verifiers alike."""
    try:
        Policy.parse(text)
    except MalformedError:
        with pytest.raises(verify_custody.Fault):
            verify_custody.Policy(text)
        return False
    verify_custody.Policy(text)
    return True


def keys(kind: KeyKind, number: int) -> list[str]:
    return [str(signer(f"k{n}.example", kind).verifier) for n in range(number)]


def test_a_policy_names_64_logs_and_64_witnesses_and_groups() -> None:
    logs = [f"log {key}\n" for key in keys(KeyKind.ED25519, 65)]
    assert accepts("".join(logs[:64]) + "quorum none\n")
    assert not accepts("".join(logs) + "quorum none\n")
    cosigners = keys(KeyKind.ED25519_COSIGNATURE, 64)
    named = [f"witness w{n} {key}\n" for n, key in enumerate(cosigners)]
    group = "group g any w0 w1\nquorum g\n"
    assert accepts("".join(named[:63]) + group)
    assert not accepts("".join(named) + group)


def test_a_policy_has_262144_characters_at_most() -> None:
    text = "quorum none\n"
    comment = "#" + "x" * (262_144 - len(text) - 1)
    assert accepts(text + comment)
    assert not accepts(text + comment + "x")


def test_a_note_has_32_signatures_at_most() -> None:
    line = "— k YWJjZHM=\n"
    assert len(SignedNote.parse("text\n\n" + line * 32).lines) == 32
    with pytest.raises(MalformedError, match="more than 32 signatures"):
        SignedNote.parse("text\n\n" + line * 33)


@pytest.mark.parametrize(
    ("name", "kept"), [("k" * 255, True), ("k" * 256, False), ("ق" * 128, False)]
)
def test_a_name_has_255_bytes_at_most(name: str, kept: bool) -> None:
    text = f"{name}\n20\n{'A' * 43}=\n"
    if kept:
        assert signer(name).name == Checkpoint.parse(text).origin == name
        assert signer(name).verifier.name == name
        return
    with pytest.raises(MalformedError):
        _ = signer(name).verifier
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


def test_the_last_second_of_a_cosignature_is_the_last_below_2_to_63() -> None:
    key = signer("w.example", KeyKind.ED25519_COSIGNATURE)
    checkpoint = Checkpoint("a.example/log", 20, b"r" * 32)
    last = (1 << 63) - 1
    assert check(key.verifier, checkpoint, sign(key, checkpoint, last)) == last
    with pytest.raises(MismatchError, match="impossible time"):
        check(key.verifier, checkpoint, sign(key, checkpoint, last + 1))
