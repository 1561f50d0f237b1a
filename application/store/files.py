"""What is written for a person or kept beside the ledger: whole or not at all, errors worded once.

write_whole    replaces what is there        reports, settings, what witnesses are asked
write_new      never overwrites              proofs, certificates, exports
new_key_file   never overwrites, mode 0600   the ledger key, officials' and witnesses' keys

How a file comes under its name only when it is whole stands in `transparency/files.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from domain.errors import BadInputError, CannotTellError, StorageError
from transparency.files import PRIVATE, SHARED, whole

__all__ = [
    "PRIVATE",
    "SHARED",
    "new_key_file",
    "read_key_file",
    "replace_key_file",
    "writable",
    "write_new",
    "write_whole",
]
Data: TypeAlias = bytes | str | Iterable[bytes]
_LONGEST_KEY = 65_536


def write_whole(path: Path, data: Data, *, mode: int = SHARED) -> None:
    """Put a file in the place of what is there, at once or piece by piece.

    Raises:
        StorageError: it cannot be written; what was there stays.
    """
    try:
        _write(path, data, new=False, mode=mode)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise StorageError(msg) from error


def write_new(path: Path, data: Data, *, mode: int = SHARED) -> None:
    """Write a new file, at once or piece by piece.

    Raises:
        BadInputError: there is a file of that name. StorageError: it cannot be written.
    """
    try:
        _write(path, data, new=True, mode=mode)
    except FileExistsError as error:
        msg = f"{path} exists already and is not overwritten: name another file"
        raise BadInputError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise StorageError(msg) from error


def new_key_file(path: Path, text: str) -> None:
    """Write a key to a file of mode 0600. An existing file is never overwritten.

    Raises:
        BadInputError: there is a file of that name. StorageError: it cannot be written.
    """
    try:
        _write(path, text, new=True, mode=PRIVATE)
    except FileExistsError as error:
        msg = f"{path} exists already and is not overwritten: name another key file"
        raise BadInputError(msg) from error
    except OSError as error:
        raise _no_key(path, error) from error


def replace_key_file(path: Path, text: str) -> None:
    """Put another key in the place of a key file's, in one step, mode 0600.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        _write(path, text, new=False, mode=PRIVATE)
    except OSError as error:
        raise _no_key(path, error) from error


def _no_key(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path}: the key cannot be written ({error.strerror})")


def read_key_file(path: Path, called: str, missing: str, *, encoding: str = "utf-8") -> str:
    """Return the text of a key file.

    Args:
        path: the file. called: what it should be, such as `a ledger key`.
        missing: the sentence when it is not there. encoding: of its text.

    Raises:
        BadInputError: others may read the file, or it is no text.
        CannotTellError: there is no such file.
    """
    try:
        if path.is_dir():
            msg = f"{path} is a folder: name the file of the key in it"
            raise BadInputError(msg)
        if path.stat().st_mode & 0o077:
            msg = f"{path} can be read by others: chmod 600 it"
            raise BadInputError(msg)
        with path.open(encoding=encoding) as file:
            return file.read(_LONGEST_KEY)
    except FileNotFoundError as error:
        raise CannotTellError(missing) from error
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read as {called}"
        raise BadInputError(msg) from error


def writable(path: Path) -> bool:
    """Return whether a file and the folder it lies in may be written."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _write(path: Path, data: Data, *, new: bool, mode: int) -> None:
    data = data.encode() if isinstance(data, str) else data
    with whole(path, new=new, mode=mode) as file:
        for piece in [data] if isinstance(data, bytes) else data:
            file.write(piece)
