"""`amana completion`: what a shell needs to complete commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(
    short_help="Print a shell's completion script.",
    epilog='Example: eval "$(amana completion bash)"',
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell, to be evaluated by it."""
    found = get_completion_class(shell)
    if found is None:  # pragma: no cover -- the choice above names only known shells
        raise click.UsageError(shell)
    root = ctx.find_root().command
    click.echo(found(root, {}, "amana", "_AMANA_COMPLETE").source())
