"""An option given twice: kept where it takes several values, refused where it takes one.

One mechanism for every command: the last would win without a word otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import click


def once(command: click.Command) -> None:
    """Let a command refuse an option given twice that takes one value."""
    if not isinstance(command.parse_args, partial):
        parse = partial(_parse, command, command.parse_args)
        command.parse_args = parse  # type: ignore[method-assign]  # of this one command


def _parse(
    command: click.Command,
    parse: Callable[[click.Context, list[str]], list[str]],
    ctx: click.Context,
    args: list[str],
) -> list[str]:
    if args and not ctx.resilient_parsing:
        *_, order = command.make_parser(ctx).parse_args(list(args))
        given = Counter(param for param in order if isinstance(param, click.Option))
        for param, times in given.items():
            if times > 1 and _takes_one(param):
                flag = "/".join((*param.opts[:1], *param.secondary_opts))
                msg = f"{flag} is given {times} times and takes one value: say it once"
                raise click.UsageError(msg, ctx)
    return parse(ctx, args)


def _takes_one(param: click.Option) -> bool:
    """Whether an option holds one value; a mere flag says the same however often it is said."""
    return (
        not param.multiple and not param.count and bool(param.secondary_opts or not param.is_flag)
    )
