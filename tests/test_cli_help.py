"""Every command of the tree explains itself, and its examples are true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

import cli
from commands.help import TOPICS
from commands.terminal.root_options import anywhere
from domain import ids
from tests.terminal import TREE, Terminal

SHOWN = {
    name: [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    for name, command in TREE.items()
}


def examples(command: click.Command) -> list[list[str]]:
    """The words of each example after `amana`; a pipe or redirect ends it."""
    text = re.sub(r"^\x08\n|Examples?: ", "", command.epilog or "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = []
    for line in lines:
        words = shlex.split(line, comments=True)
        words = words[: next((i for i, w in enumerate(words) if w in {"|", "<", ">", "&&"}), None)]
        found.append(words)
    return found


@pytest.mark.parametrize("name", TREE)
def test_a_command_says_what_it_is_for_in_a_sentence(name: str) -> None:
    text = TREE[name].get_short_help_str(300)
    assert re.fullmatch(r"[A-Z].{10,}\.", text), text


@pytest.mark.parametrize("name", TREE)
def test_every_option_is_explained_by_more_than_its_name(name: str) -> None:
    for option in SHOWN[name]:
        text = option.help or ""
        bare = option.opts[0].lstrip("-").replace("-", " ")
        assert re.fullmatch(r"[A-Z].+\.", text), (option.opts, text)
        assert text.rstrip(".").lower() != bare, (option.opts, text)


@pytest.mark.parametrize("name", TREE)
def test_a_metavar_can_be_read_by_a_clerk(name: str) -> None:
    for parameter in TREE[name].params:
        shown = parameter.make_metavar(click.Context(TREE[name]))
        assert "_" not in shown or "|" in shown, shown


@pytest.mark.parametrize("name", TREE)
def test_every_example_parses_with_the_options_it_shows(name: str) -> None:
    found = examples(TREE[name])
    assert found, "no example"
    for words in found:
        if words[0] == "eval":
            assert words[1] == f"$(amana {name} bash)"
            continue
        assert words[0] == "amana", words
        context = cli.root.make_context("amana", words[1:])
        # make_context parses the root's own words and leaves the rest
        command: click.Command = cli.root
        rest = [*context._protected_args, *context.args]
        while isinstance(command, click.Group) and rest:
            _, below, rest = command.resolve_command(context, rest)
            assert below is not None
            command = below
            if isinstance(command, click.Group):
                context = click.Context(command, parent=context)
        assert command is TREE[name]
        files = [p for p in command.params if isinstance(p.type, click.File | click.Path)]
        if not any(set(p.opts) & set(words) for p in files):
            command.make_context(name, list(rest), parent=context)


def test_examples_name_real_control_numbers() -> None:
    for command in TREE.values():
        for number in re.findall(r"\b[PWTS]-\d{6}-[0-9A-Z*]", command.epilog or ""):
            assert ids.parse(number) == number


def test_examples_are_never_broken_between_lines(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.env["COLUMNS"] = "40"
    said = terminal("handover", "plan", "-h").out
    assert (
        "--from-party PARTY-JOC --to-party PARTY-SYR --from-site CAMP-R1 --to-site CP-AQ\n" in said
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_fits_a_screen(topic: str, tmp_path: Path) -> None:
    said = Terminal(tmp_path)("help", topic).out
    assert len(said.splitlines()) <= 24
    assert max(len(line) for line in said.splitlines()) <= 105


def test_every_topic_that_help_refers_to_exists() -> None:
    for command in TREE.values():
        texts = [command.help or "", *(o.help or "" for o in SHOWN.get(command.name or "", []))]
        for topic in re.findall(r"amana help ([a-z-]+)", " ".join(texts)):
            assert topic in TOPICS


def test_an_unknown_topic_names_those_there_are(tmp_path: Path) -> None:
    answer = Terminal(tmp_path)("help", "colours", code=5)
    assert answer.sentence.startswith("there is no topic 'colours': times, roles, exit-codes")


def test_help_without_a_topic_is_the_root_help(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert terminal("help").out == terminal("-h").out


def test_the_root_options_may_stand_after_the_command(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path).begin_ledger()
    answer = terminal("person", "seek-refuge", "--site", "CAMP-R1", "--json", "--by", "OFF-003")
    person = answer.document["recorded"][0]["subject"]
    row = terminal("history", person, "--plain").out.splitlines()[1].split("\t")
    assert "OFF-003" in row
    both = terminal("--json", "rules", "--plain", code=2)
    assert both.sentence == "--json and --plain exclude each other"


def test_the_nearer_official_counts(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path).begin_ledger()
    terminal("--by", "OFF-051", "person", "seek-refuge", "--site", "CAMP-R1", "--by", "OFF-003")
    terminal(
        "--by", "OFF-003", "person", "seek-refuge", "--site", "CAMP-R1", "--by", "OFF-051", code=3
    )


def test_giving_a_command_the_root_options_twice_changes_nothing() -> None:
    command = TREE["person admit"]
    before = list(command.params)
    assert anywhere(command).params == before


def test_every_wrong_word_names_the_nearest(tmp_path: Path) -> None:
    answer = Terminal(tmp_path)("statsu", code=2)
    assert answer.sentence == "No such command 'statsu'. Did you mean 'status'?"


def test_completion_scripts_come_for_three_shells(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    for shell in ("bash", "zsh", "fish"):
        assert "_AMANA_COMPLETE" in terminal("completion", shell).out


def test_a_shell_is_told_what_may_come_next(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.env |= {
        "_AMANA_COMPLETE": "bash_complete",
        "COMP_WORDS": "amana person re",
        "COMP_CWORD": "2",
    }
    said = subprocess_completion(terminal)
    assert {"plain,register", "plain,record-death", "plain,return-effects"} <= set(said)


def subprocess_completion(terminal: Terminal) -> list[str]:
    import subprocess
    import sys

    run = "import sys; sys.argv[0] = 'amana'; import cli; cli.root(prog_name='amana')"
    done = subprocess.run(
        [sys.executable, "-c", run],
        env=terminal.env,
        cwd=terminal.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_list_of_commands_is_never_cut_short(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.env["COLUMNS"] = "80"
    for group in ([], *({name.split()[0]} for name in TREE if " " in name)):
        assert "..." not in terminal(*group, "-h").out.replace("]...", "")
