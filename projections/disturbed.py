"""Which streams are judged again, and at which knowledge.

An event disturbs its own stream where it corrects, takes back, or comes late; and its partners: a
transfer and its lines, who shares a serial, receipt, seal or crate, both records of a merge, whoever
names an entry of the directory that changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from domain import person, weapon
from domain.crates import paper_key
from domain.directory import OperatorNamed, SiteOpened
from domain.event import EVENTS, Event, State, as_a, references
from domain.person import SameAs
from domain.rules import RULES
from domain.rules_papers import ONE_ACT
from domain.times import INF, SKEW
from domain.weapon import KEPT, Weapon
from projections.as_known import Kept
from projections.belief import recorded
from projections.mentions import CRATE, RECEIPT, SEAL, SERIAL
from projections.row_codes import ORIGIN, ViewsFile, of_kind_sql, subject_of

Moments: TypeAlias = "dict[str, dict[int, list[Packed] | None]]"
"""Streams, and the knowledge (microseconds UTC) at which each is judged again: None in any case, else
where what was packed beside it may change what it broke."""
_GIVEN = (weapon.ReceivedFromHolder, weapon.DepositedInTrust)
FAMILIES: dict[str, frozenset[str]] = {
    key: frozenset(cls.TOPIC for cls in classes)
    for key, classes in {
        RECEIPT: (*_GIVEN, weapon.Returned, person.EffectsDeposited, person.EffectsReturned),
        SERIAL: (weapon.Inventoried, weapon.DescriptionCorrected),
        CRATE: (
            *_GIVEN,
            weapon.Stored,
            weapon.CrateMoved,
            weapon.SealChecked,
            weapon.SealBroken,
            weapon.Released,
            weapon.Accepted,
            weapon.Missing,
            weapon.Located,
            weapon.Returned,
            weapon.LossDeclared,
            weapon.Destroyed,
        ),
    }.items()
}
"""By what two share: the events by which one of them is judged, and judges the other."""
DIRECTORY = frozenset({"SITE", "PARTY", "OFF"})
OF_CRATES = 29
"""The one rule that looks at what else lies in a crate, or bears its seal."""
_JUDGED_BY_CRATE = frozenset(
    topic for topic, rules in RULES.items() if any(one.number == OF_CRATES for one in rules)
)

_LATER = """SELECT 1 FROM event_index AS f WHERE f.subject = {partner}
    AND f.recorded_at < {event}.recorded_at AND f.occurred_at > {event}.occurred_at"""
_DISTURBING = f"""
SELECT e.subject, e.version, e.recorded_at
FROM event_index AS e
WHERE e.position BETWEEN :first AND :last AND (e.corrects IS NOT NULL OR e.topic = :same_as
    OR e.topic = :opened AND e.version > 1
    OR EXISTS (SELECT 1 FROM event_index AS f WHERE f.subject = e.subject
        AND f.version < e.version AND f.occurred_at > e.occurred_at)
    OR e.recorded_at - e.occurred_at > :skew AND (
        substr(e.subject, 1, 2) IN ('SI', 'PA', 'OF')
        OR EXISTS (SELECT 1 FROM mention AS m WHERE m.key = e.subject
            AND EXISTS ({_LATER.format(partner="m.subject", event="e")}))
        OR EXISTS (SELECT 1 FROM mention AS m WHERE m.subject = e.subject
            AND (typeof(m.key) = 'integer' OR m.key NOT LIKE '=%')
            AND EXISTS ({_LATER.format(partner="m.key", event="e")}))
        OR {{shared}}))
ORDER BY e.position
"""
"""What corrects, or occurred before something already told: of its stream, or of a partner."""


def _disturbing(views: ViewsFile) -> str:
    """Return the query, with the codes that this file has for the events of each family."""
    later = _LATER.format(partner="b.subject", event="e")
    sharing = (
        "EXISTS (SELECT 1 FROM mention AS a JOIN mention AS b ON b.key = a.key"
        " WHERE a.subject = e.subject AND b.subject <> e.subject AND {same} AND EXISTS ({later}))"
    )
    lists = sharing.format(same="typeof(a.key) = 'integer'", later=later)
    shared = [f"{of_kind_sql('e.subject', 'T')} AND {lists}"]
    for number, topics in FAMILIES.items():
        held = ",".join(str(c) for t in sorted(topics) if (c := views.code(t)) is not None)
        relevant = f"{later} AND f.topic IN ({held})"
        for first in (number, SEAL) if number == CRATE else (number,):
            same = f"a.key >= '{first}' AND a.key < '{first}\U0010ffff'"
            shared.append(f"e.topic IN ({held}) AND {sharing.format(same=same, later=relevant)}")
    return _DISTURBING.format(shared=" OR ".join(shared))


_SHARED = f"""(:any AND a.key LIKE '=%' OR :receipt AND a.key LIKE '{RECEIPT}%'
    OR :serial AND a.key LIKE '{SERIAL}%'
    OR :crate AND (a.key LIKE '{CRATE}%' OR a.key LIKE '{SEAL}%') OR {of_kind_sql("a.subject", "T")})"""
"""A number of metal or paper that two share, or one that two transfers list."""
_PARTNERS = f"""
SELECT p FROM (
    SELECT subject AS p FROM mention WHERE key = :one AND since <= :k
    UNION SELECT key FROM mention WHERE subject = :one AND since <= :k
        AND (typeof(key) = 'integer' OR key NOT LIKE '=%' AND key NOT LIKE 'SITE-%')
    UNION SELECT key FROM mention WHERE subject = :one AND since <= :k AND key LIKE 'SITE-%'
        AND EXISTS (SELECT 1 FROM event_index AS f WHERE f.subject = key
            AND f.topic = :operator AND f.occurred_at >= :at)
    UNION SELECT b.subject FROM mention AS a JOIN mention AS b ON b.key = a.key AND b.since <= :k
        WHERE a.subject = :one AND a.since <= :k AND {_SHARED})
WHERE :all OR EXISTS (SELECT 1 FROM event_index AS f
    WHERE f.subject = p AND f.recorded_at <= :k AND f.occurred_at >= :at)
"""


def disturbed(views: ViewsFile, first: int, last: int, kept: Kept) -> Moments:
    """Return which streams are judged again by the events between two positions, and when."""
    found: Moments = defaultdict(dict)
    rows = views.execute(
        _disturbing(views),
        {
            "first": first,
            "last": last,
            "same_as": views.code(SameAs.TOPIC),
            "skew": SKEW,
            "opened": views.code(SiteOpened.TOPIC),
        },
    ).fetchall()
    for code, version, recorded_at in rows:
        subject, known_at = subject_of(code), recorded_at + ORIGIN
        if subject.partition("-")[0] in DIRECTORY:
            found[subject][known_at] = None
            for one in _naming(views, subject, version, known_at, kept):
                found[one][known_at] = None
            continue
        event = kept.history(subject).events[version - 1]
        since = min(e.occurred_at for e in _behind(kept.history(subject).events, event))
        plain = event.corrects is None and event.TOPIC != SameAs.TOPIC
        earlier = kept.history(subject).events[: version - 1]
        if not plain or any(e.occurred_at > event.occurred_at for e in earlier):
            found[subject][known_at] = None  # else what it broke was told when it was recorded
        families = {n: plain and event.TOPIC in topics for n, topics in FAMILIES.items()}
        if families[CRATE]:
            families[CRATE] = _of_its_crate(kept.before(subject, known_at, event), event)
        asked = {
            "one": code,
            "k": recorded_at,
            "at": since - ORIGIN,
            "all": event.TOPIC == SameAs.TOPIC,
            "any": not plain,
            "receipt": families[RECEIPT],
            "serial": families[SERIAL],
            "crate": families[CRATE],
            "operator": views.code(OperatorNamed.TOPIC),
        }
        packed = _packed(kept, subject, known_at, event) if families[CRATE] else None
        if packed is not None:
            for (partner,) in views.execute(_PARTNERS, asked):
                beside = found[subject_of(partner)].setdefault(known_at, [])
                if beside is not None:
                    beside.append(packed)
            asked["crate"] = False
        for (partner,) in views.execute(_PARTNERS, asked):
            found[subject_of(partner)][known_at] = None
    return found


class Packed(NamedTuple):
    """What was put into a crate, for the first time and as the last that is known of it."""

    crate: str
    seal: str
    site: str
    at: int  # microseconds UTC


def _packed(kept: Kept, subject: str, known_at: int, event: Event) -> Packed | None:
    """Return what an event packed; None where it may change more for what lies in the crate."""
    stored = as_a(weapon.Stored, event)
    known = recorded(kept.history(subject), known_at)
    if stored is None or any(e.corrects is not None for e in known):
        return None
    if any(e.occurred_at > event.occurred_at and e.TOPIC in FAMILIES[CRATE] for e in known):
        return None
    was = kept.before(subject, known_at, event)
    if not isinstance(was, Weapon) or was.container or was.seal or was.seals:
        return None
    return Packed(
        paper_key(stored.container), paper_key(stored.seal), stored.site, stored.occurred_at
    )


def leaves_as_it_is(kept: Kept, subject: str, known_at: int, packed: Packed) -> bool:
    """Return whether something packed beside a weapon leaves what is judged of that as it was.

    It does where the weapon was itself put into that crate then, at the same site and, where a seal
    was put on, under the same within one act: then rule 29, the only one that looks, finds nothing new.
    """
    known = recorded(kept.history(subject), known_at)
    if any(e.corrects is not None for e in known):
        return False
    for event in known:
        if event.occurred_at < packed.at or event.TOPIC not in _JUDGED_BY_CRATE:
            continue
        stored = as_a(weapon.Stored, event)
        if stored is None or stored.site != packed.site:
            return False
        if paper_key(stored.container) != packed.crate:
            return False
        apart = event.occurred_at - packed.at > ONE_ACT or paper_key(stored.seal) != packed.seal
        if packed.seal and apart:
            return False
    return True


def _of_its_crate(before: State | None, event: Event) -> bool:
    """Return whether an event changes what others in a crate, or under a seal, are judged by."""
    was = before if isinstance(before, Weapon) else Weapon(event.originator_id)
    now: Weapon = event.evolve(was)
    return _in_a_crate(was) != _in_a_crate(now)


def _in_a_crate(item: Weapon) -> tuple[object, ...]:
    if not item.container and not item.seal:
        return ()
    return (
        *(item.custody in KEPT, item.site, item.container, item.seal, item.seal_intact),
        *(item.sealed_at, item.seals),
    )


def _behind(events: Sequence[Event], event: Event) -> list[Event]:
    """Return an event and, one behind the other, what it corrects or takes back."""
    found = [event]
    while found[-1].corrects is not None:
        found.append(events[found[-1].corrects - 1])
    return found


def _naming(views: ViewsFile, entry: str, version: int, known_at: int, kept: Kept) -> Iterator[str]:
    """Yield the streams that name an entry of the directory in something that is not earlier."""
    known = kept.history(entry)
    event = known.events[version - 1]
    behind = _behind(known.events, event)
    since = min(e.occurred_at for e in behind)
    if any(e.TOPIC == SiteOpened.TOPIC for e in behind):
        since = -INF  # it is as it opened first to whatever came before that
    name = entry.removeprefix("SITE-")
    rows = views.execute(
        "SELECT DISTINCT subject FROM event_index WHERE recorded_at < ? AND occurred_at >= ?"
        " AND (typeof(subject) = 'integer' OR substr(subject, 2, 1) = '-')",
        (known_at - ORIGIN, since - ORIGIN),
    ).fetchall()
    for (code,) in rows:
        subject = subject_of(code)
        if any(_names(e, name) for e in recorded(kept.history(subject), known_at)):
            yield subject


def _names(event: Event, name: str) -> bool:
    for field, _ in references(EVENTS[event.TOPIC]):
        value = getattr(event, field, None)
        if value is not None and (value == name if isinstance(value, str) else name in value):
            return True
    return False
