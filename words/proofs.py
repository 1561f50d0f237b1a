"""What a proof says, in plain words: English or Arabic, one line an event.

Identifiers, numbers and Latin words inside Arabic stand between U+2066 and U+2069, so that they are
read in their own direction whatever stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from transparency.bundle import Bundle, BundleEvent
from transparency.custody import plain, taken_back
from transparency.report import instant, span
from words.cells import cell, escaped

Lang = Literal["en", "ar"]


class EventWords(NamedTuple):
    """What one event is called: English, Arabic, and the facts shown with it."""

    english: str
    arabic: str
    facts: str


EVENTS: Mapping[str, tuple[str, str]] = {
    "declared": ("said to exist", "أُفيد بوجودها"),
    "received_from_holder": ("received from its holder", "استُلمت من حائزها"),
    "made_safe": ("unloaded and checked", "أُفرغت وفُحصت"),
    "inventoried": ("described and counted", "وُصفت وجُردت"),
    "description_corrected": ("description corrected", "صُحّح وصفها"),
    "duplicate_serial_flagged": ("serial found on others, too", "تكرر رقمها التسلسلي"),
    "duplicate_serial_resolved": ("repeated serial looked into", "بُتّ في تكرار الرقم"),
    "ownership_asserted": ("ownership asserted", "ادُّعيت ملكيتها"),
    "deposited_in_trust": ("deposited in trust", "أُودعت أمانةً"),
    "stored": ("put in its place", "خُزّنت"),
    "seal_checked": ("seal looked at", "فُحص الختم"),
    "seal_broken": ("seal broken", "كُسر الختم"),
    "condition_assessed": ("condition assessed", "قُيّمت حالتها"),
    "damage_recorded": ("damage recorded", "سُجّل ضرر"),
    "released": ("released for transfer", "أُفرج عنها للنقل"),
    "accepted": ("accepted after transfer", "قُبلت بعد النقل"),
    "missing": ("not found at a count", "لم توجد عند الجرد"),
    "located": ("found again", "وُجدت من جديد"),
    "loss_declared": ("declared lost", "أُعلن فقدها"),
    "hold_placed": ("hold placed", "وُضع عليها تحفّظ"),
    "hold_lifted": ("hold lifted", "رُفع التحفّظ"),
    "restitution_authorised": ("return authorised", "أُذن بإعادتها"),
    "returned": ("returned to its recipient", "أُعيدت إلى المستلم"),
    "destroyed": ("destroyed", "أُتلفت"),
    "retracted": ("an earlier entry taken back", "سُحب قيد سابق"),
    "erased": ("a key erased", "أُتلف مفتاح"),
    "proposed": ("a change proposed", "اقتُرح تغيير"),
    "approved": ("approved by a second official", "وافق مسؤول ثانٍ"),
    "declined": ("declined by a second official", "رفض مسؤول ثانٍ"),
    "irregularity_closed": ("an irregularity closed", "أُغلقت مخالفة"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Proof of custody by the log {origin}", "إثبات حيازة من السجل {origin}"),
    "claim": (
        "Claims: in custody from {since} to {until}, seen at least every {gap}",
        "يُدّعى: في الحيازة من {since} إلى {until}، وشوهدت مرة كل {gap} على الأقل",
    ),
    "signed": (
        "{count} checkpoints, the newest over {size} entries",
        "{count} نقاط تحقق، آخرها على {size} قيدًا",
    ),
    "unchecked": (
        "Nothing was checked here: amana proof verify, or the one-file verifier",
        "لم يُتحقق من شيء هنا: استعمل {verify}",
    ),
    "correction": ("correction", "تصحيح"),
    "hidden": ("{count} fields are hidden", "{count} حقول محجوبة"),
}


def told(bundle: Bundle, lang: Lang) -> list[str]:
    """Return what a proof says, line by line."""
    at = 0 if lang == "en" else 1
    claim = bundle.claim

    def say(key: str, **values: object) -> str:
        return WORDS[key][at].format(**{k: _apart(v, lang) for k, v in values.items()})

    lines = [
        say("title", origin=escaped(bundle.origin)),
        say(
            "claim", since=instant(claim.since), until=instant(claim.until), gap=span(claim.max_gap)
        ),
    ]
    for event in bundle.events:
        called = words_of(event)
        words, facts = called[at], called.facts
        number = event.body.version
        lines.append(
            f"  {_apart(f'{number:>3}  {instant(event.body.occurred)}', lang)}  {words}"
            + (f"  {_apart(facts, lang)}" if facts else "")
            + _hidden(event, lang)
        )
    size = bundle.sizes[-1]
    lines.append(say("signed", count=len(bundle.sizes), size=f"{size:,}"))
    lines.append(say("unchecked", verify="amana proof verify"))
    return lines


def words_of(event: BundleEvent) -> EventWords:
    """Return what an event is called, in English and Arabic, and the facts shown with it."""
    name = plain(event.body.event_type)
    both = EVENTS.get(name.removeprefix("weapon."), (name, name))
    if event.body.event_type.endswith(".correction"):
        both = (f"{both[0]} ({WORDS['correction'][0]})", f"{both[1]} ({WORDS['correction'][1]})")
    return EventWords(*both, _facts(dict(event.fields)))


def _hidden(event: BundleEvent, lang: Lang) -> str:
    count = len(event.body.digests) - len(event.fields)
    at = 0 if lang == "en" else 1
    return f"  [{WORDS['hidden'][at].format(count=_apart(count, lang))}]" if count > 0 else ""


def _facts(fields: Mapping[str, Any]) -> str:
    """Return the shown facts that a reader looks for first."""
    kept = {n: v for n, v in fields.items() if n not in {"occurred", "recorded_at", "acceptance"}}
    parts = []
    if (taken := taken_back(kept)) is not None:
        kept["version"] = taken
    for name, value in kept.items():
        parts.append(f"{name.replace('_', ' ')}: {cell(value) or '-'}")
    return escaped("; ".join(parts))[:400]


def _apart(value: object, lang: Lang) -> str:
    return str(value) if lang == "en" else f"\u2066{value}\u2069"
