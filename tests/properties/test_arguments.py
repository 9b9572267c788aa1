"""Arguments, and what shares memory with a result: the same before and after, to the last flag."""

import pytest

from grader.properties import ArgumentsUnchanged, Finding, NotShared
from tests.builders import CASE, RAISED, a_list, a_tuple, evidence, seen, tensor

UNCHANGED = ArgumentsUnchanged(name="arguments", points=1, of=("arguments",))
NOT_SHARED = NotShared(name="memory", points=1, of={"c": "h", "the next state": "the state of the call before"})
ONE, OTHER = tensor([1.0, 2.0]), tensor([1.0, 3.0])


def pairs(name, *values):
    return seen(*({name: value} for value in values))


def test_they_want_the_case_as_it_is():
    """One run of each case."""
    assert UNCHANGED.variants(CASE) == NOT_SHARED.variants(CASE) == {"as it is": CASE}


@pytest.mark.parametrize(
    "values",
    [pytest.param((ONE, ONE), id="the same"), pytest.param((ONE, ONE, OTHER, OTHER), id="two calls, other arguments")],
)
def test_arguments_hold(values):
    """What is as it was before its call keeps the law."""
    assert UNCHANGED.judge(evidence(pairs("arguments", *values))) is None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(ONE, OTHER, "arguments is 3, expected 2 (1 of 2 numbers differ).", id="a number"),
        pytest.param(
            ONE, tensor([1.0, 2.0], requires_grad=True), "arguments has requires_grad=True, expected False.", id="flag"
        ),
        pytest.param(
            tensor([1.0], requires_grad=True, grad_fn="MulBackward0"),
            tensor([1.0], requires_grad=True),
            "arguments has grad_fn=None, expected MulBackward0.",
            id="detached in place",
        ),
        pytest.param(
            a_list(ONE),
            a_list(),
            "arguments is an empty list, expected a list of (a tensor of shape (2,)).",
            id="emptied",
        ),
        pytest.param(
            a_list(ONE),
            a_tuple(ONE),
            "arguments is a tuple of (a tensor of shape (2,)), expected a list of (a tensor of shape (2,)).",
            id="container",
        ),
    ],
)
def test_arguments_broken(before, after, says):
    """Whatever is not as it was is told."""
    finding = UNCHANGED.judge(evidence(pairs("arguments", before, after)))
    assert finding.message == f"An argument was changed by the call: {says}"


def test_a_message_may_begin_otherwise():
    """What is observed in pairs and is no argument has a beginning of its own."""
    law = ArgumentsUnchanged(name="arguments", points=1, of=("x", "saved"), saying={"saved": "Too much is saved:"})
    assert law.judge(evidence(pairs("saved", ONE, OTHER))).message.startswith("Too much is saved: saved is 3")
    assert law.judge(evidence(pairs("x", ONE, OTHER))).message.startswith("An argument was changed by the call: x is 3")


def test_the_second_call_counts_too():
    """Every pair is looked at."""
    trace = pairs("arguments", ONE, ONE, ONE, OTHER)
    assert UNCHANGED.judge(evidence(trace, axes={"arguments": ("feature",)})) == Finding(
        message="An argument was changed by the call: arguments, feature 1 is 3, expected 2 (1 of 2 numbers differ).",
        expected="2",
        got="3",
        where="arguments, feature 1",
    )


def test_sharing_holds():
    """What stays as it was while something else was written into keeps the law."""
    trace = seen(*({"c": ONE, "the next state": OTHER} for _ in range(2)))
    assert NOT_SHARED.judge(evidence(trace)) is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("c", "After writing into h, c, feature 1 is 3, expected 2 (1 of 2 numbers differ)."),
        (
            "the next state",
            "After writing into the state of the call before, "
            "the next state, feature 1 is 3, expected 2 (1 of 2 numbers differ).",
        ),
    ],
    ids=["h and c", "two calls"],
)
def test_sharing_broken(name, says):
    """What shows elsewhere is told, with what was written into."""
    trace = pairs(name, ONE, OTHER)
    assert NOT_SHARED.judge(evidence(trace, axes={name: ("feature",)})) == Finding(
        message=says, expected="2", got="3", where=f"{name}, feature 1"
    )


@pytest.mark.parametrize("law", [UNCHANGED, NOT_SHARED], ids=["arguments", "sharing"])
def test_a_run_that_stopped(law):
    """A run that raises breaks the law."""
    assert law.judge(evidence(seen(failure=RAISED))).message == "Your code raised IndexError: list index out of range."
