"""`amana report irregularities`: which events broke a rule, of how many that were looked at."""

from __future__ import annotations

import click

from application.answers.irregularities import irregularities as broken
from commands.terminal.recording import WHOLE
from commands.terminal.session import Session


@click.command(
    "irregularities",
    epilog="Example: amana report irregularities --of 'handed over'   ·   "
    "amana report irregularities --rule 4",
)
@click.option("--rule", type=WHOLE, metavar="NUMBER", help="Of this rule only.")
@click.option("--of", "kind", metavar="EVENT", help="Only such events, as `handed over`.")
@click.pass_obj
def irregularities(session: Session, /, rule: int | None, kind: str | None) -> None:
    """Show which events broke a rule and are not closed, of how many that were looked at.

    `amana irregularity close` closes one; the rule book is `amana rules`.
    """
    answer = broken(session.views, rule, kind)
    if session.out.mode == "json":
        session.out.document(
            {
                "rule": rule,
                "of": kind,
                "position": answer.echo.position,
                "looked_at": answer.looked_at,
                "irregular": answer.irregular,
                "events": [one._asdict() for one in answer.events],
            }
        )
        return
    if session.out.mode == "text":
        what = f"events '{answer.name}'" if answer.name else "events"
        which = f"broke rule {rule}" if rule is not None else "are irregular"
        session.out.line(f"{answer.irregular:,} of {answer.looked_at:,} {what} {which}", bold=True)
        session.out.line(f"  as known now (position {answer.echo.position:,})")
    session.out.table(["event", "rule", "what", "recorded by"], answer.events, empty="")
