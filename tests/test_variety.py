"""Of many cases, few are taken: every sort of them, whatever the clumps they were drawn in."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cases import Case, RnnSpec
from grader.variety import Variety


def varied(cases, most):
    return Variety(cases).choose(range(len(cases)), most)


NUMBERS = [Case(parts={"n": n}) for n in range(8)]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.integers(1, 40))
@settings(deadline=None)
def test_so_many_and_in_order(kinds, most):
    """Never more than asked for, never one twice, and the same ones each time."""
    cases = [Case(parts={"kind": kind}) for kind in kinds]
    taken = varied(cases, most)
    assert taken == sorted(set(taken))
    assert len(taken) == min(most, len(cases))
    assert varied(cases, most) == taken


@pytest.mark.parametrize("most", [None, 8, 50])
def test_all_where_there_are_few(most):
    """Where there are not more than wanted, all are taken."""
    assert varied(NUMBERS, most) == list(range(8))


def test_a_rare_kind_is_among_them():
    """What was drawn once in a hundred is taken, even if only three are."""
    cases = [Case(parts={"form": "pair"})] * 70 + [Case(parts={"form": "named"})] + [Case(parts={"form": "dict"})] * 29
    assert {cases[i]["form"] for i in varied(cases, 3)} == {"pair", "named", "dict"}


def test_pairs_of_values_are_covered():
    """Of all combinations of four values of two each, a few show every pair of values."""
    names = "abcd"
    cases = [Case(parts=dict(zip(names, values, strict=True))) for values in itertools.product([0, 1], repeat=4)]
    taken = [cases[i] for i in varied(cases, 8)]
    for one, other in itertools.combinations(names, 2):
        assert {(case[one], case[other]) for case in taken} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_seeds_are_no_variety():
    """Cases that differ in their seeds only are all of one sort."""

    def case(seed, kind="RNN"):
        return Case(parts={"rnn": RnnSpec(kind=kind, input_size=2, hidden_size=3, seed=seed), "other": 100 + seed})

    cases = [*map(case, range(30)), case(30, "GRU")]
    assert 30 in varied(cases, 2)
