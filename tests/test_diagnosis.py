"""Diagnosis: a misconception is named where it goes wrong in the same places in the same way."""

import dataclasses
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Misconception
from grader.diagnosis import (
    ENOUGH,
    Behaviour,
    Wrong,
    agreement_of,
    behaviour,
    diagnose,
    diagnose_together,
    may_be_part,
    may_explain,
)
from grader.judging import Judge
from grader.planning import make_plan
from grader.properties import Equivalence
from grader.properties.comparison import LENIENT
from grader.report import Diagnosis, best
from tests.builders import CASE, RAISED, a_tuple, course_exercise, plain, seen, tensor

ONE, TWO, THREE = tensor([1.0]), tensor([2.0]), tensor([3.0])


def leaf(number, path=()):
    return ("case", "outputs", number, path)


def wrong(came, kind="value"):
    return Wrong(kind=kind, came=came, strictness=LENIENT)


def behaves(*values, broken=()):
    """A behaviour that shows these values, in this order, where the reference shows others; ``None`` is right."""
    leaves = {leaf(i): wrong(value) for i, value in enumerate(values) if value is not None}
    return Behaviour(wrong=leaves, broken=frozenset(broken))


def everywhere(value):
    """A behaviour that shows a value where the reference shows another, in each of eight cases."""
    return Behaviour(wrong={(f"case {i}", "outputs", 0, ()): wrong(value) for i in range(8)}, broken=frozenset())


def misconception(name):
    return Misconception(name=name, namespace=name, title=f"{name}!", explanation=f"It is {name}.", hint=f"No {name}.")


@pytest.mark.parametrize(
    ("ours", "theirs", "agreement"),
    [
        pytest.param(behaves(TWO, THREE), behaves(TWO, THREE), 1.0, id="the same"),
        pytest.param(behaves(TWO, THREE), behaves(THREE, TWO), 0.3, id="same places, other numbers"),
        pytest.param(
            behaves(TWO, THREE),
            dataclasses.replace(behaves(THREE, TWO), any_numbers=True),
            0.7 * 0.6 + 0.3,
            id="same places, random numbers",
        ),
        pytest.param(behaves(TWO, None), behaves(None, TWO), 0.0, id="other places"),
        pytest.param(behaves(TWO, TWO), behaves(TWO, None), 0.7 * 0.5 + 0.3, id="one mistake more"),
        pytest.param(behaves(TWO, None), behaves(TWO, TWO), 0.7 + 0.3 * 0.5, id="one mistake fewer"),
        pytest.param(behaves(), behaves(TWO), 0.0, id="nothing wrong"),
        pytest.param(behaves(TWO), behaves(), 0.0, id="a misconception that shows nothing"),
        pytest.param(behaves(), behaves(), 0.0, id="both right"),
        pytest.param(behaves(broken={("memory", 0)}), behaves(broken={("memory", 0)}), 1.0, id="the same law broken"),
        pytest.param(
            behaves(TWO, broken={("a", 0)}), behaves(TWO, broken={("b", 0)}), 0.5, id="the same values, another law"
        ),
    ],
)
def test_agreement(ours, theirs, agreement):
    """Agreement is a share of what is wrong on either side, one's own mistakes counting for more."""
    assert agreement_of(ours, theirs) == pytest.approx(agreement)


@pytest.mark.parametrize(
    ("ours", "theirs", "agreement"),
    [
        pytest.param(wrong(RAISED, "raised"), wrong(RAISED, "raised"), 1.0, id="the same exception"),
        pytest.param(wrong(RAISED, "raised"), wrong(TWO), 0.3, id="an exception and a value"),
        pytest.param(wrong(plain(None), "type"), wrong(TWO, "value"), 0.3, id="another kind"),
        pytest.param(wrong(plain(None), "type"), wrong(plain(None), "type"), 1.0, id="the same kind"),
    ],
)
def test_kinds(ours, theirs, agreement):
    """To be wrong in another way in the same place counts for the place alone."""
    both = [Behaviour(wrong={leaf(0): each}, broken=frozenset()) for each in (ours, theirs)]
    assert agreement_of(*both) == pytest.approx(agreement)


def test_diagnose():
    """Who agrees enough is named, best first, with the words of the misconception."""
    submission = behaves(TWO, TWO, TWO)
    known = [
        (misconception("far"), behaves(None, None, None, TWO)),
        (misconception("near"), behaves(TWO, TWO, TWO, TWO)),
        (misconception("exact"), behaves(TWO, TWO, TWO)),
    ]
    assert diagnose(submission, known) == (
        Diagnosis(misconception="exact", title="exact!", explanation="It is exact.", hint="No exact.", agreement=1.0),
        Diagnosis(misconception="near", title="near!", explanation="It is near.", hint="No near.", agreement=0.925),
    )


@given(st.lists(st.sampled_from([None, TWO, THREE]), min_size=1, max_size=6), st.data())
def test_low_agreement_need_not_be_exact(values, data):
    """An agreement below what is asked for is given as 0; from there on it is what it is."""
    others = data.draw(st.lists(st.sampled_from([None, TWO, THREE]), min_size=len(values), max_size=len(values)))
    broken = st.sets(st.tuples(st.sampled_from("ab"), st.integers(0, 1)))
    ours, theirs = behaves(*values, broken=data.draw(broken)), behaves(*others, broken=data.draw(broken))
    exact = agreement_of(ours, theirs)
    for at_least in (0.2, ENOUGH, 0.95):
        assert agreement_of(ours, theirs, at_least=at_least) == (exact if exact >= at_least else 0.0)


@pytest.mark.parametrize(
    ("ours", "theirs", "alone", "part"),
    [
        pytest.param(behaves(TWO, THREE), behaves(TWO, THREE), True, True, id="the same"),
        pytest.param(behaves(TWO, THREE, TWO), behaves(TWO, None, None), True, True, id="a part of it"),
        pytest.param(behaves(*[TWO] * 9), behaves(TWO, *[None] * 8), True, True, id="a small part of it"),
        pytest.param(behaves(TWO, None), behaves(None, TWO), False, False, id="elsewhere"),
        pytest.param(behaves(), behaves(TWO), True, False, id="the submission has been right so far"),
        pytest.param(behaves(), everywhere(TWO), False, False, id="where the misconception shows everywhere"),
        pytest.param(behaves(TWO), behaves(), True, True, id="the misconception has been right so far"),
        pytest.param(behaves(TWO), behaves(THREE), False, True, id="other numbers in the same place"),
    ],
)
def test_first_impression(ours, theirs, alone, part):
    """By the first cases a misconception is passed over only where it goes wrong otherwise than the submission."""
    assert (may_explain(ours, theirs), may_be_part(ours, theirs)) == (alone, part)


def test_no_diagnosis():
    """Where nothing agrees enough, nothing is said."""
    assert diagnose(behaves(TWO, TWO), [(misconception("half"), behaves(TWO, None, TWO, TWO, TWO))]) == ()
    assert diagnose(behaves(TWO), []) == ()


def test_several_mistakes_at_once():
    """Misconceptions that show in full, each in a part of the submission, are named together; others are not."""
    submission = behaves(TWO, TWO, TWO, THREE, THREE, broken={("a", 0), ("b", 1)})
    known = [
        (misconception("first"), behaves(TWO, TWO, TWO, broken={("a", 0)})),
        (misconception("elsewhere"), behaves(None, THREE, THREE, None, None, TWO, broken={("c", 0)})),
        (misconception("second"), behaves(None, None, None, THREE, THREE, broken={("b", 1)})),
        (misconception("nothing more"), behaves(TWO, broken={("a", 0)})),
    ]
    assert diagnose(submission, known) == (), "none of them alone explains enough"
    found = diagnose_together(submission, known)
    assert [(each.misconception, each.agreement) for each in found] == [("first", 1.0), ("second", 1.0)]
    assert diagnose_together(submission, known[:2]) == (), "one of them alone explains too little"


def test_three_at_most():
    """However many agree, three are named, in the order of the course where they agree alike."""
    known = [(misconception(name), behaves(TWO)) for name in "abcde"]
    assert [each.misconception for each in diagnose(behaves(TWO), known)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("agreements", "names"),
    [((1.0, 0.99, 0.7), "ab"), ((0.9,), "a"), ((0.8, 0.8, 0.8), "abc"), ((), "")],
    ids=["a near tie", "one", "a tie", "none"],
)
def test_best(agreements, names):
    """Those between which agreement does not decide are the best."""
    found = tuple(
        Diagnosis(misconception=name, title="", explanation="", hint="", agreement=agreement)
        for name, agreement in zip("abc", agreements, strict=False)
    )
    assert "".join(each.misconception for each in best(found)) == names


@dataclass
class Known:
    """A reference whose traces were made by hand."""

    traces: dict

    def trace(self, key, case):
        return self.traces[key]

    def is_own(self, key, trace):
        return trace is self.traces[key]


LAW = Equivalence(name="values", points=1, of=("outputs",))
OTHER = CASE.with_sequence_changed(0)


def behaviour_of(*traces, reference):
    """The behaviour of a submission on two cases, on which the reference gives the same."""
    exercise = course_exercise(properties=(LAW,)).declared
    plan = make_plan((LAW,), [CASE, OTHER], devices=(), with_reference=True)
    judge = Judge(exercise=exercise, plan=plan, reference=Known(dict.fromkeys(plan.runs, reference)))
    for key, trace in zip(plan.runs, traces, strict=True):
        judge.add(key, trace)
    return behaviour(judge)


def test_behaviour():
    """The leaves that differ are kept with what came, and the laws that are broken with their cases."""
    right = seen({"outputs": a_tuple(ONE, ONE), "state": ONE})
    came = seen({"outputs": a_tuple(ONE, TWO), "state": ONE})
    ours = behaviour_of(right, came, reference=right)
    assert list(ours.wrong) == [(OTHER.key, "outputs", 0, (1,))]
    assert next(iter(ours.wrong.values())).came == TWO
    assert ours.broken == {("values", 1)}


def test_behaviour_of_what_is_right():
    """Nothing is wrong where nothing differs."""
    right = seen({"outputs": ONE})
    nothing = Behaviour(wrong={}, broken=frozenset(), proving=frozenset({"values"}))
    assert behaviour_of(right, right, reference=right) == nothing


def test_who_is_right_where_a_misconception_is_wrong_has_not_made_it():
    """However much they agree otherwise; but in a few cases a mistake may show and not show."""
    broken = {("grad", case) for case in range(9)}

    def wrong_in(cases):
        known = behaves(TWO, broken=broken | {("values", case) for case in range(cases)})
        return [(misconception("a"), dataclasses.replace(known, proving=frozenset({"values"})))]

    ours = behaves(TWO, broken=broken)
    assert [each.misconception for each in diagnose(ours, wrong_in(3))] == ["a"]
    assert diagnose(ours, wrong_in(4)) == ()
    assert diagnose_together(ours, [*wrong_in(4), (misconception("b"), behaves(TWO))]) == ()
    ours = behaves(TWO, broken=broken | {("values", 5)})
    assert [each.misconception for each in diagnose(ours, wrong_in(4))] == ["a"]


def test_behaviour_of_what_stops():
    """An exception is a leaf of its own, and what was to come after it is not counted as missing."""
    right = seen({"outputs": ONE}, {"outputs": ONE})
    stopped = seen({"outputs": TWO}, failure=RAISED)
    ours = behaviour_of(right, stopped, reference=right)
    assert set(ours.wrong) == {(OTHER.key, "ended by", 0, ()), (OTHER.key, "outputs", 0, ())}
    assert ours.wrong[OTHER.key, "ended by", 0, ()].came == RAISED


def test_behaviour_of_what_is_seen_too_often():
    """How often something is seen is a leaf, too."""
    right = seen({"outputs": ONE})
    ours = behaviour_of(right, seen({"outputs": ONE}, {"outputs": ONE}), reference=right)
    assert ours.wrong[OTHER.key, "outputs", -1, ()].came == plain(2)


def test_enough_is_more_than_the_same_places():
    """To fail in the same places with other numbers is a diagnosis only where the numbers are random."""
    assert agreement_of(behaves(TWO), dataclasses.replace(behaves(THREE), any_numbers=True)) >= ENOUGH
    assert agreement_of(behaves(TWO), behaves(THREE)) < ENOUGH
    assert agreement_of(behaves(TWO, TWO), behaves(TWO, None)) < ENOUGH
