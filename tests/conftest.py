"""Given: a house. A real ledger file with a small directory, and a clock that a test may set.

`house.do("house", person, site="CAMP-R1")` sends one command in the name of an official who may give
it; the lives below (`sheltered`, `in_trust`, `released` …) send the commands that lead there.
"""

from __future__ import annotations

import itertools
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from application.decisions import open as opening
from application.decisions.custody import Custody
from application.decisions.unit import Note, Recorded
from application.decisions.verb import Verb
from application.store.register import entries
from domain import times
from domain.event import EVENTS, Event
from tests.rich_ledger import Rich, fill
from tests.terminal import Terminal

# A shell that runs the tests in its background has Ctrl-C ignored, and every program started here would.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "house",
    deadline=None,  # commits wait for the disk
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")

OFFICIALS = {
    "OFF-010": ("PARTY-MOD", ["INTAKE_CLERK"]),
    "OFF-011": ("PARTY-MOD", ["WEAPONS_CLERK"]),
    "OFF-012": ("PARTY-MOD", ["STOREKEEPER"]),
    "OFF-013": ("PARTY-MOD", ["RELEASING"]),
    "OFF-014": ("PARTY-SYR", ["ACCEPTING"]),
    "OFF-015": ("PARTY-MOD", ["WELFARE"]),
    "OFF-016": ("PARTY-MOD", ["PROTECTION_INTERVIEWER"]),
    "OFF-017": ("PARTY-SYR", []),
    "OFF-018": ("PARTY-COMMITTEE", ["KEY_CUSTODIAN"]),
    "OFF-019": ("PARTY-COMMITTEE", ["AUDITOR"]),
    "OFF-020": ("PARTY-COMMITTEE", ["CHAIR"]),
}
SITES = {
    "GATE": "CROSSING",
    "CAMP-R1": "CAMP",
    "CAMP-R2": "CAMP",
    "CLINIC": "HOSPITAL",
    "DEPOT-1": "DEPOT",
    "DEPOT-2": "DEPOT",
}
PARTIES = {"PARTY-MOD": "MINISTRY", "PARTY-SYR": "AUTHORITY", "PARTY-NEW": "AUTHORITY"}
NOTE = frozenset(Note._fields)
LEDGER = "ledger.amana"


class Clock:
    """Shows `now`, microseconds UTC, a second later each time it is looked at; or it stands still."""

    def __init__(self, now: int) -> None:
        self.now, self.step = now, times.SECOND

    def __call__(self) -> int:
        self.now += self.step
        return self.now

    def stand(self, at: int) -> int:
        """Show one instant from now on, and return it: for what is allowed to the microsecond."""
        self.now, self.step = at, 0
        return at


def dec(day: int, hour: int = 0, minute: int = 0) -> int:
    """Return an instant of December 2024 in Baghdad, microseconds UTC."""
    return times.parse(
        f"2024-12-{day:02d}T{hour:02d}:{minute:02d}+03:00", opening.zone_of("UTC"), 0
    ).at


class House:
    """A ledger, its clock, and the commands of its officials."""

    dec = staticmethod(dec)

    def __init__(self, path: Path, clock: Clock, custody: Custody) -> None:
        self.path, self.clock, self.custody = path, clock, custody
        self.serials = itertools.count(1)

    # ── sending commands ─────────────────────────────────────────────────

    def do(
        self, verb: str, subject: str | None = None, /, *, by: str = "", **facts: Any
    ) -> Recorded:
        """Send a command; what belongs to the note goes there, the rest are its facts."""
        note = {name: facts.pop(name) for name in NOTE & facts.keys()}
        led_to: type[Event] = getattr(Custody, verb).event
        if verb == "correct" and subject:  # the event proposed is of the class corrected
            led_to = EVENTS[self.read(subject).events[facts["version"] - 1].TOPIC]
        by = by or self.official(led_to)
        done: Recorded = getattr(self.custody, verb)(subject, Note(by, **note), **facts)
        return done

    @staticmethod
    def official(led_to: type[Event]) -> str:
        """Return an official who may record such events; the chair where any of them may."""
        if "CHAIR" in led_to.ROLES:
            return "OFF-001"
        return next(code for code, (_, roles) in OFFICIALS.items() if led_to.ROLES & set(roles))

    def approve(self, subject: str, *, by: str = "OFF-020", **facts: Any) -> Recorded:
        """Approve the one proposal that waits on a stream."""
        if "proposal" not in facts:
            (facts["proposal"],) = self.state(subject).pending
        return self.do("approve", subject, by=by, **facts)

    # ── lives ────────────────────────────────────────────────────────────

    def admitted(self, at: int | None = None, *, authority: str = "D-1", **note: Any) -> str:
        """Somebody let in at the crossing on an authority; at 9:00 on 7 December."""
        at = dec(7, 9) if at is None else at
        person = self.do("seek_refuge", at=at - times.HOUR, site="GATE", **note).subject
        if authority:
            self.do("authorise_entry", person, at=at - times.MINUTE, authority=authority, **note)
        self.do("admit", person, at=at, site="GATE", receiving_party="PARTY-MOD", **note)
        return person

    def sheltered(self, site: str = "CAMP-R1", at: int | None = None) -> str:
        """The same, housed an hour later."""
        at = dec(7, 10) if at is None else at
        person = self.admitted(at - times.HOUR)
        self.do("house", person, at=at, site=site, place=f"TENT-{next(self.serials)}")
        return person

    def willing(self, site: str = "CAMP-R1") -> str:
        """The same, with the intent RETURN and a pledge, on 8 December."""
        person = self.sheltered(site)
        self.do("state_intent", person, at=dec(8, 9), intent="RETURN", interviewer="OFF-016")
        self.do("sign_pledge", person, at=dec(8, 10), pledgor="SELF", document="PL-1")
        return person

    def received(self, *, made_safe: bool = True) -> str:
        """A weapon taken over from a unit on 8 December."""
        facts = {"unit": "PARTY-SYR", "receiver": "OFF-011", "made_safe": made_safe}
        return self.do("receive", at=dec(8, 9), site="DEPOT-1", **facts).subject

    def inventoried(self, *, serial: str = "", counted_with: str | None = "OFF-017") -> str:
        """The same, jointly counted, with a serial of its own."""
        item = self.received()
        facts = {"category": "RIFLE", "model": "AKM", "serial_status": "READ"}
        serial = serial or f"SN {next(self.serials)}"
        self.do("inventory", item, at=dec(8, 10), serial=serial, counted_with=counted_with, **facts)
        return item

    def in_trust(self, **facts: Any) -> str:
        """The same, in trust with the ministry and stored in a sealed crate."""
        item = self.inventoried(**facts)
        terms = {"receipt": f"R-{item}", "beneficiary": "the Syrian government", "terms": "return"}
        self.do("deposit", item, at=dec(8, 11), trustee="PARTY-MOD", **terms)
        self.do(
            "store_weapon", item, at=dec(8, 12), site="DEPOT-1", container="CRATE-1", seal="SEAL-1"
        )
        return item

    def planned(self, purpose: str = "RETURN", *lines: str, kind: str = "") -> str:
        """A transfer to the other party with lines on it, planned on 15 December."""
        persons = purpose == "RETURN" if not kind else kind == "PERSONS"
        sites = {"from_site": "CAMP-R1", "to_site": "GATE"}
        if not persons:
            sites = {"from_site": "DEPOT-1", "to_site": "DEPOT-2"}
        kind = "PERSONS" if persons else "ITEMS"
        keeps = purpose == "RELOCATION"  # what is in trust leaves its trustee by a return alone
        parties = {"from_party": "PARTY-MOD", "to_party": "PARTY-MOD" if keeps else "PARTY-SYR"}
        number = self.do(
            "plan", at=dec(15, 9), kind=kind, purpose=purpose, **parties, **sites
        ).subject
        for line in lines:
            self.do("add_line", number, at=dec(15, 10), line=line)
        return number

    def released(self, purpose: str = "RETURN", *lines: str, kind: str = "") -> str:
        """The same, frozen and released by OFF-013 on 16 December."""
        number = self.planned(purpose, *lines, kind=kind)
        self.do("freeze", number, at=dec(16, 8))
        self.do("release", number, by="OFF-013", at=dec(16, 9))
        return number

    def accepted(self, number: str, **facts: Any) -> Recorded:
        """Accept a released transfer on 18 December: OFF-014 for who or what goes, OFF-012 else."""
        goes = self.state(number).purpose != "RELOCATION"
        by, party = ("OFF-014", "PARTY-SYR") if goes else ("OFF-012", "PARTY-MOD")
        note = {"by": by, "at": dec(18, 9), "party": party}
        return self.do("accept", number, **{**note, **facts})

    def handed_over(self) -> str:
        """A willing person handed over on 18 December."""
        person = self.willing()
        self.accepted(self.released("RETURN", person))
        return person

    def recognised(self, party: str = "PARTY-SYR") -> str:
        """A party that an authority recognises as a recipient."""
        if not self.state(party).recognised:  # said once (rule 31)
            self.do("recognise", party, at=dec(10), authority="LAW-1")
        return party

    def authorised(self, item: str, recipient: str = "PARTY-SYR") -> str:
        """A weapon whose return to a party two officials authorised."""
        facts = {"recipient": recipient, "basis": "request", "authority": "ORDER-1"}
        self.do("authorise_restitution", item, by="OFF-001", **facts)
        self.approve(item)
        return item

    # ── looking ──────────────────────────────────────────────────────────

    def state(self, subject: str) -> Any:
        """Return a stream's state, read back from the file."""
        return self.read(subject).state

    def read(self, subject: str) -> Any:
        """Return a stream's history, read back from the file."""
        return self.custody.streams.histories([subject])[subject]

    def rows(self, table: str = "stored_events") -> list[tuple[Any, ...]]:
        """Return a table of the ledger as another process sees it."""
        with closing(sqlite3.connect(self.path)) as connection:
            return list(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2"))

    def reopen(self) -> House:
        """Close the ledger and open it again, as the next process does."""
        self.custody.close()
        self.custody = opening.open_ledger(self.path, clock=self.clock)
        return self

    def register_is_sound(self) -> bool:
        """True when the register says what follows from the events, and nothing else."""
        wanted = {entry for known in self.custody.streams.every() for entry in entries(known.state)}
        return {tuple(row) for row in self.rows("register")} == wanted


@pytest.fixture(scope="session")
def first_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger, its keys and the small directory in it: recorded once, then copied."""
    folder = tmp_path_factory.mktemp("first") / "ledger"
    _founded(folder).custody.close()
    return folder


@pytest.fixture
def new_house(tmp_path: Path, first_ledger: Path) -> Iterator[Callable[..., House]]:
    """Make houses, each in a folder of its own.

    All are copies of one ledger, so they share its id and its key; `new_house(stranger=True)` makes
    a ledger of its own.
    """
    made: list[House] = []

    def make(*, stranger: bool = False) -> House:
        folder = tmp_path / f"house-{len(made)}"
        house = _founded(folder) if stranger else _copied(first_ledger, folder)
        made.append(house)
        house.clock.now = dec(20)
        return house

    yield make
    for house in made:
        house.custody.close()


def _founded(folder: Path) -> House:
    folder.mkdir()
    path, clock = folder / LEDGER, Clock(dec(7))
    custody = opening.create(path, opening.default_key_file(path), clock=clock, synthetic=True)
    house = House(path, clock, custody)
    with custody.batch():
        _directory(house)
    return house


def _copied(first: Path, folder: Path) -> House:
    shutil.copytree(first, folder)
    path, clock = folder / LEDGER, Clock(dec(7))
    return House(path, clock, opening.open_ledger(path, clock=clock))


def _directory(house: House) -> None:
    for code, kind in PARTIES.items():
        house.do("name_party", code, kind=kind, name=code)
    for code, kind in SITES.items():
        house.do("open_site", f"SITE-{code}", kind=kind, name=code)
    for code, (party, roles) in OFFICIALS.items():
        house.do("appoint", code, party=party, post="official", roles=tuple(roles))


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory, first_ledger: Path) -> Iterator[Rich]:
    """A ledger in which something of every kind was said, and a terminal before it; questions only."""
    house = _copied(first_ledger, tmp_path_factory.mktemp("rich") / "ledger")
    house.clock.now = dec(7)
    yield fill(house)
    house.custody.close()


@pytest.fixture
def house(new_house: Callable[..., House]) -> House:
    """One house."""
    return new_house()


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which `amana demo --size small` was run, and what it said: to read, or to copy."""
    terminal = Terminal(tmp_path_factory.mktemp("small"))
    said = terminal("demo", "--size", "small").out
    return terminal.folder, said


@pytest.fixture
def verbs() -> dict[str, Verb]:
    """Every command of the house by name."""
    return {name: verb for name, verb in vars(Custody).items() if isinstance(verb, Verb)}
