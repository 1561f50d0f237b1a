"""Instants, precision, and times as people type them.

Inside the house an instant is an integer: microseconds since 1970-01-01T00:00Z (POSIX, UTC). It
sorts, stores and compares exactly, and costs nothing to read back. Zones exist at the doors only.

What people type, read in the site's zone and echoed back with its offset:

    2024-12-12T12:00+03:00     an offset is believed
    2024-12-12 12:00           a minute in the site's zone
    "12 Dec 2024 12:00"        the same, the month by name
    2024-12-12                 a day: the fact happened some time in it
    "~12 Dec 2024 18:00 ±2h"   a range around an instant
    -2d  -3h  -15m  now        back from now

Numbers like 07/12/2024 are refused: two readings exist and neither is guessed. So are times that a
change of the clock makes impossible or double, `24:00`, and a year of two digits.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import BadInputError

Precision = Literal["EXACT", "MINUTE", "HOUR", "DAY", "RANGE"]
INF: Final = 9_000_000_000_000_000
"""The instant that never comes (year 2255), microseconds."""
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SKEW: Final = 5 * MINUTE
"""How far ahead of the ledger's clock a fact may be dated (rule 2), microseconds."""
UNUSED: Final = 400 * DAY
"""How long after its newest event a ledger's clock is believed (rule 32), microseconds."""
FIRST_YEAR, LAST_YEAR = 1900, 2200

_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
_BACK = re.compile(r"-(\d{1,5})([smhdw])")
_LONGEST_SPAN = 7  # digits of half a span
_AROUND = re.compile(rf"~\s*(.+?)\s*(?:±|\+-|\+/-)\s*(\d{{1,{_LONGEST_SPAN}}})([smhd])")
_NUMERIC = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{1,4}")
_NUMERIC_YEAR = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_SHORT_YEAR = re.compile(r"\d{1,2}\s+[A-Za-z]+\.?,?\s+\d{2}(?!\d)|\d{2}-\d{1,2}-\d{1,2}(?!\d)")
_CLOCK = r"(?:[T\s]+(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:\.(?P<f>\d{1,6}))?)?)?"
_ZONE = r"\s*(?P<z>Z|[+-]\d{2}:?\d{2}(?::?\d{2})?)?"
_ISO = re.compile(rf"(?P<y>\d{{4}})-(?P<mo>\d{{2}})-(?P<d>\d{{2}}){_CLOCK}{_ZONE}")
_NAMED = re.compile(rf"(?P<d>\d{{1,2}})\s+(?P<mo>[A-Za-z]+)\.?,?\s+(?P<y>\d{{4}}),?{_CLOCK}{_ZONE}")
DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
"""Arabic-Indic and Persian digits to those read here."""


class When(NamedTuple):
    """When a fact happened, as precisely as it is known.

    Attributes:
        at: the earliest instant it can have been, microseconds UTC.
        until: the end (exclusive) of the span it lies in, microseconds UTC; None when certain.
        precision: how the time was given.
    """

    at: int
    until: int | None = None
    precision: Precision = "EXACT"


def micros(moment: datetime) -> int:
    """Return an aware datetime as microseconds UTC, without rounding."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moment(at: int, zone: ZoneInfo | None = None) -> datetime:
    """Return microseconds UTC as an aware datetime in the zone (UTC when None)."""
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return utc.astimezone(zone) if zone else utc


def iso(at: int, zone: ZoneInfo | None = None) -> str:
    """Return microseconds UTC as ISO 8601 with its offset, as short as it is exact."""
    at_zone = moment(at, zone)
    spec = "microseconds" if at % SECOND else "seconds"
    return at_zone.isoformat(timespec=spec)


def day_start(day: date, zone: ZoneInfo) -> int:
    """Return the first instant of a day, microseconds UTC, also where the clock skipped its midnight."""
    return micros(datetime(day.year, day.month, day.day, tzinfo=zone))


def day_name(day: int) -> str:
    """Return a day as it is written, `2024-12-12`, from days since 1970-01-01."""
    return f"{moment(day * DAY):%Y-%m-%d}"


def show(when: When, zone: ZoneInfo, *, to_the_second: bool = False) -> str:
    """Return an instant for a person: `12 Dec 2024 12:00`, with `~` when it is uncertain.

    It reads back as what it was. An hour that the clock showed twice has its offset; a span is named by
    its middle, to the second where its ends are no whole minutes around one.

    Args:
        when: what is shown. zone: the site's zone. to_the_second: whole minutes, too.
    """
    local = moment(when.at, zone)
    if when.until is None:
        inside = local.second or local.microsecond  # of a minute: named alone it begins before it
        return _wall(local, seconds=to_the_second or bool(when.precision == "EXACT" and inside))
    if when.precision == "DAY" and _is_day(when, local, zone):
        return f"{local:%d %b %Y}"
    half, odd = divmod(when.until - when.at, 2)
    middle = moment(when.at + half, zone)
    inside = bool(half % MINUTE or middle.second)
    whole = not (odd or half % SECOND or middle.microsecond)
    if inside and whole and half < 10**_LONGEST_SPAN * SECOND:
        return f"~{_wall(middle, seconds=True)} ±{half // SECOND}s"
    return f"~{_wall(middle)} ±{_span(half)}"


def _wall(local: datetime, *, seconds: bool = False) -> str:
    """Return what the wall clock showed, with the offset where it showed that twice."""
    text = local.strftime("%d %b %Y %H:%M:%S" if seconds else "%d %b %Y %H:%M")
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{text} {local.replace(microsecond=0).isoformat()[19:]}" if twice else text


def _is_day(when: When, local: datetime, zone: ZoneInfo) -> bool:
    """Return whether a span is one day of the zone, from its first instant to the next day's."""
    day = local.date()
    return (when.at, when.until) == (day_start(day, zone), day_start(day + timedelta(days=1), zone))


def parse(typed: str, zone: ZoneInfo, now: int) -> When:
    """Read a time as typed.

    Args:
        typed: see the module's table.
        zone: the site's zone, for times without an offset.
        now: the instant relative times count back from, microseconds UTC.

    Raises:
        BadInputError: impossible, ambiguous or not a time; the sentence says what was refused.
    """
    text = typed.strip().translate(DIGITS)
    if text.lower() == "now":
        return When(now)
    if match := _BACK.fullmatch(text):
        return When(now - int(match[1]) * _UNITS[match[2]])
    if match := _AROUND.fullmatch(text):
        middle = parse(match[1], zone, now).at
        half = int(match[2]) * _UNITS[match[3]]
        return When(middle - half, middle + half, "RANGE")
    match = _ISO.fullmatch(text) or _NAMED.fullmatch(text)
    if match is None:
        raise BadInputError(_refusal(typed, text))
    return _read(typed, match, zone)


def _refusal(typed: str, text: str) -> str:
    """Return why a text is no time, and what to write instead."""
    if match := _NUMERIC_YEAR.match(text):
        year, month, day = match.groups()
        return f"time '{typed}' is written with slashes or dots: write {year}-{month:0>2}-{day:0>2}"
    if _NUMERIC.match(text):
        return f"time '{typed}' has two readings (day or month first): write 2024-12-07 or '7 Dec 2024'"
    if _SHORT_YEAR.match(text):
        return f"time '{typed}' has a year of two digits, which is refused: write all four, as 2024"
    return (
        f"time '{typed}' is not understood: "
        "write 2024-12-12T12:00+03:00, '12 Dec 2024 12:00', -2d or now"
    )


def _read(typed: str, match: re.Match[str], zone: ZoneInfo) -> When:
    part = match.groupdict()
    month = int(part["mo"]) if part["mo"].isdigit() else _MONTHS.get(part["mo"].lower(), 0)
    day = _calendar(typed, int(part["y"]), month, int(part["d"]))
    if part["h"] is None:
        if part["z"]:
            msg = f"time '{typed}' has an offset but no hour: add the hour"
            raise BadInputError(msg)
        return When(day_start(day, zone), day_start(day + timedelta(days=1), zone), "DAY")
    hour, minute, second = int(part["h"]), int(part["m"]), int(part["s"] or 0)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 -- the clock's own limits
        clock = f"{part['h']}:{part['m']}" + (f":{part['s']}" if part["s"] else "")
        msg = f"time '{typed}': {clock} is not on the clock (00:00 to 23:59)"
        raise BadInputError(msg)
    fraction = int((part["f"] or "").ljust(6, "0"))
    if part["z"]:
        offset = part["z"].replace("Z", "+00:00")
        digits = offset[1:].replace(":", "")
        if int(digits[:2]) > 14 or int(digits[2:4]) > 59 or int(digits[4:] or 0) > 59:  # noqa: PLR2004 -- zones lie within 14 h
            msg = f"time '{typed}': no zone has the offset {offset}"
            raise BadInputError(msg)
        aware = datetime.fromisoformat(f"{day}T{hour:02d}:{minute:02d}:{second:02d}{offset}")
    else:
        aware = local(typed, day, (hour, minute, second), zone)
    precision: Precision = "EXACT" if part["s"] else "MINUTE"
    return When(micros(aware) + fraction, None, precision)


def _calendar(typed: str, year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        msg = f"time '{typed}': the year {year} is not between {FIRST_YEAR} and {LAST_YEAR}"
        raise BadInputError(msg)
    try:
        return date(year, month, day)
    except ValueError:
        msg = f"time '{typed}': there is no day {day} of month {month or '?'} in {year}"
        raise BadInputError(msg) from None


def local(typed: str, day: date, clock: tuple[int, int, int], zone: ZoneInfo) -> datetime:
    """Return the one instant a wall clock in the zone showed.

    Args:
        typed: as typed, for the sentence. day: the date. clock: hour, minute, second. zone: the zone.

    Raises:
        BadInputError: the clock skipped it (impossible) or showed it twice (ambiguous).
    """
    first = datetime(day.year, day.month, day.day, *clock, tzinfo=zone)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    skipped = (first.utcoffset() or timedelta()) < (second.utcoffset() or timedelta())
    fact = "never happened" if skipped else "happened twice"
    msg = f"time '{typed}' {fact} in {zone.key} (the clock changed): give the offset, as in +03:00"
    raise BadInputError(msg)


def _span(length: int) -> str:
    """Return half a span, to the minute as its middle is shown: `12h`, `90m`; below it, `30s`."""
    minutes = (length + MINUTE // 2) // MINUTE
    if length < MINUTE:
        return f"{length // SECOND}s"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
