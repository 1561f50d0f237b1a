"""`amana audit …`: rebuild and compare, what came late, who looked at whom."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import click

from commands import audit_verify
from commands.clocks import known_instant, log_position, shown
from commands.history import words
from commands.session import Session
from domain import times
from domain.errors import BadInputError


@click.group()
def audit() -> None:
    """Replay, late facts, who looked: findings, never repairs nobody asked for."""


audit.add_command(audit_verify.verify)


@audit.command("access", epilog="Example: amana audit access --subject P-000873-X")
@click.option("--subject", metavar="PERSON", help="Whose values were looked at.")
@click.pass_obj
def access(session: Session, /, subject: str | None) -> None:
    """List who searched for or looked at whose personal values, when and why."""
    from application.access import looked_at

    stream = session.stream(subject, "person") if subject else None
    rows: list[dict[str, Any]] = [
        {
            "at": times.iso(at, session.zone), "official": official, "subject": whose,
            "fields": fields, "purpose": purpose,
        }
        for at, official, whose, fields, purpose in looked_at(session.custody, stream)
    ]  # fmt: skip
    if session.out.mode == "json":
        session.out.document({"access": rows})
        return
    columns = ["at", "official", "subject", "fields", "purpose"]
    session.out.table(columns, [[row[c] for c in columns] for row in rows])


@audit.command("replay", epilog="Example: amana audit replay --compare")
@click.option("--to", metavar="TIME|@POSITION", help="Replay the log only so far.")
@click.option("--compare", is_flag=True, help="Compare with the live read models: exit 1 if not.")
@click.option("--sample", metavar="SHARE", help="Compare a share of the subjects, such as 1%.")
@click.option("--since", metavar="@POSITION", help="Compare only subjects the log names after it.")
@click.option("--repair", is_flag=True, help="Put the replayed read models in place of the live.")
@click.option("-o", "--output", metavar="FILE", help="Keep the replayed read models in a new file.")
@click.pass_obj
def replay(
    session: Session, /, to: str | None, compare: bool, sample: str | None, since: str | None,
    repair: bool, output: str | None,
) -> None:  # fmt: skip
    """Replay the log from its first event and rebuild every read model beside the live ones.

    With --compare each difference is a finding that names subject, column, both values and the
    event; none stops the search, and nothing is repaired without --repair.
    """
    from projections.index import position_at

    views = session.views
    position = None
    if to is not None:
        position = position_at(views.connection, known_instant(session, to))
    if repair and (to or sample or since):
        msg = "--repair replays the whole log: leave --to, --sample and --since out"
        raise BadInputError(msg)
    if compare or sample or since:
        found = _compared(session, position, sample, since)
        if not repair:
            raise SystemExit(1 if found else 0)
    _rebuilt(session, position, output, repair=repair)


def _compared(
    session: Session, position: int | None, sample: str | None, since: str | None
) -> list[Any]:
    from application import audit as auditing
    from projections.cube import Calendar

    log, views = session.custody.store.writer, session.views.connection
    began = time.perf_counter()
    with auditing.scope(log, views, Calendar(session.zone), position) as asked:
        if sample or since:
            subjects = (
                auditing.sampled(asked, _share(sample), asked.to)
                if sample
                else auditing.since(asked, log_position(since or ""))
            )
            found = list(auditing.differences(asked, subjects))
            looked = f"{len(subjects):,} subjects"
        else:
            with session.out.progress("replaying", quiet=session.quiet) as advance:
                result = auditing.compare(asked, advance)
                found = list(result.findings)
            speed = result.events / (time.perf_counter() - began)
            looked = f"{result.events:,} events, {result.rows:,} rows ({speed:,.0f}/s)"
    if session.out.mode == "json":
        named = [one._asdict() for one in found]
        session.out.document({"position": asked.to, "looked_at": looked, "findings": named})
        return found
    verdict = f"{len(found):,} differences" if found else "the read models are what the log says"
    if session.out.mode == "text":
        session.out.line(f"{verdict}: {looked}, up to position {asked.to:,}", bold=True)
    columns = ["subject", "table", "column", "live", "replayed", "event"]
    rows = [[f.subject, f.table, f.column, f.live, f.replayed, f.version] for f in found]
    if rows or session.out.mode == "plain":
        session.out.table(columns, rows)
    return found


def _rebuilt(session: Session, position: int | None, output: str | None, *, repair: bool) -> None:
    from application import audit as auditing
    from application.follow import discard

    live = session.views.path
    beside = Path(output) if output else live.with_name(f"{live.name}.replay")
    if output and beside.exists():
        msg = f"{beside} exists already and is not overwritten: name another file"
        raise BadInputError(msg)
    discard(beside)
    began = time.perf_counter()
    try:
        with session.out.progress("replaying", quiet=session.quiet) as advance:
            reached = auditing.rebuild(
                session.custody.store.writer, beside, session.about["id"], to=position,
                progress=advance,
            )  # fmt: skip
        seconds = time.perf_counter() - began
        if repair:
            session.put_views(beside)
    finally:
        if not output:
            discard(beside)
    done = "put in place" if repair else f"kept in {beside}" if output else "beside the live ones"
    text = f"replayed up to position {reached:,} in {seconds:.1f} s, {done}"
    if session.out.mode == "json":
        session.out.document(
            {"position": reached, "seconds": round(seconds, 3), "repaired": repair}
        )
    else:
        session.out.line(text)


def _share(typed: str | None) -> float:
    number = (typed or "").strip().removesuffix("%")
    try:
        share = float(number) / (100 if (typed or "").strip().endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        msg = f"'{typed}' is not a share: write it as 1%"
        raise BadInputError(msg)
    return share


@audit.command("late", epilog="Example: amana audit late --over 24h")
@click.option("--over", default="24h", show_default=True, metavar="SPAN", help="As 24h or 3d.")
@click.pass_obj
def late(session: Session, /, over: str) -> None:
    """List what was recorded long after it happened, by whom; corrections are marked."""
    from application.audit import late as came_late

    found = came_late(session.views.connection, _span(over))
    rows = [
        {
            "event": f"{one.subject}:{one.version}", "what": words(one.topic),
            "occurred": shown(session, one.occurred_at), "recorded": shown(session, one.recorded_at),
            "late": f"{one.late_by // times.HOUR} h", "by": one.recorded_by,
            "corrects": one.corrects,
        }
        for one in found
    ]  # fmt: skip
    if session.out.mode == "json":
        session.out.document({"over": over, "count": len(rows), "late": rows})
        return
    if session.out.mode == "text":
        session.out.line(f"{len(rows):,} events recorded more than {over} after they occurred")
    columns = ["event", "what", "occurred", "recorded", "late", "by", "corrects"]
    session.out.table(columns, [[row[c] for c in columns] for row in rows])


def _span(typed: str) -> int:
    match = re.fullmatch(r"(\d{1,5})([mhd])", typed.strip())
    if match is None:
        msg = f"'{typed}' is not a span of time: write it as 24h or 3d"
        raise BadInputError(msg)
    return int(match[1]) * {"m": times.MINUTE, "h": times.HOUR, "d": times.DAY}[match[2]]
