"""Leaves nothing: what a call made is gone when its caller lets go of it."""

from grader.properties import Finding, LeavesNothing
from tests.builders import CASE, RAISED, evidence, plain, seen

LAW = LeavesNothing(name="nothing kept", points=1, of="kept")


def test_it_wants_the_case_as_it_is():
    """One run of each case."""
    assert LAW.variants(CASE) == {"as it is": CASE}


def test_holds():
    """Nothing alive keeps the law."""
    assert LAW.judge(evidence(seen({"kept": plain(False)}))) is None


def test_broken():
    """A tensor that is still alive, at any moment, breaks it."""
    assert LAW.judge(evidence(seen({"kept": plain(False)}, {"kept": plain(True)}))) == Finding(
        message="After the call, something still holds a tensor of it: a global, a cache, a closure or the module.",
        expected="freed when the caller lets go",
        got="still alive",
        where="after the call",
    )


def test_a_run_that_stopped():
    """A run that raises breaks the law."""
    assert LAW.judge(evidence(seen(failure=RAISED))).message == "Your code raised IndexError: list index out of range."
