"""The label map as it stood at a checkpoint, kept by buckets: a proof reads few labels, not all.

The map is cut at a depth P. For each of its 2^P subtrees there are kept the hash and whether it holds
no label, one, or more. From these follow the hashes above, up to the root; below, only the labels of
the one bucket that is asked about are read. What is kept is a shortcut and believed by nobody:
its root must be the map entry's, else the whole map is built again.

    depth P    so that a bucket holds about a dozen labels, at most 12
    counts     one byte a bucket: 0, 1, 2 for more
    hashes     32 bytes a bucket; 32 zero bytes for none
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transparency.labelmap import EMPTY, LabelMap, MapProof, bit, map_leaf, map_node
from transparency.tree import HASH_BYTES

MAX_CUT = 12
MANY = 2
_SHARE_BITS = 4  # a bucket holds about half of 2 to this


def cut_of(count: int) -> int:
    """Return the depth at which a map of so many labels is cut."""
    return max(0, min(MAX_CUT, count.bit_length() - _SHARE_BITS))


@dataclass(frozen=True)
class Cut:
    """A map cut at a depth: the counts (0, 1, 2 for more) and hashes of the subtrees there."""

    depth: int
    counts: bytes
    hashes: bytes

    def fits(self) -> bool:
        """Say whether the parts, as a table may hold them, are what their depth asks for."""
        if not isinstance(self.counts, bytes) or not isinstance(self.hashes, bytes):
            return False
        count = len(self.counts)
        lengths = count, len(self.hashes)
        return 0 <= self.depth <= MAX_CUT and lengths == (1 << self.depth, count * HASH_BYTES)

    def root(self) -> bytes:
        """Return the map's 32-byte root."""
        return self.levels()[0][1]

    def levels(self) -> list[tuple[bytes, bytes]]:
        """Return (counts, hashes) of every depth from the root down to the cut."""
        levels = [(self.counts, self.hashes)]
        while len(levels[0][0]) > 1:
            levels.insert(0, _above(*levels[0]))
        return levels


def _above(counts: bytes, hashes: bytes) -> tuple[bytes, bytes]:
    """Return the level above: two subtrees make a node, unless they hold one label together."""
    size, up, out = HASH_BYTES, bytearray(), bytearray()
    for at in range(0, len(counts), 2):
        count = counts[at] + counts[at + 1]
        left = hashes[at * size : (at + 1) * size]
        right = hashes[(at + 1) * size : (at + 2) * size]
        up.append(min(MANY, count))
        out += map_node(left, right) if count > 1 else left if counts[at] else right
    return bytes(up), bytes(out)


def bounds(prefix: int, depth: int) -> tuple[bytes, bytes]:
    """Return the first and the last label whose first `depth` bits are `prefix`."""
    free = 8 * HASH_BYTES - depth
    low = prefix << free
    return low.to_bytes(HASH_BYTES, "big"), (low | ((1 << free) - 1)).to_bytes(HASH_BYTES, "big")


def cut(labels: Iterable[tuple[bytes, bytes]], depth: int) -> Cut:
    """Cut a map at a depth.

    Args:
        labels: (label, leaf hash), in ascending order of labels.
        depth: bits.
    """
    buckets: list[LabelMap | None] = [None] * (1 << depth)
    counts = bytearray(1 << depth)
    ones: dict[int, bytes] = {}
    for label, leaf in labels:
        at = int.from_bytes(label, "big") >> (8 * HASH_BYTES - depth)
        counts[at] = min(MANY, counts[at] + 1)
        inside = buckets[at]
        if inside is None:
            inside = buckets[at] = LabelMap(depth)
            ones[at] = map_leaf(label, leaf)
        inside.insert(label, leaf)
    hashes = b"".join(
        EMPTY if inside is None else ones[at] if counts[at] == 1 else inside.root()
        for at, inside in enumerate(buckets)
    )
    return Cut(depth, bytes(counts), hashes)


@dataclass
class Walk:
    """How far above the cut a label's place is: its path so far, and where the walk stopped."""

    path: list[bytes]
    prefix: int
    count: int


def walk(levels: list[tuple[bytes, bytes]], label: bytes) -> Walk:
    """Walk from the root towards a label, to the cut or to a subtree with one label or none."""
    path: list[bytes] = []
    prefix = 0
    while len(path) < len(levels) - 1 and levels[len(path)][0][prefix] == MANY:
        side = bit(label, len(path))
        hashes = levels[len(path) + 1][1]
        other = 2 * prefix + 1 - side
        path.append(hashes[other * HASH_BYTES : (other + 1) * HASH_BYTES])
        prefix = 2 * prefix + side
    return Walk(path, prefix, levels[len(path)][0][prefix])


def prove(here: Walk, label: bytes, below: Iterable[tuple[bytes, bytes]]) -> MapProof:
    """Finish a walk with the labels of the subtree where it stopped."""
    inside = list(below)
    if here.count < MANY:
        found = inside[0] if inside and inside[0][0] != label else None
        return MapProof(tuple(here.path), found)
    bucket = LabelMap(len(here.path))
    for one, leaf in inside:
        bucket.insert(one, leaf)
    rest = bucket.prove(label)
    return MapProof((*here.path, *rest.path), rest.other)
