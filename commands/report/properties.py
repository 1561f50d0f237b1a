"""`amana report persons|weapons|handovers|statements`: who or what has a property, in two clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

import click

from application.answers.two_clocks import Clocks
from commands.report.group import report
from commands.terminal.clock_options import (
    above_table,
    clocks_of,
    echoed,
    knowledge_of,
    machine,
    shown,
    with_clocks,
)
from commands.terminal.session import Session
from commands.terminal.typed import known_code
from domain import times
from domain.errors import BadInputError
from domain.person import Category
from domain.weapon import SerialStatus
from words.instants import is_instant

CUSTODIES = (
    "EXPECTED", "ADMITTED", "SHELTERED", "IN_TRANSIT", "IN_CARE", "ABSENT", "HANDED_OVER",
    "RELEASED_OTHERWISE", "DECEASED",
)  # fmt: skip
"""What a person's custody can be, in the order of an episode."""


def _believed(session: Session, prefix: str, clocks: Clocks) -> Iterator[Any]:
    """Yield every state of a kind at an instant, as known at another."""
    from projections.belief import belief

    for known in session.custody.streams.every(prefix):
        state = belief(known, clocks.true_at, clocks.known_at)
        if state is not None and getattr(state, "same_as", None) is None:
            yield state


def _answer(
    session: Session, title: str, clocks: Clocks, columns: tuple[str, ...], rows: list[Any]
) -> None:
    if session.out.mode == "json":
        named = [machine(session, dict(zip(columns, row, strict=True))) for row in rows]
        session.out.document({**echoed(session, clocks), "count": len(rows), "rows": named})
        return
    above_table(session, f"{len(rows):,} {title}", clocks)
    for_people = [
        [shown(session, v) if is_instant(c) else v for c, v in zip(columns, row, strict=True)]
        for row in rows
    ]
    session.out.table([c.replace("_", " ") for c in columns], for_people)


@report.command(
    "persons", epilog="Example: amana report persons --custody IN_CARE --custody ABSENT"
)
@click.option("--custody", multiple=True, metavar="STATUS", help="Only in this custody.")
@click.option("--site", metavar="SITE", help="Only at this site.")
@click.option("--category", metavar="CATEGORY", help="Only of this category.")
@click.option("--without-pledge", is_flag=True, help="Nothing signed, or withdrawn.")
@click.option("--declined", is_flag=True, help="Who stated STAY or SEEKS_PROTECTION.")
@click.option("--effects", is_flag=True, help="Whose effects are not all returned.")
@with_clocks
@click.pass_obj
def persons(
    session: Session,
    /,
    as_of: str | None,
    known_at: str | None,
    custody: tuple[str, ...],
    site: str | None,
    category: str | None,
    without_pledge: bool,
    declined: bool,
    effects: bool,
) -> None:
    """List persons by a property, by control number only: never everybody.

    With --declined the exit code says whether all were kept off every return manifest (1: not all).
    """
    from domain.person import KEPT_OFF

    tests: list[Callable[[Any], bool]] = []
    if custody:
        wanted = {_one_of("custody", word, CUSTODIES) for word in custody}
        tests.append(lambda s: s.custody in wanted)
    if site:
        code = known_code(session, site, "site")
        tests.append(lambda s: s.site == code)
    if category:
        kind = _one_of("category", category, get_args(Category))
        tests.append(lambda s: s.category == kind)
    if without_pledge or declined:
        _protected(session)
    if without_pledge:
        tests.append(lambda s: not s.pledged)
    if declined:
        tests.append(lambda s: s.intent in KEPT_OFF)
    if effects:
        tests.append(lambda s: bool(s.effects))
    if not tests:
        msg = "which persons? nobody is ever listed whole: give a property, for example --custody"
        raise BadInputError(msg)
    clocks = clocks_of(session, as_of, known_at)
    found = [s for s in _believed(session, "P-", clocks) if all(test(s) for test in tests)]
    rows = [(s.id, s.custody, s.site, s.category, s.transfer, s.effects, s.since) for s in found]
    columns = ("person", "custody", "site", "category", "on_manifest", "effects_kept", "since")
    _answer(session, "persons", clocks, columns, rows)
    if declined and any(s.transfer or s.custody == "HANDED_OVER" for s in found):
        session.out.say("not all who declined were kept off every return manifest")
        raise SystemExit(1)


def _one_of(what: str, typed: str, possible: Sequence[str]) -> str:
    """Read one of a few words.

    Raises:
        BadInputError: it is none of them; an empty list would say that nobody is so.
    """
    word = typed.strip().upper()
    if word not in possible:
        msg = f"there is no {what} '{typed}': write one of {', '.join(possible)}"
        raise BadInputError(msg)
    return word


def _protected(session: Session) -> None:
    session.reader.need_protected()


@report.command(
    "weapons",
    epilog="Example: amana report weapons --serial-status ILLEGIBLE   ·   "
    "amana report weapons --lacking joint-count",
)
@click.option(
    "--serial-status",
    multiple=True,
    type=click.Choice(SerialStatus.__args__, case_sensitive=False),  # type: ignore[attr-defined]  # a Literal's own values
    help="Whose serial could not be read as it should.",
)
@click.option("--same-serial", is_flag=True, help="Whose serial stands on another one too.")
@click.option("--unit", metavar="PARTY", help="What came from this unit.")
@click.option(
    "--lacking", type=click.Choice(["joint-count", "receipt"]), help="What lacks a paper."
)
@click.option("--seal-broken", is_flag=True, help="Whose crate's seal was ever broken.")
@click.option("--recount-due", is_flag=True, help="What is due for a recount.")
@click.option("--held-up", is_flag=True, help="What an open hold keeps from being returned.")
@with_clocks
@click.pass_obj
def weapons(
    session: Session,
    /,
    as_of: str | None,
    known_at: str | None,
    serial_status: tuple[str, ...],
    same_serial: bool,
    unit: str | None,
    lacking: str | None,
    seal_broken: bool,
    recount_due: bool,
    held_up: bool,
) -> None:
    """List weapons by a property."""
    tests: list[Callable[[Any], bool]] = []
    if serial_status:
        tests.append(lambda s: s.serial_status in serial_status)
    if same_serial:
        tests.append(lambda s: bool(s.same_serial))
    if unit:
        party = known_code(session, unit, "party")
        tests.append(lambda s: s.unit == party)
    if lacking:
        tests.append(lambda s: not (s.counted_with if lacking == "joint-count" else s.receipt))
    if seal_broken:
        broken = _ever(session, "weapon.seal_broken", clocks := clocks_of(session, as_of, known_at))
        tests.append(lambda s: s.id in broken)
    if recount_due:
        tests.append(lambda s: s.recount_due)
    if held_up:
        tests.append(lambda s: bool(s.holds))
    clocks = clocks_of(session, as_of, known_at)
    rows = [
        (s.id, s.custody, s.site, s.container, s.model, s.serial, s.serial_status, s.same_serial)
        for s in _believed(session, "W-", clocks)
        if all(test(s) for test in tests)
    ]
    columns = (
        "weapon",
        "custody",
        "site",
        "crate",
        "model",
        "serial",
        "serial_status",
        "same_serial_as",
    )
    _answer(session, "weapons", clocks, columns, rows)


def _ever(session: Session, topic: str, clocks: Clocks) -> set[str]:
    from projections.index import subjects_of

    return subjects_of(session.views.connection, topic, clocks.true_at, clocks.known_at)


@report.command("handovers", epilog="Example: amana report handovers --category CROSSING_STAFF")
@click.option("--category", metavar="CATEGORY", help="Only of this category.")
@with_clocks
@click.pass_obj
def handovers(
    session: Session, /, as_of: str | None, known_at: str | None, category: str | None
) -> None:
    """Count the persons handed over, by day, crossing, category and receiving party."""
    clocks = clocks_of(session, as_of, known_at)
    kind = _one_of("category", category, get_args(Category)) if category else None
    found = Counter(
        (
            f"{times.moment(s.since, session.zone):%Y-%m-%d}",
            s.site,
            s.category or "",
            s.receiving_party,
        )
        for s in _believed(session, "P-", clocks)
        if s.custody == "HANDED_OVER" and (kind is None or s.category == kind)
    )
    rows = [(*key, count) for key, count in sorted(found.items())]
    columns = ("day", "site", "category", "receiving_party", "persons")
    _answer(session, f"rows, {sum(found.values()):,} persons handed over", clocks, columns, rows)


@report.command("statements", epilog="Example: amana report statements")
@click.option("--known-at", metavar="TIME|@POSITION", help="As the ledger knew it then.")
@click.pass_obj
def statements(session: Session, /, known_at: str | None) -> None:
    """Hold what two press reports claimed against the ledger, reading by reading."""
    from application.answers.statements import Facts, judge
    from application.decisions.open import zone_of

    clocks = knowledge_of(session, known_at)
    facts = Facts(session.custody.streams, clocks.known_at, zone_of("Asia/Baghdad"))
    claims = judge(facts)
    if session.out.mode == "json":
        rows = [{**c._asdict(), "readings": [r._asdict() for r in c.readings]} for c in claims]
        session.out.document({**echoed(session, clocks), "claims": rows})
        return
    above_table(session, f"{len(claims)} public claims", clocks)
    rows_ = [
        (
            c.outlet,
            c.id,
            f"{c.metric.replace('_', ' ')} {c.operator} {c.value or ''}".strip(),
            c.verdict.partition("(")[0],
            r.name,
            r.result,
            r.found,
            r.difference,
            r.reason,
        )
        for c in claims
        for r in c.readings
    ]
    columns = ("outlet", "claim", "says", "verdict", "reading", "result", "ledger", "δ", "why")
    session.out.table(columns, rows_)
