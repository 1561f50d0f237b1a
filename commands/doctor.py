"""`amana doctor`: is everything in its place, and which settings won."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.terminal.session import Session
from domain import times
from domain.errors import CustodyError

if TYPE_CHECKING:
    from application.decisions.custody import Custody


class Finding(NamedTuple):
    """One thing looked at: what, whether it is well, and what to do if not."""

    what: str
    well: bool
    said: str
    do: str = ""


@click.command(epilog="Example: amana doctor   ·   amana doctor --fix")
@click.option("--fix", is_flag=True, help="Make again what can be: the register and the views.")
@click.pass_obj
def doctor(session: Session, /, fix: bool) -> None:
    """Look at the ledger, its key, its clock and its read models; tell which settings won."""
    findings = list(_look(session, fix=fix))
    session.verdict = 0 if all(finding.well for finding in findings) else 1
    used = {"ledger": session.ledger_path, "key_file": session.key_file}
    settings = {
        name.replace("_", " "): f"{s.value or used.get(name, '-')}  ({s.source})"
        for name, s in session.settings.items()
    }
    if session.out.mode == "json":
        session.out.document(
            {
                "settings": {n: s._asdict() for n, s in session.settings.items()},
                "findings": [finding._asdict() for finding in findings],
            }
        )
    else:
        session.out.facts(settings)
        session.out.table(
            ["", "what", "found", "do"],
            [["ok" if f.well else "!", f.what, f.said, f.do] for f in findings],
        )
    raise SystemExit(session.verdict)


def _look(session: Session, *, fix: bool) -> Iterator[Finding]:
    try:
        yield _integrity(session.custody)
    except CustodyError as error:
        yield Finding("ledger", well=False, said=str(error))
        return
    yield _key(session)
    yield _clock(session)
    yield _register(session, fix=fix)
    yield _views(session, fix=fix)


def _integrity(custody: Custody) -> Finding:
    damage = custody.store.damage()
    events, streams = custody.streams.size()
    text = (
        f"the file is damaged: {damage}" if damage else f"{events:,} events of {streams:,} streams"
    )
    return Finding("ledger", not damage, text, "restore it from a backup" if damage else "")


def _key(session: Session) -> Finding:
    from application.decisions.open import check_key

    try:
        check_key(session.custody)
    except CustodyError as error:
        return Finding("key", well=False, said=str(error))
    return Finding("key", well=True, said="readable by its owner only, and of this ledger")


def _clock(session: Session) -> Finding:
    custody = session.custody
    ahead = custody.streams.last().recorded_at - custody.clock()
    if ahead > times.SECOND:
        return Finding(
            "clock",
            well=False,
            do="set this machine's clock",
            said=f"the newest event was recorded {ahead // times.SECOND:,} s from now",
        )
    return Finding("clock", well=True, said="not before the newest event")


def _register(session: Session, *, fix: bool) -> Finding:
    from application.store.register import difference, rebuild

    custody = session.custody
    hold = custody.store.writing if fix else custody.store.snapshot
    with hold():
        states = (known.state for known in custody.streams.every())
        wrong = (rebuild if fix else difference)(custody.store, states)
    if wrong and not fix:
        return Finding(
            "register", well=False, said=f"{wrong} entries differ", do="amana doctor --fix"
        )
    return Finding("register", well=True, said="agrees" if not wrong else f"mended {wrong} entries")


def _views(session: Session, *, fix: bool) -> Finding:
    reached = session.views.remake() if fix else session.views.catch_up()
    if damage := session.views.damage():
        return Finding(
            "views", well=False, said=f"the file is damaged: {damage}", do="amana doctor --fix"
        )
    return Finding("views", well=True, said=f"at position {reached:,}, the newest")
