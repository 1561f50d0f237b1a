"""The container of an xls file, followed before a parser does: no chain of sectors may turn back.

A compound file is a small file system: tables say which sector follows which. In a damaged one a
chain can lead back to itself, and the parser would follow it for ever. Here each table is read and
refused when a sector lies outside of the file or has two sectors before it.

Source:
    MS-CFB §2.2 (header), §2.3 (FAT), §2.4 (mini FAT), §2.5 (DIFAT), §2.6 (directory).
"""

from __future__ import annotations

import struct
from array import array
from typing import NamedTuple

from intake.errors import IntakeError

HEADER, MINI_CUTOFF = 512, 4096
_SPECIAL = 0xFFFFFFFA  # from here on: free, end of chain, a table's own sector
_IN_HEADER = 109
_SECTOR_SHIFTS = {9, 12}


class _Broken(Exception):  # noqa: N818 - never leaves this module
    """A chain that no parser should follow."""


def streams(data: bytes, names: set[str]) -> list[bytes]:
    """Return the streams of some names, every chain of the file having been followed.

    Args:
        data: the file, beginning with its signature.
        names: of the streams wanted.

    Raises:
        IntakeError: damaged.
    """
    try:
        return _streams(data, names)
    except (_Broken, struct.error, IndexError):
        raise IntakeError("damaged", found="xls") from None


def _streams(data: bytes, names: set[str]) -> list[bytes]:
    if len(data) < HEADER:
        raise _Broken
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in _SECTOR_SHIFTS:
        raise _Broken
    fats, directory, mini, difat = (
        struct.unpack_from("<I", data, at)[0] for at in (44, 48, 60, 68)
    )
    size = 1 << shift
    sectors = -(-len(data) // size) - 1
    listed = _listed(data, size, sectors, difat)[:fats]
    fat = array("I")
    for sector in listed:
        fat.extend(_sector(data, size, sectors, sector))
    _check_links(fat[:sectors], sectors)
    entries = b"".join(
        struct.pack(f"<{size // 4}I", *_sector(data, size, sectors, sector))
        for sector in _walk(fat, directory, sectors)
    )
    mini_fat = array("I")
    for sector in _walk(fat, mini, sectors):
        mini_fat.extend(_sector(data, size, sectors, sector))
    _check_links(mini_fat, len(mini_fat))

    def read(start: int, length: int) -> bytes:
        parts = (data[(n + 1) * size : (n + 2) * size] for n in _walk(fat, start, sectors))
        return b"".join(parts)[:length]

    root, *files = _entries(entries)
    mini_stream = read(root.start, root.length)
    found = []
    for file in files:
        if file.name not in names:
            continue
        if file.length >= MINI_CUTOFF:
            found.append(read(file.start, file.length))
        else:
            chain = _walk(mini_fat, file.start, len(mini_fat))
            found.append(b"".join(mini_stream[n * 64 : n * 64 + 64] for n in chain)[: file.length])
    return found


class _Entry(NamedTuple):
    name: str
    start: int
    length: int


def _entries(directory: bytes) -> list[_Entry]:
    """Read the directory: 128 bytes an entry, the root first."""
    found = []
    for at in range(0, len(directory), 128):
        name = directory[at : at + 64].decode("utf-16-le", errors="replace").split("\0")[0]
        start, length = struct.unpack_from("<II", directory, at + 116)
        found.append(_Entry(name, start, length))
    if not found:
        raise _Broken
    return found


def _sector(data: bytes, size: int, sectors: int, index: int) -> tuple[int, ...]:
    """Return a table's sector as numbers; sector 0 follows the header."""
    start = (index + 1) * size
    if index >= sectors or start + size > len(data):
        raise _Broken
    return struct.unpack_from(f"<{size // 4}I", data, start)


def _listed(data: bytes, size: int, sectors: int, difat: int) -> list[int]:
    """Return the sectors that hold the FAT: 109 in the header, the rest in a chain."""
    found = list(struct.unpack_from(f"<{_IN_HEADER}I", data, 76))
    seen: set[int] = set()
    while difat < _SPECIAL:
        if difat in seen:
            raise _Broken
        seen.add(difat)
        *more, difat = _sector(data, size, sectors, difat)
        found += more
    return [sector for sector in found if sector < _SPECIAL]


def _check_links(table: array[int], sectors: int) -> None:
    """Refuse links that leave the file, meet, or go round."""
    before = bytearray(sectors)
    for after in table:
        if after >= _SPECIAL:
            continue
        if after >= sectors or before[after]:
            raise _Broken
        before[after] = 1
    starts = [index for index in range(len(table)) if not before[index]]
    reached = 0
    for start in starts:
        at = start
        reached += 1
        while table[at] < min(_SPECIAL, len(table)):
            at = table[at]
            reached += 1
    if reached != len(table):  # what no start leads to goes round
        raise _Broken


def _walk(table: array[int], start: int, sectors: int) -> list[int]:
    chain: list[int] = []
    while start < _SPECIAL:
        if start >= len(table) or len(chain) > sectors:
            raise _Broken
        chain.append(start)
        start = table[start]
    return chain
