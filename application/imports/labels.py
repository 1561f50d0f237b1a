"""Names of files and documents as a label of evidence may hold them: no control, no turned direction."""

from __future__ import annotations

LONGEST = 200
_UNSAFE = dict.fromkeys(
    (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x61C,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
    ),
    "_",
)


def safe(text: str) -> str:
    """Return a text with `_` for each character that a label may not hold."""
    return text.translate(_UNSAFE)


def of_file(name: str) -> str:
    """Return a file's own name as a label; of a long one the end, which tells files apart."""
    return safe(name)[-LONGEST:]


def of_document(said: str) -> str:
    """Return what a sheet was copied from, as a label."""
    return safe(said)[:LONGEST]
