"""Chunks: in pieces, the state handed on, as in one go."""

import pytest

from grader.properties import ChunksEqualWhole, Finding
from tests.builders import CASE, RAISED, evidence, seen, tensor

WHOLE, CUT = "as it is", "in pieces"
LAW = ChunksEqualWhole(name="pieces", points=1, of=("outputs",), cut=lambda case: case.with_options(cut=2))
AXES = {"outputs": ("step",)}
RIGHT = seen({"outputs": tensor([1.0, 2.0])})


def test_its_variants():
    """It wants the case whole and cut, and nothing where it can't be cut."""
    assert LAW.variants(CASE) == {WHOLE: CASE, CUT: CASE.with_options(cut=2)}
    assert ChunksEqualWhole(name="pieces", points=1, of=("outputs",), cut=lambda case: None).variants(CASE) == {}


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(RIGHT, id="the same"),
        pytest.param(seen({"outputs": tensor([1.0])}, {"outputs": tensor([1.0, 2.0])}), id="the last one counts"),
    ],
)
def test_holds(pieces):
    """The same at the end keeps the law."""
    assert LAW.judge(evidence({WHOLE: RIGHT, CUT: pieces}, axes=AXES)) is None


def test_broken():
    """The first step that differs is told."""
    pieces = seen({"outputs": tensor([1.0, 2.5])})
    assert LAW.judge(evidence({WHOLE: RIGHT, CUT: pieces}, axes=AXES)) == Finding(
        message="Run in pieces, with the state handed on, outputs, step 1 is 2.5, expected 2 (1 of 2 numbers differ).",
        expected="2",
        got="2.5",
        where="outputs, step 1",
        labels=(WHOLE, CUT),
    )


def test_what_pieces_are():
    """An exercise says what its pieces are."""
    law = ChunksEqualWhole(name="pieces", points=1, of=("outputs",), cut=lambda case: case, pieces="in two calls")
    found = law.judge(evidence({WHOLE: RIGHT, CUT: seen({"outputs": tensor([1.0, 2.5])})}, axes=AXES))
    assert found.message.startswith("Run in two calls, outputs, step 1 is 2.5")


def test_broken_by_the_whole():
    """Where the reference ends as the pieces do, it is the run in one go that is blamed."""
    whole = seen({"outputs": tensor([1.0, 2.5])})
    reference = {WHOLE: RIGHT, CUT: RIGHT}
    said = "It is right in pieces, with the state handed on. Run in one go, outputs, step 1 is 2.5, expected 2"
    assert LAW.judge(evidence({WHOLE: whole, CUT: RIGHT}, reference, axes=AXES)) == Finding(
        message=f"{said} (1 of 2 numbers differ).",
        expected="2",
        got="2.5",
        where="outputs, step 1",
        labels=(WHOLE, CUT),
    )


@pytest.mark.parametrize("label", [WHOLE, CUT])
def test_a_run_that_stopped(label):
    """A run that raises breaks the law, whichever of the two it is."""
    traces = {WHOLE: RIGHT, CUT: RIGHT, label: seen(failure=RAISED)}
    finding = LAW.judge(evidence(traces, axes=AXES))
    assert (finding.message, finding.labels) == ("Your code raised IndexError: list index out of range.", (label,))
