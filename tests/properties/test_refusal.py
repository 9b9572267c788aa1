"""Refuses: what must be refused is, with the error that the contract names."""

import pytest

from grader.properties import Finding, Refuses
from tests.builders import CASE, RAISED, evidence, refusal, seen

LAW = Refuses(name="refuses", points=1, of="refused", wrong=lambda case: case.with_options(empty=True))


def test_its_variants():
    """It wants the run with wrong arguments, and nothing where there is none."""
    assert LAW.variants(CASE) == {"as it is": CASE.with_options(empty=True)}
    assert Refuses(name="refuses", points=1, of="refused", wrong=lambda case: None).variants(CASE) == {}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(refusal("ValueError", "Exception", text="empty"), id="the error"),
        pytest.param(refusal("EmptyBatch", "ValueError", "Exception"), id="a subclass"),
    ],
)
def test_holds(value):
    """The expected error keeps the law."""
    assert LAW.judge(evidence(seen({"refused": value}))) is None


@pytest.mark.parametrize(
    ("value", "got", "message"),
    [
        pytest.param(
            refusal(),
            "no error",
            "A call that must be refused was not: expected ValueError, got no error.",
            id="accepted",
        ),
        pytest.param(
            refusal("KeyError", "Exception", text="'x'"),
            "KeyError: 'x'",
            "A call was refused with another error than ValueError: KeyError: 'x'.",
            id="another error",
        ),
        pytest.param(
            refusal("AssertionError", "Exception"),
            "AssertionError",
            "A call was refused with another error than ValueError: AssertionError.",
            id="another error without a text",
        ),
        pytest.param(
            refusal("TypeError", "Exception", text="What is that?"),
            "TypeError: What is that?",
            "A call was refused with another error than ValueError: TypeError: What is that?",
            id="a text that ends",
        ),
        pytest.param(
            refusal("IndexError", text="x" * 500),
            "IndexError: " + "x" * 120,
            f"A call was refused with another error than ValueError: IndexError: {'x' * 120}.",
            id="a long text",
        ),
    ],
)
def test_broken(value, got, message):
    """Another error, or none, breaks the law, the second time as well as the first, and the message says which."""
    right = refusal("ValueError")
    assert LAW.judge(evidence(seen({"refused": right}, {"refused": value}))) == Finding(
        message=message, expected="ValueError", got=got, where="refused"
    )


def test_several_calls():
    """Where calls of several sorts must be refused, the one that was not is named."""
    law = Refuses(name="refuses", points=1, of=("no rows", "an end"), wrong=lambda case: case)
    trace = seen({"no rows": refusal("ValueError")}, {"an end": refusal()})
    finding = law.judge(evidence(trace))
    assert finding.message == "A call that must be refused was not (an end): expected ValueError, got no error."
    assert finding.where == "an end"


def test_a_run_that_stopped():
    """A run that raises elsewhere breaks the law."""
    trace = seen({"refused": refusal("ValueError")}, failure=RAISED)
    assert LAW.judge(evidence(trace)).message == "Your code raised IndexError: list index out of range."


def test_another_sentence():
    """Where nothing is to be refused, the sentence begins as the exercise says."""
    law = Refuses(name="passes", points=1, of="error", wrong=lambda case: case, lead="The error did not come through")
    finding = law.judge(evidence(seen({"error": refusal(expected="Trouble")})))
    assert finding.message == "The error did not come through: expected Trouble, got no error."
