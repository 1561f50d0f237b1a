"""`amana proof verify`: a stranger's proof, the reader's policy, and separate answers.

Exit codes: 0 everything asked is proven · 1 something is contradicted · 7 something cannot be told:
evidence is missing, or no policy was given. Each question has an answer of its own.
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from commands.proof.files import read_bundle, read_policy, span
from commands.terminal.option_names import named
from commands.terminal.session import Session
from commands.witness import ENTRY
from domain import times
from domain.errors import BadInputError, CannotTellError
from words.cells import escaped

if TYPE_CHECKING:
    from transparency.bundle import Claim
    from transparency.policy import Policy
    from transparency.report import Report, Verdict

GAP = "31d"
MARKS = {"proven": "proven", "not proven": "NOT PROVEN", "failed": "FAILED"}
COLOURS = {"proven": "green", "not proven": "yellow", "failed": "red"}


@click.command(
    "verify", epilog="Example: amana proof verify W-000418-Y.custody-proof --policy policy.txt"
)
@click.argument("file", metavar="FILE")
@click.option("--policy", "policy_file", metavar="FILE", help="Your own: whom you believe.")
@click.option("--from", "since", metavar="TIME", help="Ask for custody from this time instead.")
@named("--until", metavar="TIME", help="With --from: up to this time.")
@click.option("--max-gap", default=GAP, metavar="SPAN", help="With --from: as 12h or 31d.")
@click.option("--delay", metavar="SPAN", help="How late an event may be witnessed and count.")
@click.option("--receipt", metavar="TEXT", help="The commitment on the paper receipt.")
@click.option("--entries", metavar="FILE", help="All entries of the log, to replay them.")
@click.option("--seen", metavar="FILE", help="Your own file of checkpoints seen before.")
@click.pass_obj
def verify(
    session: Session,
    /,
    file: str,
    policy_file: str | None,
    since: str | None,
    until: str | None,
    max_gap: str,
    delay: str | None,
    receipt: str | None,
    entries: str | None,
    seen: str | None,
) -> None:
    """Verify a proof or a certificate offline: separate verdicts, never one green tick."""
    if policy_file is None:
        msg = "no policy: --policy FILE names the log and the witnesses that you believe"
        raise CannotTellError(msg)
    policy, data = read_policy(policy_file), read_bundle(file)
    report = _report(
        data,
        policy,
        since=since,
        until=until,
        max_gap=max_gap,
        delay=delay,
        receipt=receipt,
        entries=entries,
    )
    more = []
    if seen is not None:
        from application.proofs.received import seen as compared

        more = [compared(Path(seen), data, policy, remember=str(report["log"].state) == "proven")]
    verdicts = [*report.verdicts, *more]
    states = {str(verdict.state) for verdict in verdicts}
    session.verdict = 1 if "failed" in states else 7 if "not proven" in states else 0
    _answer(session, report, verdicts)
    raise SystemExit(session.verdict)


def _report(data: bytes, policy: Policy, **asked: str | None) -> Report:
    from transparency.encoding import unb64
    from transparency.errors import MalformedError
    from transparency.verify import verify as verified

    receipt = asked["receipt"]
    try:
        pinned = None if receipt is None else unb64(receipt, 32)
    except MalformedError as error:
        msg = f"--receipt: {error}"
        raise BadInputError(msg) from error
    entries = asked["entries"]
    return verified(
        data,
        policy,
        claim=_asked(asked["since"], asked["until"], asked["max_gap"] or GAP),
        delay_seconds=span(asked["delay"]) if asked["delay"] else None,
        receipt=pinned,
        entries=None if entries is None else _entries(Path(entries)),
    )


def _asked(since: str | None, until: str | None, max_gap: str) -> Claim | None:
    """Return the reader's own question; times without an offset are UTC."""
    from application.proofs.proof_log import worded
    from transparency.bundle import Claim

    if since is None and until is None:
        return None
    if since is None or until is None:
        msg = "--from and --until belong together"
        raise BadInputError(msg)
    now = times.INF  # a question about the future is answered "not proven"
    utc = ZoneInfo("UTC")
    begins, ends = (times.parse(text, utc, now).at // times.SECOND for text in (since, until))
    with worded():
        return Claim(begins, ends, span(max_gap))


def _entries(path: Path) -> Iterator[bytes]:
    try:
        size = path.stat().st_size
        file = path.open("rb")
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise BadInputError(msg) from error
    if size % ENTRY:
        file.close()
        msg = f"{path} ends in the middle of an entry"
        raise BadInputError(msg)

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(ENTRY):
                yield piece

    return pieces()


def _answer(session: Session, report: Report, verdicts: list[Verdict]) -> None:
    out = session.out
    if out.mode == "json":
        document = report.as_json()
        rows: list[dict[str, object]] = [
            {"name": v.name, "state": str(v.state), "text": v.text, "details": [*v.details]}
            for v in verdicts
        ]
        out.document({**document, "verdicts": rows})
        return
    if out.mode == "plain":
        out.table(["question", "state", "answer"], [[v.name, v.state, v.text] for v in verdicts])
        return
    for verdict in verdicts:
        mark = f"{MARKS[verdict.state]:<11}"
        shown = click.style(mark, fg=COLOURS[verdict.state]) if out.color else mark
        out.line(f"{shown} {verdict.name:<13} {escaped(verdict.text)}")
        for detail in verdict.details:
            out.line(f"{'':25} {escaped(detail)}")
    out.line(
        "Not shown by any proof: what was never recorded; where the weapon is after its last event."
    )
