"""Equivalence: what the reference gives, name by name; an exception in the submission outweighs what came before."""

import numpy as np
import pytest

from grader.execution.traces import Failure
from grader.properties import Equivalence, Finding
from tests.builders import CASE, RAISED, evidence, plain, seen, tensor

LAW = Equivalence(name="values", points=1, of=("outputs", "state"))
AXES = {"outputs": ("step", "sequence"), "state": ("sequence",)}
OUTPUTS, STATE = tensor(np.ones((3, 2))), tensor([1.0, 2.0])
REFERENCE = seen({"outputs": OUTPUTS, "state": STATE})
UNUSABLE = Failure(kind="raised", text="cannot unpack NoneType", types=("TypeError", "Exception"))


def message(trace, reference=REFERENCE):
    finding = LAW.judge(evidence(trace, reference, axes=AXES))
    return finding and finding.message


def test_it_wants_the_case_as_it_is():
    """One run of each case, whose reference is needed."""
    assert LAW.variants(CASE) == {"as it is": CASE}
    assert LAW.needs_reference
    assert LAW.shows_effort


@pytest.mark.parametrize(
    "trace",
    [
        pytest.param(REFERENCE, id="the same"),
        pytest.param(seen({"state": STATE}, {"outputs": OUTPUTS, "more": plain(1)}), id="in another order"),
    ],
)
def test_holds(trace):
    """What equals the reference keeps the law."""
    assert message(trace) is None


WRONG = tensor([[1.0, 1.0], [1.0, 9.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    ("trace", "says"),
    [
        pytest.param(
            seen({"outputs": WRONG, "state": STATE}),
            "outputs, step 1, sequence 1 is 9, expected 1 (1 of 6 numbers differ).",
            id="a number",
        ),
        pytest.param(
            seen({"outputs": OUTPUTS, "state": plain(None)}),
            "state is None, expected a tensor of shape (2,).",
            id="None",
        ),
        pytest.param(seen({"outputs": OUTPUTS}), "`state` was seen 0 times, expected 1.", id="not seen"),
        pytest.param(seen(), "`outputs` was seen 0 times, expected 1.", id="nothing seen"),
        pytest.param(
            seen({"outputs": OUTPUTS, "state": STATE}, {"state": STATE}),
            "`state` was seen 2 times, expected 1.",
            id="seen twice",
        ),
        pytest.param(seen(failure=RAISED), "Your code raised IndexError: list index out of range.", id="raised"),
        pytest.param(
            seen({"outputs": WRONG}, failure=RAISED),
            "Your code raised IndexError: list index out of range.",
            id="wrong, then raised",
        ),
        pytest.param(
            seen({"outputs": WRONG}, failure=UNUSABLE),
            "outputs, step 1, sequence 1 is 9, expected 1 (1 of 6 numbers differ).",
            id="wrong, then of no use",
        ),
        pytest.param(
            seen({"outputs": OUTPUTS}, failure=UNUSABLE),
            "What your code returned could not be used as it should be: TypeError: cannot unpack NoneType.",
            id="right, then of no use",
        ),
    ],
)
def test_broken(trace, says):
    """Whatever differs, is missing or stops breaks the law."""
    assert message(trace) == says


def test_the_number_of_the_observation():
    """Of what is seen several times, the first that differs is told with its number."""
    reference = seen({"state": STATE}, {"state": STATE})
    trace = seen({"state": STATE}, {"state": tensor([0.0, 2.0])})
    assert LAW.judge(evidence(trace, reference, axes=AXES)) == Finding(
        message="state, sequence 0 (number 2 of 2) is 0, expected 1 (1 of 2 numbers differ).",
        expected="1",
        got="0",
        where="state, sequence 0 (number 2 of 2)",
    )
