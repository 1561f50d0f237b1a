"""`amana proof …`: make a proof of custody, verify one with nobody's help, say what it says.

Exit codes of `verify`: 0 everything asked is proven · 1 something is contradicted · 7 something cannot
be told: evidence is missing, or no policy was given. Each question has an answer of its own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from commands.log import opened, small
from commands.session import Session
from commands.witness import ENTRY
from domain import times
from domain.errors import BadInputError, CannotTellError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from application.proofs import ProofLog
    from transparency.bundle import Claim
    from transparency.policy import Policy
    from transparency.report import Report, Verdict

GAP = "31d"
SPAN = {"m": 60, "h": 3_600, "d": 86_400}
MARKS = {"proven": "proven", "not proven": "NOT PROVEN", "failed": "FAILED"}
COLOURS = {"proven": "green", "not proven": "yellow", "failed": "red"}


@click.group()
def proof() -> None:
    """Proofs of custody: made here, verified by anybody, offline."""


@proof.command(
    "make",
    epilog="Example: amana proof make W-000418-Y --from '12 Dec 2024' --to '27 Dec 2024' "
    "-o W-000418-Y.custody-proof",
)
@click.argument("weapon", metavar="WEAPON")
@click.option("--from", "since", metavar="TIME", help="Custody from; by default its deposit.")
@click.option("--to", "until", metavar="TIME", help="Custody to; by default the newest witness.")
@click.option("--max-gap", default=GAP, show_default=True, metavar="SPAN", help="As 12h or 31d.")
@click.option(
    "--reveal", multiple=True, metavar="FIELD",
    help="Show a field that is hidden otherwise, such as holder; all shows every one.",
)  # fmt: skip
@click.option("--policy", "policy_file", metavar="FILE", help="The reader's policy, where known.")
@click.option("-o", "--output", metavar="FILE", help="Where to; - for standard output.")
@click.pass_obj
def make(
    session: Session, /, weapon: str, since: str | None, until: str | None, max_gap: str,
    reveal: tuple[str, ...], policy_file: str | None, output: str | None,
) -> None:  # fmt: skip
    """Make the proof of one weapon's custody from one time to another.

    It shows the thing and its keeping; who handed it in, recorded or signed it stays hidden unless
    asked for with --reveal.
    """
    stream = session.stream(weapon, "weapon")
    with session.custody.reading() as unit:
        unit.state(stream)
    proofs = opened(session)
    proofs.catch_up()
    policy = read_policy(policy_file) if policy_file else None
    claim = _claim(session, proofs, stream, since, until, max_gap)
    bundle = proofs.make(stream, claim, reveal, policy)
    text = str(bundle)
    if output == "-":
        click.echo(text, nl=False)
        return
    path = Path(output or f"{stream}.custody-proof")
    write_new(path, text.encode())
    session.out.line(
        f"{path}: {len(bundle.events)} events, {len(text.encode()):,} bytes, custody from"
        f" {_shown(session, claim.since)} to {_shown(session, claim.until)}"
    )
    if len(bundle.events) < _versions(session, stream):
        session.out.say("  its newest events are in no checkpoint yet: amana log checkpoint")


def _versions(session: Session, stream: str) -> int:
    with session.custody.reading() as unit:
        known = unit.history(stream)
        return known.version if known else 0


def _shown(session: Session, seconds: int) -> str:
    return times.iso(seconds * times.SECOND, session.zone)


def _claim(
    session: Session, proofs: ProofLog, stream: str, since: str | None, until: str | None,
    max_gap: str,
) -> Claim:  # fmt: skip
    """Return what is claimed; without times, from the deposit to the newest witness."""
    from application.proofs import worded
    from transparency.bundle import Claim

    begins, ends = session.when(since), session.when(until)
    start = begins.at if begins else _deposited(session, stream)
    end = ends.at // times.SECOND if ends else _newest(proofs)
    first = start // times.SECOND
    if until is None and end < first:
        msg = f"no witness has seen the log since {stream} was deposited: amana log checkpoint"
        raise CannotTellError(msg)
    with worded():
        return Claim(first, end, span(max_gap))


def _deposited(session: Session, stream: str) -> int:
    with session.custody.reading() as unit:
        at = unit.state(stream).in_trust_since
    if at is None:
        msg = f"{stream} was never deposited in trust: say --from and --to"
        raise CannotTellError(msg)
    return int(at)


def _newest(proofs: ProofLog) -> int:
    size = proofs.standing().witnessed
    found = proofs.witnessed(size) if size else None
    return found.since if found else proofs.clock() // times.SECOND


def span(typed: str) -> int:
    """Return a length of time as typed, in seconds.

    Raises:
        BadInputError: it is none.
    """
    match = re.fullmatch(r"(\d{1,5})([mhd])", typed.strip())
    if match is None or not int(match[1]):
        msg = f"'{typed}' is not a span of time: write it as 12h or 31d"
        raise BadInputError(msg)
    return int(match[1]) * SPAN[match[2]]


def write_new(path: Path, data: bytes) -> None:
    """Write a new file.

    Raises:
        BadInputError: it exists. StorageError: it cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        msg = f"{path} exists already and is not overwritten: name another file"
        raise BadInputError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise StorageError(msg) from error


# ── verify ──────────────────────────────────────────────────────────────────


def read_bundle(name: str) -> bytes:
    """Return a proof's bytes: a bundle, or the one attached to a certificate; `-` is stdin.

    Raises:
        BadInputError: there is no such file, or it is longer than any certificate.
    """
    from application.proofs_read import MAX_PDF, bundle_of

    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_PDF + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MAX_PDF + 1)
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}"
        raise BadInputError(msg) from error
    if len(data) > MAX_PDF:
        msg = f"{name} is longer than {MAX_PDF:,} bytes: it is no proof"
        raise BadInputError(msg)
    return bundle_of(data)


def read_policy(name: str) -> Policy:
    """Return a reader's policy.

    Raises:
        BadInputError: there is no such file, or a line of it cannot be meant.
    """
    from transparency.errors import ProofError
    from transparency.policy import Policy

    try:
        return Policy.parse(small(Path(name)))
    except ProofError as error:
        msg = f"{name}: {error}"
        raise BadInputError(msg) from error


@proof.command(
    "verify", epilog="Example: amana proof verify W-000418-Y.custody-proof --policy policy.txt"
)
@click.argument("file", metavar="FILE")
@click.option("--policy", "policy_file", metavar="FILE", help="Your own: whom you believe.")
@click.option("--from", "since", metavar="TIME", help="Ask for custody from this time instead.")
@click.option("--to", "until", metavar="TIME", help="With --from: up to this time.")
@click.option("--max-gap", default=GAP, metavar="SPAN", help="With --from: as 12h or 31d.")
@click.option("--delay", metavar="SPAN", help="How late an event may be witnessed and count.")
@click.option("--receipt", metavar="TEXT", help="The commitment on the paper receipt.")
@click.option("--entries", metavar="FILE", help="All entries of the log, to replay them.")
@click.option("--seen", metavar="FILE", help="Your own file of checkpoints seen before.")
@click.pass_obj
def verify(
    session: Session, /, file: str, policy_file: str | None, since: str | None, until: str | None,
    max_gap: str, delay: str | None, receipt: str | None, entries: str | None, seen: str | None,
) -> None:  # fmt: skip
    """Verify a proof or a certificate offline: separate verdicts, never one green tick."""
    if policy_file is None:
        msg = "no policy: whom do you believe? --policy FILE names the log and its witnesses"
        raise CannotTellError(msg)
    policy, data = read_policy(policy_file), read_bundle(file)
    report = _report(
        data, policy, since=since, until=until, max_gap=max_gap, delay=delay, receipt=receipt,
        entries=entries,
    )  # fmt: skip
    more = []
    if seen is not None:
        from application.proofs_read import seen as compared

        more = [compared(Path(seen), data, policy, remember=str(report["log"].state) == "proven")]
    verdicts = [*report.verdicts, *more]
    _answer(session, report, verdicts)
    states = {str(verdict.state) for verdict in verdicts}
    raise SystemExit(1 if "failed" in states else 7 if "not proven" in states else 0)


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
        data, policy, claim=_asked(asked["since"], asked["until"], asked["max_gap"] or GAP),
        delay_seconds=span(asked["delay"]) if asked["delay"] else None, receipt=pinned,
        entries=None if entries is None else _entries(Path(entries)),
    )  # fmt: skip


def _asked(since: str | None, until: str | None, max_gap: str) -> Claim | None:
    """Return the reader's own question; times without an offset are UTC."""
    from application.proofs import worded
    from transparency.bundle import Claim

    if since is None and until is None:
        return None
    if since is None or until is None:
        msg = "--from and --to belong together"
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
        rows: list[dict[str, Any]] = [
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
        out.line(f"{shown} {verdict.name:<13} {printable(verdict.text)}")
        for detail in verdict.details:
            out.line(f"{'':25} {printable(detail)}")
    out.line(
        "Not shown by any proof: what was never recorded; where the weapon is after its last event."
    )


def printable(text: str) -> str:
    """Return a sentence about a stranger's file without anything that moves the cursor."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


# ── show, unpack, page ──────────────────────────────────────────────────────


@proof.command("show", epilog="Example: amana proof show W-000418-Y.custody-proof --lang ar")
@click.argument("file", metavar="FILE")
@click.option(
    "--lang", type=click.Choice(["en", "ar", "both"]), default="both", show_default=True,
    help="English, Arabic, or one after the other.",
)  # fmt: skip
@click.pass_obj
def show(session: Session, /, file: str, lang: str) -> None:
    """Say in plain words what a proof says. Nothing is checked: that is `proof verify`."""
    from application.proofs import worded
    from commands.proof_words import told
    from transparency.bundle import Bundle

    with worded():
        bundle = Bundle.parse(read_bundle(file))
    texts = {one: told(bundle, one) for one in ("en", "ar") if lang in {one, "both"}}
    if session.out.mode == "json":
        session.out.document({"origin": bundle.origin, "told": texts})
        return
    for lines in texts.values():
        for line in lines:
            session.out.line(line)


@proof.command("unpack", epilog="Example: amana proof unpack W-000418-Y.custody-proof parts")
@click.argument("file", metavar="FILE")
@click.argument("folder", metavar="DIR")
@click.pass_obj
def unpack(session: Session, /, file: str, folder: str) -> None:
    """Take a proof apart into standard files for anybody else's tools (C2SP tlog-proof)."""
    from application.proofs import worded
    from transparency.bundle import Bundle

    with worded():
        files = Bundle.parse(read_bundle(file)).unpack()
    place = Path(folder)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        msg = f"{folder} holds other files: name an empty folder"
        raise BadInputError(msg)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (place / name).write_bytes(data)
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise StorageError(msg) from error
    session.out.line(f"{len(files)} files in {folder}")


@proof.command("page", epilog="Example: amana proof page -o verify.html")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to; a new file.")
@click.pass_obj
def page(session: Session, /, output: str) -> None:
    """Write the browser's verifier: one file that works without network, for a reader to keep."""
    from transparency.page import page as whole

    data = whole().encode()
    write_new(Path(output), data)
    session.out.line(f"{output}: {len(data):,} bytes; open it in any browser, it asks nobody")
