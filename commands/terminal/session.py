"""What one invocation shares: where the ledger is, who acts, how answers are written.

Settings come from the first place that names them: flag, `AMANA_*`, `./amana.toml` (or `--config`),
the user's config folder, the default. `amana doctor` shows which won. Paths in a settings file are
relative to that file.
"""

from __future__ import annotations

# Imports inside functions: for the start, `amana --version` in 0.2 s, `amana status ID` in 0.5 s.
import functools
import os
import shlex
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import platformdirs

from commands.terminal.output import Mode, Output
from domain import ids, times
from domain.errors import BadInputError, UnknownError
from intake.readtext import decoded

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from application.answers.feed.follow import Views
    from application.answers.reader import Reader
    from application.decisions.custody import Custody
    from application.decisions.unit import Note

NAMES = ("ledger", "key_file", "by")
PATHS = ("ledger", "key_file")
EARLIEST = -2_208_988_800 * times.SECOND - times.DAY
"""The first instant of the year 1900 in any zone, microseconds UTC."""


class Setting(NamedTuple):
    """A setting's value and the place that named it."""

    value: str | None
    source: str


class Session:
    """One invocation. Opens the ledger when it is first needed."""

    def __init__(
        self,
        *,
        as_json: bool,
        plain: bool,
        quiet: bool,
        no_color: bool,
        config: str | None,
        **flags: str | None,
    ) -> None:
        if as_json and plain:
            msg = "--json and --plain exclude each other"
            raise BadInputError(msg)
        self.quiet = quiet
        self.config = config
        mode: Mode = "json" if as_json else "plain" if plain else "text"
        self.out = Output(mode, color=not no_color)
        self.settings = {name: _setting(name, flags.get(name), config) for name in NAMES}
        self.occurred: times.When | None = None
        self._custody: Custody | None = None
        self._views: Views | None = None
        self.verdict = 0  # what leaving means when the reader of stdout left before the end

    def name(self, setting: str, value: str) -> None:
        """Take a setting from a flag after the command."""
        self.settings[setting] = flagged(setting, value)

    def choose(self, flag: str) -> None:
        """Take `json`, `plain`, `quiet` or `no_color` from a flag after the command."""
        if flag == "quiet":
            self.quiet = True
        elif flag == "no_color":
            self.out.color = False
        else:
            if self.out.mode not in {"text", flag}:
                msg = "--json and --plain exclude each other"
                raise BadInputError(msg)
            self.out.mode = "json" if flag == "json" else "plain"

    # ── settings ─────────────────────────────────────────────────────────

    @property
    def ledger_path(self) -> Path:
        """The ledger file."""
        path = Path(self.settings["ledger"].value or default_ledger())
        if os.path.isdir(path):  # Path.is_dir raises for names that are too long
            msg = f"{path} is a folder: name the ledger file in it"
            raise BadInputError(msg)
        return path

    @property
    def key_file(self) -> Path:
        """The ledger key's file."""
        from application.decisions.open import default_key_file

        named = self.settings["key_file"].value
        return Path(named) if named else default_key_file(self.ledger_path)

    @property
    def official(self) -> str:
        """The official who acts.

        Raises:
            BadInputError: nobody was named.
        """
        named = self.settings["by"].value
        if named is None:
            msg = "who acts? name the official with --by OFF-… or AMANA_BY"
            raise BadInputError(msg)
        return ids.parse_code(named, "official")

    @property
    def asking(self) -> str | None:
        """The official who asks; None where nobody was named."""
        return self.official if self.settings["by"].value else None

    # ── the ledger ───────────────────────────────────────────────────────

    @property
    def custody(self) -> Custody:
        """The ledger, open for commands."""
        if self._custody is None:
            from application.decisions.open import open_ledger

            self._named_none()
            self._custody = open_ledger(self.ledger_path, self.key_file)
        return self._custody

    def _named_none(self) -> None:
        """Say which ledger lies in this folder, where nothing names one and there is none by default.

        Raises:
            UnknownError: that is so: the settings file that named it is missing.
        """
        if self.settings["ledger"].value is not None or self.ledger_path.exists():
            return
        beside = sorted(path.name for path in Path().glob("*.amana") if path.is_file())
        if beside:
            msg = (
                f"no ledger is named, and there is no amana.toml here; {beside[0]} lies in this folder: "
                f"name it with --ledger {shlex.quote(beside[0])}"
            )
            raise UnknownError(msg)

    @functools.cached_property
    def about(self) -> dict[str, str]:
        """The ledger's own settings."""
        from application.decisions.open import settings_of

        return settings_of(self.custody)

    @functools.cached_property
    def zone(self) -> ZoneInfo:
        """The site's zone."""
        from application.decisions.open import zone_of

        return zone_of(self.about["zone"])

    @functools.cached_property
    def reader(self) -> Reader:
        """Who asks, and what they may read; nobody where no official was named.

        Raises:
            UnknownError: the official is not in the directory.
        """
        from application.answers.reader import reader

        return reader(self.custody, self.asking)

    @property
    def views(self) -> Views:
        """The read models, caught up with the log."""
        if self._views is None:
            from application.answers.feed.follow import Views

            self._views = Views(self.custody.streams, self.views_path, self.about["id"])
            with self.out.progress("reading the log", quiet=self.quiet) as advance:
                self._views.catch_up(advance)
            if self._views.remade and not self.quiet:
                said = f"the read models were made anew from the log: {self._views.remade}"
                click.echo(f"Note: {said}", err=True)
        return self._views

    @property
    def views_path(self) -> Path:
        """The read models' file, which may be deleted at any time.

        Beside the ledger; of a ledger on a read-only medium, in the user's cache.
        """
        from application.decisions.open import VIEWS_SUFFIX
        from application.store.files import writable

        path = self.ledger_path
        if writable(path):
            return path.with_name(path.name + VIEWS_SUFFIX)
        folder = platformdirs.user_cache_path("amana")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{self.about['id']}{VIEWS_SUFFIX}"

    def command(self, *words: str, by: bool = True) -> str:
        """Return a command as it is typed next: with what flags name here, and environment does not.

        Args:
            words: the command. by: whether the same official types it.
        """
        flags = [
            word
            for name, one in self.settings.items()
            if one.value and one.source.startswith("--") and (by or name != "by")
            for word in (one.source, one.value)
        ]
        config = [] if self.config is None else ["--config", self.config]
        return shlex.join(["amana", *config, *flags, *words])

    def when(self, typed: str | None) -> times.When | None:
        """Read a time as typed, in the site's zone."""
        if typed is None:
            return None
        when = times.parse(typed, self.zone, self.custody.clock())
        if not EARLIEST <= when.at <= (when.until or when.at) <= times.INF:
            msg = f"time '{typed}': lies outside the years {times.FIRST_YEAR} to {times.LAST_YEAR}"
            raise BadInputError(msg)
        return when

    def shown(self, when: times.When) -> str:
        """Return a time as it was understood, with the offset of the site's zone."""
        offset = times.iso(when.at, self.zone).rpartition("T")[2]
        sign = "-" if "-" in offset else "+"
        return f"{times.show(when, self.zone)} {sign}{offset.rpartition(sign)[2]}"

    def note(self, **options: Any) -> Note:
        """Make the note of one command from the options every recording command has."""
        from application.decisions.unit import Note
        from commands.terminal.evidence import evidence_of

        at, until = self.when(options.get("at")), self.when(options.get("until"))
        if until is not None and at is None:
            msg = "--until needs --at"
            raise BadInputError(msg)
        when = at or times.When(0)
        if at and until:
            if until.at <= at.at:
                msg = f"--until {options['until']} does not lie after --at {options['at']}"
                raise BadInputError(msg)
            when = times.When(at.at, until.at, "RANGE")
        self.occurred = when if at else None
        party = options.get("on_behalf_of")
        return Note(
            by=self.official,
            at=when.at if at else None,
            until=when.until if at else None,
            precision=when.precision if at else "EXACT",
            on_behalf_of=ids.parse_code(party, "party") if party else None,
            authority=options.get("authority") or "",
            evidence=evidence_of(options.get("evidence") or ()),
            batch=options.get("batch") or "",
            reason=options.get("reason") or "",
            happened=options.get("happened") or "",
            key=options.get("key") or "",
            expects=options.get("expects"),
        )

    def stream(self, typed: str, kind: str) -> str:
        """Read a stream's name as typed: a control number or a directory code."""
        if kind in ids.DIRECTORY.values():
            return ids.stream_of(ids.parse_code(typed, kind), kind)
        return ids.parse(typed, None if kind == "subject" else kind)

    def streams(self, typed: Sequence[str], kind: str) -> list[str]:
        """Read several streams; `-` reads one a line from standard input."""
        from commands.terminal.typed import typed_lines

        words: list[str] = []
        for word in typed:
            if word == "-":
                words += [line.split()[0] for line in typed_lines()]
            else:
                words.append(word)
        return list(dict.fromkeys(self.stream(word, kind) for word in words))

    def close(self) -> None:
        """Close what was opened."""
        if self._views is not None:
            self._views.close()
        if self._custody is not None:
            self._custody.close()


def default_ledger() -> Path:
    """Return where the ledger lies when nothing names it: the user's data folder."""
    return Path(platformdirs.user_data_dir("amana", appauthor=False)) / "ledger.amana"


def flagged(name: str, value: str) -> Setting:
    """Return a setting that a flag names.

    Raises:
        BadInputError: it is empty.
    """
    flag = f"--{name.replace('_', '-')}"
    if not value.strip():
        msg = f"{flag} is empty: name one, or leave it out"
        raise BadInputError(msg)
    return Setting(value, flag)


def _setting(name: str, flag: str | None, config: str | None) -> Setting:
    if flag is not None:
        return flagged(name, flag)
    variable = f"AMANA_{name.upper()}"
    if os.environ.get(variable):
        return Setting(os.environ[variable], variable)
    user = Path(platformdirs.user_config_dir("amana", appauthor=False)) / "amana.toml"
    files = [Path(config)] if config is not None else [Path("amana.toml"), user]
    for file in files:
        value = _settings_file(file, required=config is not None).get(name)
        if value is not None:
            if not isinstance(value, str):
                msg = f"{file}: {name} must be a text"
                raise BadInputError(msg)
            if not value.strip() or not value.isprintable():
                msg = f"{file}: {name} is empty or holds what cannot be printed"
                raise BadInputError(msg)
            path = str(file.parent / Path(value).expanduser()) if name in PATHS else value
            return Setting(path, str(file))
    return Setting(None, "default")


def _settings_file(path: Path, *, required: bool) -> dict[str, object]:
    try:
        return tomllib.loads(decoded(path.read_bytes()))
    except FileNotFoundError:
        if not required:
            return {}
        msg = f"there is no settings file {path}"
        raise BadInputError(msg) from None
    except (OSError, ValueError) as error:
        msg = f"{path} is not a settings file: {str(error).splitlines()[0]}"
        raise BadInputError(msg) from error
