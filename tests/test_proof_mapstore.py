"""The label map by buckets gives the proofs of the whole map, hash for hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vectors.world import CLAIM, custody_world
from transparency import mapstore
from transparency.labelmap import LabelMap, check

LABELS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 40).map(lambda n: hashlib.sha256(bytes([n])).digest()),
    st.integers(0, 2**16 - 1).map(lambda n: bytes(30) + n.to_bytes(2, "big")),
)


@settings(max_examples=300, deadline=None)
@given(st.sets(LABELS, max_size=60), st.lists(LABELS, max_size=5), st.integers(0, 6))
def test_a_map_cut_anywhere_proves_what_the_whole_map_proves(
    labels: set[bytes], others: list[bytes], depth: int
) -> None:
    rows = [(label, hashlib.sha256(label).digest()) for label in sorted(labels)]
    whole = LabelMap()
    for label, leaf in rows:
        whole.insert(label, leaf)
    cut = mapstore.cut(rows, depth)
    levels = cut.levels()
    assert cut.fits()
    assert cut.root() == whole.root()
    for label in [*labels, *others]:
        here = mapstore.walk(levels, label)
        low, high = mapstore.bounds(here.prefix, len(here.path))
        proof = mapstore.prove(here, label, [row for row in rows if low <= row[0] <= high])
        assert proof == whole.prove(label)
        check(whole.root(), label, dict(rows).get(label), proof)


def test_what_was_kept_is_not_believed(tmp_path: Path) -> None:
    world = custody_world(tmp_path)
    honest = str(world.bundle(CLAIM))
    for damage in (
        "UPDATE log_map SET hashes = zeroblob(length(hashes))",
        "UPDATE log_map SET counts = zeroblob(length(counts))",
        "UPDATE log_map SET depth = 60",
        "UPDATE log_map SET hashes = x'00'",
        "UPDATE log_map SET hashes = 'text'",
        "DELETE FROM log_map",
    ):
        with world.connection:
            world.connection.execute(damage)
        assert str(world.bundle(CLAIM)) == honest
