"""Detached: nothing handed on hangs on a graph."""

import pytest

from grader.properties import Detached, Finding
from tests.builders import CASE, RAISED, a_dict, a_tuple, evidence, plain, seen, tensor

LAW = Detached(name="detached", points=1, of=("state",))
STRICT = Detached(name="detached", points=1, of=("state",), leaves_too=True)
FREE, LEAF = tensor([1.0]), tensor([1.0], requires_grad=True)
ATTACHED = tensor([1.0], requires_grad=True, grad_fn="TanhBackward0")


def test_it_wants_the_case_as_it_is():
    """One run of each case."""
    assert LAW.variants(CASE) == {"as it is": CASE}


@pytest.mark.parametrize(
    "state", [FREE, LEAF, a_tuple(FREE, FREE), a_dict(h=FREE), plain(None)], ids=lambda v: type(v).__name__
)
def test_holds(state):
    """What has no graph keeps the law; a leaf may require a gradient where the law says nothing of leaves."""
    assert LAW.judge(evidence(seen({"state": state}))) is None


@pytest.mark.parametrize(
    ("law", "states", "finding"),
    [
        pytest.param(
            LAW,
            [ATTACHED],
            Finding(
                message="state still hangs on the graph (grad_fn is TanhBackward0).",
                expected="grad_fn=None",
                got="grad_fn=TanhBackward0",
                where="state",
            ),
            id="attached",
        ),
        pytest.param(
            LAW,
            [FREE, a_tuple(FREE, ATTACHED), ATTACHED],
            Finding(
                message="state (number 2 of 3) still hangs on the graph (grad_fn is TanhBackward0).",
                expected="grad_fn=None",
                got="grad_fn=TanhBackward0",
                where="state (number 2 of 3)",
            ),
            id="the second of a pair, the second time",
        ),
        pytest.param(
            STRICT,
            [a_dict(h=LEAF)],
            Finding(
                message="state requires a gradient, and should not.",
                expected="requires_grad=False",
                got="requires_grad=True",
                where="state",
            ),
            id="a leaf",
        ),
    ],
)
def test_broken(law, states, finding):
    """What hangs on a graph is told, with the node it hangs on."""
    assert law.judge(evidence(seen(*({"state": state} for state in states)))) == finding


def test_a_run_that_stopped():
    """A run that raises breaks the law, however detached what came before."""
    finding = LAW.judge(evidence(seen({"state": FREE}, failure=RAISED)))
    assert finding.message == "Your code raised IndexError: list index out of range."
