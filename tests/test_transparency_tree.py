"""The tree of RFC 6962: shared vectors, every size up to 130, and a slow definition beside it."""

from __future__ import annotations

import base64
import doctest
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transparency import labelmap, tree
from transparency.errors import MalformedError, MismatchError, ProofError
from transparency.labelmap import LabelMap, MapProof

VECTORS = os.environ.get("AMANA_VECTORS")
NOT_32_BYTES = "additional/sizes-are-equal-one-and-proof-is-empty.json"
SIZES = 130


def slow_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 §2.1 writes it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    both = slow_root(leaves[:k]) + slow_root(leaves[k:])
    return hashlib.sha256(b"\x01" + both).digest()


@pytest.fixture(scope="module")
def grown() -> tuple[tree.Tree, list[bytes]]:
    nodes, leaves = tree.Tree(), []
    for number in range(SIZES):
        leaves.append(tree.leaf_hash(bytes([number])))
        nodes.append(leaves[-1])
    return nodes, leaves


Grown = tuple[tree.Tree, list[bytes]]


def refused(check: Any, *args: object) -> bool:
    try:
        check(*args)
    except ProofError:
        return True
    return False


@pytest.mark.skipif(not VECTORS, reason="AMANA_VECTORS names no file of RFC 6962 vectors")
def test_every_shared_vector_is_judged_as_written() -> None:
    data = json.loads(Path(str(VECTORS)).read_text())

    def read(text: str | None) -> bytes:
        return base64.b64decode(text or "")

    wrong = []
    for name, case in data["inclusion"].items():
        proof = [read(item) for item in case["proof"] or ()]
        args = (read(case["leafHash"]), case["leafIdx"], case["treeSize"], proof)
        if refused(tree.check_inclusion, *args, read(case["root"])) != case["wantErr"]:
            wrong.append(name)
    for name, case in data["consistency"].items():
        proof = [read(item) for item in case["proof"] or ()]
        roots = read(case["root1"]), read(case["root2"])
        args = (case["size1"], case["size2"], proof, *roots)
        if refused(tree.check_consistency, *args) != case["wantErr"]:
            wrong.append(name)
    assert len(data["inclusion"]) + len(data["consistency"]) == 196
    assert wrong == [NOT_32_BYTES]


def test_empty_root_and_leaf_are_the_standards() -> None:
    assert tree.EMPTY_ROOT.hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")
    assert tree.leaf_hash(b"").hex().startswith("6e340b9cffb37a989ca544e6bb780a2c")
    assert tree.root(0, tree.Tree().get) == tree.EMPTY_ROOT


def test_every_root_up_to_130_is_the_definitions(grown: Grown) -> None:
    nodes, leaves = grown
    for size in range(SIZES + 1):
        assert tree.root(size, nodes.get) == slow_root(leaves[:size])


def test_every_inclusion_up_to_130_verifies(grown: Grown) -> None:
    nodes, leaves = grown
    for size in range(1, SIZES + 1):
        root = tree.root(size, nodes.get)
        for index in range(size):
            path = tree.inclusion(index, size, nodes.get)
            tree.check_inclusion(leaves[index], index, size, path, root)


def test_every_consistency_up_to_130_verifies(grown: Grown) -> None:
    nodes, _ = grown
    roots = [tree.root(size, nodes.get) for size in range(SIZES + 1)]
    for new in range(1, SIZES + 1):
        assert tree.consistency(0, new, nodes.get) == []
        for old in range(1, new + 1):
            proof = tree.consistency(old, new, nodes.get)
            tree.check_consistency(old, new, proof, roots[old], roots[new])


@given(data=st.data(), size=st.integers(2, SIZES))
def test_wrong_inclusion_is_refused(grown: Grown, data: st.DataObject, size: int) -> None:
    nodes, leaves = grown
    index = data.draw(st.integers(0, size - 1))
    root, path = tree.root(size, nodes.get), tree.inclusion(index, size, nodes.get)
    other = data.draw(st.integers(0, size + 3).filter(lambda at: at != index))
    assert refused(tree.check_inclusion, leaves[index], other, size, path, root)
    assert refused(tree.check_inclusion, leaves[index], index, size, path[:-1], root)
    assert refused(tree.check_inclusion, leaves[index], index, size, [*path, root], root)
    assert refused(tree.check_inclusion, leaves[index], index, size, path, leaves[index])
    assert refused(tree.check_inclusion, leaves[index], index, size, [path[0][:31]], root)
    assert refused(tree.check_inclusion, leaves[index], -1, size, path, root)


@given(data=st.data(), new=st.integers(2, SIZES))
def test_wrong_consistency_is_refused(grown: Grown, data: st.DataObject, new: int) -> None:
    nodes, _ = grown
    old = data.draw(st.integers(1, new - 1))
    one, two = tree.root(old, nodes.get), tree.root(new, nodes.get)
    proof = tree.consistency(old, new, nodes.get)
    assert refused(tree.check_consistency, old, new, proof, two, two)
    assert refused(tree.check_consistency, old, new, proof, one, one)
    assert refused(tree.check_consistency, old, new, [*proof, one], one, two)
    assert refused(tree.check_consistency, old, new, proof[:-1], one, two)
    assert refused(tree.check_consistency, 0, new, [], one, two)
    assert refused(tree.check_consistency, new, old, proof, two, one)


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    root = bytes(32)
    tree.check_consistency(5, 5, [], root, root)
    with pytest.raises(MismatchError, match="two roots are shown for one size 5"):
        tree.check_consistency(5, 5, [], root, b"x" * 32)
    with pytest.raises(MalformedError):
        tree.check_consistency(5, 5, [root], root, root)


# ── the label map ───────────────────────────────────────────────────────────
marks = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 15).map(lambda low: bytes(31) + bytes([low])),  # long common beginnings
)


def slow_map(pairs: dict[bytes, bytes], depth: int = 0) -> bytes:
    """The map as docs/proof-format.md defines it."""
    if len(pairs) < 2:
        for mark, leaf in pairs.items():
            return hashlib.sha256(b"\x02" + mark + leaf).digest()
        return bytes(32)
    sides: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
    for mark, leaf in pairs.items():
        sides[int.from_bytes(mark, "big") >> (255 - depth) & 1][mark] = leaf
    both = slow_map(sides[0], depth + 1) + slow_map(sides[1], depth + 1)
    return hashlib.sha256(b"\x03" + both).digest()


@given(pairs=st.dictionaries(marks, st.binary(min_size=32, max_size=32), max_size=12), other=marks)
def test_map_has_the_defined_root_and_proves_all_and_nothing_else(
    pairs: dict[bytes, bytes], other: bytes
) -> None:
    labels = LabelMap()
    for mark, leaf in pairs.items():
        labels.insert(mark, leaf)
        labels.root()
    root = labels.root()
    assert root == slow_map(pairs)
    for mark in {*pairs, other}:
        leaf, proof = pairs.get(mark), labels.prove(mark)
        labelmap.check(root, mark, leaf, proof)
        assert refused(labelmap.check, root, mark, None if leaf else bytes(32), proof)
        assert refused(labelmap.check, root, mark, b"w" * 32, MapProof(proof.path))
        assert refused(labelmap.check, b"r" * 32, mark, leaf, proof)


def test_map_refuses_a_label_twice_and_proofs_that_prove_nothing() -> None:
    labels = LabelMap()
    labels.insert(b"a" * 32, bytes(32))
    with pytest.raises(MismatchError, match="twice"):
        labels.insert(b"a" * 32, bytes(32))
    root, own = labels.root(), (b"a" * 32, bytes(32))
    for proof in (MapProof((), own), MapProof((bytes(32),), own), MapProof((bytes(32),) * 257)):
        assert refused(labelmap.check, root, b"a" * 32, None, proof)
    assert refused(labelmap.check, root, b"a" * 32, bytes(32), MapProof((), own))
    assert refused(labelmap.check, root, b"a" * 32, bytes(32), MapProof((b"short",)))


@pytest.mark.parametrize("room", [tree, labelmap])
def test_examples_in_the_docstrings_hold(room: Any) -> None:
    result = doctest.testmod(room)
    assert result.attempted
    assert not result.failed
