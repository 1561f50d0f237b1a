"""`amana report statements`: public claims against the ledger."""

from __future__ import annotations

import click

from application.answers.statements import kept_beside
from application.answers.statements import statements as judged
from commands.terminal.clock_options import above_table, echoed, knowledge_of
from commands.terminal.session import Session


@click.command("statements", epilog="Example: amana report statements")
@click.option("--known-at", metavar="TIME|@POSITION", help="As the ledger knew it then.")
@click.pass_obj
def statements(session: Session, /, known_at: str | None) -> None:
    """Hold what two press reports claimed against the ledger, reading by reading."""
    asked = knowledge_of(session, known_at)
    answer = judged(session.views, session.custody.streams, asked, kept_beside(session.ledger_path))
    if session.out.mode == "json":
        rows = [
            {**c._asdict(), "readings": [r._asdict() for r in c.readings]} for c in answer.claims
        ]
        session.out.document({**echoed(session, answer.echo), "claims": rows})
        return
    above_table(session, f"{len(answer.claims)} public claims", answer.echo)
    session.out.table(
        ["outlet", "claim", "says", "verdict", "reading", "result", "ledger", "δ", "why", "ours"],
        [
            [
                c.outlet,
                c.id,
                f"{c.metric.replace('_', ' ')} {c.operator} {c.value or ''}".strip(),
                c.verdict.partition("(")[0],
                r.name,
                r.result,
                r.found,
                r.difference,
                r.reason,
                r.ours,
            ]
            for c in answer.claims
            for r in c.readings
        ],
    )
