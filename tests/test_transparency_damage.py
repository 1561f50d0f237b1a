"""Damage: whatever happens to the bytes, no verdict gets better, and both verifiers agree."""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import verify_custody
from tests.vectors.world import CLAIM, DAY, World, custody_world, fact
from transparency.encoding import b64
from transparency.entries import commitment, subject
from transparency.report import Report
from transparency.signed_note import KeyKind
from transparency.verify import verify

ROOT = Path(__file__).parent.parent
ONE_FILE = ROOT / "verify_custody.py"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return custody_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def data(world: World) -> bytes:
    return str(world.bundle(CLAIM)).encode()


def proven(report: Report) -> set[str]:
    return {v.name for v in report.verdicts if v.state == "proven"}


def flipped(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield the data with one byte changed, at every place and in every way in the long run."""
    chance = random.Random(seed)  # noqa: S311  # damage, not a secret
    for _ in range(count):
        at = chance.randrange(len(data))
        yield data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :]


def test_no_damaged_byte_of_a_proven_bundle_changes_what_is_proven(
    world: World, data: bytes
) -> None:
    """All stays proven only where the reader is shown the very same events."""
    policy = world.policy()
    shown = verify(data, policy, claim=CLAIM).as_json()["events"]
    for damaged in flipped(data, 8000, seed=1):
        report = verify(damaged, policy, claim=CLAIM)
        assert report.state != "proven" or report.as_json()["events"] == shown


def test_no_damaged_byte_of_a_weak_bundle_makes_a_verdict_better(world: World) -> None:
    """Not proven, failed and proven verdicts side by side, under the reader's own question."""
    world_claim = replace(CLAIM, max_gap=5 * DAY)
    weak = str(world.bundle(world_claim, quorum="one")).encode()
    policy = world.policy("none")
    before = proven(verify(weak, policy, claim=world_claim))
    assert before
    assert "custody" not in before
    for damaged in flipped(weak, 4500, seed=2):
        assert proven(verify(damaged, policy, claim=world_claim)) <= before


def test_every_cut_of_a_bundle_is_one_sentence(world: World, data: bytes) -> None:
    policy = world.policy()
    for length in range(0, len(data) - 1, 97):
        report = verify(data[:length], policy)
        assert report["format"].state == "failed"
        assert proven(report) == set()
        assert "\n" not in report["format"].text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "the text is not JSON"),
        (b"\xff\xfe", "the file is not UTF-8 text"),
        (b"[]", "the bundle is not a JSON object"),
        (b"%PDF-1.7", "the text is not JSON"),
        (b'{"format": "custody-proof/v2"}', "another format than custody-proof/v1"),
        (b'{"format": "custody-proof/v1"}', "the bundle has no member origin"),
        (b"[" * 100_000, "the text is not JSON"),
        (b" " * (8 * 1024 * 1024 + 1), "the file is larger than 8388608 bytes"),
        (b"9" * 8_000_000, "a JSON number is beyond 64 bits"),
    ],
)
def test_foreign_future_and_oversized_files_are_one_sentence(
    world: World, text: bytes, sentence: str
) -> None:
    report = verify(text, world.policy())
    assert sentence in report["format"].text
    assert verify_custody.verify(text, world.policy_text())["verdicts"][0]["text"] == (
        report["format"].text
    )


def test_too_many_signatures_are_refused_before_any_is_checked(world: World, data: bytes) -> None:
    document = json.loads(data)
    size, note = next(iter(document["checkpoints"].items()))
    line = note.rstrip("\n").split("\n")[-1] + "\n"
    document["checkpoints"][size] = note + line * 40
    report = verify(json.dumps(document).encode(), world.policy())
    assert report["format"].text == "a note has more than 32 signatures"


def test_too_many_signatures_over_all_notes_are_refused(world: World, data: bytes) -> None:
    document = json.loads(data)
    lines = "— k.example YWJjZHM=\n" * 32
    for size in range(1, 130):
        text = f"amana.example/log\n{size}\n{'A' * 43}=\n"
        document["checkpoints"][str(size)] = f"{text}\n{lines}"
    document["history"] = ["old 0\n\n"] * len(document["checkpoints"])
    many = json.dumps(document).encode()
    report = verify(many, world.policy())
    assert report["format"].text == "the bundle has more than 4096 signatures"
    assert verify_custody.verify(many, world.policy_text()) == report.as_json()


def mutated(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a bundle with one member replaced, dropped, added, doubled or swapped."""
    changed = copy.deepcopy(document)
    places = [
        (parent, key)
        for parent in _containers(changed)
        for key in (list(parent) if isinstance(parent, dict) else range(len(parent)))
    ]
    parent, key = chance.choice(places)
    match chance.randrange(5):
        case 0:
            other, other_key = chance.choice(places)
            parent[key] = copy.deepcopy(other[other_key])
        case 1:
            del parent[key]
        case 2 if isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
        case 3:
            parent[key] = chance.choice([None, True, 0, -1, 1.5, 1 << 63, "", "A", [], {}, "AA=="])
        case _:
            _edit(parent, key, chance)
    return changed


def _edit(parent: Any, key: Any, chance: random.Random) -> None:
    value = parent[key]
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        parent[key] = value[:at] + chance.choice("Aé\n 0—=+") + value[at + 1 :]
    elif isinstance(value, int):
        parent[key] = value + chance.choice([-1, 1])
    elif isinstance(value, list):
        chance.shuffle(value)
    elif isinstance(value, dict):
        value["more"] = 1
    else:
        parent[key] = "x"


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from _containers(child)


def agree(data: bytes, world: World, quorum: str) -> None:
    report = verify(data, world.policy(quorum)).as_json()
    assert verify_custody.verify(data, world.policy_text(quorum)) == report


def test_one_file_verifier_agrees_on_every_damaged_bundle(world: World, data: bytes) -> None:
    """Sentence for sentence: 400 damaged bytes and 800 damaged members."""
    chance = random.Random(3)  # noqa: S311  # damage, not a secret
    document = json.loads(data)
    agree(data, world, "both")
    for damaged in flipped(data, 400, seed=4):
        agree(damaged, world, "both")
    states = set()
    for number in range(800):
        damaged = json.dumps(mutated(document, chance)).encode()
        agree(damaged, world, ("both", "one", "none")[number % 3])
        states.add(verify(damaged, world.policy()).state)
    assert {"failed", "not proven"} <= states


def test_one_file_verifier_agrees_with_receipt_entries_and_ml_dsa(tmp_path: Path) -> None:
    both = (KeyKind.ED25519, KeyKind.ML_DSA_44_COSIGNATURE)
    world = custody_world(tmp_path, kinds=both, cosigning=KeyKind.ML_DSA_44_COSIGNATURE)
    world.record(fact(8, "returned", 19))
    world.checkpoint(21)
    data, entries = str(world.bundle(CLAIM)).encode(), list(world.log.entries())
    for asked in (commitment(subject(bytes(32), "x")), b"short"):
        ours = verify(data, world.policy(), receipt=asked, entries=entries).as_json()
        theirs = verify_custody.verify(
            data, world.policy_text(), receipt=asked, entries=list(entries)
        )
        assert theirs == ours
    for lost in (entries[:-1], entries[::-1], [*entries[:5], entries[4], *entries[6:]], [b""]):
        ours = verify(data, world.policy(), entries=lost).as_json()
        assert verify_custody.verify(data, world.policy_text(), entries=list(lost)) == ours


def test_plain_python_ed25519_is_the_standards(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8032 §7.1 TEST 2, and a signature with s beyond the group's order."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    monkeypatch.setattr(verify_custody, "fast_ed25519", None)
    assert verify_custody.ed25519_holds(public, b"\x72", signature)
    assert not verify_custody.ed25519_holds(public, b"\x73", signature)
    s = int.from_bytes(signature[32:], "little") + verify_custody.L
    again = signature[:32] + s.to_bytes(32, "little")
    assert not verify_custody.ed25519_holds(public, b"\x72", again)


def test_plain_python_gives_the_same_report_as_the_package(
    world: World, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_package = verify_custody.verify(data, world.policy_text())
    monkeypatch.setattr(verify_custody, "fast_ed25519", None)
    monkeypatch.setattr(verify_custody, "mldsa", None)
    assert verify_custody.verify(data, world.policy_text()) == with_package


def test_ml_dsa_without_the_package_is_said_not_to_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = custody_world(tmp_path, cosigning=KeyKind.ML_DSA_44_COSIGNATURE)
    data = str(world.bundle(CLAIM)).encode()
    assert verify_custody.verify(data, world.policy_text())["state"] == "proven"
    monkeypatch.setattr(verify_custody, "mldsa", None)
    report = verify_custody.verify(data, world.policy_text())
    states = {found["name"]: found["state"] for found in report["verdicts"]}
    assert (states["log"], states["witnesses"]) == ("proven", "not proven")
    assert "were not checked" in report["verdicts"][1]["details"][0]


def pythons() -> list[str]:
    found = [shutil.which(f"python3.{minor}") for minor in range(9, 15)]
    return [sys.executable, *(name for name in found if name and works(name))]


def works(python: str) -> bool:
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("python", pythons())
def test_one_file_runs_alone_without_packages(
    python: str, world: World, data: bytes, tmp_path: Path
) -> None:
    (tmp_path / "policy.txt").write_text(world.policy_text())
    (tmp_path / "w.custody-proof").write_bytes(data)
    (tmp_path / "entries").write_bytes(b"".join(world.log.entries()))
    pinned = b64(commitment(subject(bytes(32), "x")))
    args = ["w.custody-proof", "--policy", "policy.txt", "--entries", "entries"]
    alone = [python, "-I", "-S", str(ONE_FILE), *args]
    run = subprocess.run(alone, check=False, capture_output=True, cwd=tmp_path, env=os.environ)
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.count(b"\nproven ") == 10
    wrong = [*alone, "--receipt", pinned, "--json"]
    run = subprocess.run(wrong, check=False, capture_output=True, cwd=tmp_path)
    assert run.returncode == 1
    assert json.loads(run.stdout)["state"] == "failed"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["missing", "--policy", "policy.txt"], "Error: missing: No such file or directory\n"),
        (["b", "--policy", "b"], "Error: policy line 1: not a log, witness, group or quorum\n"),
        (["b", "--policy", "binary"], "Error: the policy is not UTF-8 text\n"),
        (["b", "--policy", "empty"], "Error: the policy has no quorum line\n"),
        (["b", "--policy", "policy.txt", "--max-gap", "5"], "Error: give --from and --until as"),
        (["b", "--policy", "policy.txt", "--receipt", "xx"], "Error: a value is not base64\n"),
    ],
)
def test_one_file_answers_a_mistake_with_one_sentence(
    args: list[str],
    sentence: str,
    world: World,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.txt").write_text(world.policy_text())
    (tmp_path / "b").write_bytes(b"{}")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "binary").write_bytes(b"\xff")
    assert verify_custody.main(args) == 2
    assert capfd.readouterr().err.startswith(sentence)
