"""The terminal's door: the root command. Each group is a file in `commands/`, loaded when it is used.

Exit codes: 0 done or true · 1 checked and false · 2 usage · 3 refused by a rule · 4 done in part ·
5 not found · 6 busy, safe to retry · 7 cannot tell · 74 the disk failed · 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, NoReturn

import click

from words.cells import escaped

GROUPS = {
    "init": "ledger:init",
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "rules": "rules:rules",
    "directory": "directory:directory",
    "person": "person:person",
    "weapon": "weapon:weapon",
    "seal": "weapon:seal",
    "crate": "crate:crate",
    "transfer": "transfer:transfer",
    "handover": "transfer:handover",
    "restitution": "transfer:restitution",
    "statement": "statement:statement",
    "stocktake": "stocktake:stocktake",
    "intake": "intake.group:intake",
    "correct": "review:correct",
    "retract": "review:retract",
    "approve": "review:approve",
    "decline": "review:decline",
    "pending": "review:pending",
    "irregularity": "review:irregularity",
    "status": "status:status",
    "history": "history:history",
    "diff": "diff:diff",
    "report": "report.group:report",
    "audit": "audit:audit",
    "log": "log:log",
    "witness": "witness:witness",
    "proof": "proof.group:proof",
    "print": "print_:print_",
    "key": "key:key",
    "completion": "completion:completion",
    "help": "help:help_",
}
INTERRUPTED = 130
LONGEST = 400  # characters of an error that quotes what was typed
BUG = 70  # EX_SOFTWARE of sysexits.h


class Door(click.Group):
    """The one place where an error becomes a line on stderr and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's own signature
        """Return the groups in the order a newcomer meets them."""
        return list(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's own signature
        """Load a group's file when it is used."""
        if cmd_name not in GROUPS:
            return None
        module, _, attribute = GROUPS[cmd_name].partition(":")
        from commands.terminal.root_options import anywhere

        found: click.Command = getattr(importlib.import_module(f"commands.{module}"), attribute)
        return anywhere(found)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], GROUPS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(error.message + hint, ctx) from None

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the root's own options, each once."""
        from commands.terminal.said_once import once

        once(self)
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; word what went wrong once."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _interrupted()
        except Exception as error:
            code = getattr(error, "exit_code", None)
            if isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort):
                raise
            if isinstance(error, OSError):
                _leave_unwritten(error, getattr(ctx.obj, "verdict", 0))
            if isinstance(error, UnicodeEncodeError):  # an argument was no UTF-8
                _say("what was typed is not UTF-8 text: type it again")
                sys.exit(click.UsageError.exit_code)
            if type(error).__module__ == "sqlite3":
                said = f"a file of the ledger is damaged or was replaced ({error})"
                _say(f"{said}: `amana doctor` says which")
                sys.exit(os.EX_IOERR)
            if code is None:
                if os.environ.get("AMANA_DEBUG"):
                    raise
                _say(
                    f"something this program did not foresee: {type(error).__name__}: "
                    f"{str(error).splitlines()[0] if str(error) else ''} "
                    "(AMANA_DEBUG=1 shows where; nothing half-done was recorded)"
                )
                sys.exit(BUG)
            _say(str(error))
            sys.exit(code)


def _say(sentence: str) -> None:
    """Write one line: what cannot be printed is shown by its number, what is endless is cut."""
    if len(sentence) > LONGEST:
        sentence = f"{sentence[: LONGEST // 2]} … {sentence[-LONGEST // 2 :]}"
    click.echo(f"Error: {escaped(sentence)}", err=True)


def _leave_unwritten(error: OSError, verdict: int) -> NoReturn:
    """Leave when a file, or stdout, takes no more; quietly when the reader of stdout left."""
    if error.filename is not None:
        _say(f"{os.fsdecode(error.filename)}: {error.strerror}")
        sys.exit(os.EX_IOERR)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        sys.exit(verdict)
    _say(f"the answer cannot be written: {error.strerror}")
    sys.exit(os.EX_IOERR)


def _interrupted() -> NoReturn:
    _say("interrupted; what was acknowledged is recorded")
    sys.exit(INTERRUPTED)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import version

    click.echo(f"amana {version('amana')}")
    ctx.exit()


@click.group(
    cls=Door,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `amana demo`. Every command has an example: amana COMMAND -h. These options may "
    "stand after the command, too. Topics: amana help times, roles, exit-codes, ids, files.",
)
@click.option("--ledger", metavar="PATH", help="The ledger file.")
@click.option("--key-file", metavar="PATH", help="The ledger key, a file of mode 0600.")
@click.option("--by", metavar="OFFICIAL", help="The official who acts, for example OFF-012.")
@click.option("--config", metavar="FILE", help="Settings file instead of ./amana.toml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.option("--plain", is_flag=True, help="Tab-separated lines on stdout, no boxes.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but data and errors.")
@click.option("--no-color", is_flag=True, help="No colour, as with NO_COLOR.")
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Show the version and leave.",
)
@click.pass_context
def root(ctx: click.Context, /, **options: Any) -> None:
    """Custody held in trust: sheltered persons and the weapons they handed in.

    Every command records events that are never changed; every answer is replayed from them.
    """
    from commands.terminal.session import Session

    ctx.obj = Session(**options)
    ctx.call_on_close(ctx.obj.close)


def main() -> None:
    """Run the command line; Ctrl-C leaves with 130 and a whole ledger."""
    try:
        root(standalone_mode=True)
    except KeyboardInterrupt:
        _interrupted()


if __name__ == "__main__":
    main()
