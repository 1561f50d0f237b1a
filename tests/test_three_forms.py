"""Text, `--plain` and `--json` of every answer carry the same facts, and leave with the same code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, NamedTuple

import pytest

from application.answers.events import MARKS
from application.decisions import open as opening
from application.decisions.ledger import wall_clock
from commands.terminal.option_names import word_of
from domain import times
from domain.times import When
from tests.rich_ledger import Rich
from tests.terminal import TREE, TREE_OPTIONS, Answer
from words.events import event_name
from words.facts import label

ZONE = opening.zone_of("Asia/Baghdad")
NOW = wall_clock() + times.HOUR
CLERK, NOBODY, STRANGER = "OFF-010", "", "OFF-999"
WELFARE, AUDITOR, SECURITY, CHAIR = "OFF-015", "OFF-019", "OFF-011", "OFF-020"


class Asked(NamedTuple):
    """A question, and the official who asks it."""

    words: str
    by: str = AUDITOR


def asked(words: tuple[str, ...], by: str = AUDITOR) -> tuple[Asked, ...]:
    """Return questions that one official asks."""
    return tuple(Asked(one, by) for one in words)


SPAN = "--from 2024-12-07 --until 2024-12-20"
QUESTIONS = {
    "status": (
        *asked((
            "status", "status --bounds", "status --known-at @60",
            "status {weapon}", "status {weapon} --why --bounds", "status {unsafe}",
            "status {declared}", "status {slip}", "status {double}", "status {survivor}",
            "status {handed}", "status {count}", "status {call}", "status {open}",
            "status {transfer}", "status {planned}", "status OFF-017", "status SITE-CAMP-R1",
            "status PARTY-MOD", "status {spanned}",
            "status {doubtful} --as-of '9 Dec 2024 09:00' --bounds --why",
            "status {person} --as-of '9 Dec 2024 12:00' --known-at '11 Dec 2024 12:00'",
            "status --site CAMP-R1", "status --site CAMP-R1 --as-of '9 Dec 2024 09:00' --bounds",
            "status --depot DEPOT-1 --known-at -1c", "status --crate CRATE-1",
            "status --party PARTY-MOD", "status --site CAMP-R1 --why",
        )),
        Asked("status {person}", WELFARE), Asked("status {person}", SECURITY),
        Asked("status {weapon}", NOBODY),
    ),
    "history": (
        *asked((
            "history {weapon} --gaps --evidence", "history {unsafe}", "history {double}",
            "history {doubtful}", "history {spanned}", "history {count}", "history {transfer}",
            "history OFF-017", "history {person} --known-at @60",
        )),
        Asked("history {person}", WELFARE), Asked("history {person}", SECURITY),
    ),
    "diff": (
        *asked((
            "diff {weapon} --as-of '8 Dec 2024 12:00' --as-of now",
            "diff {count} --as-of '12 Dec 2024 07:00' --as-of now",
            "diff OFF-017 --as-of '19 Dec 2024 07:00' --as-of now",
            "diff --site CAMP-R1 --as-of '12 Dec 2024 12:00' --known-at @55 now",
            "diff --everybody --as-of '8 Dec 2024 12:00' --as-of '13 Dec 2024 12:00'",
        )),
        Asked("diff {person} --as-of '8 Dec 2024 12:00' --as-of '10 Dec 2024 12:00'", WELFARE),
        Asked("diff {person} --as-of '8 Dec 2024 12:00' --as-of '10 Dec 2024 12:00'", SECURITY),
    ),
    "report declined": (Asked("report declined", WELFARE),),
    "report discrepancies": asked(("report discrepancies", "report discrepancies --all")),
    "report ever": asked((
        f"report ever --site CAMP-R1 {SPAN}", f"report ever --crate CRATE-1 {SPAN}",
        f"report ever --official OFF-011 {SPAN}", f"report ever --party PARTY-MOD {SPAN}",
    )),
    "report flow": (Asked(f"report flow {SPAN}"),),
    "report handovers": (Asked("report handovers"),),
    "report headcount": asked((
        "report headcount", "report headcount --as-of '8 Dec 2024 12:00'",
        "report headcount --why",
    )),
    "report in-trust": asked(("report in-trust", "report in-trust --transit", "report in-trust --why")),
    "report irregularities": asked((
        "report irregularities", "report irregularities --rule 22",
    )),
    "report occupancy": asked((
        f"report occupancy {SPAN}", f"report occupancy {SPAN} --kind weapon",
    )),
    "report persons": (
        Asked("report persons --site CAMP-R1"), Asked("report persons --effects"),
        Asked("report persons --declined", WELFARE),
    ),
    "report statements": (Asked("report statements"),),
    "report weapons": asked((
        "report weapons --recount-due", "report weapons --same-serial",
        "report weapons --held-up", "report weapons --seal-broken",
    )),
    "crate list": asked(("crate list", "crate list --site DEPOT-1")),
    "crate show": (Asked("crate show CRATE-1"), Asked("crate show CRATE-1 --as-of '9 Dec 2024 08:30'")),
    "transfer show": asked(("transfer show {transfer}", "transfer show {planned}")),
    "handover show": (Asked("handover show T-000001-O"),),
    "stocktake list": (Asked("stocktake list"),),
    "stocktake show": asked((
        "stocktake show {count}", "stocktake show {open}", "stocktake show last",
    )),
    "directory list": asked((
        "directory list sites", "directory list parties", "directory list officials",
    )),
    "irregularity list": asked((
        "irregularity list", "irregularity list --rule 22", "irregularity list --closed",
    )),
    "pending": (
        Asked("pending"), Asked("pending --mine", CHAIR), Asked("pending {proposal}"),
    ),
    "audit access": (Asked("audit access"),),
    "audit late": asked(("audit late", "audit late --over 3d --known-at @60")),
    "audit recorded": asked((
        "audit recorded", "audit recorded --official OFF-011 --back-dated",
    )),
    "audit slips": (Asked("audit slips"),),
    "audit verify": (Asked("audit verify"),),
    "audit replay": (Asked("audit replay"),),
    "log status": (Asked("log status"),),
    "person find": (
        Asked("person find --declared-name 'SYNTHETIC نور حسن' --birth-year 1990", CLERK),
    ),
    "person show": (Asked("person show {person} --reason 'a look'", CLERK),),
    "weapon find": (Asked("weapon find sn1"),),
    "intake batches": (Asked("intake batches"),),
    "intake show": (
        Asked("intake show {batch}", CLERK),
        Asked("intake show {batch} --row 2 --reason 'as typed'", CLERK),
    ),
    "intake review": (Asked("intake review {batch}", CLERK),),
    "intake check": (Asked("intake check sheet.csv --kind persons --dates dmy", CLERK),),
    "rules": (Asked("rules"),),
    "doctor": (Asked("doctor"),),
}  # fmt: skip
"""Every command that answers, with what is asked of it."""
EVERY = [one for some in QUESTIONS.values() for one in some]
OTHERS = {
    "init", "demo", "statement add", "completion", "help", "log add-witness", "log begin-anew",
    "log checkpoint", "log collect", "log export-entries", "log policy", "log rotate-key",
    "witness cosign", "witness init", "proof make", "proof page", "proof show", "proof unpack",
    "proof verify", "print certificate", "print receipt", "key new", "audit clock",
    "intake template", "intake import",
}  # fmt: skip
"""Commands that write a file, record without a note of their own, or print one text for all."""
LEFT_OUT = {
    "schema": "the number of the form itself",
    "as_of": "asked, not answered: said where it lies after what was known, which test_cli_clocks asks",
    "certain": "text says `only possible`: asked below",
    "kind": "the number of a subject says it",
    "*identity*.*_*": "commitments to sealed values; which values there are is said",
    "*.true_precision": "how the time is written says it",
    "*.precision": "the same",
    "events.position": "a page is numbered by versions",
    "events.facts.expected": "a history says how many; `stocktake show` names them",
    "*.events.before": "the values on the way are those of the events before",
    "*.events.after": "the same",
    "owed": "held, on the way and missing together",
    "occupancy.roll_call.missing": "found of expected are said",
    "occupancy.roll_call.unexpected": "said where there are any",
    "*.counts_that_day": "said where there are several",
    "claims.statement": "a name for programs",
    "claims.quote": "the report's own words",
    "crates.weapons.*": "`crate show` lists them",
    "stocktakes.*ed*": "`stocktake show` names whom and what",
    "rows.receiver": "a row shows what was asked about; programs get the weapon whole",
    "rows.made_safe": "the same", "rows.counted_with": "the same", "rows.receipt": "the same",
    "rows.holds": "the same", "rows.recount_due": "the same",
    "stays.*_by.recorded_at": "the event is named, its history tells more",
    "stays.*_by.reason": "the same", "stays.from": "an uncertain one is written with its span",
    "persons=0": "who is not there is not counted aloud", "weapons=0": "the same",
    "count": "persons and weapons together", "rows.unit": "the same",
    "rows.provisional_receipt": "the same",
    "seconds": "how long it took",
    "repaired": "text says what became of the copy",
    "*titles": "`intake check` tells columns", "columns.*": "`--save-map` writes them",
    "*content": "digest of what was read", "*attempt": "how often it was begun",
    "batches.sha256": "`intake show` says it", "batches.left_out": "the same",
    "*status=COMPLETE": "`standing` says it",
    "*counts.*=0": "a sheet's lines without a row are left out",
    "quarantined.ar": "the same in Arabic",
    "quarantined.field": "the reason names it", "quarantined.row": "`--rejects` holds them",
    "pairs.*": "`intake review` shows pairs",
}  # fmt: skip
"""What only programs get, by the names that lead to it, and why."""
APART = {"possible", "changes", "subjects", "claims", "pairs", "holdings"}
"""Lists whose members are no line of a table each: with a list of their own, or beside the table."""
WORD = re.compile(r"\w+")
OURS = {"NO", "LATE", "LONGER", "COUNTS", "All", "Who", "Reading"}
"""Words of our own in capitals."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
STORED = re.compile(r"[a-z]+\.[a-z_]+")
WORDS = {
    ("agrees", True): {"agrees", "="},
    ("agrees", False): {"● differs", "≠"},
    ("well", True): {"ok"},
    ("well", False): {"!"},
}
"""How people read a yes or a no that is neither of these words."""


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value of a document that says something, and the names that lead to it.

    An instant with the end of its span is one value; a mark that nobody set says nothing.
    """
    if isinstance(value, dict):
        ends = {name: f"{name.removesuffix('_at')}_until" for name in value}
        spans = {name for name, end in ends.items() if name != end and value.get(end)}
        for name, one in value.items():
            if name in spans:
                yield (*path, name), (one, value[ends[name]])
            elif name not in {ends[span] for span in spans} and not (
                one is False and name in MARKS
            ):
                yield from leaves(one, (*path, name))
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, path)
    elif value is not None and value != "":
        yield path, value


def readings(name: str, value: Any) -> set[str]:
    """Every way in which people read one value of a document."""
    if isinstance(value, tuple):
        at, until = (times.parse(one, ZONE, 0).at for one in value)
        return {times.show(When(at, until, how), ZONE) for how in ("RANGE", "DAY")}
    if isinstance(value, bool):
        return WORDS.get((name, value), {"yes"} if value else {"no", "● NO"})
    if isinstance(value, int | float):
        return {f"{value:,}", str(value)}
    if INSTANT.fullmatch(value):
        at = times.parse(value, ZONE, 0).at
        shown = {times.show(When(at), ZONE, to_the_second=full) for full in (True, False)}
        return {value, *shown, times.show(When(at, None, "MINUTE"), ZONE)}
    if STORED.fullmatch(value):
        return {value, event_name(value)}
    words = " ".join(value.split())
    spoken = {words, words.replace("_", " "), words.lower().replace("_", " ")}
    spoken |= {f"{value}s", word_of(value), value.removeprefix("SITE-")}
    spoken.add(value.partition("(")[0])  # a verdict, and the readings it rests on
    if re.fullmatch("[0-9a-f]{64}", value):
        spoken.add(f"{value[:4]}…{value[-2:]}")
    return spoken | ({label(value)} if name in {"fact", "differs"} else set())


def missing(document: Any, said: str, path: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """What a document, or the part of one that a path leads to, says and a text does not."""
    flat = " ".join(said.split())
    found = []
    for names, value in leaves(document, path):
        where = ".".join(names)
        both = (where, f"{where}={value}")
        if any(fnmatchcase(one, left) for one in both for left in LEFT_OUT):
            continue
        said_so = (rf"(?<!\w){re.escape(one)}(?!\w)" for one in readings(names[-1], value))
        if not any(re.search(one, flat) for one in said_so):
            found.append((where, value))
    return found


def unknown(document: Any, said: str) -> set[str]:
    """Names, numbers and closed words (`RIFLE`) that a text says and a document does not."""
    said_there = {
        one for names, value in leaves(document) for one in (*names, *readings("", value))
    }
    known = {word for one in said_there | set(names_in(document)) for word in WORD.findall(one)}
    known |= {f"{number:,}" for number in lengths(document)} | OURS
    return {word for word in WORD.findall(said) if re.search("[A-Z0-9]", word)} - known


def names_in(value: Any) -> Iterator[str]:
    """The names of a document's maps, at any depth: who has a role is one."""
    if isinstance(value, dict | list):
        yield from value if isinstance(value, dict) else ()
        for one in value.values() if isinstance(value, dict) else value:
            yield from names_in(one)


def lengths(value: Any) -> Iterator[int]:
    """How many each list and each map of a document holds."""
    if isinstance(value, dict | list):
        yield len(value)
        for one in value.values() if isinstance(value, dict) else value:
            yield from lengths(one)


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask all three forms at one instant."""
    opened = partial(opening.open_ledger, clock=lambda: NOW)
    monkeypatch.setattr(opening, "open_ledger", opened)


@pytest.mark.parametrize("question", EVERY, ids=lambda one: f"{one.words} {one.by}")
def test_three_forms_carry_the_same_facts(rich: Rich, question: Asked) -> None:
    text, plain, programs = answers(rich, question)
    document = programs.document
    for form in (text, plain):
        assert not missing(document, form.out + form.err), form.out + form.err
    for name, rows in document.items():
        for row in rows if isinstance(rows, list) and name not in APART else ():
            lines = [*plain.out.splitlines(), *plain.err.splitlines()]
            one = isinstance(row, dict) and any(not missing(row, line, (name,)) for line in lines)
            assert one or not isinstance(row, dict), row
    for form in (text, plain):
        assert not unknown(document, form.out), form.out
    if "certain" in document and "now" in document:
        assert document["certain"] is ("only possible" not in text.out)


def answers(rich: Rich, question: Asked) -> list[Answer]:
    """Ask once in each form; all three leave with one code."""
    rich.terminal.env["AMANA_BY"] = question.by
    words = rich.words(question.words)
    forms = [rich.terminal(*form, *words, code=None) for form in ((), ("--plain",), ("--json",))]
    assert len({one.code for one in forms}) == 1, forms
    return forms


def test_every_command_that_answers_is_asked_here() -> None:
    records = {name for name, flags in TREE_OPTIONS.items() if "--evidence" in flags}
    assert set(TREE) - records - OTHERS == set(QUESTIONS)


# ── no is an answer ─────────────────────────────────────────────────────────

STATED_NO = (
    ("status {weapon}", "seal intact", "seal_intact"),
    ("status {unsafe}", "made safe", "made_safe"),
    ("status {person}", "intent private", "intent_private"),
    ("history {weapon}", "intact", "intact"),
    ("history {weapon}", "authorised", "authorised"),
    ("history {unsafe}", "made safe", "made_safe"),
    ("history {person}", "private", "private"),
)


@pytest.mark.parametrize(("words", "word", "name"), STATED_NO)
def test_a_no_that_was_stated_is_said_in_every_form(
    rich: Rich, words: str, word: str, name: str
) -> None:
    text, plain, programs = answers(rich, Asked(words, WELFARE))
    assert re.search(rf"\b{word}\s+no\b", text.out)
    assert re.search(rf"\b{word}\s+no\b", plain.out)
    assert any(names[-1] == name and value is False for names, value in leaves(programs.document))


def test_what_changed_to_no_is_said_in_every_form(rich: Rich) -> None:
    between = "--as-of '8 Dec 2024 12:30' --as-of '9 Dec 2024 08:30'"
    text, plain, programs = answers(rich, Asked(f"diff {{weapon}} {between}"))
    assert "seal intact: yes → no" in text.out
    assert "\tseal intact\tyes\tno\t" in plain.out
    (change,) = programs.document["changes"]
    assert (change["fact"], change["before"], change["after"]) == ("seal_intact", True, False)


# ── exit codes ──────────────────────────────────────────────────────────────

FAILING = (
    ("status P-000099-3", 5), ("status W-000099-W", 5), ("status nonsense", 2),
    ("status --site NOWHERE", 5), ("status --crate C-9", 5), ("status {weapon} --site GATE", 2),
    ("status {weapon} --known-at @999999", 5), ("status {weapon} --as-of yesterday", 2),
    ("status {weapon} --as-of '12 Dec 2024'", 2), ("status {weapon} --known-at ''", 2),
    ("status {weapon} --nothing", 2), ("status {weapon} --known-at -99c", 5),
    ("history P-000099-3", 5), ("history {person} --gaps", 2), ("history {person} --known-at @1", 5),
    ("diff {weapon}", 2), ("diff P-000099-3 --as-of -2d --as-of now", 5),
    ("report headcount", 1), ("report persons", 2), ("report persons --custody FOO", 2),
    ("report irregularities --rule 99", 5), ("report occupancy --from nonsense --until now", 2),
    ("report weapons --unit NOBODY", 5), ("report flow --site NOWHERE", 5),
    ("crate show C-9", 5), ("crate list --site NOWHERE", 5), ("transfer show T-000099-9", 5),
    ("stocktake show S-000099-Q", 5), ("directory list nothing", 2),
    ("irregularity list --of nonsense", 2), ("pending P-000099-3:1", 5), ("pending {weapon}", 2),
    ("audit late --over never", 2), ("audit recorded --from now --until -2d", 2),
    ("weapon find nothing", 5), ("intake show B-000000000000", 5), ("intake check none.csv", 5),
    ("person show {person} --reason x --by OFF-011", 3),
    ("person find --declared-name nobody --birth-year 1900 --by OFF-010", 5),
    ("status {person} --by OFF-999", 5), ("pending --mine --by OFF-999", 5),
    ("person house {handed} --site CAMP-R1 --by OFF-010", 3),
    ("person house {person} --site CAMP-R1 --by OFF-012", 3),
    ("approve {proposal} --by OFF-010", 3), ("correct {weapon}:1 --by OFF-010", 2),
    ("transfer release T-000099-9 --by OFF-013", 5), ("stocktake scan {count} --by OFF-012", 2),
)  # fmt: skip


@pytest.mark.parametrize(("words", "code"), FAILING)
def test_a_failure_leaves_with_one_code_and_one_sentence_in_every_form(
    rich: Rich, words: str, code: int
) -> None:
    forms = answers(rich, Asked(words))
    assert {one.code for one in forms} == {code}, forms[0]
    said = [[line for line in one.err.splitlines() if line.startswith("Error:")] for one in forms]
    assert said[0] == said[1] == said[2]
