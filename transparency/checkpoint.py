"""Checkpoints: how large the log is and what its root is (C2SP tlog-checkpoint).

    a.example/log          origin: which log
    20                     size: how many entries
    q3mT…=                 base64 of the 32-byte root

Three lines and no more. A log never signs two checkpoints of which one is not the beginning
of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from transparency.encoding import b64, decimal, unb64, utf8
from transparency.errors import MalformedError
from transparency.tree import HASH_BYTES

_LINES = 3
MAX_ORIGIN = 255  # bytes


@dataclass(frozen=True)
class Checkpoint:
    """The state of one log: origin, size and 32-byte root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text, without signatures.

        Raises:
            MalformedError: not exactly three lines, an empty origin, a size that is not a
                plain decimal, a root that is not 32 bytes.
        """
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1]:
            raise MalformedError("a checkpoint does not have three lines")
        origin, size, root, _ = lines
        if not 0 < len(utf8(origin)) <= MAX_ORIGIN:
            raise MalformedError("a checkpoint's origin is empty or too long")
        return cls(origin, decimal(size), unb64(root, HASH_BYTES))
