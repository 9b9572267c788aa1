"""A run that did not return breaks every law that asked for it, and the student reads why."""

import dataclasses

import pytest

from grader.execution.traces import Failure
from grader.properties import ArgumentsUnchanged, Finding
from grader.properties.base import got_ends, stopped
from tests.builders import CASE, RAISED, evidence, seen

LAW = ArgumentsUnchanged(name="arguments untouched", points=1, of=("arguments",))


def raised(text, *types, in_submission=True):
    place = {"file": "homework.py", "line": 7, "function": "run"} if in_submission else {}
    return Failure(kind="raised", text=text, types=(*types, "Exception"), **place)


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        pytest.param(RAISED, "Your code raised IndexError: list index out of range.", id="raised"),
        pytest.param(raised("Stop!", "ValueError"), "Your code raised ValueError: Stop!", id="a sentence"),
        pytest.param(raised("a\n  b", "ValueError"), "Your code raised ValueError: a b.", id="several lines"),
        pytest.param(
            raised("", "NotImplementedError"),
            "Your code raised NotImplementedError (it is not written yet).",
            id="not written yet",
        ),
        pytest.param(
            raised("Trying to backward through the graph a second time.", "RuntimeError"),
            "Your code raised RuntimeError: Trying to backward through the graph a second time. "
            "The graph of an earlier window or call is still attached to the state.",
            id="second backward",
        ),
        pytest.param(
            raised("EOF when reading a line", "EOFError"),
            "Your code raised EOFError: EOF when reading a line. "
            "There is no input to read while your code is graded; don't call input().",
            id="input",
        ),
        pytest.param(
            raised("0", "SystemExit"), "Your code raised SystemExit: 0. A function must not end the program.", id="exit"
        ),
        pytest.param(
            raised("run() takes 1 positional argument but 2 were given", "TypeError", in_submission=False),
            "The call did not fit: run() takes 1 positional argument but 2 were given. "
            "It should be callable as run(rnn, inputs, state=None).",
            id="a call that did not fit",
        ),
        pytest.param(
            raised("cannot unpack non-iterable NoneType object", "TypeError", in_submission=False),
            "What your code returned could not be used as it should be: "
            "TypeError: cannot unpack non-iterable NoneType object.",
            id="a result of no use",
        ),
        pytest.param(
            Failure(kind="timeout", text="took longer than 10 seconds"),
            "A run did not end as it should: the submission took longer than 10 seconds.",
            id="timeout",
        ),
        pytest.param(
            Failure(kind="not_run", text="an earlier case did not end"),
            "This could not be tried (an earlier case did not end).",
            id="not run",
        ),
    ],
)
def test_what_a_student_reads(failure, message):
    """Each way to stop has a message of its own, in whole sentences."""
    assert LAW.judge(evidence(seen(failure=failure))).message == message


def test_the_whole_finding():
    """The finding tells the exception, its place, and which variant stopped."""
    traces = {"as it is": seen(), "in pieces": seen(failure=RAISED)}
    assert LAW.judge(evidence(traces)) == Finding(
        message="Your code raised IndexError: list index out of range.",
        expected="a result",
        got="IndexError: list index out of range",
        where="homework.py, line 7, in run",
        labels=("in pieces",),
    )


def test_long_texts_are_cut():
    """An exception with a page of text is told in a line."""
    failure = dataclasses.replace(RAISED, text="x" * 10_000)
    assert stopped(failure, "as it is", evidence(seen())).got == f"IndexError: {'x' * 300} …"
    text = "Trying to backward through the graph a second time, which is " + 40 * "not done "
    message = stopped(raised(text, "RuntimeError"), "as it is", evidence(seen())).message
    assert message.endswith("not done not … The graph of an earlier window or call is still attached to the state.")


@pytest.mark.parametrize(
    ("text", "ends"), [("no", False), ("no.", True), ("no!", True), ("why?", True), ("cut …", True), ("", False)]
)
def test_got_ends(text, ends):
    """A text that is a sentence gets no second full stop."""
    assert got_ends(text) is ends


def test_a_law_may_speak_of_some_cases_only():
    """What does not suit a law is not run for it."""
    assert LAW.wanted(CASE) == {"as it is": CASE}
    assert dataclasses.replace(LAW, suits=lambda case: case.dtype == "float32").wanted(CASE) == {}
