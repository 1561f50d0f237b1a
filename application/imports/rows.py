"""An accepted row becomes events, through the commands and rules that everybody else obeys.

    persons   seek refuge, admitted    at the row's site, or the one named for the file; entered_at
              registered               registered_at; declared values sealed, see `vault.py`
    weapons   received from holder     at the file's site, received_at; who handed it in is found by
                                       control number, service number or the name of a unit
              inventoried, stored      inventoried_at; stored where the sheet names a place

Times keep the precision of their cell, in the site's zone: `2024-12-07` is some time in that day,
`2024-12` some time in that month. What is not earlier than another fact of the row starts there:
registered on the day of an entry at 07:30 is registered after 07:30. Where the second date is empty,
it happened between the first one and now.

A row can still be turned down here, with a code and a reason in both languages:

    E-SITE   the row names no site that the directory knows, and none was named for the file
    E-TERM   a word or year that the ledger's own list does not hold
    E-DATE   the time does not exist in the site's zone, or lies in the future
    E-RULE   a rule of the book refuses

    W-HOLDER (a warning)   nobody is known by what stands under depositor: recorded as handed in by
                           nobody in particular, never guessed
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, cast

from application.decisions.custody import Custody
from application.decisions.unit import Note, Recorded, Unit
from application.imports.clean_values import description, when_of
from application.imports.given import Refusal, RowRefusedError, Said, SheetRow, Source, Taken
from application.store.vault import folded
from domain import ids, person
from domain.directory import Official
from domain.errors import BadInputError, CustodyError, NotAllowedError, RefusedError, UnknownError
from domain.event import Event, Evidence
from domain.person import PERSONAL, RefugeSought
from domain.times import When
from domain.weapon import ReceivedFromHolder

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
}
OPENING: dict[str, type[Event]] = {"persons": RefugeSought, "weapons": ReceivedFromHolder}
_FUTURE = 2  # rule 2
_SUBJECT = re.compile(r"[PW]-\d{6,}-[0-9A-Z]:? ")
HOLDER = (
    "nobody is known by what stands under depositor: recorded without one",
    "لا يعرف أحد بما كتب في خانة المودع: سجل بدون مودع",
)
"""What the warning W-HOLDER says, in English and Arabic."""


class Holder(NamedTuple):
    """Who handed a weapon in: a person or a unit, or nobody who is known, and what is to be said."""

    person: str | None = None
    unit: str | None = None
    codes: tuple[str, ...] = ()


class Desk:
    """Takes the rows of one file in: what is the same for all of them is looked up once."""

    def __init__(self, unit: Unit, source: Source, said: Said, batch: str) -> None:
        unit.allow(said.by, OPENING[source.kind])
        official = unit.state(said.by, Official)
        self.source, self.said, self.batch = source, said, batch
        self.party: str = said.party or official.party or ""
        self.receiver: str = said.receiver or said.by
        self._sites, self._parties = (_names(unit, prefix) for prefix in ("SITE-", "PARTY-"))
        if said.site and f"SITE-{said.site}" not in self._sites.values():
            msg = f"the site {said.site} is not in the directory"
            raise UnknownError(msg)
        for named in (self.party, self.receiver):
            unit.state(named)

    def take(self, unit: Unit, row: SheetRow) -> Taken:
        """Record the events of one row.

        Raises:
            RowRefusedError: the row cannot be recorded. NotAllowedError: the official may not.
        """
        try:
            return (
                self._person(unit, row)
                if self.source.kind == "persons"
                else self._weapon(unit, row)
            )
        except NotAllowedError:
            raise
        except (RefusedError, BadInputError, UnknownError) as error:
            raise RowRefusedError(*_worded(error)) from error

    # ── persons ──────────────────────────────────────────────────────────

    def _person(self, unit: Unit, row: SheetRow) -> Taken:
        clean, site = row.clean, self._site(row.clean.get("site"))
        entered = self._when(row, "entered_at", unit.now)
        registered = self._after(row, entered, "registered_at", unit.now)
        note = self._note(row, entered)
        sought = Custody.seek_refuge.run(unit, None, note, site=site)
        steps = [
            sought,
            Custody.admit.run(unit, sought.subject, note, site=site, receiving_party=self.party),
            Custody.register.run(
                unit,
                sought.subject,
                self._note(row, registered),
                category=cast("person.Category", clean["category"]),
                personal={name: value for name in PERSONAL if (value := clean.get(name))},
            ),
        ]
        return _taken(steps)

    def _site(self, text: str | None) -> str:
        if not text and self.said.site:
            return self.said.site
        if not text:
            raise RowRefusedError("E-SITE", "site", "no site is named", "لم يذكر موقع")
        found = self._sites.get(folded(text))
        if not found:
            raise RowRefusedError(
                "E-SITE",
                "site",
                f"the directory knows no site {text}",
                f"لا يعرف الدليل موقعا {text}",
            )
        return found.removeprefix("SITE-")

    # ── weapons ──────────────────────────────────────────────────────────

    def _weapon(self, unit: Unit, row: SheetRow) -> Taken:
        clean, site = row.clean, self._site(None)
        received = self._when(row, "received_at", unit.now)
        counted = self._note(row, self._after(row, received, "inventoried_at", unit.now))
        holder = self._holder(unit, clean.get("depositor"))
        first = Custody.receive.run(
            unit,
            None,
            self._note(row, received),
            site=site,
            receiver=self.receiver,
            person=holder.person,
            unit=holder.unit,
        )
        steps = [first, Custody.inventory.run(unit, first.subject, counted, **description(clean))]
        if place := clean.get("place"):
            steps.append(
                Custody.store_weapon.run(unit, first.subject, counted, site=site, place=place)
            )
        return _taken(steps)._replace(codes=holder.codes)

    def _holder(self, unit: Unit, text: str | None) -> Holder:
        if not text:
            return Holder()
        if person := self._person_of(unit, text):
            if self.batch:
                unit.note_access(
                    self.said.by, person, "service_number", f"depositor in {self.batch}"
                )
            return Holder(person=person)
        if party := self._parties.get(folded(text)):
            return Holder(unit=party)
        return Holder(codes=("W-HOLDER",))

    def _person_of(self, unit: Unit, text: str) -> str | None:
        """Return the one person a control number or service number names, merged ones followed."""
        try:
            named = [ids.parse(text, "person")]
        except BadInputError:
            named = unit.vault.linked("service_number", text.upper())
        found = {_survivor(unit, subject) for subject in named if subject.startswith("P-")}
        found.discard(None)
        return found.pop() if len(found) == 1 else None

    # ── when, and on what evidence ───────────────────────────────────────

    def _when(self, row: SheetRow, field: str, now: int) -> When:
        try:
            found = when_of(row.clean[field] or "", self.said.zone)
        except BadInputError as error:
            said = str(error)
            raise RowRefusedError(
                "E-DATE", field, said, "وقت غير موجود في المنطقة الزمنية"
            ) from None
        return found._replace(until=min(found.until, now)) if _runs_to(found, now) else found  # type: ignore[type-var]  # `_runs_to` says it has an end

    def _after(self, row: SheetRow, first: When, field: str, now: int) -> When:
        if not row.clean.get(field):
            return When(first.at, now, "RANGE") if now > first.at else first
        second = self._when(row, field, now)
        if second.at < first.at and second.until is not None and second.until > first.at:
            return When(first.at, second.until, "RANGE")
        return second

    def _note(self, row: SheetRow, when: When) -> Note:
        copied = f", copied from {self.said.document}" if self.said.document else ""
        evidence = Evidence(
            sha256=self.source.sha256,
            media_type=MEDIA_TYPES[self.source.form],
            label=f"{self.source.file} row {row.number}{copied}",
        )
        return Note(
            self.said.by,
            when.at,
            when.until,
            when.precision,
            evidence=(evidence,),
            batch=self.batch,
        )


def _runs_to(when: When, now: int) -> bool:
    """Whether a month or a range that began runs on beyond now: it ends now, it has happened."""
    return when.precision == "RANGE" and when.until is not None and when.at < now < when.until


def _taken(steps: Iterable[Recorded]) -> Taken:
    steps = list(steps)
    return Taken(steps[0].subject, tuple(n for step in steps for n in step.irregularities))


def _names(unit: Unit, prefix: str) -> dict[str, str]:
    """Return what sites or parties are called, folded, each to its stream; doubtful names to none."""
    found: dict[str, str] = {}
    for known in unit.streams.every(prefix):
        state = known.state
        for name in {known.id, known.id.removeprefix(prefix), state.name, state.name_ar} - {""}:
            other = found.setdefault(folded(name), known.id)
            if other != known.id:
                found[folded(name)] = ""
    return found


def _survivor(unit: Unit, subject: str) -> str | None:
    state = unit.look(subject)
    while state is not None and state.same_as is not None:
        state = unit.look(state.same_as)
    return None if state is None or state.erased or state.category is None else state.id


def _worded(error: CustodyError) -> Refusal:
    text = _SUBJECT.sub("", str(error))
    if isinstance(error, RefusedError) and error.number == _FUTURE:
        return Refusal("E-DATE", None, text, "التاريخ في المستقبل")
    return Refusal("E-RULE", None, text, f"لا تقبله قواعد السجل: {text}")
