"""Days of a report, and what is said of days that the ledger cannot know of yet."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from application.answers.spans import Span
from domain.times import day_name
from words.instants import to_the_second


def beyond(span: Span, zone: ZoneInfo) -> str:
    """Say which days asked for the ledger could not know of, and how far the last one is counted.

    "" where every day asked for was over.
    """
    if span.asked is None or (span.asked == span.last and span.until < span.known_at):
        return ""
    known = to_the_second(span.known_at, zone)
    if span.last < span.first:
        return f"nothing is known after {known}: no day asked for had begun"
    said = f"nothing is known after {known}: {day_name(span.last)} is counted so far"
    return said if span.asked == span.last else f"{said}, later days are left out"
