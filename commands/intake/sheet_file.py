"""One sheet on the command line: the options that say how to read it, and its bytes, read once."""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from application.imports import labels
from domain.errors import BadInputError, UnknownError

if TYPE_CHECKING:
    from intake.check import Report

ORDERS = ("dmy", "mdy", "ymd", "hijri")
KINDS = ("persons", "weapons")


class Asked(NamedTuple):
    """How a file is to be read, as typed."""

    file: str
    kind: str | None
    sheet: str | None
    column_map: str | None
    dates: str | None
    encoding: str | None
    terms: str | None


def reading_options(command: Callable[..., object]) -> Callable[..., object]:
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
    """Read a file to outcomes; whatever is wrong with the file as a whole ends in one sentence.

    Raises:
        BadInputError: it cannot be taken in. UnknownError: it cannot be read.
    """
    from intake import check, columns, tables
    from intake.errors import IntakeError

    try:
        data = read_once(asked.file)
        chosen = columns.read_map(_small(asked.column_map)) if asked.column_map else {}
        words = tables.load(_small(asked.terms)) if asked.terms else None
        report = check.check(
            data,
            file_name(asked.file),
            asked.kind,
            asked.dates,
            asked.encoding,
            asked.sheet,
            chosen,
            tables=words,
        )
    except IntakeError as error:
        msg = f"{file_name(asked.file)}: {error}"
        raise BadInputError(msg) from error
    return report, data


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
    """Return a file's own name as it goes into labels."""
    return labels.of_file(Path(name).name if name != "-" else "stdin")
