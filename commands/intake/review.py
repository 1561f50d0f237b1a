"""`amana intake review|resolve`: look-alikes side by side, decided by a person."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from typing import TYPE_CHECKING, Any

import click

from commands.terminal.recording import acknowledge, with_note
from commands.terminal.session import Session
from domain.errors import BadInputError

if TYPE_CHECKING:
    from application.imports.pairs import Waiting


@click.command("review", epilog="Example: amana intake review B-3f9c0a1b2c3d --limit 5")
@click.argument("batch", required=False)
@click.option("--limit", type=click.IntRange(1), default=10, help="How many pairs to open.")
@click.option("--all", "everything", is_flag=True, help="Decided ones, too.")
@click.pass_obj
def review(session: Session, /, batch: str | None, limit: int, everything: bool) -> None:
    """Show look-alikes side by side. Whose values are opened is recorded."""
    from application.imports import pairs

    found = pairs.review(session.custody, session.official, batch, limit, decided=everything)
    if found.hidden:
        session.out.say(
            f"{found.hidden:,} pairs of persons are for officials who may see their values"
        )
    if session.out.mode == "json":
        rows = [
            {
                **p._asdict(),
                "one": {"id": p.one, **found.sides[p.one]},
                "other": {"id": p.other, **found.sides[p.other]},
            }
            for p in found.shown
        ]
        session.out.document({"waiting": found.wanted, "pairs": rows})
        return
    for number, pair in enumerate(found.shown, 1):
        _side_by_side(session, pair, f"pair {number} of {found.wanted}", found.sides)
    left = found.wanted - len(found.shown)
    if not found.wanted:
        session.out.say("no pair waits for a decision")
    elif left:
        session.out.say(f"{left:,} more: --limit {found.wanted}")


def _side_by_side(session: Session, pair: Waiting, title: str, sides: dict[str, Any]) -> None:
    state = f"   {pair.state}" + (f" in {pair.batch}" if pair.batch else "")
    session.out.line(f"{title}          score {pair.score} ({pair.why}){state}", bold=True)
    one, other = sides[pair.one], sides[pair.other]
    names = [name for name in dict.fromkeys((*one, *other)) if one.get(name) or other.get(name)]
    head = pair.other if pair.row is None else f"{pair.other} row {pair.row}"
    session.out.table(
        ["", pair.one, head, ""],
        [
            [
                name.replace("_", " "),
                one.get(name),
                other.get(name),
                "" if one.get(name) == other.get(name) else "≠",
            ]
            for name in names
        ],
    )
    if pair.open:
        later = session.command("intake", "resolve", pair.one, pair.other, "--later")
        session.out.line(f"  next: {later}  # or --same, or --different, with a --reason")
    session.out.line("")


@click.command(
    "resolve",
    epilog="Example: amana intake resolve P-000873-X P-000412-H --same --reason 'same card shown'",
)
@click.argument("one")
@click.argument("other")
@click.option("--same", "decision", flag_value="same", help="They are one: a merge is proposed.")
@click.option(
    "--different",
    "decision",
    flag_value="different",
    help="Two different ones: the pair is not shown again.",
)
@click.option("--later", "decision", flag_value="later", help="Cannot be told yet.")
@with_note
@click.pass_obj
def resolve(session: Session, /, one: str, other: str, decision: Any, **options: Any) -> None:
    """Decide a pair. Nothing is merged without a second official (`amana approve`)."""
    from application.imports import pairs

    if decision is None:
        msg = "decide with --same, --different or --later"
        raise BadInputError(msg)
    if decision != "later" and not options["reason"]:
        msg = "say what the decision rests on (--reason)"
        raise BadInputError(msg)
    first, second = (session.stream(typed, "subject") for typed in (one, other))
    done = pairs.decide(session.custody, session.note(**options), first, second, decision)
    words = {"same": "the same: proposed", "different": "different", "later": "later"}
    acknowledge(session, words[decision], done)
    if decision == "later" and session.out.mode == "text":
        session.out.line(f"{first} {second}  later")
