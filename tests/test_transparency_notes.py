"""Notes, keys, checkpoints, cosignatures, policies and tlog-proofs against their standards."""

from __future__ import annotations

import doctest

import pytest

import verify_custody
from tests.vectors.world import ORIGIN, signer
from transparency import signed_note
from transparency.checkpoint import Checkpoint
from transparency.cosignature import MAX_TIME, check, message, sign, signed
from transparency.errors import MalformedError, MismatchError
from transparency.policy import Policy
from transparency.signed_note import KeyKind, SignatureLine, SignedNote, Signer, Verifier
from transparency.tlogproof import TlogProof
from transparency.tree import Tree, inclusion, leaf_hash, root

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""  # noqa: E501  # one line of the standard's own example
CHECKPOINT = Checkpoint(ORIGIN, 20, b"r" * 32)
KINDS = list(KeyKind)


def test_example_of_the_standard_verifies_and_is_written_back() -> None:
    note, key = SignedNote.parse(EXAMPLE), Verifier.parse(EXAMPLE_KEY)
    assert key.made(note.lines[0])
    key.check(note.text.encode(), note.lines[0].signature)
    with pytest.raises(MismatchError, match=r"a signature of example\.com/foo does not verify"):
        key.check(b"another text\n", note.lines[0].signature)
    assert (str(note), str(key)) == (EXAMPLE, EXAMPLE_KEY)


def test_text_ends_at_the_last_empty_line() -> None:
    note = SignedNote.parse("one\n\ntwo\n\n" + SignatureLine("k", b"abcd", b"s").text)
    assert note.text == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— k YWJjZHM=",
        "text\r\n\n— k YWJjZHM=\n",
        "te\txt\n\n— k YWJjZHM=\n",
        "text\n\n- k YWJjZHM=\n",
        "text\n\n—k YWJjZHM=\n",
        "text\n\n— k YWJjZA==\n",
        "text\n\n— k YWJjZHM\n",
        "text\n\n—  YWJjZHM=\n",
        "text\n\n— a+b YWJjZHM=\n",
        "text\n\n— a\u00a0b YWJjZHM=\n",
        "text\n\n— k YWJjZHM= \n",
        "\ud800\n\n— k YWJjZHM=\n",
        "x" * 140_000,
        "text\n\n" + "— k YWJjZHM=\n" * 33,
    ],
)
def test_text_that_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        SignedNote.parse(text)


def test_sixteen_signatures_are_accepted() -> None:
    assert len(SignedNote.parse("text\n\n" + "— k YWJjZHM=\n" * 16).lines) == 16


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+530d903a",
        "other+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        EXAMPLE_KEY.upper(),
        EXAMPLE_KEY.replace("AekyeR", "AukyeR"),
        EXAMPLE_KEY[:-4],
        "name+00000000+",
    ],
)
def test_text_that_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Verifier.parse(text)


@pytest.mark.parametrize("kind", KINDS)
def test_signing_key_is_written_and_read_back(kind: KeyKind) -> None:
    key = Signer.generate("w.example", kind)
    assert Signer.parse(key.secret) == key
    assert Verifier.parse(str(key.verifier)) == key.verifier
    assert key.secret not in repr(key)
    with pytest.raises(MalformedError):
        Signer.parse(str(key.verifier))
    with pytest.raises(MalformedError):
        Signer.parse(key.secret.replace("w.example", "x.example"))


@pytest.mark.parametrize("kind", KINDS)
def test_signature_holds_for_its_key_checkpoint_and_time_only(kind: KeyKind) -> None:
    key = signer("w.example", kind)
    line = sign(key, CHECKPOINT, 1_734_000_000)
    stated = check(key.verifier, CHECKPOINT, line)
    assert stated == (None if kind is KeyKind.ED25519 else 1_734_000_000)
    wrong = SignatureLine(line.name, line.key_id, b"\0" * 8 + line.signature[8:])
    for other, shown in (
        (Checkpoint(ORIGIN, 21, CHECKPOINT.root), line),
        (Checkpoint("b.example/log", 20, CHECKPOINT.root), line),
        (Checkpoint(ORIGIN, 20, bytes(32)), line),
        (CHECKPOINT, wrong),
        (CHECKPOINT, SignatureLine(line.name, line.key_id, b"short")),
    ):
        with pytest.raises(MismatchError):
            check(key.verifier, other, shown)


def test_messages_are_the_standards_byte_for_byte() -> None:
    old = signer("w.example", KeyKind.ED25519_COSIGNATURE).verifier
    assert message(old, CHECKPOINT, 7) == b"cosignature/v1\ntime 7\n" + CHECKPOINT.text.encode()
    new = signer("w.example", KeyKind.ML_DSA_44_COSIGNATURE).verifier
    assert message(new, CHECKPOINT, 7) == (
        b"subtree/v1\n\0"
        + b"\x09w.example"
        + bytes(7)
        + b"\x07"
        + bytes([len(ORIGIN)])
        + ORIGIN.encode()
        + bytes(8)
        + bytes(7)
        + b"\x14"
        + b"r" * 32
    )
    assert len(signer("w.example", KeyKind.ML_DSA_44_COSIGNATURE).raw(b"")) == 2420


def test_unknown_keys_are_ignored_and_a_bad_known_one_rejects_the_note() -> None:
    known, unknown = signer("known.example"), signer("unknown.example")
    bad = SignatureLine("known.example", known.verifier.key_id, bytes(64))
    lines = (sign(unknown, CHECKPOINT, 0), sign(known, CHECKPOINT, 0))
    note = SignedNote(CHECKPOINT.text, lines)
    assert list(signed(note, [known.verifier])) == [known.verifier]
    with pytest.raises(MismatchError):
        signed(SignedNote(CHECKPOINT.text, (*lines, bad)), [known.verifier])


def test_time_beyond_2_to_63_is_refused() -> None:
    key = signer("w.example", KeyKind.ED25519_COSIGNATURE)
    line = sign(key, CHECKPOINT, MAX_TIME + 1)
    with pytest.raises(MismatchError, match="impossible time"):
        check(key.verifier, CHECKPOINT, line)


@pytest.mark.parametrize(
    "text",
    [
        "a\n20\n" + "A" * 43 + "=",
        "a\n20\n" + "A" * 43 + "=\nextension\n",
        "\n20\n" + "A" * 43 + "=\n",
        "a\n020\n" + "A" * 43 + "=\n",
        "a\n20\nAAAA\n",
        "a" * 256 + "\n20\n" + "A" * 43 + "=\n",
    ],
)
def test_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


# ── policies ────────────────────────────────────────────────────────────────
WITNESSES = [signer(f"w{n}.example", KeyKind.ED25519_COSIGNATURE) for n in range(3)]
NAMED = "".join(f"witness w{n} {key.verifier}\n" for n, key in enumerate(WITNESSES))
LOG = f"log {signer(ORIGIN).verifier} https://log.example\n"


def judged(policy: str, times: dict[int, list[int]]) -> tuple[int, int] | None:
    lines = [sign(signer(ORIGIN), CHECKPOINT, 0)]
    lines += [sign(WITNESSES[n], CHECKPOINT, time) for n, each in times.items() for time in each]
    found = Policy.parse(LOG + NAMED + policy).judge(SignedNote(CHECKPOINT.text, tuple(lines)))
    assert found.logged
    return found.witnessed and (found.witnessed.by, found.witnessed.since)


def test_quorum_takes_the_careful_side_of_each_time() -> None:
    two = "group g 2 w0 w1 w2\nquorum g\n"
    assert judged(two, {0: [10]}) is None
    assert judged(two, {0: [10], 1: [20]}) == (20, 10)
    assert judged(two, {0: [10], 1: [20], 2: [30]}) == (20, 20)
    assert judged(two, {0: [10, 40], 1: [20, 50]}) == (20, 40)
    assert judged(two, {0: [0], 1: [20]}) is None


def test_groups_nest_and_the_quorum_may_be_one_witness_or_none() -> None:
    nested = "group a any w0 w1\n# a comment\n\n\tgroup b all a  w2\nquorum b\n"
    assert judged(nested, {0: [10], 1: [15]}) is None
    assert judged(nested, {1: [15], 2: [12]}) == (15, 12)
    assert judged("quorum w1\n", {1: [15]}) == (15, 15)
    assert judged("quorum none\n", {1: [15]}) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the policy has no quorum line"),
        (NAMED + "quorum w9\n", "policy line 4: the quorum is not defined above"),
        (NAMED + "quorum w1\nquorum w2\n", "policy line 5: a second quorum"),
        (NAMED + "group g 4 w0 w1 w2\n", "policy line 4: a group needs"),
        (NAMED + "group g 0 w0\n", "policy line 4: a group needs"),
        (NAMED + "group g all w0 w0\n", "policy line 4: a group names a member twice"),
        (NAMED + "group w0 all w1\n", "policy line 4: a name stands there twice"),
        (NAMED + "group none all w1\n", "policy line 4: a name stands there twice"),
        (NAMED + NAMED.replace("w0 ", "x0 "), "policy line 4: a witness's key stands there twice"),
        (LOG + LOG, "policy line 2: a log's key stands there twice"),
        (f"witness w {signer(ORIGIN).verifier}\n", "policy line 1: a key of a type"),
        (LOG.replace("log ", "witness x "), "policy line 1: a key of a type"),
        ("logs x\n", "policy line 1: not a log, witness, group or quorum"),
        ("log x\n", "policy line 1: the key of x is of a type unknown here"),
        ("x" * 300_000, "the policy is too long"),
    ],
)
def test_policy_that_cannot_be_meant_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(MalformedError, match=sentence):
        Policy.parse(text)
    with pytest.raises(verify_custody.Fault, match=sentence):
        verify_custody.Policy(text)


# ── tlog-proofs ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize("extra", [None, b"", b"more"])
def test_tlog_proof_is_written_read_back_and_checked(extra: bytes | None) -> None:
    nodes = Tree()
    for number in range(7):
        nodes.append(leaf_hash(bytes([number])))
    checkpoint = Checkpoint(ORIGIN, 7, root(7, nodes.get))
    note = str(SignedNote(checkpoint.text, (sign(signer(ORIGIN), checkpoint, 0),)))
    proof = TlogProof(5, tuple(inclusion(5, 7, nodes.get)), note, extra)
    assert TlogProof.parse(str(proof)) == proof
    assert proof.check(leaf_hash(b"\x05")) == checkpoint
    with pytest.raises(MismatchError):
        proof.check(leaf_hash(b"\x04"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\n" + EXAMPLE,
        "c2sp.org/tlog-proof@v1\n\n" + EXAMPLE,
        "c2sp.org/tlog-proof@v1\nindex 00\n\n" + EXAMPLE,
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n" + EXAMPLE,
        "c2sp.org/tlog-proof@v1\nindex 0\n" + ("A" * 43 + "=\n") * 64 + "\n" + EXAMPLE,
        "c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\n" + EXAMPLE,
        "c2sp.org/tlog-proof@v1\nindex 0\n\n",
    ],
)
def test_text_that_is_no_tlog_proof_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        TlogProof.parse(text)


def test_examples_in_the_docstrings_hold() -> None:
    assert not doctest.testmod(signed_note).failed
