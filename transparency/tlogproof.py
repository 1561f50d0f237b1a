"""One entry's proof as a text of its own, for anybody else's tools (C2SP tlog-proof).

c2sp.org/tlog-proof@v1
extra <base64>             optional, not authenticated
index 417
<base64 hash>              from the leaf's sibling to the root's child
…

<checkpoint note, verbatim>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transparency.checkpoint import Checkpoint
from transparency.encoding import b64, decimal, unb64
from transparency.errors import MalformedError
from transparency.signed_note import MAX_BYTES, SignedNote
from transparency.tree import HASH_BYTES, MAX_PATH, check_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA = 131_072  # characters


@dataclass(frozen=True)
class TlogProof:
    """An entry's place, its inclusion path, and the checkpoint note it leads to."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = "" if self.extra is None else f"extra {b64(self.extra)}\n"
        return f"{HEADER}\n{extra}index {self.index}\n{write_hashes(self.path)}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> TlogProof:
        """Read a proof; whether it holds is for `check` and a policy.

        Raises:
            MalformedError: another header, a line out of place, or too long.
        """
        if len(text) > MAX_BYTES + MAX_EXTRA:
            raise MalformedError("a tlog-proof is too long")
        head, _, note = text.partition("\n\n")
        header, *rows = head.split("\n")
        if header != HEADER:
            raise MalformedError("the text is not a tlog-proof of version 1")
        extra = None
        if rows and rows[0].startswith("extra "):
            extra = unb64(rows.pop(0).removeprefix("extra "))
        if not rows or not rows[0].startswith("index "):
            raise MalformedError("a tlog-proof has no index")
        index = decimal(rows.pop(0).removeprefix("index "))
        return cls(index, read_hashes(rows), str(SignedNote.parse(note)), extra)

    def check(self, leaf: bytes) -> Checkpoint:
        """Check that a 32-byte leaf hash is included; signatures are for a policy to check.

        Raises:
            MalformedError: an index or path that cannot be.
            MismatchError: the path leads to another root.
        """
        checkpoint = Checkpoint.parse(SignedNote.parse(self.note).text)
        check_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint


def write_hashes(hashes: Sequence[bytes]) -> str:
    """Return one base64 line a hash."""
    return "".join(f"{b64(hashed)}\n" for hashed in hashes)


def read_hashes(rows: Sequence[str]) -> tuple[bytes, ...]:
    """Read at most 63 base64 lines of 32 bytes.

    Raises:
        MalformedError: more lines, or another length.
    """
    if len(rows) > MAX_PATH:
        raise MalformedError(f"a proof has more than {MAX_PATH} hashes")
    return tuple(unb64(row, HASH_BYTES) for row in rows)
