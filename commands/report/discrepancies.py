"""`amana report discrepancies`: what the last count of each site missed or found besides."""

from __future__ import annotations

from collections.abc import Iterable

import click

from application.answers.discrepancies import Compared, Discrepancies
from application.answers.discrepancies import discrepancies as compared
from application.answers.subjects import one_site
from commands.report.wording import verdict
from commands.terminal.clock_options import above_table, clocks_of, echoed, shown, with_clocks
from commands.terminal.session import Session
from domain import times

NAMED = 5
"""How many a cell of a table names to a person."""


@click.command("discrepancies", epilog="Example: amana report discrepancies --site DEPOT-M1 --all")
@click.option("--site", metavar="SITE", help="One site only.")
@click.option("--all", "every", is_flag=True, help="Every count, not only the last of each site.")
@with_clocks
@click.pass_obj
def discrepancies(
    session: Session, /, as_of: str | None, known_at: str | None, site: str | None, every: bool
) -> None:
    """Show what the last stock-take or roll call of each site missed or found besides.

    What was missed stands with its custody at the instant asked about: it may have been found since.
    """
    streams = session.custody.streams
    code, asked = one_site(streams, site), clocks_of(session, as_of, known_at)
    answer = compared(session.views, streams, asked, code, every=every)
    if session.out.mode == "json":
        rows = [_data(session, one) for one in answer.counts]
        session.out.document(
            {
                **echoed(session, answer.echo),
                "closed": answer.closed,
                "missing": answer.missing,
                "besides": answer.besides,
                "counts": rows,
            }
        )
        return
    above_table(session, _title(answer), answer.echo)
    columns = (
        "count",
        "of",
        "site",
        "crate",
        "closed",
        "expected",
        "found",
        "missing",
        "besides",
        "verdict",
    )
    session.out.table(columns, [_row(session, one) for one in answer.counts], empty="")


def _title(answer: Discrepancies) -> str:
    which = (
        f"all {answer.closed} counts"
        if answer.all_counts
        else f"the last of each site, of {answer.closed} counts"
    )
    return f"{answer.missing:,} missing and {answer.besides:,} besides in {which}"


def _data(session: Session, one: Compared) -> dict[str, object]:
    count = one.counted
    return {
        "stocktake": count.stocktake,
        "kind": count.kind,
        "site": count.site,
        "container": count.container or None,
        "at": times.iso(count.at, session.zone),
        "agrees": count.agrees,
        "expected": count.expected,
        "found": count.found,
        "missing": dict(_missing(one)),
        "besides": count.besides,
    }


def _row(session: Session, one: Compared) -> list[object]:
    count = one.counted
    return [
        count.stocktake,
        f"{count.kind}s",
        count.site,
        count.container,
        shown(session, count.at),
        count.expected,
        count.found,
        _cut(session, (f"{subject} (now {custody})" for subject, custody in _missing(one))),
        _cut(session, count.besides),
        verdict(count.agrees),
    ]


def _missing(one: Compared) -> list[tuple[str, str]]:
    return [(subject, custody or "no record") for subject, custody in one.missing.items()]


def _cut(session: Session, words: Iterable[str]) -> str:
    """Return the first few words, and how many more there are; all of them for a pipe."""
    words = list(words)
    if session.out.mode == "plain":
        return ", ".join(words) or "none"
    more = f" and {len(words) - NAMED:,} more" if len(words) > NAMED else ""
    return ", ".join(words[:NAMED]) + more if words else "none"
