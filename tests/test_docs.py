"""The pages are true: their commands run as they stand, and what they show is what is shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import cli
from application.decisions.open import zone_of
from commands.help import EXIT_CODES, ROLES
from domain import ids, times
from domain.event import Role
from tests.terminal import ROOT, Answer, Terminal

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: what stands after the fence, and the text."""
    return re.findall(r"^```([^\n]*)\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)


def walk(terminal: Terminal, page: Path) -> list[tuple[str, Answer]]:
    """Run every command of a page in order; files it shows are written first."""
    done = []
    for info, text in blocks(page):
        if info:
            (terminal.folder / info.split()[1]).write_text(text, "utf-8")
            continue
        for line in text.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["export"]:
                terminal.env |= dict(word.split("=", 1) for word in words[1:])
                continue
            assert words[0] == "amana", line
            stdin = ""
            if "<" in words:
                words, file = words[: words.index("<")], words[-1]
                stdin = (terminal.folder / file).read_text("utf-8")
            done.append((line, terminal(*words[1:], stdin=stdin)))
    return done


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """Both pages walked by hand, one after the other, in an empty folder."""
    terminal = Terminal(tmp_path_factory.mktemp("walk"))
    (terminal.folder / "scan.pdf").write_bytes(b"%PDF-1.7 SYNTHETIC")
    (terminal.folder / "scanner.txt").write_text("W-000001-A\n", "utf-8")
    return dict(walk(terminal, DOCS / "recording.md") + walk(terminal, DOCS / "corrections.md"))


def answer(walked: dict[str, Answer], begins: str) -> Answer:
    return next(done for line, done in walked.items() if line.startswith(begins))


def test_the_pages_run_in_order_as_they_stand(walked: dict[str, Answer]) -> None:
    assert len(walked) > 50


def test_only_what_the_pages_call_irregular_is_irregular(walked: dict[str, Answer]) -> None:
    irregular = [
        line.split("  ")[0] for line, done in walked.items() if "irregular, rule" in done.err
    ]
    assert irregular == [
        "amana seal break C-022 --seal 88213 --unauthorised",
        'amana person admit P-000003-E --site CP-AQ --receiving-party PARTY-JOC --at "8 Dec 2024 05:30"',
    ]


def test_times_are_echoed_as_they_were_understood(walked: dict[str, Answer]) -> None:
    said = answer(walked, "amana person seek-refuge --site CP-AQ --group G3").out
    assert said.endswith(":1  seek refuge  occurred 07 Dec 2024 06:10 +03:00\n")
    said = answer(walked, "amana person house").out
    assert "occurred ~07 Dec 2024 18:00 ±2h +03:00" in said


def test_a_missing_line_stays_open_on_its_manifest(walked: dict[str, Answer]) -> None:
    said = answer(walked, "amana history T-000001-O").out
    assert re.search(r"line missing\n +subject P-000002-G", said)


def test_the_walk_ends_with_one_irregularity_and_closes_it(walked: dict[str, Answer]) -> None:
    assert "P-000003-E:2" in answer(walked, "amana irregularity list --rule 4").out
    assert "P-000003-E:3" in answer(walked, "amana irregularity close").out


def test_a_proposal_says_what_it_would_read(walked: dict[str, Answer]) -> None:
    said = answer(walked, "amana pending").out
    assert "P-000001-I:12" in said
    assert "place T-07/13" in said
    assert "at 09 Dec 2024 14:00 +03:00" in said


def test_the_beginning_in_the_readme_runs(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    text = next(text for _, text in blocks(PAGES[0]) if "init --chair" in text)
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words[0] == "export":
            terminal.env |= dict(word.split("=", 1) for word in words[1:])
        else:
            said = terminal(*words[1:]).out
    assert "refuge sought" in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    for line in re.findall(r"(?:^|`|: )amana ([^`\n]*)", text, re.M):
        words = [
            word for word in re.sub(r"--?[a-z-]+ [^-\s]\S* ", "", line).split() if word[0] != "-"
        ]
        assert not words or words[0] in {*cli.GROUPS, "COMMAND"}, line


def test_the_exit_codes_are_the_same_on_the_page_and_in_help() -> None:
    page = dict(
        re.findall(r"^\| (\d+) \| (.+?) \|$", (DOCS / "ledger.md").read_text("utf-8"), re.M)
    )
    said = dict(re.findall(r"^ +(\d+)  (.+)$", EXIT_CODES, re.M))
    assert page.keys() == said.keys()
    assert {int(code) for code in page} >= {0, 1, 2, 3, 4, 5, 6, 7, 74, cli.INTERRUPTED}


def test_every_role_stands_on_the_page_and_in_help() -> None:
    page = (DOCS / "ledger.md").read_text("utf-8")
    for role in Role.__args__:  # type: ignore[attr-defined]  # a Literal's words
        assert role in page
        assert role in ROLES


def test_the_times_on_the_page_are_read_as_it_says() -> None:
    zone = zone_of("Asia/Baghdad")
    now = times.parse("2024-12-20T12:00+03:00", zone, 0).at
    page = (DOCS / "times.md").read_text("utf-8")
    typed = [
        word.strip('"')
        for row in re.findall(r"^\| (`.+?) \|", page, re.M)
        for word in re.findall(r"`([^`]+)`", row)
        if not word.startswith("--")
    ]
    assert len(typed) >= 9
    for word in typed:
        times.parse(word, zone, now)
    around = times.parse("~7 Dec 2024 18:00 ±2h", zone, now)
    assert times.iso(around.at, zone) == "2024-12-07T16:00:00+03:00"
    assert times.iso(around.until or 0, zone) == "2024-12-07T20:00:00+03:00"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_of_commands_name_real_control_numbers(page: Path) -> None:
    if page.name in {"proof-format.md", "benchmarks.md"}:
        return  # they describe bytes and figures, not commands
    for number in re.findall(r"\b[PWTS]-\d{6}-[0-9A-Z*]", page.read_text("utf-8")):
        assert ids.parse(number) == number
