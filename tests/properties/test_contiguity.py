"""Contiguous: no tensor that is returned has gaps or shares its numbers."""

from grader.properties import Contiguous, Finding
from tests.builders import CASE, RAISED, a_tuple, evidence, plain, seen, tensor

LAW = Contiguous(name="contiguous", points=1, of=("state",))
FLAT = tensor([[1.0, 2.0]])
VIEW = tensor([[1.0, 2.0]], contiguous=False)


def test_it_wants_the_case_as_it_is():
    """One run of each case."""
    assert LAW.variants(CASE) == {"as it is": CASE}


def test_holds():
    """Contiguous tensors, in any structure, keep the law; so does what is no tensor."""
    assert LAW.judge(evidence(seen({"state": FLAT}, {"state": a_tuple(FLAT, FLAT)}, {"state": plain(None)}))) is None


def test_broken():
    """One tensor of a pair that is not contiguous breaks it, and is named."""
    trace = seen({"state": FLAT}, {"state": a_tuple(FLAT, VIEW)})
    assert LAW.judge(evidence(trace)) == Finding(
        message="state (number 2 of 2) holds a tensor of shape (1, 2) that is not contiguous.",
        expected="is_contiguous() is True",
        got="is_contiguous() is False",
        where="state (number 2 of 2)",
    )


def test_observed_once():
    """Where there is one observation it is not numbered."""
    assert LAW.judge(evidence(seen({"state": VIEW}))).where == "state"


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    assert LAW.judge(evidence(seen(failure=RAISED))).message == "Your code raised IndexError: list index out of range."
