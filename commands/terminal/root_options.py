"""What every command shares with the root: its options may stand after the command, too.

    amana --by OFF-002 --json person admit P-000873-X …
    amana person admit P-000873-X … --by OFF-002 --json

The nearer one counts. An example is left as it is typed: never broken at a dash, each on its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from commands.terminal.said_once import once
from commands.terminal.session import Session

FITS = 60
"""Characters of a command's meaning in a list, on a screen of eighty."""
BETWEEN = "   ·   "
"""Parts the examples of one epilog."""


def anywhere(command: click.Command) -> click.Command:
    """Give a command, and all below it, the root's options and an epilog that can be copied.

    Whatever is said once is refused when it is said twice: the last would win without a word.
    """
    once(command)
    command.short_help = _clause(command.short_help or command.help or "")
    if isinstance(command, click.Group):
        for below in command.commands.values():
            anywhere(below)
        return command
    command.epilog = _copyable(command.epilog or "")
    taken = {word for param in command.params for word in (*param.opts, param.name)}
    command.params += [o for o in _options() if not taken.intersection((*o.opts, o.name))]
    return command


def _clause(text: str) -> str:
    """Return what a list of commands shows of a help text: its first sentence, as much as fits."""
    sentence = " ".join(text.strip().split("\n\n")[0].split()).removeprefix("Record: ")
    for end in (". ", "; ", ": "):
        if len(sentence) > FITS:
            sentence = sentence.partition(end)[0]
    return f"{sentence[:1].upper()}{sentence[1:]}".rstrip(".") + "."


def _copyable(epilog: str) -> str:
    if epilog.startswith("\b"):
        return epilog
    return "\b\n" + epilog.replace(BETWEEN, "\n         ")


def _options() -> Iterator[click.Option]:
    texts = {"--by": "The official who acts, for example OFF-012."}
    texts |= {"--ledger": "The ledger file.", "--key-file": "The ledger key."}
    for flag, text in texts.items():
        yield click.Option(
            [flag, f"{_name(flag)}_here"],
            metavar="OFFICIAL" if flag == "--by" else "PATH",
            help=text,
            hidden=flag != "--by",
            expose_value=False,
            callback=_name_setting,
        )
    for flag in ("--json", "--plain", "--quiet", "--no-color"):
        yield click.Option(
            [flag, f"{_name(flag)}_here"],
            is_flag=True,
            hidden=True,
            expose_value=False,
            callback=_choose,
        )


def _name(flag: str) -> str:
    return flag[2:].replace("-", "_")


def _name_setting(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    session = ctx.find_object(Session)
    if value is not None and session is not None:
        session.name(_name(param.opts[0]), value)


def _choose(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    session = ctx.find_object(Session)
    if value and session is not None:
        session.choose(_name(param.opts[0]))
