"""Gradients: equal to the reference's, and reaching exactly as far."""

import numpy as np
import pytest

from grader.properties import Finding, Gradients
from tests.builders import CASE, RAISED, a_dict, a_list, evidence, plain, refusal, seen, tensor

NAME = "gradients of the inputs"
LAW = Gradients(name="gradients", points=1, of=(NAME,))
AXES = {NAME: ("step", "sequence")}
NONE = plain(None)


def finding(expected, got, axes=AXES):
    return LAW.judge(evidence(seen({NAME: got}), seen({NAME: expected}), axes=axes))


def reaching(*steps, of=4):
    numbers = np.zeros((of, 2))
    numbers[list(steps)] = 0.5
    return tensor(numbers)


def test_it_wants_the_case_as_it_is():
    """One run of each case."""
    assert LAW.variants(CASE) == {"as it is": CASE}


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        pytest.param(reaching(0, 1), reaching(0, 1), id="the same"),
        pytest.param(reaching(), NONE, id="none for zeros"),
        pytest.param(NONE, reaching(), id="zeros for none"),
        pytest.param(a_list(reaching(1), reaching()), a_list(reaching(1), NONE), id="in a list"),
        pytest.param(a_dict(w=reaching()), a_dict(w=NONE), id="in a dict"),
    ],
)
def test_holds(expected, got):
    """Equal gradients keep the law; a gradient of zeros is none."""
    assert finding(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "says"),
    [
        pytest.param(
            reaching(0, 1), NONE, "gradients of the inputs: no gradient arrives, though one should.", id="none"
        ),
        pytest.param(
            reaching(0, 1), reaching(), "gradients of the inputs: no gradient arrives, though one should.", id="zeros"
        ),
        pytest.param(
            reaching(), reaching(2), "gradients of the inputs: a gradient arrives, where none should.", id="a leak"
        ),
        pytest.param(
            reaching(0, 1, 2, 3),
            reaching(3),
            "gradients of the inputs, step 2 of 4: no gradient reaches it, though one should.",
            id="it stops early",
        ),
        pytest.param(
            reaching(2, 3),
            reaching(0, 1, 2, 3),
            "gradients of the inputs, step 1 of 4: a gradient reaches it, though none should.",
            id="it goes too far",
        ),
        pytest.param(
            reaching(0),
            tensor(np.full((4, 2), np.nan)),
            "gradients of the inputs, step 3 of 4: a gradient reaches it, though none should.",
            id="NaN",
        ),
        pytest.param(
            tensor([[1.0, 1.0]]),
            tensor([[1.0, 2.0]]),
            "gradients of the inputs, step 0, sequence 1 is 2, expected 1 (1 of 2 numbers differ).",
            id="a number",
        ),
        pytest.param(
            tensor([[1.0, 1.0]]),
            tensor([[1.0]]),
            "gradients of the inputs has shape (1, 1), expected (1, 2).",
            id="shape",
        ),
        pytest.param(
            a_list(reaching(0), reaching(1)),
            a_list(reaching(0)),
            "gradients of the inputs is a list of (a tensor of shape (4, 2)), "
            "expected a list of (a tensor of shape (4, 2), a tensor of shape (4, 2)).",
            id="fewer",
        ),
        pytest.param(
            a_dict(w=tensor([1.0])),
            a_dict(w=NONE),
            "gradients of the inputs, w: no gradient arrives, though one should.",
            id="none for a parameter",
        ),
    ],
)
def test_broken(expected, got, says):
    """Where a gradient stops, leaks or differs, that is told, the latest step first that it should reach."""
    assert finding(expected, got).message == says


def test_the_whole_finding():
    """Expected and got name the steps that a gradient reaches."""
    assert finding(reaching(1, 2, 3), reaching(3)) == Finding(
        message="gradients of the inputs, step 2 of 4: no gradient reaches it, though one should.",
        expected="steps with a gradient: 1, 2, 3",
        got="steps with a gradient: 3",
        where="gradients of the inputs, step 2",
    )


def test_without_steps():
    """Where no axis is called step, numbers are compared."""
    says = "gradients of the inputs, row 0, sequence 0 is 0, expected 0.5 (2 of 8 numbers differ)."
    assert finding(reaching(0, 1), reaching(1), axes={NAME: ("row", "sequence")}).message == says


@pytest.mark.parametrize(
    ("trace", "says"),
    [
        pytest.param(seen(), "`gradients of the inputs` could be read 0 times, expected 1.", id="not read"),
        pytest.param(
            seen({NAME: reaching(0)}, {NAME: reaching(0)}),
            "`gradients of the inputs` could be read 2 times, expected 1.",
            id="read twice",
        ),
        pytest.param(
            seen({NAME: reaching(0)}, failure=RAISED),
            "Your code raised IndexError: list index out of range.",
            id="raised",
        ),
    ],
)
def test_nothing_is_kept_by_not_being_read(trace, says):
    """A gradient that could not be read breaks the law, and so does a run that stopped."""
    assert LAW.judge(evidence(trace, seen({NAME: reaching(0)}), axes=AXES)).message == says


def test_the_order_of_a_dict_does_not_matter():
    """Gradients in a dict are compared key by key."""
    expected, got = a_dict(w=reaching(0), b=NONE), a_dict(b=NONE, w=reaching(0))
    assert finding(expected, got) is None


def test_further_ones_where_they_are_kept():
    """Further gradients are compared only where the submission leaves any."""
    law = Gradients(name="gradients", points=1, of=(NAME,), where_kept=("at each step",))
    reference = seen({NAME: reaching(0), "at each step": reaching(0)})
    without = seen({NAME: reaching(0), "at each step": NONE})
    other = seen({NAME: reaching(0), "at each step": reaching(1)})
    assert law.judge(evidence(reference, reference)) is None
    assert law.judge(evidence(without, reference)) is None
    assert law.judge(evidence(other, reference)).message == "at each step is 0, expected 0.5 (4 of 8 numbers differ)."


def test_a_call_that_was_not_refused_is_no_gradient():
    """A forged trace may say so where gradients should be."""
    assert finding(reaching(0, 1), refusal(expected="NoError")).got == "no error"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("derivative for x is\nnot implemented", "derivative for x is not implemented."),
        (
            "Output 0 of Unbind is a view and its base has been modified inplace.",
            "Output 0 of Unbind is a view and its base has been modified inplace. "
            "Something that the graph needs was written over after it was used.",
        ),
    ],
    ids=["any", "written over"],
)
def test_gradients_that_could_not_be_taken(text, says):
    """An error of torch on the way back through the graph is told as what it is."""
    failed = refusal("RuntimeError", "Exception", text=text, expected="NoError")
    assert finding(reaching(0, 1), failed) == Finding(
        message=f"{NAME} could not be taken: RuntimeError: {says}",
        expected="gradients",
        got=f"RuntimeError: {' '.join(text.split())}",
        where=NAME,
    )
