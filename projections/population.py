"""Population: where one, or all of a site, stood at an instant, as known at another.

    standing(views, "W-000417-K", t, k)     one subject's facets
    at(views, "site", "CAMP-R1", t, k)      everyone and everything there, in order of identifiers
    counts(views, t, k)                     how many stand where, over all sites
    bounds(views, "site", "CAMP-R1", t, k, load)     certainly there, and possibly there

`t` is the instant asked about (`as_of`), `k` the knowledge asked about (`known_at`), both inclusive,
microseconds UTC; an instant later than `k` means `k`. One whose record is another one's double stands
nowhere. Who is in transit still stands at the site they left; `statuses` narrows an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from domain import ids
from domain.history import History
from domain.times import DAY
from domain.weapon import HELD_IN_TRUST
from projections import belief
from projections.facets import INTENT, MAIN, MERGED, PLEDGE, Value, values
from projections.row_codes import ORIGIN, Row, ViewsFile, code_of, kind_sql, of_kind_sql, subject_of
from projections.segments import ANSWERS, TRUE

Column = Literal["site", "container", "party"]
Histories: TypeAlias = Callable[[Sequence[str]], Mapping[str, History]]
"""Whole histories of many streams, read from the log."""
WITH_A_PLACE = ("person", "weapon")
"""The kinds that stand at a site."""


class Standing(NamedTuple):
    """What one facet of one subject was.

    Attributes:
        facet: MAIN (custody; of other kinds their status), INTENT or PLEDGE, see `timelines.py`.
        valid_from: since when it was so, microseconds UTC. version: the event that made it so.
        site: "" for a person or weapon that stands nowhere; None for other kinds and facets.
        party: who keeps the weapon or received the person.
        since: when the trust began, microseconds UTC; weapons only.
    """

    subject: str
    facet: int
    valid_from: int
    version: int
    status: str
    site: str | None
    place: str | None
    container: str | None
    party: str | None
    since: int | None

    @property
    def kind(self) -> str:
        """`person`, `weapon` and so on."""
        return ids.kind_of(self.subject)

    @property
    def value(self) -> Value:
        """What it says, without who and since when."""
        return Value(*self[4:])


class Facets(NamedTuple):
    """One subject's facets; None where there is no record, or nothing was said."""

    main: Standing | None = None
    intent: Standing | None = None
    pledge: Standing | None = None


class Count(NamedTuple):
    """How many subjects of a kind stand at a site in a status."""

    kind: str
    status: str
    site: str
    number: int


def _standings(views: ViewsFile, rows: Iterable[Row]) -> list[Standing]:
    """Return rows of `ANSWERS` with everything spelled out."""
    text, standing = views.texts, Standing._make
    return [
        standing(
            (
                subject_of(subject),
                facet,
                valid_from + ORIGIN,
                version,
                text[status],
                text[site],
                text[place],
                text[container],
                text[party],
                since if since is None else since + ORIGIN,
            )
        )
        for subject, facet, valid_from, version, status, site, place, container, party, since in rows
    ]


def _clocks(as_of: int, known_at: int) -> dict[str, Any]:
    return {"t": min(as_of, known_at) - ORIGIN, "k": known_at - ORIGIN}


_ONE = f"SELECT {ANSWERS} FROM segment AS s WHERE s.subject = ?1 AND {TRUE}"
_ONE = _ONE.replace(":t", "?2").replace(":k", "?3")  # by place: half a microsecond less


def standing(views: ViewsFile, subject: str, as_of: int, known_at: int) -> Facets:
    """Return one subject's facets, from the segments."""
    clocks = (code_of(subject), min(as_of, known_at) - ORIGIN, known_at - ORIGIN)
    found = _standings(views, views.execute(_ONE, clocks))
    if len(found) == 1 and found[0].facet == MAIN:  # the usual case
        return Facets(found[0])
    by_facet = {one.facet: one for one in found}
    return Facets(by_facet.get(MAIN), by_facet.get(INTENT), by_facet.get(PLEDGE))


def at(
    views: ViewsFile,
    column: Column,
    key: str,
    as_of: int,
    known_at: int,
    *,
    statuses: Collection[str] = (),
) -> list[Standing]:
    """Return who and what stood at a site, lay in a container or was kept by a party.

    Args:
        views: the views file. column, key: which of the three, and its code or label.
        as_of, known_at: microseconds UTC.
        statuses: only these, where any are named.
    """
    rows = views.execute(
        f"SELECT {ANSWERS} FROM segment_class AS c CROSS JOIN segment AS s"
        f" WHERE s.{column} = :key AND s.klass = c.k AND s.valid_from > :t - c.width AND {TRUE}",
        {"key": views.code(key), **_clocks(as_of, known_at)},
    )
    found = _standings(views, rows)
    found.sort()
    return [one for one in found if one.status in statuses] if statuses else found


def ever(
    views: ViewsFile, column: Column, keys: Collection[str], since: int, until: int, known_at: int
) -> list[str]:
    """Return who and what stood there at any instant between two, in order of identifiers.

    Args:
        views: the views file. column, keys: which of the three, and its codes or labels.
        since, until: both included, microseconds UTC. known_at: as known at.
    """
    span = {"since": since - ORIGIN, "until": min(until, known_at) - ORIGIN, "k": known_at - ORIGIN}
    found: set[str] = set()
    for key in keys:
        rows = views.execute(
            "SELECT DISTINCT s.subject FROM segment_class AS c CROSS JOIN segment AS s"
            f" WHERE s.{column} = :key AND s.klass = c.k AND s.valid_from > :since - c.width"
            " AND s.valid_from <= :until AND s.known_from <= :k"
            " AND (s.known_to IS NULL OR s.known_to > :k) AND (s.valid_to IS NULL"
            " OR s.valid_to > max(:since, s.valid_from) OR s.closed_at > :k)",
            {"key": views.code(key), **span},
        )
        found.update(subject_of(code) for (code,) in rows)
    return sorted(found)


def everywhere(
    views: ViewsFile, as_of: int, known_at: int, *, statuses: Collection[str] = ()
) -> Iterator[Standing]:
    """Yield every person and weapon, site by site."""
    for site in sites(views):
        yield from at(views, "site", site, as_of, known_at, statuses=statuses)


_SITES = """
WITH RECURSIVE named(site) AS (
    SELECT min(site) FROM segment WHERE site IS NOT NULL
    UNION ALL SELECT (SELECT min(s.site) FROM segment AS s WHERE s.site > named.site) FROM named
    WHERE named.site IS NOT NULL)
"""


def sites(views: ViewsFile) -> list[str]:
    """Return every site anyone ever stood at, "" among them."""
    rows = views.execute(f"{_SITES} SELECT site FROM named WHERE site IS NOT NULL")
    return sorted(views.texts[site] for (site,) in rows)


def counts(views: ViewsFile, as_of: int, known_at: int) -> list[Count]:
    """Return how many persons and weapons stood where, in which status."""
    rows = views.execute(
        f"{_SITES} SELECT {kind_sql('s.subject')}, s.status, s.site, count(*)"
        " FROM named CROSS JOIN segment_class AS c CROSS JOIN segment AS s WHERE s.site = named.site"
        f" AND s.klass = c.k AND s.valid_from > :t - c.width AND {TRUE} GROUP BY 1, 2, 3",
        _clocks(as_of, known_at),
    )
    text = views.texts
    return sorted(
        Count(ids.KINDS[prefix], text[status], text[site], number)
        for prefix, status, site, number in rows
    )


def said(views: ViewsFile, facet: int, as_of: int, known_at: int) -> Counter[tuple[str, str]]:
    """Return how many persons in which custody said what: (custody, intent or pledge) to number.

    Args:
        views: the views file. facet: INTENT or PLEDGE; "" stands for nothing said.
        as_of, known_at: microseconds UTC.
    """
    rows = views.execute(
        "SELECT s.subject, s.facet, s.status FROM segment AS s"
        f" WHERE {of_kind_sql('s.subject', 'P')} AND s.facet IN ({MAIN}, :facet)"
        f" AND s.status <> :merged AND {TRUE}",
        {"facet": facet, "merged": views.code(MERGED) or 0, **_clocks(as_of, known_at)},
    )
    text = views.texts
    by_subject: dict[Any, dict[int, str]] = {}
    for subject, which, status in rows:
        by_subject.setdefault(subject, {})[which] = text[status]
    return Counter((one[MAIN], one.get(facet, "")) for one in by_subject.values() if MAIN in one)


# ── in trust ────────────────────────────────────────────────────────────────


class Held(NamedTuple):
    """A weapon in trust, and for how many whole days."""

    standing: Standing
    days: int


def in_trust(
    views: ViewsFile, as_of: int, known_at: int, *, statuses: Collection[str] = HELD_IN_TRUST
) -> list[Held]:
    """Return every weapon in trust with the days it has been held, the longest held first.

    Args:
        views: the views file. as_of, known_at: microseconds UTC.
        statuses: which custody counts; `weapon.OWED` for all that the trust answers for.
    """
    instant = min(as_of, known_at)
    held = [
        Held(one, (instant - one.since) // DAY)
        for one in everywhere(views, as_of, known_at, statuses=statuses)
        if one.since is not None
    ]
    held.sort(key=lambda one: (one.standing.since, one.standing.subject))
    return held


# ── bounds ──────────────────────────────────────────────────────────────────


class Possible(NamedTuple):
    """One who may be there: what else they may be. None stands for no record."""

    subject: str
    alternatives: list[Value | None]


class Bounds(NamedTuple):
    """Who is there whichever instant of their span uncertain events took, and who may be."""

    certain: list[str]
    possible: list[Possible]


class CountBounds(NamedTuple):
    """A count that uncertain times leave between two numbers, both inclusive."""

    kind: str
    status: str
    site: str
    certain: int
    possible: int


def alternatives(known: History, as_of: int, known_at: int) -> list[Value | None]:
    """Return what custody (of other kinds: status) may have been, the believed one first."""
    found: list[Value | None] = []
    for state in belief.possible(known, as_of, known_at):
        value = None if state is None else values(state)[MAIN]
        if value not in found:
            found.append(value)
    return found


def unsure(views: ViewsFile, as_of: int, known_at: int) -> list[str]:
    """Return the subjects with an uncertain event that spans an instant, dropped ones included."""
    rows = views.execute(
        "SELECT DISTINCT u.subject FROM segment_class AS c CROSS JOIN uncertain AS u"
        " WHERE u.klass = c.k AND u.occurred_at > :t - c.width AND u.occurred_at <= :t"
        " AND u.occurred_until > :t AND u.recorded_at <= :k",
        _clocks(as_of, known_at),
    )
    return sorted(subject_of(code) for (code,) in rows)


def bounds(
    views: ViewsFile,
    column: Column,
    key: str,
    as_of: int,
    known_at: int,
    load: Histories,
    *,
    statuses: Collection[str] = (),
) -> Bounds:
    """Return who certainly, and who possibly stood at a site, in a container, with a party."""
    doubtful = _alternatives(views, as_of, known_at, load)

    def meant(value: Value | None) -> bool:
        return (
            value is not None
            and getattr(value, column) == key
            and (not statuses or value.status in statuses)
        )

    there = at(views, column, key, as_of, known_at, statuses=statuses)
    certain = [one.subject for one in there if one.subject not in doubtful]
    certain += [subject for subject, may_be in doubtful.items() if all(map(meant, may_be))]
    maybe = [
        Possible(subject, may_be)
        for subject, may_be in doubtful.items()
        if any(map(meant, may_be)) and not all(map(meant, may_be))
    ]
    return Bounds(sorted(certain), maybe)


def count_bounds(views: ViewsFile, as_of: int, known_at: int, load: Histories) -> list[CountBounds]:
    """Return how many certainly and at most stood where, over all sites."""
    doubtful = _alternatives(views, as_of, known_at, load)
    certain = Counter({one[:3]: one.number for one in counts(views, as_of, known_at)})
    most = Counter(certain)
    for subject, may_be in doubtful.items():
        keys = [_count_key(subject, value) for value in may_be]
        believed, *_ = keys
        if believed is not None:
            certain[believed] -= 1
            most[believed] -= 1
        for key in set(keys) - {None}:
            most[key] += 1
        if len(set(keys)) == 1 and believed is not None:
            certain[believed] += 1
    return [CountBounds(*key, certain[key], most[key]) for key in sorted(most) if most[key]]


def _count_key(subject: str, value: Value | None) -> Any:
    if value is None or value.site is None:
        return None
    return ids.kind_of(subject), value.status, value.site


def _alternatives(
    views: ViewsFile, as_of: int, known_at: int, load: Histories
) -> dict[str, list[Value | None]]:
    subjects: Iterable[str] = unsure(views, as_of, known_at)
    wanted = [s for s in subjects if ids.kind_of(s) in WITH_A_PLACE]
    known = load(wanted)
    return {s: alternatives(known[s], as_of, known_at) for s in wanted}
