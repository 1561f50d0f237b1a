"""Files that are never half-written: whole and on the disk under their name, or not there at all.

with whole(path) as file:                 replaces what is there, in one step
with whole(path, new=True) as file:       refuses where there is something

It is written beside its place under another name, synced, and given its own.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PRIVATE, SHARED = 0o600, 0o666
"""Read by its owner alone; read by whom the user's own settings (umask) allow."""
_NAME = 40  # letters of the name that the part beside it keeps: a long name still fits


@contextlib.contextmanager
def whole(path: Path, *, new: bool = False, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """Write a file that appears under its name when it is complete and on the disk.

    Whoever leaves with an error leaves nothing behind, and what was there as it was.

    Args:
        path: the file; its directory must be there.
        new: never overwrite a file. mode: who may read it, less the umask.

    Raises:
        FileExistsError: `new`, and there is a file of that name. OSError: it cannot be written.
    """
    if new and os.path.lexists(path):
        raise _exists(path)
    part = path.with_name(f".{path.name[:_NAME]}.{os.urandom(4).hex()}.part")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(part, flags, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        (_link if new else os.replace)(part, path)
    except OSError as error:
        if error.filename == str(part):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    _sync(path.parent)


def write_durably(path: Path, text: str) -> None:
    """Replace a private file by one that is complete and on the disk, or leave it as it was.

    Args:
        path: the file; its directory must be there.
        text: what to write, as UTF-8.
    """
    with whole(path) as file:
        file.write(text.encode())


def _exists(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _link(part: Path, path: Path) -> None:
    """Give a file its name, never over another that came meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a medium that knows no links, such as a stick
        if os.path.lexists(path):
            raise _exists(path) from None
        part.replace(path)


def _sync(folder: Path) -> None:
    """Make a rename durable: it is once its directory is synced."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
