"""Registers: a module's parameters and buffers are the reference's, by name, and earn nothing alone."""

from grader.properties import Finding, Registers
from tests.builders import CASE, RAISED, a_dict, evidence, seen, tensor

LAW = Registers(name="registered", points=1, of=("parameters",))
H0 = tensor([[0.0, 0.0]], requires_grad=True)
RIGHT = seen({"parameters": a_dict(h0=H0)})


def test_it_wants_the_case_as_it_is():
    """One run of each case."""
    assert LAW.variants(CASE) == {"as it is": CASE}


def test_it_shows_no_effort():
    """A module that has parameters and ignores them has done nothing."""
    assert not LAW.shows_effort
    assert LAW.needs_reference


def test_holds():
    """The same parameters in another order keep the law."""
    theirs = seen({"parameters": a_dict(h0=H0, c0=H0)})
    ours = seen({"parameters": a_dict(c0=H0, h0=H0)})
    assert LAW.judge(evidence(theirs, ours)) is None


def test_another_parameter():
    """A parameter that should not be there is told."""
    theirs = seen({"parameters": a_dict(h0=H0, weight=H0)})
    assert LAW.judge(evidence(theirs, RIGHT)) == Finding(
        message="parameters is a dict with keys h0, weight, expected a dict with keys h0.",
        expected="a dict with keys h0",
        got="a dict with keys h0, weight",
        where="parameters",
    )


def test_a_frozen_parameter():
    """A parameter that wants no gradient is no parameter to learn."""
    theirs = seen({"parameters": a_dict(h0=tensor([[0.0, 0.0]]))})
    finding = LAW.judge(evidence(theirs, RIGHT))
    assert finding.message == "parameters['h0'] has requires_grad=False, expected True."


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    finding = LAW.judge(evidence(seen(failure=RAISED), RIGHT))
    assert finding.message == "Your code raised IndexError: list index out of range."
