"""The published vectors: they stay what they are, and the written formulas give them."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

import verify_custody
from tests.vectors import make
from tests.vectors.world import custody_world
from transparency import labelmap
from transparency.cosignature import signed
from transparency.labelmap import MapProof
from transparency.report import NAMES
from transparency.signed_note import SignedNote, Verifier

HERE = Path(__file__).parent / "vectors"
DOCS = Path(__file__).parent.parent / "docs" / "proof-format.md"


def read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def test_vectors_are_what_the_code_gives_today(tmp_path: Path) -> None:
    for name, text in make.files(custody_world(tmp_path)).items():
        assert (HERE / name).read_text(encoding="utf-8") == text, name


def test_written_formulas_give_the_derivations() -> None:
    """Nothing of ours is called: only what docs/proof-format.md says."""
    v = read("vectors.json")["derivations"]
    secret, seed = bytes.fromhex(v["secret"]), bytes.fromhex(v["seed"])
    subject = mac(secret, b"custody/stream/v1" + v["stream_id"].encode())
    label = mac(subject, b"custody/label/v1" + v["version"].to_bytes(8, "big"))
    assert subject.hex() == v["subject"]
    assert hashlib.sha256(b"custody/subject/v1" + subject).hexdigest() == v["commitment"]
    assert label.hex() == v["label"]
    assert mac(seed, b"custody/nonce/v1")[:16].hex() == v["nonce"]
    for name, salt in v["salts"].items():
        assert mac(seed, b"custody/salt/v1" + name.encode())[:16].hex() == salt
        hashed = hashlib.sha256(v["disclosures"][name].encode()).digest()
        assert urlsafe_b64encode(hashed).rstrip(b"=").decode() == v["digests"][name]
    rows = ["custody-body/v1", "weapon", "1", b64encode(bytes.fromhex(v["previous"])).decode()]
    rows += ["weapon.stored", "1734000000", b64encode(bytes.fromhex(v["nonce"])).decode()]
    assert v["body"] == "".join(f"{row}\n" for row in [*rows, *sorted(v["digests"].values())])
    entry = b"\x01" + label + hashlib.sha256(v["body"].encode()).digest()
    assert entry.hex() == v["entry"]
    assert hashlib.sha256(b"\x00" + entry).hexdigest() == v["leaf"]
    assert v["map_entry_of_an_empty_map_at_7"] == "02" + "00" * 63 + "07"


def test_map_vectors_hold_in_both_verifiers() -> None:
    v = read("vectors.json")["label_map"]
    root, pairs = bytes.fromhex(v["root"]), dict(v["pairs"])
    for proof in v["proofs"]:
        mark = bytes.fromhex(proof["label"])
        leaf = bytes.fromhex(pairs[proof["label"]]) if proof["member"] else None
        path = [bytes.fromhex(item) for item in proof["path"]]
        other = proof["other"] and [bytes.fromhex(item) for item in proof["other"]]
        two = (other[0], other[1]) if other else None
        labelmap.check(root, mark, leaf, MapProof(tuple(path), two))
        verify_custody.check_map(root, mark, leaf, verify_custody.MapProof(path, other))


def test_note_vector_is_signed_by_each_type_of_key() -> None:
    v = read("notes.json")
    keys = [Verifier.parse(text) for text in v["verifier_keys"]]
    times = signed(SignedNote.parse(v["note"]), keys)
    assert [times[key] for key in keys] == [[None], [v["time"]], [v["time"]]]
    note = verify_custody.read_note(v["note"])
    for text, (_, _, signature) in zip(v["verifier_keys"], note.lines, strict=True):
        key = verify_custody.read_key(text)
        assert verify_custody.signed_at(key, note, signature) in (0, v["time"])


def test_bundle_vector_gets_its_verdict_from_the_one_file() -> None:
    entries = [bytes.fromhex(row) for row in (HERE / "entries.hex").read_text().split()]
    data = (HERE / "W-000417-K.custody-proof").read_bytes()
    policy = (HERE / "policy.txt").read_text()
    report = verify_custody.verify(data, policy, entries=entries)
    assert json.loads(json.dumps(report)) == read("verdict.json")
    assert report["state"] == "proven"


@pytest.mark.parametrize("name", NAMES)
def test_format_page_explains_every_verdict(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)


def test_format_page_names_every_vector_file() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for file in HERE.iterdir():
        if file.is_file():
            assert f"`{file.name}`" in page, file.name
