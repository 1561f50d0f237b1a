"""`amana audit replay`: rebuild the read models from the log, name what the live ones say otherwise.

With --compare each difference is a finding; none stops the search and nothing is repaired unless
--repair asks for it. A replayed file appears under its name only when it is whole.
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from commands.terminal.clock_options import known_instant, log_position
from commands.terminal.option_names import named
from commands.terminal.session import Session
from domain import times
from domain.errors import BadInputError

if TYPE_CHECKING:
    from application.answers.replayed import Compared


@click.command("replay", epilog="Example: amana audit replay --compare")
@named("--until", metavar="TIME|@POSITION", help="Replay the log only so far.")
@click.option("--compare", is_flag=True, help="Compare with the live read models: exit 1 if not.")
@click.option("--sample", metavar="SHARE", help="Compare a share of the subjects, such as 1%.")
@click.option(
    "--since",
    metavar="@POSITION|last",
    help="Compare only subjects the log names after it, or after the last comparison.",
)
@click.option("--repair", is_flag=True, help="Put the replayed read models in place of the live.")
@click.option("-o", "--output", metavar="FILE", help="Keep the replayed read models in a new file.")
@click.pass_obj
def replay(
    session: Session,
    /,
    until: str | None,
    compare: bool,
    sample: str | None,
    since: str | None,
    repair: bool,
    output: str | None,
) -> None:
    """Replay the log from its first event and rebuild every read model beside the live ones.

    With --compare each difference is a finding that names subject, column, both values and the
    event; none stops the search, and nothing is repaired without --repair.
    """
    some = [name for name, given in (("--sample", sample), ("--since", since)) if given is not None]
    if len(some) > 1 or (some and compare):
        msg = "--compare looks at everybody, --sample and --since at some: choose one"
        raise BadInputError(msg)
    if repair and (until or some):
        msg = "--repair replays the whole log: leave --until, --sample and --since out"
        raise BadInputError(msg)
    if output and Path(output).exists():
        msg = f"{output} exists already and is not overwritten: name another file"
        raise BadInputError(msg)
    known_at = None if until is None else known_instant(session, until)
    if compare or some:
        _compared(session, known_at, sample, since)
    if repair or output or not (compare or some):
        _rebuilt(session, known_at, Path(output) if output else None, repair=repair)
    raise SystemExit(0 if repair else session.verdict)


# ── comparing ───────────────────────────────────────────────────────────────


def _compared(
    session: Session, known_at: int | None, sample: str | None, since: str | None
) -> None:
    from application.answers import replayed

    asked: dict[str, Any] = {
        "known_at": known_at,
        "sample": None if sample is None else _share(sample),
        "since": None if since is None else _since(since),
    }
    whole = sample is None and since is None
    views, began = session.views, time.perf_counter()
    with session.out.progress("replaying", quiet=session.quiet or not whole) as advance:
        found = replayed.compared(session.custody, views, **asked, progress=advance)
    speed = found.events / (time.perf_counter() - began)
    looked = f"{found.events:,} events, {found.rows:,} rows ({speed:,.0f}/s)"
    if found.subjects is not None:
        some = _number(found.subjects, "subject")
        looked = f"{some} row by row; counts by day were not looked at"
    session.verdict = 1 if found.findings else 0
    _print(session, found, looked, whole=whole)


def _since(typed: str) -> int | Literal["last"]:
    return "last" if typed.strip() == "last" else log_position(typed.strip())


def _print(session: Session, compared: Compared, looked: str, *, whole: bool) -> None:
    found, position = compared.findings, compared.position
    if session.out.mode == "json":
        named = [one._asdict() for one in found]
        session.out.document({"position": position, "looked_at": looked, "findings": named})
        return
    what = "the read models are" if whole else "what was looked at is"
    verdict = _number(len(found), "difference") if found else f"{what} what the log says"
    if session.out.mode == "text":
        session.out.line(f"{verdict}: {looked}, up to position {position:,}", bold=True)
    columns = ["subject", "table", "column", "live", "replayed", "event"]
    rows = [
        [
            f.subject,
            f.table,
            f.column,
            _said(session, f.column, f.live),
            _said(session, f.column, f.replayed),
            f.version or "",
        ]
        for f in found
    ]
    if rows or session.out.mode == "plain":
        session.out.table(columns, rows)
    if found and session.out.mode == "text":
        repair = session.command("audit", "replay", "--repair")
        session.out.line(f"next: {repair}  # puts what the log says in their place")


def _said(session: Session, column: str, value: object) -> object:
    """Return a value as it is read: instants in the zone, a whole row by what it says."""
    from application.answers.feed.compare_rows import INSTANTS

    if isinstance(value, Mapping):
        return "; ".join(
            f"{name.replace('_', ' ')} {_said(session, name, held)}"
            for name, held in value.items()
            if held is not None and name not in {"subject", "klass", "facet"}
        )
    if column in INSTANTS and isinstance(value, int):
        return "never" if value == times.INF else times.iso(value, session.zone)
    return "(no such row)" if value is None and column == "row" else value


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def _share(typed: str) -> float:
    text = typed.strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        msg = f"'{typed}' is not a share: write it as 1%"
        raise BadInputError(msg)
    return share


# ── rebuilding ──────────────────────────────────────────────────────────────


def _rebuilt(session: Session, known_at: int | None, output: Path | None, *, repair: bool) -> None:
    from application.answers import replayed

    began = time.perf_counter()
    if repair:
        with session.out.progress("replaying", quiet=session.quiet) as advance:
            reached = session.views.remake(advance)
    if output or not repair:
        views, ledger_id = session.views, session.about["id"]
        with session.out.progress("replaying", quiet=session.quiet) as advance:
            reached = replayed.beside(
                session.custody,
                views,
                ledger_id,
                known_at=known_at,
                output=output,
                progress=advance,
            )
    seconds = time.perf_counter() - began
    done = [f"kept in {output}"] if output else []
    if repair:
        done.append("put in place")
    if not done:
        done.append(
            "beside the live ones, and let go again (--repair mends those, -o keeps a copy)"
        )
    text = f"replayed up to position {reached:,} in {seconds:.1f} s, {', '.join(done)}"
    if session.out.mode == "json":
        session.out.document(
            {"position": reached, "seconds": round(seconds, 3), "repaired": repair}
        )
    else:
        session.out.line(text)
