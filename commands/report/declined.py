"""`amana report declined`: whether all who declined to return were kept off every return manifest."""

from __future__ import annotations

import click

from application.answers.declined import DeclinedReport
from application.answers.declined import declined as who_declined
from commands.terminal.clock_options import above_table, clocks_of, echoed, shown, with_clocks
from commands.terminal.session import Session
from domain import times


@click.command("declined", epilog="Example: amana report declined --as-of '18 Dec 2024 12:00'")
@with_clocks
@click.pass_obj
def declined(session: Session, /, as_of: str | None, known_at: str | None) -> None:
    """Show whether all who declined to return were kept off every return manifest (exit 1: not all).

    Looked at are all persons who had an episode by then and every return manifest; listed are those who
    stated STAY or SEEKS_PROTECTION at any time. Who changed their mind and returned was kept off until
    then.
    """
    asked, reader = clocks_of(session, as_of, known_at), session.reader
    answer = who_declined(session.views, session.custody.streams, asked, reader)
    session.verdict = 0 if answer.all_kept_off else 1
    if session.out.mode == "json":
        session.out.document(_document(session, answer))
    else:
        _print(session, answer)
    raise SystemExit(session.verdict)


def _document(session: Session, answer: DeclinedReport) -> dict[str, object]:
    return {
        **echoed(session, answer.echo),
        "persons": answer.persons,
        "intent": answer.stated,
        "manifests": answer.manifests,
        "lines": answer.lines,
        "declined": len(answer.declined),
        "kept_off": answer.kept_off,
        "rows": [
            {**o._asdict(), "since": times.iso(o.since, session.zone), "kept_off": o.kept_off}
            for o in answer.declined
        ],
    }


def _print(session: Session, answer: DeclinedReport) -> None:
    stated = ", ".join(f"{number:,} {intent}" for intent, number in answer.stated.items())
    through = (
        f"{answer.manifests:,} return manifests with {answer.lines:,} lines:"
        f" {answer.not_kept_off:,} who declined stand on one"
    )
    title = f"{len(answer.declined):,} of {answer.persons:,} persons declined to return"
    if answer.declined:
        title += f", {answer.kept_off:,} of them were kept off every return manifest"
    else:
        title += ": there was nobody to keep off a return manifest"
    above_table(session, title, answer.echo)
    if session.out.mode == "text":
        session.out.facts({"stated": stated, "looked through": through})
    elif not session.quiet:
        session.out.say(f"stated: {stated}; looked through: {through}")
    session.out.table(
        ["person", "intent", "custody", "declined since", "kept off", "all the same"],
        [
            [
                one.person,
                one.intent,
                one.custody,
                shown(session, one.since),
                "yes" if one.kept_off else "● NO",
                [*one.breaches, *filter(None, [one.listed])],
            ]
            for one in answer.declined
        ],
        empty="",
    )
