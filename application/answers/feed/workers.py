"""Workers: one function over the pieces of a long log, on every core, answers in the pieces' order.

A replay's time is the interpreter's, so a long log is cut into pieces, and processes of their own take
one after the other; a short log stays in this process. Only a few pieces run ahead of the reader, so
memory stays constant. Each worker opens the log itself, read-only. Answers are plain values (`marshal`
carries them: texts, numbers, None, tuples, lists, dicts).
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from domain.errors import StorageError

Work: TypeAlias = Callable[[sqlite3.Connection, Any], Any]
"""A function of a module (or a `partial` of one): the log and a piece to an answer."""
AHEAD = 8
"""Pieces a worker that are on their way at once."""
_log: sqlite3.Connection


def each(
    log: sqlite3.Connection, work: Work, pieces: Sequence[Any], *, spread: bool
) -> Iterator[Any]:
    """Yield what the work answers to each piece, in order.

    Args:
        log: the ledger. work, pieces: see the module.
        spread: over as many processes as there are cores; False for a short log.

    Raises:
        StorageError: a worker was stopped from outside.
    """
    workers = min(cores(), len(pieces)) if spread else 1
    if workers == 1:
        with collector_paused():
            for piece in pieces:
                yield work(log, piece)
        return
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), _start, (str(path_of(log)),)
    )
    waiting: deque[Future[bytes]] = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(_answer, work, piece))
            if len(waiting) == AHEAD * workers:
                yield marshal.loads(waiting.popleft().result())  # noqa: S302 -- from our own worker
        while waiting:
            yield marshal.loads(waiting.popleft().result())  # noqa: S302 -- from our own worker
    except BrokenProcessPool as error:
        msg = "a process of the replay was stopped from outside: start it again"
        raise StorageError(msg) from error
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from looking at millions of short-lived rows: none form a cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


C = TypeVar("C", bound=sqlite3.Connection)
MAPPED_BYTES = 2**40


def reading(path: Path, kind: type[C]) -> C:
    """Open a file for reading alone, its pages mapped: what many processes read is kept once."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, factory=kind)
    connection.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
    return connection


def path_of(connection: sqlite3.Connection) -> Path:
    """Return the file behind a connection."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def _start(path: str) -> None:
    global _log  # noqa: PLW0603 -- one connection a worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the parent's to answer
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    gc.disable()
    _log = reading(Path(path), sqlite3.Connection)


def _leave_with_parent() -> None:
    """End when the parent does: one that was killed cannot tell its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(work: Work, piece: Any) -> bytes:
    return marshal.dumps(work(_log, piece))
