"""Who may read what: every role asks every question; the table is written out here once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from application.answers.reader import reader
from application.decisions.ledger import wall_clock
from domain.access import Thing
from domain.errors import NotAllowedError
from domain.event import EVENTS
from tests.access_house import ROLES, World, civil, furnished, secret
from tests.conftest import House
from tests.report_desk import desk
from tests.terminal import Answer

IC, WC, SK, RE, AC, WE, PI, CH, AN, AU, KC = ROLES
READS = {
    "personal values": {IC, RE, WE, CH, AU},
    "search": {IC, WE, CH, AU},
    "access log": {CH, AU},
    "weapons sheet": {IC, WC, RE, WE, CH, AU},
    "intent": {WE, PI, CH, AU},
    "pledge": {WE, PI, CH, AU},
}
"""What not everybody reads, and the roles that do."""
NEVER_BY_SECURITY = {"intent", "pledge"}
PROTECTED_EVENTS = {
    "person.intent_stated", "person.wish_taken_over", "person.pledge_signed", "person.pledge_withdrawn"
}  # fmt: skip
NOBODY = ""
SHEET = "serial,model,received_at\nX1,AKM,2024-12-08 10:00\n"
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Given: a house, a sheet that was taken in, and a wish that waits to be corrected."""
    world = furnished(tmp_path_factory.mktemp("reading"))
    wish = world.found["person.intent_stated"][1]
    changes = {"intent": "STAY"}
    world.house.do("correct", world.person, version=wish, changes=changes, reason="misheard")
    (world.house.path.parent / "w.csv").write_text(SHEET, "utf-8")
    sheet = ("w.csv", "--kind", "weapons", "--site", "DEPOT-1", "--dates", "ymd", "--commit")
    taken = desk(world.house)("--json", "--by", "OFF-011", "intake", "import", *sheet).document
    yield world._replace(batch=taken["batch"])
    world.house.custody.close()


@pytest.fixture(scope="module")
def ask(world: World) -> Ask:
    """A terminal at which an official, or nobody, asks; the same question is asked once."""
    terminal = desk(world.house)
    del terminal.env["AMANA_BY"]

    @cache
    def asked(official: str, *words: str) -> Answer:
        named = ("--by", official) if official else ()
        return terminal("--json", *named, *words, code=None)

    return asked


# ── what not everybody reads: one way of asking each ─────────────────────────


def _says(answer: Answer, *words: str) -> bool:
    """Whether an answer shows what was asked for; a refusal names the thing and who reads it."""
    assert answer.code in {0, 3}, answer
    if answer.code == 3:
        assert answer.sentence.endswith(("only (--by)", "members of a security body"))
        return False
    shown = [word in answer.out for word in words]
    assert len(set(shown)) == 1, answer.out
    return shown[0]


def _values(ask: Ask, who: str, world: World) -> Iterator[bool]:
    yield _says(ask(who, "person", "show", world.person, "--reason", "asked"), "Salim")


def _search(ask: Ask, who: str, world: World) -> Iterator[bool]:
    name = ("--declared-name", "Salim Ahmad", "--birth-date", "1990-01-01")
    yield _says(ask(who, "person", "find", *name), world.person)


def _access_log(ask: Ask, who: str, world: World) -> Iterator[bool]:
    ask(civil(IC), "person", "show", world.person, "--reason", "looked before")
    yield _says(ask(who, "audit", "access"), "looked before")
    yield _says(ask(who, "audit", "access", "--subject", world.person), "looked before")


def _sheet(ask: Ask, who: str, world: World) -> Iterator[bool]:
    row = ("intake", "show", world.batch, "--row", "2", "--reason", "as typed?")
    yield _says(ask(who, *row), "AKM")


def _intent(ask: Ask, who: str, world: World) -> Iterator[bool]:
    yield _says(ask(who, "status", world.person), '"intent"')
    yield _says(ask(who, "status", world.person, "--as-of", "2024-12-09T00:00+03:00"), '"intent"')
    yield _says(ask(who, "history", world.person), '"intent"', '"STAY"')  # said, and proposed
    yield _says(ask(who, "pending"), '"STAY"')
    yield _says(ask(who, "diff", world.person, *ENDS), '"intent"')
    yield _says(ask(who, "diff", "--everybody", *ENDS), '"intent"')
    yield ask(who, "report", "declined").code in {0, 1}
    yield ask(who, "report", "persons", "--declined").code in {0, 1}


def _pledge(ask: Ask, who: str, world: World) -> Iterator[bool]:
    yield _says(ask(who, "status", world.person), '"pledges"')
    yield _says(ask(who, "history", world.person), '"pledgor"', '"PL-2"')
    yield _says(ask(who, "diff", world.person, *ENDS), '"pledges"')
    yield _says(ask(who, "diff", "--everybody", *ENDS), '"pledge"')
    yield ask(who, "report", "persons", "--without-pledge").code == 0


def _may(world: World, who: str, thing: Thing) -> bool:
    """What an answer's reader says, which no door may widen."""
    asks = reader(world.house.custody, who)
    if not asks.may(thing):
        with pytest.raises(NotAllowedError):
            asks.need(thing)
    return asks.may(thing)


ENDS = ("--as-of", "2024-12-08T00:00+03:00", "--as-of", "2024-12-09T00:00+03:00")
ASKED = {
    "personal values": _values,
    "search": _search,
    "access log": _access_log,
    "weapons sheet": _sheet,
    "intent": _intent,
    "pledge": _pledge,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("thing", READS)
def test_who_reads_what_is_not_everybodys(world: World, ask: Ask, thing: str, role: str) -> None:
    seen = [*ASKED[thing](ask, civil(role), world), _may(world, civil(role), thing)]
    assert set(seen) == {role in READS[thing]}, seen


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("thing", READS)
def test_a_security_body_never_reads_what_people_want(
    world: World, ask: Ask, thing: str, role: str
) -> None:
    seen = [*ASKED[thing](ask, secret(role), world), _may(world, secret(role), thing)]
    assert set(seen) == {role in READS[thing] and thing not in NEVER_BY_SECURITY}, seen


@pytest.mark.parametrize("thing", ["access log", *sorted(NEVER_BY_SECURITY)])
def test_who_is_not_named_reads_none_of_it(world: World, ask: Ask, thing: str) -> None:
    assert set(ASKED[thing](ask, NOBODY, world)) == {False}


@pytest.mark.parametrize("thing", READS)
def test_who_holds_no_role_reads_none_of_it(world: World, ask: Ask, thing: str) -> None:
    assert set(ASKED[thing](ask, "OFF-C-NONE", world)) == {False}


# ── what everybody reads ─────────────────────────────────────────────────────


@pytest.mark.parametrize("who", [*map(civil, ROLES), *map(secret, ROLES), "OFF-C-NONE", NOBODY])
def test_everything_else_is_read_by_everybody(world: World, ask: Ask, who: str) -> None:
    for topic, (stream, version) in world.found.items():
        event = ask(who, "history", stream).document["events"][version - 1]
        assert event["topic"] == topic
        if topic not in PROTECTED_EVENTS:
            assert event["facts"].keys() <= EVENTS[topic].model_fields.keys(), topic


# ── what a refusal or an acknowledgement tells ───────────────────────────────


@pytest.mark.parametrize("form", ["--quiet", "--plain", "--json"])
def test_who_hands_over_is_not_told_what_the_person_wants(house: House, form: str) -> None:
    person, kept = house.willing(), house.willing()
    number = house.released("RETURN", person, kept)
    asked = {"intent": "STAY", "interviewer": "OFF-016"}
    for one in (person, kept):
        house.do("state_intent", one, at=house.dec(17), **asked)
    words = ("--transfer", number, "--receiving-party", "UNIDENTIFIED", "--site", "GATE")
    told = desk(house)(form, "--by", "OFF-014", "person", "hand-over", person, *words)
    assert house.read(person).events[-1].irregularities == [8, 14]
    assert "14" in told.out + told.err
    assert not re.search(r"\b8\b|STAY|wants to stay", told.out + told.err)
    house.clock.now = wall_clock()  # the desk's, which the ledger has seen
    house.do("grant_role", "OFF-014", role="WELFARE")
    told = desk(house)(form, "--by", "OFF-014", "person", "hand-over", kept, *words)
    assert re.search(r"\b8\b", told.out + told.err)


def test_who_may_not_close_an_irregularity_does_not_learn_whether_there_is_one(
    house: House,
) -> None:
    person, facts = house.admitted(authority=""), {"reason": "looked into"}
    said = set()
    for number in (4, 8):
        with pytest.raises(NotAllowedError) as refusal:
            house.do("close_irregularity", person, by="OFF-013", event=3, rule=number, **facts)
        said.add(str(refusal.value))
    assert len(said) == 1
