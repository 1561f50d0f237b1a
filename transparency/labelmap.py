"""The label map: a log cannot leave a version out (the one construction of our own).

A hash chain per stream shows that nothing was changed, but not that its tail was not cut. So
each checkpoint's last entry commits to a sparse binary map from label to leaf hash over all
event entries before it:

    leaf   = SHA-256(0x02 ‖ label ‖ leaf hash)
    node   = SHA-256(0x03 ‖ left ‖ right)
    empty  = 32 zero bytes

Bit d of the label, most significant first, chooses the side at depth d. A subtree that holds one
label *is* that label's leaf, whatever its depth; a node stands only above two labels or more.

A proof walks from the root to where the label must be. What it meets there is its own leaf
(membership), nothing, or the leaf of another label with the same beginning (absence). Walking
is the same for every label and every map, so no label can be both present and absent.

Example:
    >>> labels = LabelMap()
    >>> labels.insert(bytes(32), b"a" * 32)
    >>> check(labels.root(), bytes(32), b"a" * 32, labels.prove(bytes(32)))
    >>> check(labels.root(), b"z" * 32, None, labels.prove(b"z" * 32))
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from transparency.errors import MalformedError, MismatchError
from transparency.tree import HASH_BYTES

EMPTY = bytes(HASH_BYTES)
MAX_DEPTH = 8 * HASH_BYTES


def map_leaf(label: bytes, leaf: bytes) -> bytes:
    """Return SHA-256(0x02 ‖ label ‖ leaf hash), 32 bytes."""
    return hashlib.sha256(b"\x02" + label + leaf).digest()


def map_node(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x03 ‖ left ‖ right), 32 bytes."""
    return hashlib.sha256(b"\x03" + left + right).digest()


@dataclass(frozen=True)
class MapProof:
    """The way from the root to a label's place.

    Args:
        path: 32-byte hashes of the other side at depth 0, 1, 2 …
        other: (label, leaf hash) of another label met at the end; None for nothing or itself.
    """

    path: tuple[bytes, ...]
    other: tuple[bytes, bytes] | None = None


class _Leaf:
    __slots__ = ("hash", "label", "value")

    def __init__(self, label: bytes, value: bytes) -> None:
        self.label, self.value, self.hash = label, value, map_leaf(label, value)


class _Node:
    __slots__ = ("hash", "sides")

    def __init__(self) -> None:
        self.sides: list[_Leaf | _Node | None] = [None, None]
        self.hash = b""  # unknown since the last insertion below


class LabelMap:
    """A map in memory: insert labels in any order, ask for the root and for proofs.

    Args:
        depth: where its root stands, for the part of a larger map below one beginning.
    """

    def __init__(self, depth: int = 0) -> None:
        self._top: _Leaf | _Node | None = None
        self._depth = depth

    def insert(self, label: bytes, leaf: bytes) -> None:
        """Add a 32-byte label with the 32-byte leaf hash of its entry.

        Raises:
            MismatchError: the label is in the map already.
        """
        new, here, depth = _Leaf(label, leaf), self._top, self._depth
        parent: _Node | None = None
        while isinstance(here, _Node):
            here.hash = b""
            parent, here, depth = here, here.sides[bit(label, depth)], depth + 1
        below: _Leaf | _Node = new
        if here is not None:
            below = _fork(here, new, depth)
        if parent is None:
            self._top = below
        else:
            parent.sides[bit(label, depth - 1)] = below

    def root(self) -> bytes:
        """Return the 32-byte root; only what changed since the last time is hashed."""
        return _hash(self._top)

    def prove(self, label: bytes) -> MapProof:
        """Return the proof that a label is in the map, or that it is not."""
        self.root()
        here, path = self._top, list[bytes]()
        while isinstance(here, _Node):
            side = bit(label, self._depth + len(path))
            path.append(_hash(here.sides[1 - side]))
            here = here.sides[side]
        if here is None or here.label == label:
            return MapProof(tuple(path))
        return MapProof(tuple(path), (here.label, here.value))


def check(root: bytes, label: bytes, leaf: bytes | None, proof: MapProof) -> None:
    """Check that a label has this leaf hash under a root, or none at all.

    Args:
        root: 32-byte root of the map.
        label: 32-byte label asked about.
        leaf: the 32-byte leaf hash expected; None checks that the label is absent.
        proof: the way from the root.

    Raises:
        MalformedError: a path too long, or another label shown that proves nothing.
        MismatchError: the way leads to another root.
    """
    depth = len(proof.path)
    if depth > MAX_DEPTH or any(len(hashed) != HASH_BYTES for hashed in proof.path):
        raise MalformedError("a map path is too long or holds a hash that is not 32 bytes")
    if leaf is not None:
        if proof.other is not None:
            raise MalformedError("a membership proof shows another label")
        end = map_leaf(label, leaf)
    elif proof.other is None:
        end = EMPTY
    else:
        other, value = proof.other
        if other == label or not _same_start(other, label, depth):
            raise MalformedError("an absence proof shows a label that proves nothing")
        end = map_leaf(other, value)
    if _fold(label, end, proof.path) != root:
        raise MismatchError("a map proof leads to another root")


def bit(label: bytes, depth: int) -> int:
    """Return bit `depth` of a label, the most significant first."""
    return label[depth >> 3] >> (7 - (depth & 7)) & 1


def _fold(label: bytes, end: bytes, path: Sequence[bytes]) -> bytes:
    hashed = end
    for depth in range(len(path) - 1, -1, -1):
        sides = (path[depth], hashed) if bit(label, depth) else (hashed, path[depth])
        hashed = map_node(*sides)
    return hashed


def _same_start(one: bytes, two: bytes, depth: int) -> bool:
    return len(one) == len(two) and all(bit(one, d) == bit(two, d) for d in range(depth))


def _fork(old: _Leaf, new: _Leaf, depth: int) -> _Node:
    """Return the nodes that part two labels, from `depth` to where they differ."""
    if old.label == new.label:
        raise MismatchError("a label stands in the log twice")
    top = here = _Node()
    while (side := bit(old.label, depth)) == bit(new.label, depth):
        below = _Node()
        here.sides[side] = below
        here, depth = below, depth + 1
    here.sides[side], here.sides[1 - side] = old, new
    return top


def _hash(node: _Leaf | _Node | None) -> bytes:
    if node is None:
        return EMPTY
    if not node.hash and isinstance(node, _Node):
        node.hash = map_node(_hash(node.sides[0]), _hash(node.sides[1]))
    return node.hash
