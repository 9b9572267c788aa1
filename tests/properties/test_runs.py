"""Equivalent runs: as equivalence, in a run that is made of a case."""

import dataclasses

from grader.properties import EquivalentRuns, Finding
from tests.builders import CASE, RAISED, evidence, seen, tensor


def longer(case):
    return case.with_options(steps=100)


LAW = EquivalentRuns(name="for long", points=1, of=("output",), run=longer)


def test_it_wants_the_run_that_is_made():
    """One run of each case, the one that it makes."""
    assert LAW.variants(CASE) == {"as it is": CASE.with_options(steps=100)}


def test_a_case_of_which_there_is_no_run():
    """Where no run is made of a case, nothing is wanted of it."""
    assert dataclasses.replace(LAW, run=lambda case: None).variants(CASE) == {}


def test_holds():
    """What is the reference's keeps the law."""
    ours = seen({"output": tensor([1.0])})
    assert LAW.judge(evidence(ours, ours)) is None


def test_broken():
    """What differs breaks it, and is told as in equivalence."""
    finding = LAW.judge(evidence(seen({"output": tensor([2.0])}), seen({"output": tensor([1.0])})))
    assert isinstance(finding, Finding)
    assert (finding.expected, finding.got) == ("1", "2")


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    finding = LAW.judge(evidence(seen(failure=RAISED), seen({"output": tensor([1.0])})))
    assert finding.message == "Your code raised IndexError: list index out of range."


def test_it_is_no_sign_of_work():
    """To be right in a run in which there may be nothing to do earns nothing by itself."""
    assert not LAW.shows_effort
