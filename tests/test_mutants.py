"""Mutants: each known kind of small change is made, and each is one change that Python can read."""

import ast
from pathlib import Path

import pytest

from grader.course import find_course
from grader.mutants import mutants

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("line", "change", "after"),
    [
        ("state = state.detach()", "the cut dropped", "state = state"),
        ("state = state.data", "the cut dropped", "state = state"),
        ("x = x.transpose(0, 1)[t, b]", "axes swapped", "x = x.transpose(0, 1)[b, t]"),
        ("x = torch.cat(parts, dim=0)", "another axis", "x = torch.cat(parts, dim=1)"),
        ("x = torch.cat(parts, dim=2)", "dim= dropped", "x = torch.cat(parts)"),
        ("n = layers * directions", "a factor lost", "n = (layers)"),
        ("n = layers * directions", "a factor lost", "n = (directions)"),
        ("state = h, c", "the two swapped", "state = c, h"),
        ("state = h, c", "the first for the second", "state = h, h"),
        ("state = h, c", "the second for the first", "state = c, c"),
        ("x = new_zeros(b, device=d)", "dtype or device dropped", "x = new_zeros(b)"),
        ("x = w.new_zeros(b)", "ones for zeros", "x = w.new_ones(b)"),
        ("kept = state * ~mask", "a mask or condition inverted", "kept = state * (mask)"),
        ("s = torch.where(mask, a, b)", "a mask inverted", "s = torch.where(mask, b, a)"),
        ("last = outputs[-1]", "the first for the last", "last = outputs[0]"),
        ("window = x[k : k + n]", "one further", "window = x[k : (k + n) + 1]"),
        ("n = n + 1", "one more", "n = n + 2"),
        ("optimizer.step()", "a statement left out", "pass"),
        ("for x in xs: f(x)", "in reverse", "for x in list(xs)[::-1]: f(x)"),
        ("with torch.no_grad(): f(x)", "a context left out", "if True: f(x)"),
        ("if a is None: b = 1", "a condition never true", "if False: b = 1"),
        ("y = isinstance(x, (A, B))", "a type forgotten", "y = isinstance(x, A)"),
        ("y = a and b", "and for or", "y = ((a) or (b))"),
        ("y = f(a, b)", "arguments swapped", "y = f(b, a)"),
        ("y = a + b", "cosmic-ray: ReplaceBinaryOperator_Add_Sub", "y = a - b"),
    ],
)
def test_changes(line, change, after):
    """Each kind of change is made where it can be."""
    found = mutants(f"def f():\n    {line}\n")
    assert (change, line, after) in [(each.change, each.before, each.after) for each in found]


def test_statements_change_places():
    """Two statements in a row are swapped; what stands between them stays."""
    found = mutants("def f():\n    optimizer.zero_grad()  # first\n    loss.backward()\n")
    swapped = next(each for each in found if each.change == "two statements in the other order")
    assert swapped.source == "def f():\n    loss.backward()  # first\n    optimizer.zero_grad()\n"


@pytest.mark.parametrize(
    "source",
    [
        "",
        '"""Only a docstring of 3 words."""\n',
        'def f(x: tuple[int, int] = None) -> "Tensor":\n    """Returns 1."""\n',
        "def f(x: int | str) -> int | None: ...\n",
        "x: dict[str, tuple[int, str]]\n",
    ],
)
def test_prose_and_types_are_left_alone(source):
    """Docstrings and annotations do nothing, so changing them shows nothing."""
    assert mutants(source) == []


def test_letters_of_more_than_one_byte():
    """Places are counted as Python counts them, in bytes."""
    (first, *_) = mutants('x = "naïve", h.detach()\n')
    assert [each.after for each in mutants('x = "naïve", h.detach()\n') if each.change == "the cut dropped"] == [
        'x = "naïve", h'
    ]
    assert first.line == 1


@pytest.mark.parametrize("name", find_course(ROOT).names)
def test_mutants_of_the_course(name):
    """Every mutant of a reference is code, differs from it, differs from the others, and says where."""
    source = (ROOT / "solutions" / name / "solution.py").read_text(encoding="utf-8")
    found = mutants(source)
    assert len(found) > 5
    assert len({each.source for each in found} | {source}) == len(found) + 1
    for each in found:
        ast.parse(each.source)
        assert source.splitlines()[each.line - 1] != (each.source.splitlines() + [""] * 9)[each.line - 1]
