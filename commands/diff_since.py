"""`amana diff --since last`: every event recorded since somebody asked last, and what it changed now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import platformdirs

from application.answers import since as answers
from application.answers.diff import Step
from application.answers.since import Since
from application.answers.two_clocks import knowledge
from commands.diff_words import ends
from commands.terminal.clock_options import above_table, echoed, known_instant, present, shown
from commands.terminal.session import Session
from domain import times
from words.cells import cell
from words.events import event_name

LAST = "last"
COLUMNS = ("position", "event", "what", "occurred", "recorded", "by", "back-dated", "changed now")


def since(session: Session, typed: str) -> None:
    """Answer what changed since a time, a position or the last answer; and remember this one."""
    streams = session.custody.streams
    file, now = _remembered(session), knowledge(session.views, present(session))
    if typed.strip().lower() == LAST:
        after = answers.last_asked(streams, file)
    else:
        after = answers.position_of(session.views, known_instant(session, typed))
    found = None
    if after is not None:
        found = answers.since(session.views, streams, lambda: session.reader, after, now)
    position = answers.position_of(session.views, now)
    _write(session, found, position)
    sys.stdout.flush()
    answers.remember(streams, file, position)


def _remembered(session: Session) -> Path:
    """Return the file of this user in which is kept where this official asked this ledger last."""
    folder = platformdirs.user_state_path("amana", appauthor=False)
    return folder / f"{session.about['id']}.{session.asking or 'nobody'}.asked"


def _write(session: Session, found: Since | None, position: int) -> None:
    who = session.asking or "nobody named"
    if found is None:
        if session.out.mode == "json":
            session.out.document({"since": None, "position": position, "first": True})
            return
        session.out.say(
            f"{who} asks for the first time here: remembered at position {position:,}. What was "
            "recorded before, --since TIME or @POSITION shows"
        )
        return
    if session.out.mode == "json":
        session.out.document(_document(session, found))
        return
    late, events, changed = (
        sum(row.back_dated for row in found.rows),
        len(found.rows),
        len(found.changed),
    )
    title = (
        f"{events:,} event{'s' * (events != 1)} recorded since position {found.after:,}, "
        f"{late:,} back-dated; {changed:,} answer{'s' * (changed != 1)} about now changed"
    )
    above_table(session, title, found.echo)
    steps = _steps(found)
    session.out.table(
        COLUMNS,
        [
            (
                *(row.position, f"{row.subject}:{row.version}", event_name(row.topic)),
                *(shown(session, row.occurred_at), shown(session, row.recorded_at), row.by),
                row.back_dated,
                "; ".join(
                    _said(session, *one) for one in steps.get((row.subject, row.version), ())
                ),
            )
            for row in found.rows
        ],
        empty="",
    )


def _steps(found: Since) -> dict[tuple[str, int], list[tuple[str, Step]]]:
    """Return what each event changed, fact by fact, of what reads otherwise now."""
    steps: dict[tuple[str, int], list[tuple[str, Step]]] = {}
    for subject in found.changed:
        for fact in subject.facts:
            for step in fact.steps:
                key = (subject.stream, step.event.version)
                steps.setdefault(key, []).append((fact.fact, step))
    return steps


def _said(session: Session, fact: str, step: Step) -> str:
    both = ends(session, fact, step)
    before, after = (cell(both[name]) or "none" for name in ("before", "after"))
    return f"{fact.replace('_', ' ')} {before} → {after}"


def _document(session: Session, found: Since) -> dict[str, Any]:
    steps = _steps(found)
    return {
        "since": found.after,
        "first": False,
        **echoed(session, found.echo),
        "count": len(found.rows),
        "back_dated": sum(row.back_dated for row in found.rows),
        "changed": [one.stream for one in found.changed],
        "recorded": [
            {
                "position": row.position,
                "event": f"{row.subject}:{row.version}",
                "what": event_name(row.topic),
                "occurred": times.iso(row.occurred_at, session.zone),
                "recorded": times.iso(row.recorded_at, session.zone),
                "by": row.by,
                "batch": row.batch,
                "back_dated": row.back_dated,
                "changed_now": [
                    {"fact": fact, **ends(session, fact, step)}
                    for fact, step in steps.get((row.subject, row.version), ())
                ],
            }
            for row in found.rows
        ],
    }
