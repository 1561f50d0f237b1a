"""How answers are written: text for people, `--plain` for pipes, `--json` for programs.

Data goes to stdout, everything else to stderr. A JSON answer is one document with a schema number. In
text, identifiers and numbers come first and Arabic last, each run isolated (U+2068 … U+2069) on a
terminal, so that no text can turn the order of what stands beside it.
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import click

from words.cells import cell, printable

SCHEMA = 1
Mode = Literal["text", "plain", "json"]


class Output:
    """One invocation's way to write."""

    def __init__(self, mode: Mode, *, color: bool) -> None:
        self.mode = mode
        dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
        self.terminal = sys.stdout.isatty()
        self.color = color and self.terminal and not dumb

    def document(self, document: Mapping[str, object]) -> None:
        """Write one JSON document."""
        import orjson

        option = orjson.OPT_INDENT_2 if self.terminal else 0
        text = orjson.dumps({"schema": SCHEMA, **document}, option=option, default=_builtin)
        click.echo(text.decode())

    def line(self, text: str, *, bold: bool = False) -> None:
        """Write one line for a person."""
        text = printable(text)
        click.echo(click.style(text, bold=True) if bold and self.color else text)

    def say(self, text: str) -> None:
        """Write one line beside the data, to stderr."""
        click.echo(printable(text), err=True)

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str = "none"
    ) -> None:
        """Write rows: aligned for a person, tab-separated for a pipe (`--plain`).

        Without rows a person is told `empty` beside the data.
        """
        if not rows and self.mode == "text":
            if empty:
                self.say(empty)
            return
        texts = [[cell(value) for value in row] for row in rows]
        if self.mode == "plain":
            for row in (list(columns), *texts):
                click.echo("\t".join(row))
            return
        from rich.cells import cell_len

        widths = [
            max(cell_len(row[i]) for row in (list(columns), *texts)) for i in range(len(columns))
        ]
        for number, row in enumerate((list(columns), *texts)):
            parts = [
                self.isolated(text) + " " * (width - cell_len(text))
                for text, width in zip(row, widths, strict=True)
            ]
            self.line("  ".join(parts).rstrip(), bold=number == 0)

    def facts(self, pairs: Mapping[str, object]) -> None:
        """Write named facts, one a line; absent ones are left out."""
        shown = {name: cell(value) for name, value in pairs.items() if cell(value)}
        width = max((len(name) for name in shown), default=0)
        for name, value in shown.items():
            if self.mode == "plain":
                click.echo(f"{name}\t{value}")
            else:
                self.line(f"  {name:<{width}}  {self.isolated(value)}")

    def isolated(self, text: str) -> str:
        """Return a text that cannot turn the direction of what stands beside it."""
        return text if not self.terminal or text.isascii() else f"\u2068{text}\u2069"

    @contextlib.contextmanager
    def progress(
        self, title: str, total: int | None = None, *, quiet: bool = False, unit: str = "events"
    ) -> Iterator[Callable[[int], None]]:
        """Show progress on stderr, on a terminal only: units done, and how many a second."""
        if quiet or not sys.stderr.isatty():
            yield lambda _: None
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.text import Text

        class _Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(rate(task.finished_speed or task.speed, unit))

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}"),
            _Rate(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda step: bar.advance(task, step)


def rate(speed: float | None, unit: str) -> str:
    """Return how many a second, nothing before it can be told: `12,500 events/s`."""
    return "" if speed is None else f"{speed:,.0f} {unit}/s"


def _builtin(value: Any) -> Any:
    """Return what JSON knows for what it does not: a map's items in order of keys, a set's."""
    return dict(sorted(value.items())) if isinstance(value, Mapping) else list(value)
