"""Irregularities in both clocks: which event of which subject broke which rule, as known when.

    known as broken at (t, k)  ⇔  occurred_at ≤ t and known_from ≤ k < known_to,
                                  and no closing of it that occurred by t is known at k

An event brings the flags it was recorded with. What disturbs a stream (it comes late, corrects, takes
back, says that two records are one) makes that stream and its partners be judged again at that
knowledge, each event in the history in which it occurred (`domain/judging.py`); differences open and
close rows. Partners are the transfer and its lines, weapons of one serial, both records of a merge; a
directory entry that comes late or is corrected disturbs whoever names it.

    irregularity   what broke a rule; where `closing` is not 0: an event that closes it, its own time
    mention        who names whom, and numbers of paper and metal: since which knowledge
    judging        which stream was judged again, at which knowledge
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple, TypeAlias

from domain import history, person, weapon
from domain.crates import paper_key
from domain.directory import OperatorNamed, SiteOpened
from domain.effects import STANDS
from domain.event import EVENTS, Event, State, as_a, references
from domain.history import History
from domain.judging import NOT_ANSWERED, Before, Look, closes, closings, judged
from domain.person import SameAs
from domain.rules import RULES, serial_key
from domain.rules_papers import ONE_ACT
from domain.times import INF, SKEW
from domain.weapon import KEPT, Weapon
from projections import population
from projections.belief import recorded
from projections.index import dropped
from projections.row_codes import (
    ORIGIN,
    Row,
    ViewsFile,
    code_of,
    insert,
    of_kind_sql,
    subject_of,
    word_sql,
)
from projections.view import Batch, Load

Entries: TypeAlias = Callable[[State], Iterable[tuple[str, str, str]]]
"""What the register holds of one stream's state: (name, key, subject)."""
Loader: TypeAlias = Callable[[Sequence[str]], "dict[str, History]"]
Moments: TypeAlias = "dict[str, dict[int, list[Packed] | None]]"
"""Streams, and the knowledge (microseconds UTC) at which each is judged again: None in any case, else
where what was packed beside it may change what it broke."""
SERIAL, RECEIPT, CRATE, SEAL = "=s", "=r", "=c", "=m"
"""How a number of metal or paper begins in `mention`, where it is no stream."""
NUMBERS = {"seal": SEAL, "receipt": RECEIPT, "provisional_receipt": RECEIPT, "container": CRATE}
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
_RULE, _KNOWN_FROM, _KNOWN_TO = 2, 4, 5
OF_CRATES = 29
"""The one rule that looks at what else lies in a crate, or bears its seal."""
_JUDGED_BY_CRATE = frozenset(
    topic for topic, rules in RULES.items() if any(one.number == OF_CRATES for one in rules)
)
KEEP = 5_000
"""Histories kept in memory while streams are judged again."""


class Irregularities:
    """What broke a rule, since which knowledge and until which.

    Args:
        entries: what the register holds of a stream's state.
    """

    NAME: ClassVar[str] = "irregularity"
    TABLES: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS irregularity (
        subject, version INTEGER, rule INTEGER, closing INTEGER, known_from INTEGER NOT NULL,
        known_to INTEGER, occurred_at INTEGER NOT NULL,
        PRIMARY KEY (subject, version, rule, closing, known_from)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS mention (
        key, subject, since INTEGER NOT NULL, PRIMARY KEY (key, subject)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS mention_subject ON mention (subject, key, since);
    CREATE TABLE IF NOT EXISTS judging (
        subject, known_at INTEGER NOT NULL, PRIMARY KEY (subject, known_at)) WITHOUT ROWID
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def take(self, connection: ViewsFile, batch: Batch, load: Load) -> None:
        """Write the flags of a batch, then judge again what it disturbs. After the other views."""
        said = [row for _, event in batch for row in said_rows(event)]
        insert(connection, self.NAME, said)
        mentions = [row for _, event in batch for row in mention_rows(event)]
        connection.executemany("INSERT OR IGNORE INTO mention VALUES (?, ?, ?)", mentions)
        last = batch[-1][0]
        judge_again(connection, batch[0][0], last, lambda ids: dict(load(ids, last)), self._entries)


# ── what was said, and who names whom ───────────────────────────────────────


def said_rows(event: Event) -> list[Row]:
    """Return the flags an event was recorded with, or the closing it is; columns as the table's."""
    found = [(event.originator_version, rule, 0) for rule in event.irregularities]
    found += [(version, rule, event.originator_version) for version, rule in closes(event)]
    if not found:
        return []
    code, known, at = code_of(event.originator_id), event.recorded_at, event.occurred_at
    return [(code, *one, known - ORIGIN, None, at - ORIGIN) for one in found]


def mention_rows(event: Event) -> list[Row]:
    """Return which streams and numbers an event names that others are judged by."""
    kind = event.TOPIC.partition(".")[0]
    keys: list[int | str] = []
    if kind == "weapon":
        if key := serial_key(getattr(event, "serial", None) or ""):
            keys.append(SERIAL + key)
        keys += [
            kind_of_number + key
            for name, kind_of_number in NUMBERS.items()
            if (key := _folded(getattr(event, name, None) or ""))
        ]
    elif kind == "transfer":
        subject = getattr(event, "subject", None)
        keys += [code_of(subject)] if subject else []
    elif event.TOPIC == SameAs.TOPIC:
        keys.append(code_of(event.survivor))  # type: ignore[attr-defined]  # it is a SameAs
    if kind in {"person", "weapon"}:
        named = (getattr(event, name, None) for name in ("transfer", "stock_take", "person"))
        keys += [code_of(one) for one in named if one]
        site = getattr(event, "site", None)
        keys += [f"SITE-{site}"] if site else []
    if kind == "person" and (receipt := getattr(event, "receipt", None)):
        keys.append(RECEIPT + _folded(receipt))
    code, known = code_of(event.originator_id), event.recorded_at - ORIGIN
    return [(key, code, known) for key in keys]


def _folded(number: str) -> str:
    """Return what candidates for an equal number of paper or metal are found by: no finer than any."""
    plain = (str(unicodedata.decimal(c, c)) for c in unicodedata.normalize("NFKC", number))
    return serial_key("".join(plain))


# ── which streams are judged again, and when ────────────────────────────────

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


def judge_again(views: ViewsFile, first: int, last: int, load: Loader, entries: Entries) -> None:
    """Judge again what the events between two positions (inclusive) disturb.

    Args:
        views: the views file; the other views have taken these events.
        load: whole histories, at least as they stood at `last`. entries: see `Irregularities`.
    """
    kept = Kept(load)
    moments = disturbed(views, first, last, kept)
    for subject in sorted(moments):
        settle(views, subject, moments[subject], kept, entries)


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


def _leaves_as_it_is(kept: Kept, subject: str, known_at: int, packed: Packed) -> bool:
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


# ── judged at one knowledge ─────────────────────────────────────────────────


class Kept:
    """Whole histories, kept while many streams are judged again."""

    def __init__(self, load: Loader) -> None:
        self._load = load
        self._held: dict[str, History] = {}
        self._before: dict[tuple[str, int], Before] = {}

    def history(self, stream_id: str) -> History:
        """Return a stream's whole history, empty where there is none."""
        if stream_id not in self._held:
            if len(self._held) > KEEP:
                self._held.clear()
            self._held.update(self._load([stream_id]))
        return self._held[stream_id]

    def before(self, stream_id: str, known_at: int, event: Event) -> State | None:
        """Return a stream as it was before an event of another, as known at an instant."""
        number = len(recorded(self.history(stream_id), known_at))
        if (stream_id, number) not in self._before:
            if len(self._before) > KEEP:
                self._before.clear()
            self._before[stream_id, number] = Before(self.known(stream_id, known_at))
        return self._before[stream_id, number].of(event)

    def known(self, stream_id: str, known_at: int) -> History:
        """Return a stream's history as the ledger knew it at an instant."""
        whole = self.history(stream_id)
        events = recorded(whole, known_at)
        return whole if len(events) == len(whole.events) else history.of(stream_id, events)


class AsKnown(NamedTuple):
    """Other streams and the register as they were before an event, as known at an instant."""

    views: ViewsFile
    kept: Kept
    entries: Entries
    known_at: int

    def look(self, event: Event) -> Look:
        """Return a way to look at other streams as they were before an event."""

        def then(stream_id: str) -> State | None:
            return self.kept.before(stream_id, self.known_at, event)

        return then

    def find(self, event: Event) -> Callable[[str, str], Collection[str]]:
        """Return what finds subjects under a name and key of the register, before an event."""

        def then(name: str, key: str) -> set[str]:
            look = self.look(event)
            sure, candidates = self._candidates(name, key, event.occurred_at)
            if name in NUMBERS:
                return sure | candidates  # rules 29 and 30 look at each of them themselves
            for subject in candidates - sure:
                state = look(subject)
                wanted = (name, key, subject)
                if state is not None and any(one == wanted for one in self.entries(state)):
                    sure.add(subject)
            return sure

        return then

    def _candidates(self, name: str, key: str, at: int) -> tuple[set[str], set[str]]:
        """Return who certainly stands under a name and key then, and who may."""
        if name in STANDS:
            there, before = (
                population.at(self.views, "site", key, instant, self.known_at)
                for instant in (at, at - 1)
            )
            sure = {
                one.subject
                for one in there
                if name == "housed"
                and one.status == "SHELTERED"
                and one.subject.startswith("P-")
                and one.valid_from < at
            }
            return sure, {one.subject for one in (*there, *before)}
        wanted: str | int = (
            SERIAL + key if name == "serial" else NUMBERS.get(name, "") + _folded(key)
        )
        if name == "line":
            wanted = code_of(key)
        held = self.views.execute(
            "SELECT subject FROM mention WHERE key = ? AND since <= ?",
            (wanted, self.known_at - ORIGIN),
        )
        return set(), {subject_of(code) for (code,) in held}


def wanted_at(
    views: ViewsFile, subject: str, known_at: int, kept: Kept, entries: Entries
) -> dict[tuple[int, int, int], int]:
    """Return what broke a rule and what was closed, judged with some knowledge.

    Returns:
        (version, rule, closing version or 0) to when the event occurred, microseconds UTC.
    """
    known = kept.known(subject, known_at)
    as_known = AsKnown(views, kept, entries, known_at)
    when = {e.originator_version: e.occurred_at for e in known.events}
    found = {
        (version, rule, 0): when[version]
        for version, rule in judged(known, as_known.look, as_known.find)
    }
    for closing, broken in closings(known):
        found[*broken, closing.originator_version] = closing.occurred_at
    return found


def settle(
    views: ViewsFile,
    subject: str,
    moments: Mapping[int, list[Packed] | None],
    kept: Kept,
    entries: Entries,
) -> None:
    """Open and close a stream's rows by what each later knowledge says, and keep when it was judged."""
    code = code_of(subject)
    rows = views.execute("SELECT * FROM irregularity WHERE subject = ?", (code,)).fetchall()
    after, judged_at = settled(views, subject, rows, moments, kept, entries)
    views.executemany(
        "INSERT OR IGNORE INTO judging VALUES (?, ?)", [(code, k - ORIGIN) for k in judged_at]
    )
    if sorted(after, key=repr) != sorted(rows, key=repr):
        views.execute("DELETE FROM irregularity WHERE subject = ?", (code,))
        insert(views, "irregularity", after)


def settled(
    views: ViewsFile,
    subject: str,
    rows: Iterable[Row],
    moments: Mapping[int, list[Packed] | None],
    kept: Kept,
    entries: Entries,
) -> tuple[list[Row], list[int]]:
    """Return a stream's rows with what each later knowledge opens and closes, and when it was judged."""
    code, after, judged_at = code_of(subject), list(rows), []
    for known_at in sorted(moments):
        k, packed = known_at - ORIGIN, moments[known_at]
        if packed is not None:
            broken = any(r[_RULE] == OF_CRATES and r[_KNOWN_FROM] <= k for r in after)
            if not broken and all(_leaves_as_it_is(kept, subject, known_at, one) for one in packed):
                continue
        judged_at.append(known_at)
        wanted = wanted_at(views, subject, known_at, kept, entries)
        judged_anew: list[Row] = []
        for row in after:
            if row[_KNOWN_TO] is not None or row[_KNOWN_FROM] > k:
                judged_anew.append(row)  # known before, or later
            elif wanted.pop(row[1:_KNOWN_FROM], None) is not None:
                judged_anew.append(row)
            elif row[_KNOWN_FROM] < k:  # what is said in this moment and not so was never known
                judged_anew.append((*row[:_KNOWN_TO], k, *row[_KNOWN_TO + 1 :]))
        judged_anew += [(code, *one, k, None, at - ORIGIN) for one, at in wanted.items()]
        after = judged_anew
    return after, judged_at


def said_and_judged(
    views: ViewsFile, said: Iterable[Row], subjects: Iterable[str], load: Loader, entries: Entries
) -> list[Row]:
    """Return what the table should hold of some streams, by the log and what was judged again.

    Args:
        views: the views file, for who names whom and who stood where. said: their `said_rows`.
    """
    kept = Kept(load)
    by_subject: dict[int | str, list[Row]] = defaultdict(list)
    for row in said:
        by_subject[row[0]].append(row)
    moments = views.execute(
        "SELECT subject, known_at FROM judging WHERE subject IN (SELECT value FROM json_each(?))"
        " ORDER BY subject, known_at",
        (_json(map(code_of, subjects)),),
    ).fetchall()
    again: dict[int | str, list[int]] = defaultdict(list)
    for code, known_at in moments:
        again[code].append(known_at + ORIGIN)
    for code, some in again.items():
        when = dict.fromkeys(some)
        by_subject[code], _ = settled(
            views, subject_of(code), by_subject[code], when, kept, entries
        )
    return [row for rows in by_subject.values() for row in rows]


# ── questions ───────────────────────────────────────────────────────────────


class Irregular(NamedTuple):
    """One event that broke a rule, not closed: `stream:version`, the rule, its words, who recorded."""

    event: str
    rule: int
    what: str
    by: str


class Closed(NamedTuple):
    """One event that broke a rule, and the event that closed it; `stream:version` both."""

    event: str
    rule: int
    what: str
    by: str
    subject: str
    closing: int


_BROKEN = (
    "i.closing = 0 AND i.occurred_at <= :t AND i.known_from <= :k"
    " AND (i.known_to IS NULL OR i.known_to > :k)"
)
_CLOSING = (
    "c.subject = i.subject AND c.rule = i.rule AND c.closing > 0"
    " AND (c.version = i.version OR c.version = 0"
    "  AND (c.occurred_at, c.closing) > (i.occurred_at, i.version)"
    "  AND NOT EXISTS (SELECT 1 FROM event_index AS r JOIN word AS w ON w.code = r.topic"
    f"   WHERE r.subject = i.subject AND r.version = i.version AND w.text = '{NOT_ANSWERED}'))"
    " AND c.occurred_at <= :t AND c.known_from <= :k AND (c.known_to IS NULL OR c.known_to > :k)"
)
_OPEN = f"{_BROKEN} AND NOT EXISTS (SELECT 1 FROM irregularity AS c WHERE {_CLOSING})"


def _clocks(as_of: int, known_at: int) -> dict[str, int]:
    return {"t": min(as_of, known_at) - ORIGIN, "k": known_at - ORIGIN}


def irregularities(
    connection: ViewsFile, as_of: int = INF, known_at: int = INF
) -> list[tuple[int, int]]:
    """Return the irregularities open at an instant, as known at another: (rule, count)."""
    return list(
        connection.execute(
            f"SELECT i.rule, count(*) FROM irregularity AS i WHERE {_OPEN}"
            " GROUP BY i.rule ORDER BY i.rule",
            _clocks(as_of, known_at),
        )
    )


_TOPIC = word_sql("e.topic")
_OF_THIS_NAME = f"(:topic = '' OR substr({_TOPIC}, instr({_TOPIC}, '.') + 1) = :topic)"


def names(connection: ViewsFile) -> list[str]:
    """Return the stored names of the events this ledger has."""
    rows = connection.execute(f"SELECT DISTINCT topic, {word_sql('topic')} FROM event_index")
    return sorted(text for _, text in rows)


def looked_at(connection: ViewsFile, topic: str = "", as_of: int = INF, known_at: int = INF) -> int:
    """Return how many events of a name count, irregular or not; `topic` as for `irregular`."""
    (number,) = connection.execute(
        "SELECT count(*) FROM event_index AS e WHERE e.occurred_at <= :t AND e.recorded_at <= :k"
        f" AND {_OF_THIS_NAME}",
        {"topic": topic, **_clocks(as_of, known_at)},
    ).fetchone()
    gone = dropped(connection, known_at)
    if not gone:
        return int(number)
    rows = connection.execute(
        "SELECT e.subject, e.version FROM event_index AS e JOIN json_each(:subjects) AS j"
        f" ON e.subject = j.value WHERE e.occurred_at <= :t AND e.recorded_at <= :k AND {_OF_THIS_NAME}",
        {"topic": topic, "subjects": _json(gone), **_clocks(as_of, known_at)},
    )
    return int(number) - sum(version in gone[subject] for subject, version in rows)


def _json(codes: Iterable[int | str]) -> str:
    return json.dumps(list(codes))


def irregular(
    connection: ViewsFile,
    rule: int | None,
    topic: str = "",
    as_of: int = INF,
    known_at: int = INF,
    subjects: Collection[str] = (),
) -> list[Irregular]:
    """Return the events that broke a rule by an instant and are not closed, as known at another.

    Args:
        connection: the views file.
        rule: of this rule only, None for all.
        topic: only events whose stored name goes on so after its dot (`handed_over`), "" for all.
        as_of, known_at: microseconds UTC, both inclusive.
        subjects: of these streams only, where any are named.
    """
    found = connection.execute(
        "SELECT i.subject, i.version, i.rule, e.topic, e.recorded_by FROM irregularity AS i"
        " JOIN event_index AS e ON e.subject = i.subject AND e.version = i.version"
        f" WHERE {_OPEN} AND (:rule IS NULL OR i.rule = :rule) AND {_OF_THIS_NAME}"
        " AND (:subjects = '[]' OR i.subject IN (SELECT value FROM json_each(:subjects)))",
        {
            "rule": rule,
            "topic": topic,
            "subjects": _json(map(code_of, subjects)),
            **_clocks(as_of, known_at),
        },
    )
    text = connection.texts
    spelled = sorted(
        (subject_of(code), *ref, text[name], text[by]) for code, *ref, name, by in found
    )
    return [
        Irregular(f"{subject}:{version}", n, name.partition(".")[2].replace("_", " "), by)
        for subject, version, n, name, by in spelled
    ]


def closed(
    connection: ViewsFile,
    rule: int | None = None,
    topic: str = "",
    as_of: int = INF,
    known_at: int = INF,
) -> list[Closed]:
    """Return the events that broke a rule and were closed; arguments as for `irregular`."""
    found = connection.execute(
        "SELECT i.subject, i.version, i.rule, e.topic, e.recorded_by, c.closing"
        " FROM irregularity AS i JOIN event_index AS e"
        " ON e.subject = i.subject AND e.version = i.version"
        f" JOIN irregularity AS c ON {_CLOSING}"
        f" WHERE {_BROKEN} AND (:rule IS NULL OR i.rule = :rule) AND {_OF_THIS_NAME}",
        {"rule": rule, "topic": topic, **_clocks(as_of, known_at)},
    )
    text = connection.texts
    spelled = sorted(
        (subject_of(code), version, n, text[name], text[by], closing)
        for code, version, n, name, by, closing in found
    )
    first = {one[:3]: one for one in reversed(spelled)}  # closed twice, it is one
    return [
        Closed(f"{s}:{version}", n, name.partition(".")[2].replace("_", " "), by, s, closing)
        for s, version, n, name, by, closing in sorted(first.values())
    ]
