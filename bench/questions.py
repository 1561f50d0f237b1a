"""The questions users ask, each with the one command that answers it.

`python -m bench.questions LEDGER` prints `docs/questions.md` from real output: every answer on that
page was printed by the command above it, on the synthetic ledger of `amana demo`. A test runs them all.
Where one answer says little alone, a second command stands under it, of another day or another kind.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from scenario.sheets import write_sheets

REFERENCE = "--as-of '12 Dec 2024 12:00' --known-at '15 Dec 2024 18:00'"
THEN = "--known-at '27 Dec 2024 18:00'"
AT_THE_END = f"--as-of '27 Dec 2024 18:00' {THEN}"
LINES = 14
"""How much of an answer the page shows."""


class Question(NamedTuple):
    """A question, the command without `amana`, and the exit code of a true answer.

    Attributes:
        also: more commands that show the same from another side.
        first: a command that is run before and shown without its answer, which is nobody's business.
        lines: how much of each answer the page shows.
        varies: the answer holds keys, hashes or times that are new in every demo, so that it is
            printed from one and compared with none.
    """

    asked: str
    command: str
    code: int = 0
    varies: bool = False
    also: tuple[str, ...] = ()
    first: str = ""
    lines: int = LINES

    @property
    def commands(self) -> tuple[str, ...]:
        """Every command whose answer is shown."""
        return (self.command, *self.also)


QUESTIONS = (
    Question(
        "Who was housed at site X at noon on 12 Dec, as known on 15 Dec (and as known now: leave "
        "--known-at out)?",
        f"status --site CAMP-R1 {REFERENCE}",
    ),
    Question(
        "What changed between those answers, by whom, why?",
        "diff --site CAMP-R1 --as-of '12 Dec 2024 12:00' --known-at '15 Dec 2024 18:00' "
        "'27 Dec 2024 18:00'",
    ),
    Question(
        "Where was this person at t?", "status P-000050-0 --as-of '12 Dec 2024 12:00' " + THEN
    ),
    Question("The full history of a person?", f"history P-000050-0 {THEN}"),
    Question(
        "The full history of a weapon, with every custodian and gap?",
        f"history W-000751-8 --gaps {THEN}",
    ),
    Question(
        "Who was accountable for W at t?", f"status W-000751-8 --as-of '11 Dec 2024 14:00' {THEN}"
    ),
    Question(
        "What was at depot D at t?", f"status --depot DEPOT-M2 --as-of '12 Dec 2024 12:00' {THEN}"
    ),
    Question("What is still in trust, for how many days?", f"report in-trust {AT_THE_END}"),
    Question(
        "Which serials are unreadable?",
        "report weapons --serial-status ILLEGIBLE --serial-status PARTIAL "
        f"--serial-status UNTRANSLATABLE {AT_THE_END}",
    ),
    Question("Which serials are duplicated?", f"report weapons --same-serial {AT_THE_END}"),
    Question("What came from unit U?", f"report weapons --unit PARTY-BRIGADE-K17 {AT_THE_END}"),
    Question(
        "What lacks a joint count? (And what lacks a receipt.)",
        f"report weapons --lacking joint-count {AT_THE_END}",
        also=(f"report weapons --lacking receipt {AT_THE_END}",),
    ),
    Question("Which seals were broken?", f"report weapons --seal-broken {AT_THE_END}"),
    Question(
        "What did the last stock-take of each depot miss or find extra? (And every one before.)",
        f"report discrepancies {AT_THE_END}",
        also=(f"report discrepancies --all {AT_THE_END}",),
    ),
    Question(
        "A proof of custody for W that a third party verifies offline?",
        "proof verify W-001721-4.custody-proof --policy policy.txt",
        varies=True,
    ),
    Question("Was anything altered since the last checkpoint?", "audit verify", varies=True),
    Question(
        "How many entered, were sheltered, left, per day and site?",
        f"report flow --from 2024-12-07 --until 2024-12-20 {THEN}",
        also=(f"report occupancy --from 2024-12-18 --until 2024-12-20 {THEN}",),
        lines=30,
    ),
    Question(
        "Does the head-count equal admitted minus left?",
        f"report headcount --as-of '18 Dec 2024 20:00' {THEN}",
        also=(f"report headcount {AT_THE_END}",),
    ),
    Question(
        "How many crossing staff returned, when, where?",
        f"report handovers --category CROSSING_STAFF {AT_THE_END}",
    ),
    Question(
        "Who had not signed, or had withdrawn?",
        "--by OFF-043 report persons --without-pledge --as-of '16 Dec 2024 14:00' " + THEN,
    ),
    Question(
        "Were all who declined kept off every manifest?",
        f"--by OFF-043 report declined {AT_THE_END}",
    ),
    Question(
        "Which handovers were irregular? (And which admissions.)",
        "report irregularities --of 'handed over' --known-at '27 Dec 2024 18:00'",
        also=("report irregularities --of admitted --known-at '27 Dec 2024 18:00'",),
        lines=8,
    ),
    Question(
        "Transfer T: released against accepted, line by line? Who received, for whom?",
        "transfer show T-000050-6 --known-at '27 Dec 2024 18:00'",
        lines=24,
    ),
    Question(
        "Who was in care, absent, deceased?",
        "report persons --custody IN_CARE --custody ABSENT --custody DECEASED "
        f"--as-of '8 Dec 2024 12:00' {THEN}",
    ),
    Question(
        "Are all effects returned? (And whose were still kept before the return.)",
        f"report persons --effects {AT_THE_END}",
        also=(f"report persons --effects --as-of '16 Dec 2024 14:00' {THEN}",),
        lines=8,
    ),
    Question(
        "Which public figures agree with the ledger, under which reading?",
        f"report statements {THEN}",
        lines=30,
    ),
    Question(
        "What was recorded more than 24 h late, by whom?",
        "audit late --over 24h --known-at '27 Dec 2024 18:00'",
    ),
    Question(
        "Which rows of a sheet were rejected, quarantined, changed? (Once imported: `intake show`.)",
        "intake check persons.xlsx --dates dmy",
        code=4,
        varies=True,
    ),
    Question("Are the read models what the log says?", "audit replay --sample 5%"),
    Question(
        "Who looked at whose record, and why?",
        "audit access",
        varies=True,
        also=("audit access --subject P-000050-0",),
        first="--by OFF-043 person show P-000050-0 --reason 'SYNTHETIC tracing request 12'",
    ),
    Question(
        "Who or what was ever at a site (at a place in it, in a crate, with a party, answered for by an "
        "official) between two instants?",
        f"report ever --site CAMP-R1 --from 2024-12-09 --until 2024-12-10 {THEN}",
        also=(
            f"report ever --site CAMP-R1 --place T-50 {THEN}",
            f"report ever --crate C-020 --from '11 Dec 2024 12:00' --until '12 Dec 2024 12:00' {THEN}",
            f"report ever --official OFF-034 {THEN}",
        ),
        lines=8,
    ),
    Question(
        "Why is a count what it is?",
        f"status --site CAMP-R1 --why {REFERENCE}",
        also=(
            f"report in-trust --why {AT_THE_END}",
            f"report headcount --why --as-of '18 Dec 2024 20:00' {THEN}",
        ),
        lines=9,
    ),
    Question(
        "What was recorded, and which answers changed, since I asked last?",
        "diff --since '20 Dec 2024 15:49'",
        varies=True,
        also=("diff --since last",),
    ),
    Question(
        "What was recorded between two instants, by whom, back-dated or not?",
        "audit recorded --from '14 Dec 2024 09:00' --until '14 Dec 2024 12:00' --back-dated",
        also=(
            "audit recorded --from '15 Dec 2024 18:00' --until '16 Dec 2024 18:00' --official OFF-026",
        ),
        lines=8,
    ),
    Question(
        "What was the answer before the last change of somebody, or of a site?",
        "status P-000050-0 --as-of '12 Dec 2024 12:00' --known-at -1c",
        also=("status --site CAMP-R1 --as-of '12 Dec 2024 12:00' --known-at -1c",),
        lines=6,
    ),
)


def ask(ledger: Path, command: str, lines: int = LINES) -> tuple[int, str]:
    """Run one command on a ledger and return the exit code and its output's beginning."""
    from cli import root

    out, err, code = io.StringIO(), io.StringIO(), 0
    settings = ["--config", str(ledger.with_name("amana.toml"))]
    with redirect_stdout(out), redirect_stderr(err):
        try:
            root([*settings, *shlex.split(command)], standalone_mode=True)
        except SystemExit as end:
            code = int(end.code or 0)
    printed = out.getvalue().rstrip("\n").split("\n")
    shown = printed[:lines]
    if len(printed) > lines:
        shown.append(f"… {len(printed) - lines:,} more lines")
    said = (*filter(None, shown), *err.getvalue().splitlines())
    return code, "\n".join(line.rstrip() for line in said)


def page(ledger: Path, *, varying: bool = True) -> Iterator[str]:
    """Yield the page, line by line; without answers that vary where asked."""
    yield "# Questions, and the command that answers each"
    yield ""
    yield "Every answer here was printed by the command above it, on the SYNTHETIC ledger that"
    yield "`amana demo` makes (`make questions` writes this page anew). Long answers are cut."
    for number, question in enumerate(QUESTIONS, 1):
        yield ""
        yield f"## {number}. {question.asked}"
        yield ""
        yield from _shown(ledger, question, answers=varying or not question.varies)


def _shown(ledger: Path, question: Question, *, answers: bool) -> Iterator[str]:
    """Yield a question's commands, each with its answer under it where answers are wanted."""
    yield "```"
    if question.first:
        yield f"$ amana {question.first}"
        if answers:
            code, said = ask(ledger, question.first)
            yield "(shown to the official who asked, left out here)" if not code else said
        yield ""
    for number, command in enumerate(question.commands):
        if number:
            yield ""
        yield f"$ amana {command}"
        if answers:
            yield from ask(ledger, command, question.lines)[1].split("\n")
    yield "```"


if __name__ == "__main__":
    demo = Path(sys.argv[1]).absolute()
    write_sheets(demo.parent)
    os.chdir(demo.parent)
    sys.stdout.write("\n".join(page(demo)) + "\n")
