"""Fresh: the same calls, made again after all others, give the same."""

import pytest

from grader.properties import Finding, Fresh
from tests.builders import CASE, RAISED, evidence, seen, tensor

FIRST, AGAIN = "as it is", "again, after the others"
LAW = Fresh(name="fresh", points=1, of=("outputs",))
AXES = {"outputs": ("step",)}
RIGHT = seen({"outputs": tensor([1.0, 2.0])})


def test_its_variants():
    """It wants the case twice, the second time as a run of its own."""
    assert LAW.variants(CASE) == {FIRST: CASE, AGAIN: CASE.with_options(again=True)}
    assert not LAW.uses_reference


def test_holds():
    """The same twice keeps the law."""
    assert LAW.judge(evidence({FIRST: RIGHT, AGAIN: RIGHT}, axes=AXES)) is None


def test_broken():
    """What came out differently is told."""
    later = seen({"outputs": tensor([1.0, 2.5])})
    assert LAW.judge(evidence({FIRST: RIGHT, AGAIN: later}, axes=AXES)) == Finding(
        message="The same calls, made again later in the same process, gave something else: "
        "outputs, step 1 is 2.5, expected 2 (1 of 2 numbers differ).",
        expected="2",
        got="2.5",
        where="outputs, step 1",
        labels=(FIRST, AGAIN),
    )


@pytest.mark.parametrize("label", [FIRST, AGAIN])
def test_a_run_that_stopped(label):
    """A call that raises, the first time or the second, breaks the law."""
    finding = LAW.judge(evidence({FIRST: RIGHT, AGAIN: RIGHT, label: seen(failure=RAISED)}, axes=AXES))
    assert (finding.message, finding.labels) == ("Your code raised IndexError: list index out of range.", (label,))
