"""Write the test vectors of docs/proof-format.md: `python -m tests.vectors.make`.

Everything but the one ML-DSA-44 signature comes out the same in every run.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.vectors.world import CLAIM, ORIGIN, SECRET, START, World, custody_world, fact, signer
from transparency import entries
from transparency.body import derive
from transparency.checkpoint import Checkpoint
from transparency.cosignature import sign
from transparency.disclosure import digest
from transparency.labelmap import LabelMap, map_leaf
from transparency.signed_note import KeyKind, SignedNote
from transparency.tree import leaf_hash
from transparency.verify import verify

HERE = Path(__file__).parent
STREAM = "W-000417-K"


def derivations() -> dict[str, Any]:
    """Return the second event of a stream, written 1, with every value on the way to its leaf hash."""
    one = fact(2, "stored", fields={"place": {"site": "DEPOT-1", "rack": 2}, "seal": "S-11"})
    subject = entries.subject(SECRET, STREAM)
    derived = derive(one, subject, bytes(range(32)))
    return {
        "secret": SECRET.hex(),
        "seed": one.seed.hex(),
        "stream_id": STREAM,
        "version": one.version - entries.WRITTEN_LOWER,
        "subject": subject.hex(),
        "commitment": entries.commitment(subject).hex(),
        "label": derived.label.hex(),
        "nonce": entries.nonce(one.seed).hex(),
        "salts": {name: entries.salt(one.seed, name).hex() for name in one.fields},
        "disclosures": one.disclosures(),
        "digests": {name: digest(text) for name, text in one.disclosures().items()},
        "previous": bytes(range(32)).hex(),
        "body": derived.body,
        "entry": derived.entry.hex(),
        "leaf": derived.leaf.hex(),
        "map_entry_of_an_empty_map_at_7": entries.map_entry(bytes(32), 7).hex(),
    }


def label_map() -> dict[str, Any]:
    """Return a map of five labels, two with a long common beginning, and proofs under it."""
    marks = [bytes([n]) * 32 for n in (0x00, 0x80, 0xC0, 0xFF)] + [b"\xff\xfe" + bytes(30)]
    labels = LabelMap()
    for mark in marks:
        labels.insert(mark, leaf_hash(mark))
    asked = [*marks, b"\x40" * 32, b"\xc1" * 32]
    return {
        "pairs": [[mark.hex(), leaf_hash(mark).hex()] for mark in marks],
        "first_leaf": map_leaf(marks[0], leaf_hash(marks[0])).hex(),
        "root": labels.root().hex(),
        "proofs": [
            {
                "label": mark.hex(),
                "path": [hashed.hex() for hashed in labels.prove(mark).path],
                "other": [part.hex() for part in labels.prove(mark).other or ()] or None,
                "member": mark in marks,
            }
            for mark in asked
        ],
    }


def notes() -> dict[str, Any]:
    """Return one checkpoint signed by each type of key; the last one is not reproducible."""
    checkpoint = Checkpoint(ORIGIN, 20, bytes(range(32)))
    keys = {KeyKind.ED25519: ORIGIN, KeyKind.ED25519_COSIGNATURE: "old.example"}
    keys[KeyKind.ML_DSA_44_COSIGNATURE] = "new.example"
    signers = [signer(name, kind) for kind, name in keys.items()]
    lines = tuple(sign(key, checkpoint, START) for key in signers)
    return {
        "verifier_keys": [str(key.verifier) for key in signers],
        "time": START,
        "note": str(SignedNote(checkpoint.text, lines)),
    }


def files(world: World) -> dict[str, str]:
    """Return the files that stay the same, by name."""
    data = str(world.bundle(CLAIM))
    report = verify(data.encode(), world.policy(), entries=world.log.entries())
    parts = {"derivations": derivations(), "label_map": label_map()}
    return {
        f"{STREAM}.custody-proof": data,
        "policy.txt": world.policy_text(),
        "entries.hex": "".join(f"{entry.hex()}\n" for entry in world.log.entries()),
        "verdict.json": _text(report.as_json()),
        "vectors.json": _text(parts),
    }


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write every file."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files(custody_world(Path(folder))).items():
            (HERE / name).write_text(text, encoding="utf-8")
    (HERE / "notes.json").write_text(_text(notes()), encoding="utf-8")


if __name__ == "__main__":
    main()
