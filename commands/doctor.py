"""`amana doctor`: is everything in its place, and which settings won."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from typing import TYPE_CHECKING

import click

from commands.terminal.session import Session

if TYPE_CHECKING:
    from application.answers.soundness import Checked

FIX = "amana doctor --fix"


@click.command(epilog="Example: amana doctor   ·   amana doctor --fix")
@click.option(
    "--fix", is_flag=True, help="Rebuild what can be rebuilt: the register and the views."
)
@click.pass_obj
def doctor(session: Session, /, fix: bool) -> None:
    """Look at the ledger, its key, its clock and its read models; tell which settings won."""
    from application.answers.soundness import checks

    found = list(checks(lambda: session.custody, lambda: session.views, fix=fix))
    session.verdict = 0 if all(one.well for one in found) else 1
    findings = [_finding(one) for one in found]
    used = {"ledger": session.ledger_path, "key_file": session.key_file}
    settings = {
        name.replace("_", " "): f"{s.value or used.get(name, '-')}  ({s.source})"
        for name, s in session.settings.items()
    }
    if session.out.mode == "json":
        session.out.document(
            {
                "settings": {n: s._asdict() for n, s in session.settings.items()},
                "findings": findings,
            }
        )
    else:
        session.out.facts(settings)
        session.out.table(
            ["", "what", "found", "do"],
            [["ok" if f["well"] else "!", f["what"], f["said"], f["do"]] for f in findings],
        )
    raise SystemExit(session.verdict)


def _finding(one: Checked) -> dict[str, object]:
    """Return what was looked at, whether it is well, what is said of it and what to do."""
    said, do = (one.error, _ADVICE[one.what]) if one.error else _SAID[one.what](one)
    return {"what": one.what, "well": one.well, "said": said, "do": do}


def _ledger(one: Checked) -> tuple[str, str]:
    if one.damage:
        return f"the file is damaged: {one.damage}", "restore it from a backup"
    return f"{one.number:,} events of {one.streams:,} streams", ""


def _key(_: Checked) -> tuple[str, str]:
    return "readable by its owner only, and of this ledger", ""


def _values(one: Checked) -> tuple[str, str]:
    if one.well:
        return "every sealed value has its key", ""
    lost = f"{one.number:,} subjects are not erased and have no key" if one.number else ""
    shut = (
        f"the ledger key does not open the keys of {one.streams:,} subjects" if one.streams else ""
    )
    said = "; ".join(filter(None, (lost, shut)))
    return f"{said}, first {one.first}", _ADVICE["values"]


def _proofs(one: Checked) -> tuple[str, str]:
    return f"goes on: {one.number:,} entries", ""


def _clock(_: Checked) -> tuple[str, str]:
    return "not before the newest event, nor long after it", ""


def _log(one: Checked) -> tuple[str, str]:
    if one.well:
        return "no event lies after a later one's clock", ""
    said = f"the clock was wrong at positions {one.number:,}–{one.streams:,}: it ran ahead"
    return said, "correct what was dated by it (amana correct … --at); answers go by position"


def _register(one: Checked) -> tuple[str, str]:
    if not one.well:
        return f"{one.number} entries differ", FIX
    return f"mended {one.number} entries" if one.number else "agrees", ""


def _views(one: Checked) -> tuple[str, str]:
    if one.damage:
        return f"the file is damaged: {one.damage}", FIX
    return f"at position {one.number:,}, the newest", ""


_ADVICE = {
    "ledger": "restore it from a backup, or name another with --ledger",
    "key": "",  # the sentence says it
    "values": "restore the file of keys of the same day as the ledger",
    "clock": "",  # the same
    "register": "restore the ledger from a backup",
    "views": "put it away: the next question makes it anew from the log",
    "log": "restore the ledger from a backup",
    "proofs": "put its files back, all of one day; if they are gone, amana log begin-anew --yes",
}
"""What to do about what could not be looked at."""
_SAID = {
    "ledger": _ledger, "key": _key, "values": _values, "clock": _clock, "log": _log,
    "register": _register, "views": _views, "proofs": _proofs,
}  # fmt: skip
