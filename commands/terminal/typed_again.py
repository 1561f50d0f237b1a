"""The command that is running, as it is typed again with a word more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from click.core import ParameterSource

from commands.terminal.session import Session


def typed_again(session: Session, *more: str) -> str:
    """Return the present command as it was typed, and more words after it."""
    context = click.get_current_context()
    path = context.command_path.split()[1:]  # without the program
    options: list[str] = []
    arguments: list[str] = []
    for param in context.command.params:
        given = context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if not given or not param.expose_value:
            continue
        value = context.params[param.name or ""]
        if isinstance(param, click.Option):
            options += _typed(param, value)
        else:
            arguments += [str(one) for one in (value if param.nargs == -1 else (value,))]
    return session.command(*path, *arguments, *options, *more)


def _typed(option: click.Option, value: Any) -> Iterator[str]:
    if option.is_flag:
        yield (option.opts if value else option.secondary_opts)[0]
        return
    for one in value if option.multiple else (value,):
        yield option.opts[0]
        yield str(one)
