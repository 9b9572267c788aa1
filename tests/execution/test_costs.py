"""What a call costs: lines, memory and modules are counted, and a call that costs too much is stopped."""

import sys

import pytest
import torch
from torch import nn

from grader.execution.costs import cost_of

MILLION = 10**6
LINES, MEMORY, MODULES = "lines of Python", "bytes of memory", "recurrent modules"


def test_arithmetic():
    """A little arithmetic is a few lines, a few bytes, and no module."""
    cost = cost_of(lambda: (MILLION * 2, MILLION + 1))
    assert cost[LINES] < 10
    assert cost[MEMORY] < 10_000
    assert cost[MODULES] == 0


def steps():
    return [step for step in range(MILLION)]  # noqa: C416


def items():
    return sum(1 for _ in range(MILLION))


@pytest.mark.parametrize("call", [steps, items])
def test_a_loop_is_stopped(call):
    """A loop over a million steps is stopped long before its end."""
    assert 20_000 < cost_of(call)[LINES] < 30_000


def test_memory():
    """A list of a million is seen, also when it is gone at the end."""
    assert cost_of(lambda: len([0] * MILLION))[MEMORY] > 2_000_000


@pytest.mark.parametrize("make", [nn.RNN, nn.GRU, nn.LSTM, nn.LSTMCell], ids=lambda make: make.__name__)
def test_modules_are_not_built(make):
    """A recurrent module of any size is counted and not built."""
    assert cost_of(lambda: make(MILLION, MILLION))[MODULES] == 1


def test_a_module_that_is_caught_still_counts():
    """What the call makes of the refusal does not matter."""

    def call():
        try:
            nn.GRU(2, 3)
        except Exception as error:
            raise ValueError from error

    assert cost_of(call)[MODULES] == 1


def test_everything_is_put_back():
    """Afterwards modules can be built again, and nothing traces."""
    before = sys.gettrace()
    cost_of(lambda: nn.GRU(2, 3))
    cost_of(steps)
    assert nn.GRU(2, 3)(torch.zeros(1, 1, 2))[0].shape == (1, 1, 3)
    assert nn.GRUCell(2, 3)(torch.zeros(1, 2)).shape == (1, 3)
    assert sys.gettrace() is before


def test_errors_pass_through():
    """What the call raises is raised, where it is not what stopped it."""
    with pytest.raises(KeyError):
        cost_of(lambda: {}["output"])
