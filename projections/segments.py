"""Segments: every subject's standing at any instant, as known at any other. See `timelines.py`.

    segment         one row each time a facet changed, in two clocks; ends are learned later
    segment_class   which classes of length are in use, and how far back each can reach
    uncertain       events that lie somewhere in a span
    occupancy_cube  counts by day, see `cube.py`

A segment of class c can answer an instant t only if it began after t − 2^(c+1). So a whole site at
(t, k) is one range per class of an index that holds every column asked for (crates and parties,
asked for less often, have a narrow one):

    segment_class c CROSS JOIN segment s
    WHERE s.site = :site AND s.klass = c.k AND s.valid_from > :t - c.width AND s.valid_from <= :t
      AND s.known_from <= :k AND (s.known_to IS NULL OR s.known_to > :k)
      AND (s.valid_to IS NULL OR s.valid_to > :t OR s.closed_at > :k)

Rows are coded (`row_codes.py`): `valid_to` and `closed_at` are NULL while the end is not learned,
`known_to` while the row is believed. For other tools `rectangle` says the same as standard rectangles,
[valid_from, valid_to) × [known_from, known_to), in microseconds UTC, everything spelled out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from domain import history
from domain.event import Event
from domain.history import History
from domain.times import INF
from projections import cube
from projections.belief import begins
from projections.cube import Calendar
from projections.facets import Value
from projections.row_codes import (
    ORIGIN,
    Row,
    ViewsFile,
    Vocabulary,
    code_of,
    insert,
    instant,
    instant_sql,
    ordered,
    stored,
    subject_of,
    subject_sql,
    word_sql,
)
from projections.timelines import OPEN_CLASS, Journal, Segment, Timeline
from projections.view import Batch, Load

KEEP = 250_000
"""Subjects whose state and open segments stay in memory, about 1 kB each."""
FOR_EVER = 2 * INF
AT_ONCE = 500
_TIMES = "klass, valid_from, valid_to, closed_at, known_from, known_to"
_STATE = "status, site, place, container, party, since"
ANSWERS = f"s.subject, s.facet, s.valid_from, s.version, s.{_STATE.replace(', ', ', s.')}"
"""Columns of one row of an answer, see `population.Standing`."""
TRUE = (
    "s.valid_from <= :t AND s.known_from <= :k AND (s.known_to IS NULL OR s.known_to > :k)"
    " AND (s.valid_to IS NULL OR s.valid_to > :t OR s.closed_at > :k)"
)
"""The one condition: true at `:t`, as known at `:k`, both as stored; `:t` not later than `:k`."""
_SPELLED = ", ".join(
    (
        f"{subject_sql('subject')} AS subject, facet, version",
        *(f"{word_sql(c)} AS {c}" for c in ("status", "site", "place", "container", "party")),
        f"since + {ORIGIN} AS since, valid_from + {ORIGIN} AS valid_from",
    )
)


class Segments:
    """The two-clock read model.

    Args:
        calendar: the days of the site's zone.
    """

    NAME: ClassVar[str] = "segments"
    TABLES: ClassVar[str] = f"""
    CREATE TABLE IF NOT EXISTS segment (
        subject, facet INTEGER, valid_from INTEGER, known_from INTEGER, version INTEGER,
        valid_to INTEGER, closed_at INTEGER, known_to INTEGER, klass INTEGER NOT NULL,
        status INTEGER NOT NULL, site INTEGER, place INTEGER, container INTEGER, party INTEGER,
        since INTEGER, PRIMARY KEY (subject, facet, valid_from, known_from, version)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS segment_site
        ON segment (site, {_TIMES}, status, place, container, party, since)
        WHERE site IS NOT NULL;
    CREATE INDEX IF NOT EXISTS segment_container
        ON segment (container, klass, valid_from) WHERE container IS NOT NULL;
    CREATE INDEX IF NOT EXISTS segment_party
        ON segment (party, klass, valid_from) WHERE party IS NOT NULL;
    CREATE TABLE IF NOT EXISTS segment_class (k INTEGER PRIMARY KEY, width INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS uncertain (
        klass INTEGER, occurred_at INTEGER, subject, version INTEGER,
        occurred_until INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
        PRIMARY KEY (klass, occurred_at, subject, version)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS uncertain_subject ON uncertain (subject);
    {cube.TABLES}
    CREATE VIEW IF NOT EXISTS rectangle AS
        SELECT {_SPELLED}, {INF} AS valid_to, known_from + {ORIGIN} AS known_from,
            min({instant_sql("closed_at")}, {instant_sql("known_to")}) AS known_to
        FROM segment WHERE closed_at IS NULL OR closed_at > known_from
        UNION ALL
        SELECT {_SPELLED}, valid_to + {ORIGIN}, closed_at + {ORIGIN}, {instant_sql("known_to")}
        FROM segment WHERE valid_to > valid_from AND (known_to IS NULL OR closed_at < known_to);
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._known: dict[str, Timeline] = {}

    def take(self, connection: ViewsFile, batch: Batch, load: Load) -> None:
        """Write what a batch changes, inside the caller's transaction."""
        journal = Journal(self.calendar.day)
        by_subject: dict[str, list[Event]] = {}
        for _, event in batch:
            by_subject.setdefault(event.originator_id, []).append(event)
        try:
            self._meet(connection, by_subject, batch[0][0] - 1, load)
            late = sorted(filter(None, map(self._late, by_subject.values())))
            live = _live(connection, late)
            histories = load(late, batch[-1][0])
            for subject in late:
                timeline = self._known[subject]
                timeline.recall(live.get(subject, ()))
                events = histories[subject].events
                for event in by_subject.pop(subject):
                    timeline.take_any(events[: event.originator_version], journal)
                timeline.forget()
            for subject, some in by_subject.items():
                self._known[subject].take(some, journal)
            _write(connection, journal)
            _write_uncertain(connection, (e for _, e in batch))
        except BaseException:
            self._known.clear()  # they are ahead of what was written
            raise

    def _late(self, events: Sequence[Event]) -> str:
        """Return the subject if one of its events in a batch corrects something or comes late."""
        subject: str = events[0].originator_id
        latest = self._known[subject].latest
        for event in events:
            if event.corrects is not None or event.occurred_at < latest:
                return subject
            latest = event.occurred_at
        return ""

    def _meet(
        self, connection: ViewsFile, batch: Mapping[str, Sequence[Event]], before: int, load: Load
    ) -> None:
        """Know every subject of a batch as it stood at the position before it."""
        if len(self._known) > KEEP:
            self._known.clear()
        known, earlier = self._known, []
        for subject, events in batch.items():
            version = events[0].originator_version - 1
            timeline = known.get(subject)
            if timeline is not None and timeline.version == version:
                continue  # else never met, or another process has taken events of it meanwhile
            if version:
                earlier.append(subject)
            known[subject] = Timeline(subject)
            known[subject].forget()
        live, histories = _live(connection, earlier), load(earlier, before)
        for subject in earlier:
            timeline = known[subject] = timeline_of(histories[subject], live.get(subject, ()))
            timeline.forget()


def timeline_of(known: History, live: Iterable[Segment]) -> Timeline:
    """Return a subject's timeline from its history and its rows."""
    begun = any(map(begins, history.in_order(known.events)))
    return Timeline(
        known.id, known.state, known.latest, version=known.version, begun=begun, live=tuple(live)
    )


def _live(connection: ViewsFile, subjects: Sequence[str]) -> dict[str, list[Segment]]:
    found: dict[str, list[Segment]] = {}
    texts = connection.texts
    for start in range(0, len(subjects), AT_ONCE):
        some = list(map(code_of, subjects[start : start + AT_ONCE]))
        for read in connection.execute(
            f"SELECT * FROM segment WHERE subject IN ({','.join('?' * len(some))})"
            " AND known_to IS NULL AND (valid_to IS NULL OR valid_to > valid_from)",
            some,
        ):
            segment = segment_of(read, texts)
            segment.stored = True
            found.setdefault(segment.subject, []).append(segment)
    return found


# ── rows ────────────────────────────────────────────────────────────────────


KLASS = 8
"""Which column of a row is its class of length."""


def row(segment: Segment, word: Vocabulary) -> Row:
    """Return a segment's row in the order of the table's columns.

    Args:
        segment: see `timelines.py`. word: texts to what stands for them, see `row_codes.py`.

    Returns:
        subject, facet, valid_from, known_from, version (the key); valid_to, closed_at, known_to,
        class; status, site, place, container, party (the words), since.
    """
    status, site, place, container, party, since = segment.value
    valid_to, closed_at, known_to = segment.valid_to, segment.closed_at, segment.known_to
    return (
        code_of(segment.subject),
        segment.facet,
        segment.valid_from - ORIGIN,
        segment.known_from - ORIGIN,
        segment.version,
        None if valid_to == INF else valid_to - ORIGIN,
        None if closed_at == INF else closed_at - ORIGIN,
        None if known_to == INF else known_to - ORIGIN,
        segment.klass,
        word[status],
        word[site],
        word[place],
        word[container],
        word[party],
        None if since is None else since - ORIGIN,
    )


def respelled(rows: Iterable[Row], word: Vocabulary) -> list[Row]:
    """Return rows with their words in another form: numbers for texts, or texts for numbers."""
    return [
        (
            *one[:9],
            word[one[9]],
            word[one[10]],
            word[one[11]],
            word[one[12]],
            word[one[13]],
            one[14],
        )
        for one in rows
    ]


def segment_of(read: Row, texts: Vocabulary) -> Segment:
    """Return the segment behind a row as it is stored."""
    subject, facet, valid_from, known_from, version, valid_to, closed_at, known_to, _, *state = read
    status, site, place, container, party, since = state
    value = Value(
        texts[status],
        texts[site],
        texts[place],
        texts[container],
        texts[party],
        None if since is None else instant(since),
    )
    return Segment(
        subject_of(subject),
        facet,
        instant(valid_from),
        instant(known_from),
        version,
        value,
        valid_to=instant(valid_to),
        closed_at=instant(closed_at),
        known_to=instant(known_to),
    )


def _write(connection: ViewsFile, journal: Journal) -> None:
    codes = connection.codes
    new = [row(s, codes) for s in journal.dirty if not s.stored]
    ends = [
        (
            code_of(s.subject),
            s.facet,
            s.valid_from - ORIGIN,
            s.known_from - ORIGIN,
            s.version,
            stored(s.valid_to),
            stored(s.closed_at),
            stored(s.known_to),
            s.klass,
        )
        for s in journal.dirty
        if s.stored
    ]
    insert(connection, "segment", ordered(new))
    connection.executemany(
        "UPDATE segment SET valid_to = ?6, closed_at = ?7, known_to = ?8, klass = ?9"
        " WHERE subject = ?1 AND facet = ?2 AND valid_from = ?3 AND known_from = ?4"
        " AND version = ?5",
        ordered(ends),
    )
    write_classes(connection, {one[KLASS] for one in (*new, *ends)})
    cube.write(connection, journal.cells)
    for segment in journal.dirty:
        segment.stored, segment.dirty = True, False


def write_classes(connection: ViewsFile, classes: Iterable[int]) -> None:
    """Note which classes are in use and how far back each can reach, microseconds."""
    connection.executemany(
        "INSERT OR IGNORE INTO segment_class VALUES (?, ?)", [(k, width(k)) for k in classes]
    )


def width(klass: int) -> int:
    """Return how far back a class of length can reach, microseconds."""
    return FOR_EVER if klass == OPEN_CLASS else 2 << klass


def uncertain_rows(events: Iterable[Event]) -> list[Row]:
    """Return the rows of those events whose time is a span."""
    return [
        (
            (e.occurred_until - e.occurred_at).bit_length() - 1,
            e.occurred_at - ORIGIN,
            code_of(e.originator_id),
            e.originator_version,
            e.occurred_until - ORIGIN,
            e.recorded_at - ORIGIN,
        )
        for e in events
        if e.occurred_until is not None and e.occurred_until > e.occurred_at
    ]


def _write_uncertain(connection: ViewsFile, events: Iterable[Event]) -> None:
    rows = uncertain_rows(events)
    insert(connection, "uncertain", rows)
    write_classes(connection, {found[0] for found in rows})


def learned(connection: ViewsFile, column: str, key: str, number: int) -> list[int]:
    """Return the last recorded times at which anything was learned of a site, the latest first.

    Args:
        connection: the views file. column, key: `site`, `container` or `party`, and which.
        number: how many times at most.
    """
    of_it = f"FROM segment WHERE {column} = :key"
    rows = connection.execute(
        f"SELECT known_from AS at {of_it} UNION SELECT closed_at {of_it} AND closed_at IS NOT NULL"
        f" UNION SELECT known_to {of_it} AND known_to IS NOT NULL ORDER BY at DESC LIMIT :number",
        {"key": connection.code(key), "number": number},
    )
    return [at + ORIGIN for (at,) in rows]
