"""What students get wrong in run_bidirectional, each as a small wrong solution."""

import copy

import numpy as np
import torch
from torch import Tensor, nn


def _hidden(state):
    return state if isinstance(state, Tensor) else state[0]


def _each(state, change):
    """The state with something done to each of its tensors; None stays None."""
    if state is None:
        return None
    return change(state) if isinstance(state, Tensor) else tuple(change(part) for part in state)


def _pair(cell, inputs, state):
    """What each direction starts from, zeros where nothing is given."""
    if state is None:
        zeros = inputs.new_zeros(2, inputs.shape[1], cell.hidden_size)
        state = (zeros, zeros) if isinstance(cell, nn.LSTMCell) else zeros
    return [_each(state, lambda part, i=i: part[i]) for i in range(2)]


def _join(first, second, how=torch.stack):
    if isinstance(first, Tensor):
        return how([first, second])
    return tuple(how([one, other]) for one, other in zip(first, second, strict=True))


def _states(cell, inputs, state, between=lambda new: new):
    """The state after each step, in the order of the steps taken."""
    states = []
    for step in inputs:
        states.append(cell(step, state))
        state = between(states[-1])
    return states


def _both(forward_cell, backward_cell, inputs, state, between=lambda new: new):
    """The states of both directions, each in the order of the steps it takes."""
    first, second = _pair(forward_cell, inputs, state)
    forward = _states(forward_cell, inputs, first, between)
    backward = _states(backward_cell, inputs.flip(0), second, between)
    return forward, backward


def _stack(states):
    return torch.stack([_hidden(state) for state in states])


def _outputs(forward, backward):
    """Both directions' outputs side by side, the backward ones turned back."""
    return torch.cat([_stack(forward), _stack(backward).flip(0)], dim=-1)


class BackwardNotTurnedBack:
    """The backward outputs are not turned back.

    You join the backward outputs in the order in which they were made, the last step first. Row t of the
    outputs then holds what the forward direction says of step t and what the backward one says of step
    T - 1 - t.
    """

    hint = "Change the last step of the inputs. The backward half of which row should have seen nothing else?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return torch.cat([_stack(forward), _stack(backward)], dim=-1), _join(forward[-1], backward[-1])


# Both halves are turned.
class BothTurned(BackwardNotTurnedBack):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward).flip(0), _join(forward[-1], backward[-1])


class TurnedAlongWrongAxis:
    """The backward outputs are turned along another axis than time.

    Time is the first axis, and the only one to turn. Turned along the batch, a sequence gets the backward
    half of another one; turned along the features, every number stands where another feature belongs.
    """

    hint = "Which axes do you hand to `flip`? What does each of them count?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(1)], dim=-1)
        return outputs, _join(forward[-1], backward[-1])


class TurnedAlongFeatures(TurnedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(-1)], dim=-1)
        return outputs, _join(forward[-1], backward[-1])


# Along time, and along another axis besides.
class TurnedAlongTimeAndFeatures(TurnedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(0, 2)], dim=-1)
        return outputs, _join(forward[-1], backward[-1])


class TurnedAlongTimeAndBatch(TurnedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(0, 1)], dim=-1)
        return outputs, _join(forward[-1], backward[-1])


class OneStateForBoth:
    """Both directions share one state.

    The backward direction goes on from where the forward one ended, or both start from the same half of
    the given state. They are two networks that read the same sequence: neither knows of the other.
    """

    hint = "Give the forward half of the initial state other numbers: may a backward output move?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, _ = _pair(forward_cell, inputs, state)
        forward = _states(forward_cell, inputs, first)
        backward = _states(backward_cell, inputs.flip(0), forward[-1])
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# The same half for both.
class FirstHalfForBoth(OneStateForBoth):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, _ = _pair(forward_cell, inputs, state)
        forward = _states(forward_cell, inputs, first)
        backward = _states(backward_cell, inputs.flip(0), first)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class SecondHalfForBoth(OneStateForBoth):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        _, second = _pair(forward_cell, inputs, state)
        forward = _states(forward_cell, inputs, second)
        backward = _states(backward_cell, inputs.flip(0), second)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# One variable is handed from cell to cell in a single loop.
class OneStateInOneLoop(OneStateForBoth):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        shared, _ = _pair(forward_cell, inputs, state)
        forward, backward = [], []
        for step, step_from_the_end in zip(inputs, inputs.flip(0), strict=True):
            shared = forward_cell(step, shared)
            forward.append(shared)
            shared = backward_cell(step_from_the_end, shared)
            backward.append(shared)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# Only the last state of the two is returned, once or twice.
class OneStateReturned(OneStateForBoth):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], forward[-1])


class OneStateAlone(OneStateForBoth):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _each(forward[-1], lambda part: part.unsqueeze(0))


class BackwardStateAtLastStep:
    """The backward state is taken at the last step of time.

    You take both final states at step T - 1. There the backward direction has just begun and has read one
    step; it ends at step 0, and its state there has read all of them.
    """

    hint = "Which step does the backward direction read last?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[0])


# Only the h of a pair, read from the last row of the outputs.
class BackwardHAtLastStep(BackwardStateAtLastStep):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        final = backward[0] if isinstance(backward[0], Tensor) else (backward[0][0], backward[-1][1])
        return _outputs(forward, backward), _join(forward[-1], final)


# Both states at the first step of time.
class ForwardStateAtFirstStep(BackwardStateAtLastStep):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[0], backward[-1])


class JoinedAlongWrongAxis:
    """The directions are joined along the wrong axis.

    Outputs are joined side by side along the features, `(T, B, 2H)`; states are put on top of each other
    along a new first axis, `(2, B, H)`. Joined along time or batch, the halves are taken for more steps or
    more sequences.
    """

    hint = "Write down the shape before and after each `cat` or `stack`. What does each axis count?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(0)])
        return outputs, _join(forward[-1], backward[-1])


class OutputsAlongBatch(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(0)], dim=1)
        return outputs, _join(forward[-1], backward[-1])


# A new axis for the directions.
class OutputsStacked(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.stack([_stack(forward), _stack(backward).flip(0)])
        return outputs, _join(forward[-1], backward[-1])


class OutputsStackedInside(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.stack([_stack(forward), _stack(backward).flip(0)], dim=2)
        return outputs, _join(forward[-1], backward[-1])


class BatchReshapedToFeatures(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        joined = torch.cat([_stack(forward), _stack(backward).flip(0)], dim=1)
        return joined.reshape(*inputs.shape[:2], -1), _join(forward[-1], backward[-1])


class TimeReshapedToFeatures(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        joined = torch.cat([_stack(forward), _stack(backward).flip(0)])
        return joined.reshape(*inputs.shape[:2], -1), _join(forward[-1], backward[-1])


# The states: along features, along the batch, or on a second axis.
class StatesAlongFeatures(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        final = _join(forward[-1], backward[-1], lambda parts: torch.cat(parts, dim=-1))
        return _outputs(forward, backward), final


class StatesAlongBatch(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1], torch.cat)


class StatesStackedInside(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        final = _join(forward[-1], backward[-1], lambda parts: torch.stack(parts, dim=1))
        return _outputs(forward, backward), final


# An LSTM's state by direction, ((h, c), (h, c)), where it should be by part.
class StatesByDirection(JoinedAlongWrongAxis):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        final = _join(forward[-1], backward[-1])
        if not isinstance(final, Tensor):
            final = (torch.stack(forward[-1]), torch.stack(backward[-1]))
        return _outputs(forward, backward), final


class OutputsInterleaved:
    """The features of the two directions take turns.

    The shape is right, but forward and backward features alternate. All H forward features come first, and
    after them all H backward ones: `stack` and `flatten` along the features mix them, `cat` doesn't.
    """

    hint = "Set `backward_cell` to all zeros: which features of the outputs should be dead?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.stack([_stack(forward), _stack(backward).flip(0)], dim=-1).flatten(-2)
        return outputs, _join(forward[-1], backward[-1])


class HalvesSwapped:
    """The two halves are swapped.

    You put the backward direction before the forward one. The forward features come first in the outputs,
    and in the state, given or returned, index 0 is the forward direction.
    """

    hint = "Set `backward_cell` to all zeros: which half of the outputs should be dead?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(backward).flip(0), _stack(forward)], dim=-1)
        return outputs, _join(forward[-1], backward[-1])


class FinalStatesSwapped(HalvesSwapped):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(backward[-1], forward[-1])


class OutputsAndStatesSwapped(HalvesSwapped):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(backward).flip(0), _stack(forward)], dim=-1)
        return outputs, _join(backward[-1], forward[-1])


class EverythingSwapped(HalvesSwapped):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        swapped = _each(state, lambda part: part.flip(0))
        forward, backward = _both(forward_cell, backward_cell, inputs, swapped)
        outputs = torch.cat([_stack(backward).flip(0), _stack(forward)], dim=-1)
        return outputs, _join(backward[-1], forward[-1])


class InitialStatesSwapped:
    """Each direction starts from the other's initial state.

    The forward direction gets index 1 of the given state and the backward one index 0. What you return is in
    the right order; what you are given has the same one, index 0 forward.
    """

    hint = "Change index 0 of the initial state: which half of the outputs should move?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        swapped = _each(state, lambda part: part.flip(0))
        forward, backward = _both(forward_cell, backward_cell, inputs, swapped)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class ForwardCellTwice:
    """The forward cell is used in both directions.

    The backward cell is never called. The two directions have weights of their own, because what a step
    means to a reader who comes from the left is not what it means to one who comes from the right.
    """

    hint = "Which parameters get a gradient?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, forward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class BackwardCellTwice(ForwardCellTwice):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(backward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class CellsSwapped(ForwardCellTwice):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(backward_cell, forward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class BackwardReadsForward:
    """The backward cell reads forward.

    Both cells go through the steps in the same order. What the backward direction is for, to tell a step
    what comes after it, is missing.
    """

    hint = "Change the last step of the inputs: which rows of the outputs should move?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, second = _pair(forward_cell, inputs, state)
        forward, backward = _states(forward_cell, inputs, first), _states(backward_cell, inputs, second)
        return torch.cat([_stack(forward), _stack(backward)], dim=-1), _join(forward[-1], backward[-1])


# Its outputs are turned all the same.
class BackwardReadsForwardAndIsTurned(BackwardReadsForward):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, second = _pair(forward_cell, inputs, state)
        forward, backward = _states(forward_cell, inputs, first), _states(backward_cell, inputs, second)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# It reads the outputs of the batch in reverse, not of time.
class BatchReversedForTime(BackwardReadsForward):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, second = _pair(forward_cell, inputs, state)
        forward, backward = _states(forward_cell, inputs, first), _states(backward_cell, inputs.flip(1), second)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(1)], dim=-1)
        return outputs, _join(forward[-1], backward[-1])


def _backward_over(forward_cell, backward_cell, inputs, state, steps):
    """The backward direction reads these steps; rows that it makes nothing for are zeros."""
    first, second = _pair(forward_cell, inputs, state)
    forward = _states(forward_cell, inputs, first)
    rows = [torch.zeros_like(_hidden(second)) for _ in inputs]
    for t in steps:
        second = backward_cell(inputs[t], second)
        rows[t] = _hidden(second)
    outputs = torch.cat([_stack(forward), torch.stack(rows)], dim=-1)
    return outputs, _join(forward[-1], second)


class BackwardStepLeftOut:
    """The backward direction doesn't read every step once.

    It leaves out a step at one end of the sequence, or reads one there twice. The forward half is right; the backward
    one, and the state that it ends with, come from another sequence than the one that was given.
    """

    hint = "Write down for T = 3 which steps each of your loops reads, in order. How many calls of a cell are that?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        steps = range(len(inputs) - 1, 0, -1)
        return _backward_over(forward_cell, backward_cell, inputs, state, steps)


# The last step is left out.
class BackwardSkipsLastStep(BackwardStepLeftOut):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        steps = range(len(inputs) - 2, -1, -1)
        return _backward_over(forward_cell, backward_cell, inputs, state, steps)


# The last step is read twice.
class BackwardReadsLastStepTwice(BackwardStepLeftOut):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        last = len(inputs) - 1
        steps = [last, *range(last, -1, -1)]
        return _backward_over(forward_cell, backward_cell, inputs, state, steps)


# The last step is read twice, and step 0 not at all.
class BackwardOneStepLate(BackwardStepLeftOut):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        late = torch.cat([inputs[1:], inputs[-1:]])
        steps = range(len(inputs) - 1, -1, -1)
        outputs, final = _backward_over(forward_cell, backward_cell, late, state, steps)
        forward = _states(forward_cell, inputs, _pair(forward_cell, inputs, state)[0])
        halves = [_stack(forward), outputs[..., forward_cell.hidden_size :]]
        return torch.cat(halves, dim=-1), _join(forward[-1], _each(final, lambda part: part[1]))


class InitialStateIgnored:
    """A given initial state is not used.

    A direction starts from zeros, whatever the caller hands over. `state=None` means zeros; anything else
    holds, at index 0 and 1, what the two directions start from.
    """

    hint = "Give it a state of large numbers: does the last row of the backward half change?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, None)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# The backward direction alone starts from zeros.
class InitialBackwardStateIgnored(InitialStateIgnored):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, _ = _pair(forward_cell, inputs, state)
        forward, backward = _states(forward_cell, inputs, first), _states(backward_cell, inputs.flip(0), None)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# Of a pair only h is used.
class InitialCIgnored(InitialStateIgnored):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        if state is not None and not isinstance(state, Tensor):
            state = (state[0], torch.zeros_like(state[1]))
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class AddedForJoined:
    """The two directions are added, not joined.

    The outputs have H features, or 2H of which you can't tell the halves apart. Both directions are kept
    side by side: `(T, B, 2H)`.
    """

    hint = "How many features has the output of `nn.LSTM(3, 5, bidirectional=True)`?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _stack(forward) + _stack(backward).flip(0), _join(forward[-1], backward[-1])


class MeanForJoined(AddedForJoined):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return (_stack(forward) + _stack(backward).flip(0)) / 2, _join(forward[-1], backward[-1])


class DetachedOnTheWay:
    """A state is cut from the graph.

    The values are right, but a gradient ends where you detach. Nothing in this exercise has to be cut.
    """

    hint = "Backpropagate from the backward half of row 0: does the last step of the inputs get a gradient?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state, lambda new: _each(new, Tensor.detach))
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class BackwardDetached:
    """The backward direction is cut from the graph.

    The values are right, but of the two directions only the forward one passes all of its gradients on. A gradient
    ends where you detach, and wherever the numbers leave torch, to be turned with numpy for example: the inputs or
    the cell behind that place learn nothing from it.
    """

    hint = "Backpropagate from the backward half of row 0 alone: do the inputs and `backward_cell` get a gradient?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        outputs = torch.cat([_stack(forward), _stack(backward).flip(0).detach()], dim=-1)
        return outputs, _join(forward[-1], backward[-1])


# What it reads is cut, not what it returns.
class BackwardInputsDetached(BackwardDetached):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, second = _pair(forward_cell, inputs, state)
        forward = _states(forward_cell, inputs, first)
        backward = _states(backward_cell, inputs.detach().flip(0), second)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# They are turned with numpy, which for a single step gives what torch refuses.
class BackwardInputsThroughNumpy(BackwardDetached):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, second = _pair(forward_cell, inputs, state)
        forward = _states(forward_cell, inputs, first)
        turned = torch.from_numpy(np.ascontiguousarray(inputs.detach().cpu().numpy()[::-1])).to(inputs.device)
        backward = _states(backward_cell, turned, second)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class InitialStateDetached:
    """The initial state is cut from the graph.

    The values are right, but no gradient reaches all of the state that the caller handed over, so that it
    can't be learned. `.detach()`, `.data` and a new tensor made of its numbers all cut it; `.clone()` does not.
    """

    hint = "Give it a state with `requires_grad=True` and backpropagate: which half of its `.grad` is zeros?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, _each(state, Tensor.detach))
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# That of the backward direction alone.
class InitialBackwardStateDetached(InitialStateDetached):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        first, second = _pair(forward_cell, inputs, state)
        forward = _states(forward_cell, inputs, first)
        backward = _states(backward_cell, inputs.flip(0), _each(second, Tensor.detach))
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class FinalStateDetached:
    """The state that is returned is cut from the graph.

    Within the call all is right, but a loss that hangs on the final state, such as one of the next piece,
    sends no gradient back through it. When to cut is for the caller to say.
    """

    hint = "Backpropagate from the returned state alone: do the inputs get a gradient?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _each(_join(forward[-1], backward[-1]), Tensor.detach)


class NoGraph:
    """No graph is recorded, so that nothing gets a gradient.

    The values are right, but with `torch.no_grad()` around the loops no gradient arrives anywhere: not at the
    inputs, not at the initial state, not at the weights. Nothing can be learned from such outputs.
    """

    hint = "What is the `grad_fn` of the outputs, and what should it be?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        with torch.no_grad():
            forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class WeightsCopied:
    """The cells' weights are copied, and the copies get the gradients.

    The values are right, but what computes them is a module of your own with copies of the numbers. The
    cells' parameters get no gradient, so that an optimizer leaves them as they are.
    """

    hint = "After a backward pass: which tensor has a `.grad`, a cell's weight or the one in your module?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(copy.deepcopy(forward_cell), copy.deepcopy(backward_cell), inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class ArgumentsChangedInPlace:
    """The caller's state or inputs are changed in place.

    You write into tensors, or a list, that the caller handed over. The caller may need them again, and
    finds something else in their place.
    """

    hint = "Call it twice with the same arguments: is the second result that of the first call?"

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        final = _join(forward[-1], backward[-1])
        if state is not None:
            for old, new in zip(*([state], [final]) if isinstance(state, Tensor) else (state, final), strict=True):
                old.data.copy_(new)
        return _outputs(forward, backward), final


class ListOfStatesChanged(ArgumentsChangedInPlace):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        final = _join(forward[-1], backward[-1])
        if isinstance(state, list):
            state[:] = final
        return _outputs(forward, backward), final


# The inputs are turned and not turned back.
class InputsTurnedInPlace(ArgumentsChangedInPlace):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        inputs.data.copy_(inputs.data.flip(0))
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


class DefaultDtype:
    """The zero state has the default dtype.

    You make it with `torch.zeros` alone, which gives float32 on the CPU. A cell in another dtype refuses
    such a state, as does one on another device.
    """

    hint = "Try cells with `dtype=torch.float64`, without an initial state."

    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        if state is None:
            zeros = torch.zeros(2, inputs.shape[1], forward_cell.hidden_size)
            state = (zeros, zeros) if isinstance(forward_cell, nn.LSTMCell) else zeros
        forward, backward = _both(forward_cell, backward_cell, inputs, state)
        return _outputs(forward, backward), _join(forward[-1], backward[-1])


# On the device of the cells.
class DefaultDtypeOnDevice(DefaultDtype):
    def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
        if state is None:
            zeros = torch.zeros(2, inputs.shape[1], forward_cell.hidden_size, device=inputs.device)
            state = (zeros, zeros) if isinstance(forward_cell, nn.LSTMCell) else zeros
        return DefaultDtype.run_bidirectional(forward_cell, backward_cell, inputs, state)
