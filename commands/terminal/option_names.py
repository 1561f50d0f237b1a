"""One word for one thing on the command line: which option a fact of an event is typed as.

A fact is stored under its field's name for ever; a clerk types the word of the glossary. Where
another spelling was in use before, it is still taken, but no help shows it and no message says it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

FIELDS = {
    "container": "--crate",
    "marks": "--mark",
    "recipient": "--receiving-party",
    "roles": "--role",
    "stock_take": "--stocktake",
    "witnesses": "--witness",
}
"""Fields whose option is not the field's own name."""
BEFORE = {
    "--crate": ("--container",),
    "--mark": ("--marks",),
    "--receiving-party": ("--party", "--recipient"),
    "--role": ("--roles",),
    "--stocktake": ("--stock-take",),
    "--until": ("--to",),
    "--witness": ("--witnesses",),
}
"""What an option was called before: taken where the command has no other use for the word."""
STORED = {"WEAPONS": "ITEMS"}
"""Words of a closed list that are stored under another name."""


def flag_of(field: str) -> str:
    """Return the option that a field of an event is typed as."""
    return FIELDS.get(field, f"--{field.replace('_', '-')}")


def word_of(stored: str | None) -> str:
    """Return the word that people read for a stored one: `weapons` for ITEMS, nothing for none."""
    read = {name: word for word, name in STORED.items()}
    return read.get(stored, stored).lower() if stored else ""


class Named(click.Option):
    """An option that is also taken under the spellings it had before."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Teach the parser the older spellings, too; click itself never hears of them."""
        taken = {word for param in ctx.command.params for word in param.opts}
        shown = self.opts
        older = [word for flag in shown for word in BEFORE.get(flag, ()) if word not in taken]
        self.opts = [*shown, *older]
        try:
            super().add_to_parser(parser, ctx)
        finally:
            self.opts = shown


class Listed(click.Choice[str]):
    """A closed list of stored words, each typed as the word of the glossary or as it is stored."""

    def __init__(self, stored: Sequence[str]) -> None:
        typed = {name: word for word, name in STORED.items()}
        super().__init__([typed.get(name, name) for name in stored], case_sensitive=False)
        self.typed = typed

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the stored word."""
        word = super().convert(self.typed.get(str(value).upper(), value), param, ctx)
        return STORED.get(word, word)


def named(
    *flags: str, **settings: object
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Decorate a hand-written command with an option that had another spelling before."""
    return click.option(*flags, cls=Named, **settings)
