"""The end of the demo: checkpoints, two witnesses, a proof and its verification, a forged row."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import contextlib
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from application.store.files import write_whole
from commands.terminal.session import Session
from domain.errors import BadInputError

if TYPE_CHECKING:
    from scenario.proofs import Caught, Proven


def show(session: Session) -> None:
    """Tell the story's proof: sign, cosign, prove, verify, forge, catch."""
    from scenario.proofs import WITNESSES, StoryLog

    log = StoryLog(session.custody, session.views, session.ledger_path.parent)
    with contextlib.closing(log.proofs) as proofs:
        with session.out.progress("reading events into the log", quiet=session.quiet) as advance:
            log.sign(advance)
        session.out.line("Proof:", bold=True)
        session.out.line(
            f"  {proofs.progress().size:>6,}  entries signed by the log and cosigned by"
            f" {' and '.join(WITNESSES)}, {len(proofs.log.sizes())} checkpoints"
        )
        _proven(session, log.prove())
        _caught(session, log.forge_and_catch())


def _proven(session: Session, found: Proven) -> None:
    """Tell how the proof of one weapon is judged, question by question."""
    session.out.line(
        f"  {len(found.data):>6,}  bytes prove {found.weapon}: {found.file.name}, verified with"
        " policy.txt"
    )
    for verdict in found.report.verdicts:
        session.out.line(f"          {verdict.state:<10}  {verdict.name:<12}  {verdict.text}")
    _printed(session, found)


def _printed(session: Session, found: Proven) -> None:
    """Print the certificate where the packages that print are installed."""
    from paper.certificate import certificate
    from paper.typeset import MissingToolError

    try:
        made = certificate(
            found.weapon,
            found.data,
            found.bundle,
            found.report,
            keys=[f"{key.name}+{key.key_id.hex()}" for key in found.policy.verifiers],
            synthetic=True,
        )
    except MissingToolError as error:
        session.out.line(f"          no certificate: {error}")
        return
    path = found.file.with_suffix(".pdf")
    write_whole(path, made)
    session.out.line(f"  {len(made):>6,}  bytes of certificate, the proof in it: {path.name}")


def _caught(session: Session, found: Caught) -> None:
    forged = found.forged
    session.out.line(
        f"  forged   {forged.event} {forged.topic}: {forged.field} {forged.before} → {forged.after}"
    )
    for finding in found.findings:
        session.out.line(f"  found    {finding.event} {finding.text}")
    folder = shlex.quote(str(session.ledger_path.parent))
    amana = program()
    session.out.line(f"  Try it:  {amana} demo tamper --dir {folder} && cd {folder}")
    session.out.line(f"           {amana} audit verify")


def tamper(session: Session, folder: Path, position: int | None) -> None:
    """Alter one stored row of a demo's ledger, as somebody with access to the file would.

    Raises:
        BadInputError: the folder holds no demo. UnknownError: it has no such event.
    """
    from application.decisions.open import open_ledger
    from scenario.forged import forge

    settings = folder / "amana.toml"
    if not settings.exists() or not settings.read_text("utf-8").startswith("# SYNTHETIC"):
        msg = f"{folder} holds no demo, and only a demo may be tampered with: name its folder with --dir"
        raise BadInputError(msg)
    ledger = folder / "ledger.amana"
    with contextlib.closing(open_ledger(ledger)) as custody, custody.store.writing():
        forged = forge(custody.store, position)
    if session.out.mode == "json":
        session.out.document(forged._asdict())
        return
    session.out.line(
        f"event {forged.position:,} altered outside the program: {forged.event} {forged.topic},"
        f" {forged.field} {forged.before} → {forged.after}"
    )
    where = shlex.quote(str(folder))
    session.out.line(f"What catches it:  cd {where} && {program()} audit verify")


def program() -> str:
    """Return how this program is typed, from whichever folder."""
    if shutil.which("amana") is not None:
        return "amana"
    return shlex.quote(os.path.abspath(sys.argv[0]))
