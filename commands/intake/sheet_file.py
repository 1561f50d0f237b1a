"""One sheet on the command line: read once, judged, told as counts that add up to its rows."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from domain.errors import BadInputError, UnknownError

if TYPE_CHECKING:
    from application.imports.batches import Result
    from application.imports.rows import SheetRow, Source
    from commands.terminal.session import Session
    from intake.check import Report
    from intake.codes import Note
    from intake.verdict import Row

ORDERS = ("dmy", "mdy", "ymd", "hijri")
KINDS = ("persons", "weapons")
NOT_A_RECORD = {
    "HEADER": "repeated headers", "TOTAL": "totals", "FOOTER": "footers", "BLANK": "blank",
    "COMMENT": "comments",
}  # fmt: skip
HOLDER = (
    "nobody is known by what stands under depositor: recorded without one",
    "لا يعرف أحد بما كتب في خانة المودع: سجل بدون مودع",
)
UNSAFE = dict.fromkeys(
    (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x61C,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
    ),
    "_",
)
LONGEST_NAME = 200


class Asked(NamedTuple):
    """How a file is to be read, as typed."""

    file: str
    kind: str | None
    sheet: str | None
    column_map: str | None
    dates: str | None
    encoding: str | None
    terms: str | None


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the file and the options that say how to read it."""
    options = (
        click.argument("file", metavar="FILE|-"),
        click.option(
            "--kind",
            type=click.Choice(KINDS),
            help="What the rows are; by default what the titles say.",
        ),
        click.option("--sheet", metavar="NAME|NUMBER", help="Which sheet of the workbook."),
        click.option(
            "--map",
            "column_map",
            metavar="FILE",
            help="Title to field, as TOML; `check --save-map` writes one.",
        ),
        click.option(
            "--dates",
            type=click.Choice(ORDERS),
            help="The order of its dates; without it, only dates that read in one way are taken.",
        ),
        click.option("--encoding", metavar="NAME", help="Of a csv, for example cp1256."),
        click.option(
            "--terms", metavar="FILE", help="Ranks, models and titles of your own, as TOML."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def judged(asked: Asked) -> tuple[Report, bytes]:
    """Read a file to verdicts; whatever is wrong with the file as a whole ends in one sentence.

    Raises:
        BadInputError: it cannot be taken in. UnknownError: it cannot be read.
    """
    from intake.errors import IntakeError

    try:
        from intake import check, columns, tables
    except ModuleNotFoundError as error:
        msg = f"sheets are read with {error.name}, which is not installed: install amana[intake]"
        raise BadInputError(msg) from error
    try:
        data = read_once(asked.file)
        chosen = columns.read_map(_small(asked.column_map)) if asked.column_map else {}
        words = tables.load(_small(asked.terms)) if asked.terms else None
        return _checked(check.check, data, asked, chosen, words), data
    except IntakeError as error:
        msg = f"{file_name(asked.file)}: {error}"
        raise BadInputError(msg) from error


def _checked(
    check: Callable[..., Report], data: bytes, asked: Asked, chosen: Mapping[str, str], words: Any
) -> Report:
    from intake.errors import IntakeError

    def read(kind: str) -> Report:
        return check(
            data,
            file_name(asked.file),
            kind,
            asked.dates,
            asked.encoding,
            asked.sheet,
            chosen,
            tables=words,
        )

    if asked.kind:
        return read(asked.kind)
    try:
        return read("persons")
    except IntakeError as error:
        if error.code not in {"header", "missing", "map"}:
            raise
        try:
            return read("weapons")
        except IntakeError as second:
            raise (second if second.code != "header" else error) from None


def read_once(name: str) -> bytes:
    """Return a file's bytes, read once; `-` is standard input.

    Raises:
        UnknownError: it cannot be read. IntakeError: it changed while it was read.
    """
    from intake.errors import IntakeError
    from intake.limits import FILE_BYTES

    if name == "-":
        return sys.stdin.buffer.read(FILE_BYTES + 1)
    try:
        with Path(name).open("rb") as file:
            before = os.fstat(file.fileno())
            data = file.read(FILE_BYTES + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}"
        raise UnknownError(msg) from error
    whole = len(data) == before.st_size or len(data) > FILE_BYTES
    if stat.S_ISREG(before.st_mode) and not (whole and before.st_mtime_ns == after.st_mtime_ns):
        raise IntakeError("changed", detail="save it, close it, and import it again")
    return data


def _small(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}"
        raise UnknownError(msg) from error


def file_name(name: str) -> str:
    """Return a file's own name without what a label may not hold."""
    return (Path(name).name.translate(UNSAFE) if name != "-" else "stdin")[-LONGEST_NAME:]


# ── from the intake room to the ledger ──────────────────────────────────────


def source_of(report: Report, data: bytes) -> Source:
    """Return what the ledger keeps about the file."""
    from application.imports.rows import Source
    from intake import rejects

    hidden = report.columns.forbidden
    titles = tuple("" if n in hidden else t for n, t in enumerate(report.columns.titles))
    return Source(
        report.kind,
        report.filename,
        report.sha256,
        _content(report),
        report.form,
        report.sheet,
        titles,
        report.columns.left_out,
        rejects.source_of(data) if rejects.OWN[0] in report.columns.titles else "",
    )


def _content(report: Report) -> str:
    """Return the SHA-256, hex, of the titles and every row: what saving a file anew leaves alone."""
    digest = hashlib.sha256(repr(report.columns.titles).encode("utf-8", "surrogatepass"))
    for row in report.rows:
        digest.update(repr((row.number, row.cells)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def sheet_rows(report: Report, category: str | None = None) -> list[SheetRow]:
    """Return the rows as the ledger takes them.

    Args:
        report: the file. category: of all its persons; else what the rank or post says.
    """
    from application.imports.rows import SheetRow
    from intake import rejects

    titles, fields = report.columns.titles, report.columns.fields
    own = titles.index(rejects.OWN[0]) if rejects.OWN[0] in titles else None
    serial = fields.get("serial")
    made = []
    for row in report.rows:
        clean = row.clean
        if row.accepted and report.kind == "persons":
            clean["category"] = category or _category(clean.get("rank"))
        elif row.accepted and serial is not None:
            clean["serial_raw"] = _as_typed(row.cells[serial], clean.get("serial"))
        mends = row.cells[own] if own is not None and own < len(row.cells) else ""
        number = int(mends) if mends.isascii() and mends.isdigit() else None
        made.append(
            SheetRow(row.number, row.verdict.value, row.codes, clean, row.cells, row.of_row, number)
        )
    return made


def _category(rank: str | None) -> str:
    """Return what a rank or post says about its holder; a word nobody knows says nothing."""
    from intake import tables

    words = tables.load()
    if rank in words.posts:
        return "CROSSING_STAFF"
    return "MILITARY" if rank in words.ranks.values() else "OTHER"


def _as_typed(cell: str, clean: str | None) -> str | None:
    text = cell.translate(UNSAFE).strip()
    return text if text != clean else None


def after(report: Report, result: Result) -> Report:
    """Return the report with what the ledger had to say about its rows."""
    from intake.codes import Note, Verdict, Words

    def changed(row: Row) -> Row:
        refusal = result.refused.get(row.number)
        if refusal:
            note = Note(refusal.code, refusal.field, Words(refusal.en, refusal.ar))
            return replace(row, verdict=Verdict.QUARANTINED, notes=(note,), values=())
        codes = result.warned.get(row.number, ())
        more: tuple[Note, ...] = tuple(Note(code, "depositor", Words(*HOLDER)) for code in codes)
        return (
            replace(row, verdict=Verdict.WITH_WARNING, notes=(*row.notes, *more)) if more else row
        )

    if not result.refused and not result.warned:
        return report
    return replace(report, rows=tuple(changed(row) for row in report.rows))


# ── the screen ──────────────────────────────────────────────────────────────


def counted(report: Report, again: Mapping[int, str]) -> dict[str, int]:
    """Return how many rows came to what; they add up to the file's rows."""
    new = [row for row in report.rows if not (row.accepted and row.number in again)]
    found = Counter(row.verdict.value for row in new)
    verdicts = ("ACCEPTED", "WITH_WARNING", "QUARANTINED", "DUPLICATE_OF", "NOT_A_RECORD")
    return {name: found[name] for name in verdicts} | {"ALREADY_IN": len(report.rows) - len(new)}


def heading(session: Session, report: Report) -> None:
    """Say which file was read, and how much of it was understood."""
    titled = sum(1 for title in report.columns.titles if title)
    sheet = f'  sheet "{session.out.isolated(report.sheet)}"' if report.sheet else ""
    encoding = f"  {report.encoding}" if report.encoding else ""
    session.out.line(
        f"Reading {session.out.isolated(report.filename)}{sheet}{encoding}  {report.total:,} rows of "
        f"{report.kind}  sha256 {report.sha256[:4]}…{report.sha256[-2:]}   "
        f"columns matched {len(report.columns.fields)}/{titled}"
    )


def screen(
    session: Session, report: Report, again: Mapping[int, str], words: Sequence[str], beside: str
) -> None:
    """Write the counts, line by line, adding up to all rows.

    Args:
        session, report: where, and what.
        again: rows that were in before.
        words: what accepted rows are called, and the line beside them.
        beside: what stands beside the total.
    """
    counts = counted(report, again)
    reasons = report.reasons
    lines = [
        (words[0], counts["ACCEPTED"], words[1]),
        ("with warning", counts["WITH_WARNING"], _warnings(report, again)),
        ("already in", counts["ALREADY_IN"], "recorded when this file was imported before"),
        ("quarantined", counts["QUARANTINED"], _quarantines(report)),
        ("duplicate", counts["DUPLICATE_OF"], "identical to an earlier row of this file"),
        (
            "not a record",
            counts["NOT_A_RECORD"],
            ", ".join(f"{NOT_A_RECORD[r]} {n:,}" for r, n in reasons["NOT_A_RECORD"].items()),
        ),
    ]
    for name, number, why in lines:
        if number or name == words[0]:
            first, *more = why.split("\n")
            session.out.line(f"  {name:<14}{number:>8,}   {first}".rstrip())
            for line in more:
                session.out.line(f"{'':<27}{line}")
    for title in report.columns.left_out:
        session.out.line(
            f"  column left out         «{session.out.isolated(title)}»: not collected here, "
            "values were not stored"
        )
    for title in report.columns.not_recognised:
        session.out.line(f"  column not known        «{session.out.isolated(title)}»: see --map")
    session.out.line(f"  {'─' * 13} {report.total:>8,}   = all rows   {beside}".rstrip())


def _warnings(report: Report, again: Mapping[int, str]) -> str:
    from intake.codes import WARNINGS

    rows = (row for row in report.rows if row.accepted and row.number not in again)
    found = Counter(code for row in rows for code in row.codes)
    english = {code: words.en for code, words in WARNINGS.items()} | {"W-HOLDER": HOLDER[0]}
    return "\n".join(f"{english[code]} ({n:,})" for code, n in found.most_common())


def _quarantines(report: Report) -> str:
    """Return each code with its most frequent reason, one a line."""
    found = Counter(row.notes[0].code for row in report.quarantined)
    reasons: dict[str, Counter[str]] = {code: Counter() for code in found}
    for row in report.quarantined:
        reasons[row.notes[0].code][row.notes[0].words.en] += 1
    first = {code: counter.most_common(1)[0][0] for code, counter in reasons.items()}
    more = {code: ", …" if len(counter) > 1 else "" for code, counter in reasons.items()}
    return "\n".join(f"{c} {first[c]}{more[c]} ({n:,})" for c, n in found.most_common())


def document(report: Report, again: Mapping[int, str]) -> dict[str, Any]:
    """Return the counts of a file as one document."""
    return {
        "file": report.filename,
        "sha256": report.sha256,
        "sheet": report.sheet,
        "kind": report.kind,
        "encoding": report.encoding,
        "total": report.total,
        "counts": counted(report, again),
        "reasons": report.reasons,
        "columns": report.columns.matched,
        "left_out": report.columns.left_out,
        "not_recognised": report.columns.not_recognised,
        "quarantined": [
            {
                "row": row.number,
                "code": n.code,
                "field": n.field,
                "en": n.words.en,
                "ar": n.words.ar,
            }
            for row in report.quarantined
            for n in row.notes[:1]
        ],
    }


def leave(report: Report) -> None:
    """End with exit code 4 where rows wait in quarantine."""
    if report.quarantined:
        sys.stdout.flush()
        raise SystemExit(4)
