"""`amana report irregularities`: which events broke a rule, of how many that were looked at."""

from __future__ import annotations

import click

from application.answers.irregularities import irregularities as broken
from commands.terminal.clock_options import above_table, clocks_of, echoed, with_clocks
from commands.terminal.recording import WHOLE
from commands.terminal.session import Session


@click.command(
    "irregularities",
    epilog="Example: amana report irregularities --of 'handed over'   ·   "
    "amana report irregularities --rule 4 --known-at '20 Dec 2024 12:00'",
)
@click.option("--rule", type=WHOLE, metavar="NUMBER", help="Of this rule only.")
@click.option("--of", "kind", metavar="EVENT", help="Only such events, as `handed over`.")
@with_clocks
@click.pass_obj
def irregularities(
    session: Session, /, rule: int | None, kind: str | None, as_of: str | None, known_at: str | None
) -> None:
    """Show which events broke a rule and are not closed, of how many that were looked at.

    Each event is judged in the history in which it occurred, as it was known at --known-at: what a
    correction or a late fact made wrong is shown, what it made right is not. What was said when an event
    was recorded stays in `amana history`. Rules that tell what somebody wants are shown to who may read
    that. `amana irregularity close` closes one, `amana irregularity list --closed` lists those; the
    rule book is `amana rules`.
    """
    clocks = clocks_of(session, as_of, known_at)
    answer = broken(session.views, clocks, session.reader, rule, kind)
    if session.out.mode == "json":
        session.out.document(
            {
                **echoed(session, answer.echo),
                "rule": rule,
                "of": kind,
                "looked_at": answer.looked_at,
                "irregular": answer.irregular,
                "events": [one._asdict() for one in answer.events],
            }
        )
        return
    what = f"events '{answer.name}'" if answer.name else "events"
    which = f"broke rule {rule}" if rule is not None else "are irregular"
    above_table(
        session, f"{answer.irregular:,} of {answer.looked_at:,} {what} {which}", answer.echo
    )
    session.out.table(["event", "rule", "what", "recorded by"], answer.events, empty="")
