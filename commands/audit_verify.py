"""`amana audit verify`: hash every stored event again and compare with the log of proofs."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import time
from typing import TYPE_CHECKING

import click

from commands.log import opened
from commands.terminal.guarded import guarded
from commands.terminal.session import Session
from domain.errors import CannotTellError

if TYPE_CHECKING:
    from application.proofs.audit import Audit


@click.command("verify", epilog="Example: amana audit verify")
@click.pass_obj
def verify(session: Session, /) -> None:
    """Hash every stored event again and compare it with the log: each fault names its event.

    Then every node, label, map, root, signature and the copy of the last note. Nothing is repaired.
    Exit 1 where something was altered, 7 where there is no log to compare with.
    """
    from application.proofs.audit import audit

    began = time.perf_counter()
    with guarded(session):
        proofs = opened(session)
        if not proofs.log.size:
            msg = "there is no log to compare with: sign a checkpoint first, amana log checkpoint"
            raise CannotTellError(msg)
        result = audit(proofs)
    seconds = time.perf_counter() - began
    rows = [
        [f.event or "the log", f.entry, "witnessed" if f.witnessed else "", f.text]
        for f in result.findings
    ]
    session.verdict = 1 if rows else 0
    if session.out.mode == "json":
        named = [{"event": f.event, **f._asdict()} for f in result.findings]
        session.out.document({**result._asdict(), "findings": named})
    else:
        _print_looked_at(session, result, _verdict(len(rows)), seconds)
        session.out.table(["event", "entry", "", "finding"], rows, "")
    raise SystemExit(session.verdict)


def _print_looked_at(session: Session, result: Audit, verdict: str, seconds: float) -> None:
    """Write the verdict and how much it rests on: on stderr beside `--plain` lines."""
    unsigned, unread = result.entries - result.signed, result.unread
    facts = {
        "looked at": f"{result.events:,} events, {result.entries:,} entries,"
        f" {result.checkpoints:,} checkpoints in {seconds:.1f} s",
        "signed": f"{result.signed:,} entries",
        "witnessed": f"up to entry {result.witnessed:,}" if result.witnessed else "nothing",
        "on the operator's word": f"{max(0, result.signed - result.witnessed):,} entries",
        "not signed yet": f"{unsigned:,} entries" if unsigned > 0 else "",
        "not read yet": f"{unread:,} events" if unread else "",
    }
    if session.out.mode == "text":
        session.out.line(verdict, bold=True)
        session.out.facts(facts)
    elif not session.quiet:
        session.out.say(verdict)
        for name, said in facts.items():
            if said:
                session.out.say(f"{name}: {said}")


def _verdict(count: int) -> str:
    if not count:
        return "every stored event is what the log says"
    return f"ALTERED: {count:,} finding{'s' if count > 1 else ''}"
