"""The Merkle tree of RFC 6962: what was in the log stays in the log.

    empty = SHA-256("")
    leaf  = SHA-256(0x00 ‖ data)
    node  = SHA-256(0x01 ‖ left ‖ right), split at the largest power of two below the size

Only hashes of *complete* subtrees are kept, by (level, index): level 0 holds the leaves, and the
node (level, index) covers the leaves from index·2^level on. Each is written once and never again,
so a proof of any age is made from the same nodes. Everything that makes a root or a proof takes
a look-up `get(level, index)`, whether the nodes stand in memory or in a table.

Example:
    >>> tree = Tree()
    >>> for data in (b"a", b"b", b"c"):
    ...     tree.append(leaf_hash(data))
    >>> root(3, tree.get) == node_hash(node_hash(leaf_hash(b"a"), leaf_hash(b"b")), leaf_hash(b"c"))
    True
    >>> check_inclusion(leaf_hash(b"c"), 2, 3, inclusion(2, 3, tree.get), root(3, tree.get))
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from transparency.errors import MalformedError, MismatchError

HASH_BYTES = 32
MAX_PATH = 63
EMPTY_ROOT = hashlib.sha256(b"").digest()

Lookup = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ data), 32 bytes (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), 32 bytes (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(index: int, leaf: bytes, get: Lookup) -> Iterator[tuple[int, int, bytes]]:
    """Yield every (level, index, hash) that the leaf at `index` completes, itself first."""
    level, hashed = 0, leaf
    yield level, index, hashed
    while index & 1:
        hashed = node_hash(get(level, index - 1), hashed)
        level, index = level + 1, index >> 1
        yield level, index, hashed


class Tree:
    """A tree in memory: append leaf hashes, look nodes up."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add one 32-byte leaf hash at the end."""
        for level, _, hashed in grown(len(self), leaf, self.get):
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(hashed)

    def get(self, level: int, index: int) -> bytes:
        """Return the hash of one complete subtree."""
        return self._levels[level][index]


def root(size: int, get: Lookup) -> bytes:
    """Return the 32-byte root over the first `size` leaves (RFC 6962 §2.1)."""
    return _hash(0, size, get) if size else EMPTY_ROOT


def inclusion(index: int, size: int, get: Lookup) -> list[bytes]:
    """Return the audit path of one leaf, from its sibling up to the root's child.

    Args:
        index: zero-based position of the leaf, below `size`.
        size: number of leaves of the tree proven against.
        get: look-up of complete subtrees.

    Source:
        RFC 6962 §2.1.1.
    """
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_hash(middle, high, get))
            high = middle
        else:
            path.append(_hash(low, middle, get))
            low = middle
    return path[::-1]


def consistency(old: int, new: int, get: Lookup) -> list[bytes]:
    """Return the proof that the first `old` of `new` leaves are unchanged; empty from size 0.

    Source:
        RFC 6962 §2.1.2, SUBPROOF(m, D[n], true), its recursion unrolled.
    """
    if old in (0, new):
        return []
    low, high, proof, whole = 0, new, list[bytes](), True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_hash(middle, high, get))
            high = middle
        else:
            proof.append(_hash(low, middle, get))
            low, whole = middle, False
    if not whole:
        proof.append(_hash(low, high, get))
    return proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf stands at `index` in the tree of `size` leaves under `root`.

    Args:
        leaf: 32-byte leaf hash.
        index: zero-based position claimed.
        size: number of leaves under the root.
        path: 32-byte hashes from the leaf's sibling up.
        root: 32-byte root.

    Raises:
        MalformedError: an index outside the tree, a hash that is not 32 bytes, or a path
            too long or too short.
        MismatchError: the path leads to another root.

    Source:
        RFC 9162 §2.1.3.2 (the same trees, with the verification written out).
    """
    _hashes(leaf, root, *path)
    if not 0 <= index < size:
        raise MalformedError(f"index {index} is outside a tree of {size} entries")
    if len(path) != _path_length(index, size):
        raise MalformedError(f"an inclusion path has {len(path)} hashes, which does not fit")
    last, hashed, steps = size - 1, leaf, iter(path)
    while last:
        if index & 1:
            hashed = node_hash(next(steps), hashed)
        elif index < last:
            hashed = node_hash(hashed, next(steps))
        index, last = index >> 1, last >> 1
    if hashed != root:
        raise MismatchError("an inclusion path leads to another root")


def check_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves.

    Args:
        old: size of the earlier tree, at least 1.
        new: size of the later tree, at least `old`.
        proof: 32-byte hashes.
        old_root: 32-byte root of the earlier tree.
        new_root: 32-byte root of the later tree.

    Raises:
        MalformedError: sizes that cannot be, a hash that is not 32 bytes, or a proof too
            long or too short.
        MismatchError: the proof leads to other roots.

    Source:
        RFC 9162 §2.1.4.2.
    """
    _hashes(old_root, new_root, *proof)
    if not 0 < old <= new:
        raise MalformedError(f"no consistency is defined from size {old} to size {new}")
    if old == new:
        if proof:
            raise MalformedError("a consistency proof between equal sizes is not empty")
        if old_root != new_root:
            raise MismatchError(f"two roots are shown for one size {old}")
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    if len(steps) != 1 + _path_length(first, last + 1):
        raise MalformedError(f"a consistency proof has {len(proof)} hashes, which does not fit")
    before = after = steps[0]
    rest = iter(steps[1:])
    while last:
        if first & 1:
            step = next(rest)
            before, after = node_hash(step, before), node_hash(step, after)
        elif first < last:
            after = node_hash(after, next(rest))
        first, last = first >> 1, last >> 1
    if (before, after) != (old_root, new_root):
        raise MismatchError(f"size {old} and size {new} are not of one history")


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def _hash(low: int, high: int, get: Lookup) -> bytes:
    """MTH(D[low:high]), from right to left over the complete subtrees it falls into."""
    peaks = list(_peaks(low, high))
    hashed = get(*peaks[-1])
    for level, index in reversed(peaks[:-1]):
        hashed = node_hash(get(level, index), hashed)
    return hashed


def _peaks(low: int, high: int) -> Iterator[tuple[int, int]]:
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _path_length(index: int, size: int) -> int:
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def _hashes(*hashes: bytes) -> None:
    for hashed in hashes:
        if len(hashed) != HASH_BYTES:
            raise MalformedError(f"a hash has {len(hashed)} bytes instead of {HASH_BYTES}")
