"""Write `custody.pyi`: what each command takes, for the type checker.

    python -m application.decisions.make_stub        (or `make stub`)

A command that records one event takes that event's facts; only pydantic knows them, so they are
spelled out here, once for each line of the table in `custody.py`. A command that is a function of its
own keeps its signature by itself and stands in the stub as it stands in the table.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from application.decisions import crates, custody, persons, review, stocktakes, transfers, weapons
from application.decisions.verb import Command, Verb
from domain import access, directory, event, ids, person, stocktake, times, transfer, weapon
from domain.event import ENVELOPE, Event

STUB = Path(__file__).with_name("custody.pyi")
HEAD = '''\
"""Written by `make stub` from the event classes: what each command of `custody.py` takes."""

from collections.abc import Callable
from typing import Concatenate, Literal, ParamSpec, TypeVar

from application.decisions import crates, persons, review, stocktakes, transfers
from application.decisions.ledger import Ledger
from application.decisions.note import Note, Recorded
from application.decisions.verb import Verb
from domain import access, directory, person, transfer, weapon

_S = TypeVar("_S")
_F = ParamSpec("_F")

def _verb(takes: Callable[Concatenate[_S, Note, _F], Recorded]) -> Verb[_S, _F]: ...

class Custody(Ledger):
'''
WIDTH = 100
FUNCTIONS = (crates, persons, review, stocktakes, transfers, weapons)
WORDS = (access, event, times, person, weapon, transfer, stocktake, directory)


def stub() -> str:
    """Return the whole stub."""
    verbs = ((n, verb) for n, verb in vars(custody.Custody).items() if isinstance(verb, Verb))
    return HEAD + "".join(_entry(name, verb) for name, verb in verbs)


def _entry(name: str, verb: Verb) -> str:
    if isinstance(verb, Command):
        hints = typing.get_type_hints(verb.run)
        if not any(
            p.kind is p.VAR_KEYWORD for p in inspect.signature(verb.run).parameters.values()
        ):
            room = next(m.__name__ for m in FUNCTIONS if vars(m).get(name) is verb)
            return f"    {name} = {room.rpartition('.')[2]}.{name}\n"
        stream, meaning = _type(hints["subject"]), verb.__doc__
    else:
        numbered = verb.event.OPENS and _kind(verb.event) in ids.KINDS.values()
        stream, meaning = "str | None" if numbered else "str", verb.event.__doc__
    taken = [f"stream: {stream}", "note: Note", "/", *_facts(verb.event)]
    return (
        f"    @_verb\n    @staticmethod\n    {_laid_out(name, taken)}\n"
        f'        """{_first_line(meaning)}"""\n'
    )


def _laid_out(name: str, taken: list[str]) -> str:
    """Return a function's head as the formatter lays it out: on one line, on three, or one a line."""
    one, each = ", ".join(taken), ",\n        ".join(taken)
    return next(
        head
        for inside in (one, f"\n        {one}\n    ", f"\n        {each},\n    ")
        if (head := f"def {name}({inside}) -> Recorded:")
        and (inside.endswith(",\n    ") or max(map(len, f"    {head}".splitlines())) <= WIDTH)
    )


def _first_line(meaning: str | None) -> str:
    return inspect.cleandoc(meaning or "").splitlines()[0]


def _kind(cls: type[Event]) -> str:
    return cls.TOPIC.partition(".")[0]


def _facts(cls: type[Event]) -> Iterator[str]:
    """Yield each fact of an event class as a parameter, by name only."""
    hints = typing.get_type_hints(cls)
    fields = {n: field for n, field in cls.model_fields.items() if n not in ENVELOPE}
    if fields:
        yield "*"
    for name, field in fields.items():
        yield f"{name}: {_type(hints[name])}{'' if field.is_required() else ' = ...'}"


_NAMED = {
    hint: f"{module.__name__.rpartition('.')[2]}.{name}"
    for module in reversed(WORDS)
    for name, hint in vars(module).items()
    if typing.get_origin(hint) is Literal
}


def _type(hint: Any) -> str:
    """Return a type as the stub writes it: a set of words by its name, a code as the text it is."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return _NAMED.get(hint) or "Literal[" + ", ".join(f'"{word}"' for word in parts) + "]"
    if origin in {types.UnionType, typing.Union}:
        return " | ".join(map(_type, parts))
    if origin is not None:
        return f"{origin.__name__}[{', '.join('...' if p is ... else _type(p) for p in parts)}]"
    if hint is types.NoneType:
        return "None"
    room, name = hint.__module__.rpartition(".")[2], hint.__name__
    return name if room == "builtins" else f"{room}.{name}"


if __name__ == "__main__":
    STUB.write_text(stub(), "utf-8")
