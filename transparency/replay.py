"""Replay: read every entry again, and catch the one lie a proof cannot show.

A proof shows what the label map says; it cannot show that the operator put every entry into it.
Whoever holds the entries (65 random-looking bytes each) can: the tree must have the signed root,
every map entry must commit to exactly the event entries before it, and no label may stand twice.
A replaying witness does this before it cosigns; a reader does it with `verify(…, entries=…)`.
"""

from __future__ import annotations

from collections.abc import Iterable

from transparency import tree
from transparency.checkpoint import Checkpoint
from transparency.entries import ENTRY_BYTES, EntryKind, split
from transparency.errors import MalformedError, MismatchError
from transparency.labelmap import LabelMap


def cut(data: bytes) -> list[bytes]:
    """Return the entries of a file that holds them one after the other.

    Raises:
        MalformedError: a number of bytes that is not a multiple of 65.
    """
    if len(data) % ENTRY_BYTES:
        raise MalformedError("the file of entries ends in the middle of an entry")
    return [data[at : at + ENTRY_BYTES] for at in range(0, len(data), ENTRY_BYTES)]


def replay(entries: Iterable[bytes], checkpoint: Checkpoint) -> None:
    """Check every entry up to a checkpoint; entries beyond it are not read.

    Raises:
        MalformedError: an entry that is none.
        MismatchError: another root, a map entry that leaves an event out or adds one, a label
            that stands twice, fewer entries than the checkpoint has, or a checkpoint that
            does not end in a map entry.
    """
    nodes, labels, kind = tree.Tree(), LabelMap(), None
    for index, entry in zip(range(checkpoint.size), entries, strict=False):
        kind, a, b = split(entry)
        leaf = tree.leaf_hash(entry)
        if kind is EntryKind.EVENT:
            labels.insert(a, leaf)
        elif kind is EntryKind.MAP and (a, b) != (labels.root(), index.to_bytes(32, "big")):
            raise MismatchError(f"the map entry at {index} is not over all events before it")
        nodes.append(leaf)
    if len(nodes) < checkpoint.size:
        raise MismatchError(f"{len(nodes)} entries were given for a log of {checkpoint.size}")
    if kind is not EntryKind.MAP:
        raise MismatchError(f"the checkpoint of size {checkpoint.size} does not end in a map entry")
    if tree.root(checkpoint.size, nodes.get) != checkpoint.root:
        raise MismatchError("the entries do not have the root of the checkpoint")
