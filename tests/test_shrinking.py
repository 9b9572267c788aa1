"""Searching draws the same cases for the same seed; shrinking finds the smallest, within a budget of judgements."""

import importlib.util
import os
import sys

import pytest
from hypothesis import strategies as st

from grader.cases import Case
from grader.shrinking import search, shrink
from tests.builders import numbered

NUMBERS = numbered(st.integers(0, 999))
LISTS = st.lists(st.integers(0, 99), max_size=8).map(lambda items: Case(parts={"items": tuple(items)}))
PAIRS = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda two: Case(parts={"a": two[0], "b": two[1]}))


def drawn(cases, *, seed=7, max_examples=40):
    """The cases in the order in which they are drawn."""
    seen = []
    assert search(cases, seed=seed, max_examples=max_examples, fails=lambda case: bool(seen.append(case))) is None
    return seen


@pytest.mark.parametrize("cases", [NUMBERS, LISTS, PAIRS], ids=["numbers", "lists", "pairs"])
def test_the_same_seed_draws_the_same_cases(cases):
    """A seed decides what is drawn, in which order; another seed draws something else."""
    first = drawn(cases)
    assert drawn(cases) == first
    assert drawn(cases, seed=8) != first
    assert len({case.key for case in first}) >= 40, "as many different cases as are wanted"


def test_which_modules_are_loaded_does_not_matter(tmp_path):
    """Hypothesis takes numbers from the source of loaded modules; which ones are loaded must not change the cases."""
    wide = numbered(st.integers(0, 10**9))
    before = drawn(wide, max_examples=60)
    path = tmp_path / "homework_with_numbers.py"
    path.write_text("NUMBERS = [" + ", ".join(str(123_456_000 + i) for i in range(400)) + "]\n")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
        assert drawn(wide, max_examples=60) == before
    finally:
        del sys.modules[path.stem]


def test_nothing_is_written_where_it_runs(tmp_path, monkeypatch):
    """A search leaves no folder behind in the working directory."""
    monkeypatch.chdir(tmp_path)
    search(NUMBERS, seed=1, max_examples=10, fails=lambda case: case["n"] > 3)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("cases", "fails", "smallest"),
    [
        pytest.param(NUMBERS, lambda case: True, {"n": 0}, id="always"),
        pytest.param(NUMBERS, lambda case: case["n"] >= 17, {"n": 17}, id="a number"),
        pytest.param(NUMBERS, lambda case: case["n"] not in (0, 1, 3), {"n": 2}, id="all but some"),
        pytest.param(LISTS, lambda case: len(case["items"]) >= 2, {"items": (0, 0)}, id="a length"),
        pytest.param(LISTS, lambda case: sum(case["items"]) >= 60, {"items": (60,)}, id="a sum"),
        pytest.param(PAIRS, lambda case: case["a"] > case["b"], {"a": 1, "b": 0}, id="an order"),
    ],
)
def test_the_smallest(cases, fails, smallest):
    """The first failing case is shrunk to the smallest that fails, by searching and by shrinking alike."""
    first = next(case for case in drawn(cases) if fails(case))
    assert search(cases, seed=7, max_examples=40, fails=fails) == Case(parts=smallest)
    shrunk = shrink(cases, seed=7, max_examples=40, first=first, fails=fails, budget=1000, seconds=600)
    assert shrunk == Case(parts=smallest)


def test_nothing_fails():
    """Where no case fails there is none to show."""
    assert search(NUMBERS, seed=7, max_examples=40, fails=lambda case: False) is None


def shrinking(fails, *, first=None, budget=1000, seconds=600.0):
    """The result, and all that was judged on the way."""
    judged = []

    def judge(case):
        judged.append(case)
        return fails(case)

    first = first or next(case for case in drawn(NUMBERS) if fails(case))
    result = shrink(NUMBERS, seed=7, max_examples=40, first=first, fails=judge, budget=budget, seconds=seconds)
    return first, result, judged


def test_what_is_known_is_not_judged_again():
    """The first failing case is not judged again, no case is judged twice, and none that is known to pass."""
    before = drawn(NUMBERS)
    first = next(case for case in before if case["n"] >= 17)
    passed = {case.key for case in before if case["n"] < 17}
    judged = []

    def fails(case):
        judged.append(case)
        return case["n"] >= 17

    options = {"seed": 7, "max_examples": 40, "budget": 1000, "seconds": 600.0}
    smallest = shrink(NUMBERS, first=first, passed=passed, fails=fails, **options)
    assert smallest["n"] == 17
    assert first not in judged
    assert len({case.key for case in judged}) == len(judged)
    assert not passed & {case.key for case in judged}


@pytest.mark.parametrize("budget", [0, 1, 3])
def test_the_budget(budget):
    """No more new cases are judged than the budget allows, and what comes back fails and is no larger."""
    first, result, judged = shrinking(lambda case: case["n"] >= 17, budget=budget)
    assert len(judged) <= budget
    assert 17 <= result["n"] <= first["n"]
    assert budget or result == first


def test_the_same_counterexample_every_time():
    """The budget is a number, so that the same submission gets the same counterexample."""
    results = {shrinking(lambda case: case["n"] >= 17, budget=4)[1].key for _ in range(3)}
    assert len(results) == 1


def test_no_time():
    """When time is up, the first failing case is the counterexample."""
    first, result, judged = shrinking(lambda case: case["n"] >= 17, seconds=-1.0)
    assert (result, judged) == (first, [])


def test_a_first_case_that_is_never_drawn():
    """A case that the strategy does not draw comes back as it is, where no other fails."""
    first = Case(parts={"n": 5000})
    assert shrinking(lambda case: False, first=first)[:2] == (first, first)


def test_an_error_while_judging_is_no_counterexample():
    """What breaks in the grader while a case is judged is not taken for a failing case."""
    with pytest.raises(ZeroDivisionError):
        search(NUMBERS, seed=7, max_examples=40, fails=lambda case: case["n"] / 0)
