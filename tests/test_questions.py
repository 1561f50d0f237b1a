"""The questions users ask of the whole synthetic ledger: one command each, and the page of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from application.answers.feed.follow import Views
from application.decisions.custody import Custody
from application.decisions.open import settings_of, zone_of
from bench.questions import QUESTIONS, Question, ask, page
from domain import times
from projections import changes, population
from scenario.replay import replay

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Given: the folder that `amana demo` makes."""
    folder = tmp_path_factory.mktemp("questions")
    replay(folder / "ledger.amana", folder / "ledger.key", "k24", "full").close()
    settings = 'ledger = "ledger.amana"\nkey_file = "ledger.key"\nby = "OFF-062"\n'
    (folder / "amana.toml").write_text(settings, "utf-8")
    return folder


@pytest.fixture(scope="module")
def views(folder: Path) -> Iterator[Views]:
    """Given: its read models."""
    custody = Custody(folder / "ledger.amana", folder / "ledger.key")
    views = Views(custody.streams, folder / "asked.views", settings_of(custody)["id"])
    views.catch_up()
    yield views
    views.close()
    custody.close()


STEADY = [question for question in QUESTIONS if not question.varies]


@pytest.mark.parametrize("question", STEADY, ids=lambda q: q.command.split(" ")[0])
def test_each_question_is_answered_by_one_command(folder: Path, question: Question) -> None:
    for command in question.commands:
        code, answer = ask(folder / "ledger.amana", command)
        assert code == question.code, answer
        assert answer not in {"", "none"}, "an answer says what it looked at"
        assert "Traceback" not in answer
        assert "did not foresee" not in answer


def test_the_page_shows_the_last_count_of_each_depot_and_one_that_missed_something(
    folder: Path,
) -> None:
    (question,) = [q for q in QUESTIONS if "last stock-take" in q.asked]
    last, every = (ask(folder / "ledger.amana", command)[1] for command in question.commands)
    rows = [line.split() for line in every.splitlines() if line.startswith("S-")]
    newest = {site: count for count, _, site, *_ in rows}  # in the order they were closed
    assert len(rows) > len(newest) == 2
    assert [w for w in last.split() if w.startswith("S-")] == list(newest.values())
    assert "W-001841-P (now MISSING)" in every


def test_the_page_says_who_looked_at_whose_record(folder: Path) -> None:
    (question,) = [q for q in QUESTIONS if q.first]
    assert ask(folder / "ledger.amana", question.first)[0] == 0
    said = ask(folder / "ledger.amana", question.command)[1]
    assert "OFF-043" in said
    assert "SYNTHETIC tracing request 12" in said


def test_the_page_of_questions_is_what_the_commands_print(folder: Path) -> None:
    page_now = list(page(folder / "ledger.amana", varying=False))
    assert _without_varying(page_now) == _without_varying(
        (ROOT / "docs" / "questions.md").read_text("utf-8").rstrip("\n").split("\n")
    ), "run `make questions`"


def _without_varying(lines: list[str]) -> list[str]:
    """Return the page without the answers that hold keys and hashes of their own demo."""
    varying = {
        f"$ amana {command}"
        for question in QUESTIONS
        if question.varies
        for command in (question.first, *question.commands)
    }
    kept: list[str] = []
    skipping = False
    for line in lines:
        skipping = (skipping or line in varying) and line != "```"
        if not skipping:
            kept.append(line)
    return kept


def _at(text: str) -> int:
    return times.parse(text, zone_of("Asia/Baghdad"), 0).at


def test_the_worked_example_of_two_clocks(views: Views) -> None:
    noon, then, later = _at("12 Dec 2024 12:00"), _at("15 Dec 2024 18:00"), _at("27 Dec 2024 18:00")
    connection = views.connection
    before = {s.subject for s in population.at(connection, "site", "CAMP-R1", noon, then)}
    after = {s.subject for s in population.at(connection, "site", "CAMP-R1", noon, later)}
    learned = changes.learned_of_all(connection, noon, then, later, views.load)
    assert (len(before), len(after), len(learned)) == (635, 640, 23)
    assert all(
        step.event.approved_by == "OFF-002" and step.event.reason
        for change in learned
        for field in change.fields
        for step in field.steps
    )
    late = {
        subject
        for (subject,) in connection.execute(
            "SELECT DISTINCT subject FROM spelled_event WHERE topic = 'person.housed'"
            " AND recorded_at - occurred_at > 86400000000 AND corrects IS NULL"
        )
    }
    everywhere_before = {s.subject for s in population.everywhere(connection, noon, then)}
    everywhere_after = {s.subject for s in population.everywhere(connection, noon, later)}
    assert len(late) >= 40
    assert (
        late <= everywhere_before & everywhere_after
    )  # the batch of 14 December is in both answers
    known_before = {s.subject for s in _sheltered(views, noon, _at("13 Dec 2024 12:00"))}
    assert not late & known_before  # and was in none before it was recorded


def _sheltered(views: Views, as_of: int, known_at: int) -> list[population.Standing]:
    found = population.everywhere(views.connection, as_of, known_at, statuses=("SHELTERED",))
    return list(found)
