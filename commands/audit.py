"""`amana audit …`: rebuild and compare, what came late, who looked at whom."""

from __future__ import annotations

from typing import Any

import click

from commands.session import Session
from domain import times


@click.group()
def audit() -> None:
    """Replay, late facts, who looked: findings, never repairs nobody asked for."""


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
