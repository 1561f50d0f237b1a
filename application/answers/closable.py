"""The open irregularities of one rule, to be closed together with one reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.answers.reader import Reader
from application.answers.two_clocks import latest
from application.store.streams import Streams
from domain.book import BOOK
from domain.errors import RefusedError, UnknownError
from projections.irregular import irregular

if TYPE_CHECKING:
    from application.answers.feed.follow import Views


def closable(
    views: Views, streams: Streams, who: Reader, rule: int, batch: str | None = None
) -> tuple[tuple[str, int], ...]:
    """Return the events with an open irregularity by a rule, of one operation where it is named.

    Open is what breaks the rule as known now, also what only later knowledge made so. Of a rule that
    this reader may not know of, none is.

    Raises:
        RefusedError: the rule is critical: such are closed singly. UnknownError: none is open.
    """
    if rule not in BOOK:
        msg = f"there is no rule {rule}: `amana rules` prints the book"
        raise UnknownError(msg)
    if "C" in BOOK[rule][0]:
        msg = "what breaks it is critical and is closed singly: amana irregularity close EVENT RULE"
        raise RefusedError(rule, msg)
    clocks = latest(views)
    told = who.sees_rule(rule)
    rows = irregular(views.connection, rule, "", clocks.true_at, clocks.known_at) if told else []
    refs = [
        (stream, int(version)) for stream, _, version in (r.event.rpartition(":") for r in rows)
    ]
    known = streams.histories(sorted({stream for stream, _ in refs}))
    found = tuple(
        (stream, version)
        for stream, version in refs
        if batch in {None, known[stream].events[version - 1].batch}
    )
    if not found:
        where = "" if batch is None else f" in {batch}"
        msg = f"no irregularity by rule {rule} is open{where}"
        raise UnknownError(msg)
    return found
