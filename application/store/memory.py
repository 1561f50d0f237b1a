"""Memory while thousands of facts are made or read: the search for cycles comes less often.

What is made there lives on (histories, facts, rows) and holds no cycles. Looking through all of it
again after every 700 new objects, as Python does by default, was a fifth of a batch's time.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

NEW_OBJECTS = 100_000
"""After so many new objects Python looks for cycles; a fact is about ten of them."""

SELDOM = 50
"""Among so many such searches there is one that looks at what survived the others, too."""


@contextlib.contextmanager
def few_collections() -> Iterator[None]:
    """Let Python look for cycles after every 100,000 new objects, and as before afterwards."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], NEW_OBJECTS) if before[0] else 0, SELDOM, SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
