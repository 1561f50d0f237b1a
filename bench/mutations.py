"""The small changes that make mutants of a Python file. Pure: text in, changes out.

    <  <=  ==  in …        the other side of the edge, the contrary
    and, or, not, if       exchanged, dropped, turned round
    + - * // & |           another operation
    True, 7, 0o600         the contrary; one more
    {"A", "B"}             one element less
    min, max, any, all     the other one
    f(…)  raise X  break   not done; a filter lets everything through; a result is None

Docstrings, annotations, sentences of errors and what only the type checker reads stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

COMPARED = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
}  # fmt: skip
COMPUTED = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}  # fmt: skip
OTHER = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutation(NamedTuple):
    """One change: `old` at byte `at` of a file becomes `new`."""

    file: str
    line: int
    at: int
    old: str
    new: str
    text: str

    def applied(self, whole: bytes) -> bytes:
        """Return the file's bytes with this change."""
        end = self.at + len(self.old.encode())
        return whole[: self.at] + self.new.encode() + whole[end:]


class Source:
    """A file's text, with the byte at which each node begins and ends."""

    def __init__(self, text: str) -> None:
        self.bytes = text.encode()
        self.tree = ast.parse(text)
        self.lines = text.splitlines()
        lengths = (len(line.encode()) for line in text.splitlines(keepends=True))
        self._begins = [0, *accumulate(lengths)]

    def begin(self, node: ast.expr | ast.stmt) -> int:
        """Return the byte at which a node begins."""
        return self._begins[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Return the byte after a node."""
        return self._begins[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    def code(self, node: ast.expr | ast.stmt) -> str:
        """Return the code of a node."""
        return self.bytes[self.begin(node) : self.end(node)].decode()


Change = tuple[int, int, str, int]
"""From which byte, to which byte, the new text, the line."""


def mutations(file: str, text: str) -> Iterator[Mutation]:
    """Yield every mutant of a file that is Python and means something else."""
    source, seen = Source(text), set()
    same = ast.dump(source.tree)
    left_out = {
        id(n) for node in ast.walk(source.tree) for part in _unread(node) for n in ast.walk(part)
    }
    changes = (
        c for n in ast.walk(source.tree) if id(n) not in left_out for c in _changes(n, source)
    )
    for begin, end, new, line in sorted(changes):
        old = source.bytes[begin:end].decode()
        found = Mutation(file, line, begin, old, new, source.lines[line - 1].strip())
        whole = found.applied(source.bytes)
        try:
            means = ast.dump(ast.parse(whole))
        except SyntaxError:
            continue
        if means != same and means not in seen:
            seen.add(means)
            yield found


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that decide nothing: annotations, docstrings, sentences."""
    if isinstance(node, ast.arg) and node.annotation:
        yield node.annotation
    if isinstance(node, ast.FunctionDef) and node.returns:
        yield node.returns
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant | ast.Slice):
        yield node.slice
    if (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    ):
        yield node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node
    if isinstance(node, ast.JoinedStr):
        yield node
    if isinstance(node, ast.Raise):
        yield from filter(None, (node.exc, node.cause))
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {"msg", "__all__"}:
        yield node


def _changes(node: ast.AST, source: Source) -> Iterator[Change]:
    if isinstance(node, ast.expr):
        yield from _of_expression(node, source)
    elif isinstance(node, ast.stmt):
        yield from _of_statement(node, source)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield source.begin(test), source.end(test), "True", test.lineno


def _of_statement(node: ast.stmt, source: Source) -> Iterator[Change]:
    begin, end = source.begin(node), source.end(node)
    if isinstance(node, ast.Raise) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield begin, end, "pass", node.lineno
    elif isinstance(node, ast.Break):
        yield begin, end, "continue", node.lineno
    elif isinstance(node, ast.Continue):
        yield begin, end, "pass", node.lineno
    elif isinstance(node, ast.If):
        yield from _turned_round(node.test, source)
    elif isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Constant):
        yield source.begin(node.value), source.end(node.value), "None", node.lineno


def _of_expression(node: ast.expr, source: Source) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for left, operator, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            yield from _between(left, right, *COMPARED[type(operator)], source)
    elif isinstance(node, ast.BoolOp):
        words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in pairwise(node.values):
            yield from _between(left, right, *words, source)
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield from _between(node.left, node.right, *COMPUTED[type(node.op)], source)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield source.begin(node), source.begin(node) + 3, "", node.lineno
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        other = not node.value if isinstance(node.value, bool) else node.value + 1
        yield source.begin(node), source.end(node), str(other), node.lineno
    elif isinstance(node, ast.Set | ast.Tuple | ast.List):
        yield from _one_less(node, source)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OTHER:
        yield source.begin(node.func), source.end(node.func), OTHER[node.func.id], node.lineno
    elif isinstance(node, ast.IfExp):
        yield from _turned_round(node.test, source)


def _between(
    left: ast.expr, right: ast.expr, old: str, new: str, source: Source
) -> Iterator[Change]:
    """Exchange the operator that stands between two expressions."""
    begin = source.bytes.find(old.encode(), source.end(left), source.begin(right))
    if begin >= 0:
        yield begin, begin + len(old), new, left.end_lineno or left.lineno


def _turned_round(test: ast.expr, source: Source) -> Iterator[Change]:
    """Turn a condition round that none of the operators does."""
    if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield source.begin(test), source.end(test), f"(not ({source.code(test)}))", test.lineno


def _one_less(node: ast.Set | ast.Tuple | ast.List, source: Source) -> Iterator[Change]:
    """Leave one text out of a collection of texts."""
    texts = [e for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    if not texts or len(texts) != len(node.elts):
        return
    for text in texts:
        begin, end = source.begin(text), source.end(text)
        comma = source.bytes[end : end + 1] == b","
        other = "" if comma else source.code(texts[0]) if len(texts) > 1 else '"~"'
        yield begin, end + comma, other, text.lineno
