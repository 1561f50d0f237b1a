"""Workers: one function over the pieces of a long log, on every core, answers in the pieces' order.

A replay's time is the interpreter's, so a long log is cut into pieces, and processes of their own take
one after the other; a short log stays in this process. Only a few pieces run ahead of the reader, so
memory stays constant. Each worker opens the log itself, read-only. Answers are plain values (`marshal`
carries them: texts, numbers, None, tuples, lists, dicts).
"""

from __future__ import annotations

import gc
import marshal
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeAlias, TypeVar

from application.store.memory import few_collections
from domain.errors import StorageError


class Log(Protocol):
    """What work is done on: another process opens another reader of it."""

    def another(self) -> Callable[[], Any]:
        """Return what opens it again; it is sent to the other process."""


L = TypeVar("L", bound=Log)
Work: TypeAlias = Callable[[L, Any], Any]
"""A function of a module (or a `partial` of one): the log and a piece to an answer."""
AHEAD = 8
"""Pieces a worker that are on their way at once."""
_log: Any  # a worker's own reader


def each(log: L, work: Work[L], pieces: Sequence[Any], *, spread: bool) -> Iterator[Any]:
    """Yield what the work answers to each piece, in order.

    Args:
        log: the log. work, pieces: see the module.
        spread: over as many processes as there are cores; False for a short log.

    Raises:
        StorageError: a worker was stopped from outside.
    """
    workers = min(cores(), len(pieces)) if spread else 1
    if workers == 1:
        with few_collections():
            for piece in pieces:
                yield work(log, piece)
        return
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), _start, (log.another(),)
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


def _start(another: Callable[[], Any]) -> None:
    global _log  # noqa: PLW0603 -- one reader a worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the parent's to answer
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    gc.disable()
    _log = another()


def _leave_with_parent() -> None:
    """End when the parent does: one that was killed cannot tell its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(work: Work[Any], piece: Any) -> bytes:
    return marshal.dumps(work(_log, piece))
