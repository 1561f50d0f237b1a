"""Public claims against the ledger: what agrees, under which reading.

A statement holds claims; a claim has one or more interpretations, each a named query of the ledger.
A claim never writes to the ledger, and no number of one stands in code.

    interpretation   MATCH · MISMATCH (difference) · NOT_COMPARABLE (reason) · NO_DATA
    claim            CONSISTENT · CONSISTENT_UNDER (reading) · CONTRADICTED · OPEN

What is missing or lost is never counted as held, and what was taken back counts nowhere. Of an instant
after the one the ledger is asked as known at it has no data. Days are those of the statement's zone
(Asia/Baghdad, UTC+3), not of UTC.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from application.answers.two_clocks import Clocks, Echo, echo
from application.store.files import write_whole
from application.store.streams import Streams
from domain import history, times
from domain.errors import BadInputError, StorageError
from domain.person import Admitted, AssuranceRecorded
from domain.times import INF
from domain.weapon import HELD_IN_TRUST, OWED
from projections.belief import belief, recorded

if TYPE_CHECKING:
    from application.answers.feed.follow import Views

ZONE = ZoneInfo("Asia/Baghdad")
"""Where the days of the shipped reports begin and end."""
SIDES = {"AL-QAIM": "CP-AQ", "ABU-KAMAL": "CP-AK"}
"""The names of the two sides of the crossing as the reports write them; it is one crossing."""
ROUGHLY = 0.05  # "≈" allows five in a hundred


class Reading(NamedTuple):
    """One interpretation of a claim and what the ledger says to it."""

    name: str
    result: str  # MATCH | MISMATCH | NOT_COMPARABLE | NO_DATA
    found: object = None
    difference: int | None = None
    reason: str = ""
    ours: bool = False  # added by this project, in no statement's own list of readings


class JudgedClaim(NamedTuple):
    """One claim with its readings."""

    statement: str
    outlet: str
    id: str
    quote: str
    metric: str
    operator: str
    value: object
    verdict: str
    readings: tuple[Reading, ...]


class Statements(NamedTuple):
    """Every claim, as judged by what the ledger knew at an instant."""

    echo: Echo
    claims: tuple[JudgedClaim, ...]


def statements(views: Views, streams: Streams, clocks: Clocks, kept: Path) -> Statements:
    """Return what the ledger says to every claim: those that the project ships, and those added.

    Args:
        views, streams: the read models and the log. clocks: the knowledge asked about.
        kept: the file of added statements, see `added`.
    """
    facts = Facts(streams, clocks.known_at)
    claims = [*judge(facts), *judge(facts, {"statements": added(kept)})]
    return Statements(echo(views, clocks), tuple(claims))


def kept_beside(ledger: Path) -> Path:
    """Return where a ledger's added statements are kept."""
    return ledger.with_name(ledger.name + ".statements.json")


def added(kept: Path) -> list[Said]:
    """Return the statements that were added to a ledger, none where the file is not there.

    Raises:
        StorageError: the file is damaged.
    """
    try:
        found: list[Said] = json.loads(kept.read_text("utf-8"))["statements"]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{kept} is damaged: restore it, or put it aside and add its statements again"
        raise StorageError(msg) from error
    return found


def add(kept: Path, file: Path) -> list[str]:
    """Add the statements of a file in the form of the shipped one; return what they are called.

    Raises:
        BadInputError: it is no such file, or a statement of that name is there already.
    """
    try:
        new = json.loads(file.read_text("utf-8"))["statements"]
        for statement in new:
            _checked(statement)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise BadInputError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{file} is not UTF-8 text"
        raise BadInputError(msg) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        like = "application/answers/statements.json is one to write by"
        msg = f"{file} is no file of statements: {_amiss(error)}; {like}"
        raise BadInputError(msg) from error
    before = added(kept)
    names = [one["id"] for one in (*shipped()["statements"], *before, *new)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"{file}: {twice[0]} is there already: give the statement another id"
        raise BadInputError(msg)
    text = json.dumps({"statements": [*before, *new]}, ensure_ascii=False, indent=1)
    write_whole(kept, text.encode())
    return [one["id"] for one in new]


def _amiss(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} is no JSON"
    if isinstance(error, KeyError):
        return f"'{error.args[0]}' is missing"
    if isinstance(error, ValueError):
        return f"'{error}' does not belong there"
    return "a list, a text or a map stands where another of these belongs"


def _checked(statement: Said) -> None:
    """Refuse a statement that could not be judged: it is held against an empty ledger once."""
    judge(_Nothing(), {"statements": [statement]})
    for name in ("id", "outlet"):
        if not isinstance(statement[name], str):
            raise TypeError(statement[name])
    for claim in statement["claims"]:
        for day in claim.get("window", ()):
            date.fromisoformat(day)
        if claim["operator"] not in OPERATORS or not claim["interpretations"]:
            raise ValueError(claim["operator"])


class Facts:
    """What the queries count: every person and weapon as known at an instant."""

    def __init__(self, streams: Streams, known_at: int, zone: ZoneInfo = ZONE) -> None:
        self.zone = zone
        self.persons = [
            (known, state)
            for known in streams.every("P-")
            if (state := belief(known, INF, known_at)) is not None and state.same_as is None
        ]
        self.weapons = list(streams.every("W-"))
        self.known_at = known_at
        self.handed_over = [state for _, state in self.persons if state.custody == "HANDED_OVER"]

    def day(self, at: int) -> date:
        """Return the day of an instant in the statement's zone."""
        return times.moment(at, self.zone).date()

    def end(self, day: str) -> int:
        """Return the last instant of a day in the statement's zone, microseconds UTC."""
        following = date.fromisoformat(day) + timedelta(days=1)
        first = datetime(following.year, following.month, following.day, tzinfo=self.zone)
        return times.micros(first) - 1

    def counted(self, topic: str) -> Iterator[Any]:
        """Yield the persons' events of a stored name that count: none that was taken back."""
        for known, _ in self.persons:
            for event in history.in_order(recorded(known, self.known_at)):
                if topic == event.TOPIC:
                    yield event


class _Nothing(Facts):
    """No facts at all: what a statement is tried on before it is kept."""

    def __init__(self) -> None:
        self.zone, self.known_at = ZONE, INF
        self.persons, self.weapons, self.handed_over = [], [], []


Said: TypeAlias = Mapping[str, Any]
"""What the file of statements holds: JSON."""
Query: TypeAlias = Callable[[Facts, Said], Any]


def judge(facts: Facts, statements: Said | None = None) -> list[JudgedClaim]:
    """Return every claim with the ledger's answer to each of its readings."""
    found = []
    for statement in (statements or shipped())["statements"]:
        for claim in statement["claims"]:
            readings = tuple(_reading(facts, claim, one) for one in claim["interpretations"])
            found.append(
                JudgedClaim(
                    statement["id"],
                    statement["outlet"],
                    claim["id"],
                    claim.get("quote", ""),
                    claim["metric"],
                    claim["operator"],
                    claim.get("value"),
                    _verdict(readings),
                    readings,
                )
            )
    return found


def shipped() -> Said:
    """Return the claims of the two press reports that the project ships."""
    text = Path(__file__).with_name("statements.json").read_text("utf-8")
    read: Said = json.loads(text)
    return read


def _verdict(readings: Iterable[Reading]) -> str:
    results = [reading.result for reading in readings]
    matching = [reading.name for reading in readings if reading.result == "MATCH"]
    if not matching:
        return "CONTRADICTED" if "MISMATCH" in results else "OPEN"
    if len(matching) == len(results):
        return "CONSISTENT"
    return f"CONSISTENT_UNDER({', '.join(matching)})"


def _reading(facts: Facts, claim: Said, one: Said) -> Reading:
    return _judged(facts, claim, one)._replace(ours=bool(one.get("ours")))


def _judged(facts: Facts, claim: Said, one: Said) -> Reading:
    if claim.get("comparable") is False:
        return Reading(one["id"], "NOT_COMPARABLE", reason=claim["reason"])
    asked = {name: claim[name] for name in ("place", "window", "filter") if name in claim}
    asked |= one
    if _instant(facts, asked) > facts.known_at:
        return Reading(one["id"], "NO_DATA", reason="that time had not passed yet")
    found = _QUERIES[one["query"]](facts, asked)
    if found is None:
        return Reading(one["id"], "NO_DATA")
    wanted, operator = claim.get("value"), claim["operator"]
    if operator == "all":
        part, whole = found
        result = "MATCH" if part == whole else "MISMATCH"
        return Reading(one["id"], result, f"{part:,} of {whole:,}", part - whole)
    if isinstance(found, int) and isinstance(wanted, int):
        return _number(one["id"], operator, found, wanted)
    matches = wanted in found if isinstance(found, list) else wanted == found
    return Reading(one["id"], "MATCH" if matches else "MISMATCH", found)


def _instant(facts: Facts, one: Said) -> int:
    """Return the instant a reading asks about, microseconds UTC: long ago where none is named."""
    if "at" in one:
        return times.micros(datetime.fromisoformat(one["at"]))
    day = one.get("on", one.get("until", one.get("window", (None,))[-1]))
    return -INF if day is None else facts.end(day)


def _number(name: str, operator: str, found: int, wanted: int) -> Reading:
    holds = {
        "=": found == wanted,
        ">": found > wanted,
        "≥": found >= wanted,
        "≈": abs(found - wanted) <= ROUGHLY * wanted,
    }[operator]
    return Reading(name, "MATCH" if holds else "MISMATCH", found, found - wanted)


# ── the queries ─────────────────────────────────────────────────────────────


def _persons(facts: Facts, asked: Said) -> list[Any]:
    category = asked.get("filter", {}).get("category")
    first, last = _days(asked)
    places = _sites(asked.get("place"))
    return [
        state
        for state in facts.handed_over
        if (category is None or state.category == category)
        and first <= facts.day(state.since) <= last
        and (places is None or state.site in places)
    ]


def _days(asked: Said) -> tuple[date, date]:
    """Return the first and the last day a reading counts.

    The reading's own day; else the claim's window, up to the reading's `until`. A claim about one day
    that is read up to that day counts everything before it, too.
    """
    if "on" in asked:
        return date.fromisoformat(asked["on"]), date.fromisoformat(asked["on"])
    begins, ends = map(date.fromisoformat, asked.get("window", ("0001-01-01", "9999-12-31")))
    last = date.fromisoformat(asked["until"]) if "until" in asked else ends
    return (date.min if "until" in asked and begins >= last else begins), last


def _sites(place: str | None) -> frozenset[str] | None:
    """Return the sites a claim's place means, both sides of a crossing; None where it names none."""
    if place is None:
        return None
    return frozenset(SIDES.values()) if place in SIDES else frozenset({place})


def _persons_handed_over(facts: Facts, asked: Said) -> int | None:
    return len(_persons(facts, asked)) if facts.handed_over else None


def _with_pledge(facts: Facts, asked: Said) -> tuple[int, int] | None:
    wanted = asked.get("filter", {}).get("pledgor")
    pledgors = {wanted} if isinstance(wanted, str) else set(wanted or ())
    anyone = set(asked.get("filter", {}).get("any_pledgor", ()))

    def holds(state: Any) -> bool:
        signed = {p for p, status in state.pledges.items() if status == "SIGNED"}
        if pledgors:
            return pledgors <= signed
        return bool(state.pledged) and (not anyone or bool(anyone & signed))

    everybody = facts.handed_over
    return (sum(map(holds, everybody)), len(everybody)) if everybody else None


def _assurance(facts: Facts, asked: Said) -> list[str] | None:
    first = min((state.since for state in facts.handed_over), default=None)
    if first is None and asked.get("before") == "first_handover":
        return None  # it has not come yet
    found = {
        event.status
        for event in facts.counted(AssuranceRecorded.TOPIC)
        if asked.get("before") != "first_handover" or first is None or event.occurred_at < first
    }
    return sorted(found) or None


def _admissions(facts: Facts) -> list[str]:
    days = {facts.day(event.occurred_at) for event in facts.counted(Admitted.TOPIC)}
    return sorted(day.isoformat() for day in days)


def _first_admission(facts: Facts, _: Said) -> str | None:
    return next(iter(_admissions(facts)), None)


def _admission_days(facts: Facts, _: Said) -> str | None:
    days = _admissions(facts)
    return None if not days else days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _weapons(facts: Facts, asked: Said, statuses: Iterable[str]) -> tuple[int, int] | None:
    """Return how many weapons in trust are in one of these custodies, of all that were received."""
    at = times.micros(datetime.fromisoformat(asked["at"])) if "at" in asked else INF
    states = [state for known in facts.weapons if (state := belief(known, at, facts.known_at))]
    received = [state for state in states if state.custody != "DECLARED"]
    meant = [s for s in received if s.in_trust_since is not None and s.custody in statuses]
    return (len(meant), len(received)) if received else None


def _held_in_trust(facts: Facts, asked: Said) -> tuple[int, int] | None:
    return _weapons(facts, asked, HELD_IN_TRUST)


def _owed(facts: Facts, asked: Said) -> tuple[int, int] | None:
    return _weapons(facts, asked, OWED)


def _places(facts: Facts, _: Said) -> list[str] | None:
    sites = {state.site for state in facts.handed_over}
    if not sites:
        return None
    return list(SIDES) if sites <= set(SIDES.values()) else sorted(sites)


_QUERIES: dict[str, Query] = {
    "persons_handed_over": _persons_handed_over,
    "handed_over_with_pledge": _with_pledge,
    "assurance_status": _assurance,
    "first_admission_day": _first_admission,
    "admission_days": _admission_days,
    "weapons_in_trust": _held_in_trust,
    "weapons_owed": _owed,
    "handover_places": _places,
}
OPERATORS = frozenset({"=", ">", "≥", "≈", "all"})
