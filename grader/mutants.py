"""Small changes of a reference solution, to see whether the laws of its exercise notice them.

The operators here are of this field: the cut dropped, axes swapped, a factor of layers or directions lost, ``h`` for
``c``, a window one too long, dtype and device forgotten, a mask inverted, a statement left out or moved. General ones
come from `cosmic-ray`, where it is installed. Changes are made in the text, so that a person can read them.
"""

from __future__ import annotations

import ast
import importlib.util
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

Edit = tuple[int, int, str]  # from and to which byte of the source, and what stands there instead

_AXES = {"dim", "axis", "dim0", "dim1", "dims", "batch_first"}
_TAKE_AXES = {
    "argmax", "cat", "chunk", "concat", "cumsum", "expand", "flip", "index_select", "max", "mean", "min", "movedim",
    "narrow", "permute", "repeat", "select", "size", "softmax", "split", "squeeze", "stack", "sum", "swapaxes",
    "transpose", "unbind", "unsqueeze",
}  # fmt: skip
_FILL = {"zeros_like": "ones_like", "new_zeros": "new_ones", "zeros": "ones", "zero_": "fill_"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A source with one small change.

    Attributes:
        change: what kind of change it is, in words.
        line: the first line that differs, counted from 1.
        before, after: the changed lines as they were and as they are, without indentation.
        source: all of it, changed.
    """

    change: str
    line: int
    before: str
    after: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a source, those that are the same code once, in the order of their lines."""
    seen = {_code(source)}
    found = []
    for change, text in (*_of_the_field(source), *_general(source)):
        try:
            code = _code(text)
        except SyntaxError:
            continue
        if code not in seen:
            seen.add(code)
            found.append(_mutant(change, source, text))
    return sorted(found, key=lambda each: each.line)


def _code(source: str) -> str:
    """What a source does, without annotations, which do nothing."""
    tree = ast.parse(source)
    nothing = ast.Constant(value=None)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = nothing
    return ast.dump(tree)


def general_operators_are_there() -> bool:
    """Whether `cosmic-ray` is installed."""
    return importlib.util.find_spec("cosmic_ray") is not None


def _mutant(change: str, source: str, text: str) -> Mutant:
    old, new = source.splitlines(), text.splitlines()
    start = next(
        (i for i, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    before, after = (" / ".join(line.strip() for line in lines[start : len(lines) - end]) for lines in (old, new))
    return Mutant(change=change, line=start + 1, before=before, after=after, source=text)


def _general(source: str) -> Iterator[tuple[str, str]]:
    if not general_operators_are_there():
        return
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        if get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        for occurrence in range(sum(1 for node in nodes for _ in operator.mutation_positions(node))):
            yield f"cosmic-ray: {name.removeprefix('core/')}", mutate_code(source, operator, occurrence)


def _of_the_field(source: str) -> Iterator[tuple[str, str]]:
    raw = source.encode()
    places = _Places(raw)
    tree = ast.parse(source)
    ignored = set(map(id, _prose_and_types(tree)))
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        for change, (start, end, text) in _edits(node, places):
            yield change, (raw[:start] + text.encode() + raw[end:]).decode()


def _prose_and_types(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes whose changes would show nothing: docstrings, annotations, the order of types."""
    for node in ast.walk(tree):
        for value in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(value, ast.AST):
                yield from ast.walk(value)
        if _is_docstring(node):
            yield from ast.walk(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            yield node.args[1]  # types, in any order; each is left out by the call's own changes


class _Places:
    """Where nodes stand in a source."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._lines = [0]
        for line in raw.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def of(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """From and to which byte a node stands; a decorated definition from its decorators on."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = min([node, *getattr(node, "decorator_list", [])], key=lambda each: each.lineno)
        start = self._lines[first.lineno - 1] + first.col_offset
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        """The source of a node."""
        start, end = self.of(node)
        return self._raw[start:end].decode()

    def swapped(self, one: ast.expr | ast.stmt, other: ast.expr | ast.stmt) -> Edit:
        """Two nodes in each other's place."""
        (start, middle), (after, end) = self.of(one), self.of(other)
        return start, end, self.text(other) + self._raw[middle:after].decode() + self.text(one)


def _edits(node: ast.AST, places: _Places) -> Iterator[tuple[str, Edit]]:
    def instead(of: ast.expr | ast.stmt, text: str) -> Edit:
        return (*places.of(of), text)

    match node:
        case ast.Call():
            yield from _calls(node, places)
        case ast.Attribute(attr="data", ctx=ast.Load()):
            yield "the cut dropped", instead(node, places.text(node.value))
        case ast.Subscript(slice=ast.Tuple(elts=[first, second, *_])):
            yield "axes swapped", places.swapped(first, second)
        case ast.Tuple(elts=[one, other]) if ast.dump(one) != ast.dump(other):
            yield "the two swapped", places.swapped(one, other)
            if isinstance(node.ctx, ast.Load):
                yield "the first for the second", instead(other, places.text(one))
                yield "the second for the first", instead(one, places.text(other))
        case ast.BinOp(left=left, op=ast.Mult() | ast.FloorDiv(), right=right):
            yield "a factor lost", instead(node, f"({places.text(left)})")
            yield "a factor lost", instead(node, f"({places.text(right)})")
        case ast.IfExp(body=body, orelse=orelse):
            yield "always the first choice", instead(node, f"({places.text(body)})")
            yield "always the second choice", instead(node, f"({places.text(orelse)})")
        case ast.If(test=test) | ast.While(test=test):
            yield "a condition always true", instead(test, "True")
            yield "a condition never true", instead(test, "False")
        case ast.UnaryOp(op=ast.Invert() | ast.Not(), operand=operand):
            yield "a mask or condition inverted", instead(node, f"({places.text(operand)})")
        case ast.Constant(value=bool() as value):
            yield "the other truth", instead(node, str(not value))
        case ast.Constant(value=int() as value):
            yield "one more", instead(node, str(value + 1))
            yield "one less", instead(node, f"({value - 1})")
        case ast.Slice(lower=lower, upper=upper):
            for bound in (lower, upper):
                if bound is not None:
                    yield "one further", instead(bound, f"({places.text(bound)}) + 1")
        case ast.Subscript(slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)) as place):
            yield "the first for the last", instead(place, "0")
        case ast.Subscript(slice=ast.Constant(value=0) as place):
            yield "the last for the first", instead(place, "-1")
        case ast.With(items=[first, *_, last] | [first as last]):
            yield "a context left out", (places.of(node)[0], places.of(last.context_expr)[1], "if True")
        case ast.For(iter=iterated):
            yield "in reverse", instead(iterated, f"list({places.text(iterated)})[::-1]")
            yield "the last round left out", instead(iterated, f"list({places.text(iterated)})[:-1]")
            yield "the first round left out", instead(iterated, f"list({places.text(iterated)})[1:]")
        case ast.Return(value=ast.Call() | ast.Name() | ast.Tuple()):
            yield "nothing returned", instead(node, "return None")
    if isinstance(node, ast.expr) and isinstance(getattr(node, "op", None), ast.And | ast.Or):
        assert isinstance(node, ast.BoolOp)
        word = " or " if isinstance(node.op, ast.And) else " and "
        yield "and for or", instead(node, "(" + word.join(f"({places.text(each)})" for each in node.values) + ")")
    for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
        if isinstance(block, list) and not isinstance(node, ast.Module):
            yield from _statements(block, places)


def _calls(node: ast.Call, places: _Places) -> Iterator[tuple[str, Edit]]:
    start, end = places.of(node)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        what = "the cut dropped" if name in ("detach", "detach_") else f"{name}() dropped"
        yield what, (start, end, places.text(node.func.value))
    if name in ("reversed", "list", "tuple", "sorted", "bool", "float", "int") and len(node.args) == 1:
        yield f"{name}() dropped", (start, end, f"({places.text(node.args[0])})")
    if name in _FILL:
        text = places.text(node).replace(f"{name}(", f"{_FILL[name]}(", 1)
        yield "ones for zeros", (start, end, text.replace("fill_()", "fill_(1)"))
    if name == "where" and len(node.args) == 3:
        yield "a mask inverted", places.swapped(node.args[1], node.args[2])
    if name == "isinstance" and isinstance(node.args[1], ast.Tuple):
        for each in node.args[1].elts:
            yield "a type forgotten", (*places.of(node.args[1]), places.text(each))
    for one, other in zip(node.args, node.args[1:], strict=False):
        if not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
            yield "arguments swapped", places.swapped(one, other)
    for keyword in node.keywords:
        if keyword.arg is not None:
            what = "dtype or device dropped" if keyword.arg in ("dtype", "device") else f"{keyword.arg}= dropped"
            yield what, (start, end, _without(node, keyword, places))
    axes = [*node.args, *(each.value for each in node.keywords if each.arg in _AXES)] if name in _TAKE_AXES else []
    for axis in axes:
        if isinstance(axis, ast.Constant) and type(axis.value) is int:
            yield "another axis", (*places.of(axis), str(1 - axis.value if axis.value < 2 else 0))


def _without(node: ast.Call, keyword: ast.keyword, places: _Places) -> str:
    arguments = [places.text(each) for each in node.args]
    arguments += [places.text(each) for each in node.keywords if each is not keyword]
    return f"{places.text(node.func)}({', '.join(arguments)})"


def _statements(body: list[ast.stmt], places: _Places) -> Iterator[tuple[str, Edit]]:
    plain = ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Raise | ast.Delete
    body = [each for each in body if not (isinstance(each, ast.AnnAssign) and each.value is None)]  # do nothing
    for each in body:
        if isinstance(each, plain) and not _is_docstring(each):
            yield "a statement left out", (*places.of(each), "pass")
    for one, other in itertools.pairwise(body):
        if isinstance(one, plain) and isinstance(other, plain) and not _is_docstring(one):
            yield "two statements in the other order", places.swapped(one, other)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
