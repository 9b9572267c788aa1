"""What students get wrong in unroll, each as a small wrong solution."""

import copy

import torch
from torch import Tensor, nn


def _hidden(state):
    return state if isinstance(state, Tensor) else state[0]


def _each(state, change):
    """The state with something done to each of its tensors; None stays None."""
    if state is None:
        return None
    return change(state) if isinstance(state, Tensor) else tuple(change(part) for part in state)


def _zeros(cell, inputs):
    zeros = inputs.new_zeros(inputs.shape[1], cell.hidden_size)
    return (zeros, zeros.clone()) if isinstance(cell, nn.LSTMCell) else zeros


def _states(cell, inputs, state, between=lambda new, given: new):
    """The state after each step; `between` says what the next step starts from, given that and what this one did."""
    states = []
    for step in inputs:
        new = cell(step, state)
        states.append(new)
        state = between(new, state)
    return states


def _outputs(states):
    return torch.stack([_hidden(state) for state in states])


def _result(states):
    return _outputs(states), states[-1]


class NewStateEachStep:
    """Every step starts from a new zero state.

    Inside the loop you hand the cell a fresh state, or none at all, which is the same. Each output then
    depends on its own step only: the network can't remember anything.
    """

    hint = "Change the first step of the inputs: which outputs should move, and which do?"

    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs, state, lambda new, given: None))


# The given state is not used either.
class NoStateAtAll(NewStateEachStep):
    def unroll(cell, inputs, state=None):
        return _result([cell(step) for step in inputs])


class StateNotPassedOn:
    """The new state is computed, but the next step doesn't get it.

    You keep the cell's answer under another name and hand it the same old state at every step. Each step
    then starts where the sequence began.
    """

    hint = "Which name does the cell's answer get, and which name is handed to the cell at the next step?"

    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs, state, lambda new, given: given))


# So the old state is also what is returned.
class InitialStateReturned(StateNotPassedOn):
    def unroll(cell, inputs, state=None):
        outputs = _outputs([cell(step, state) for step in inputs])
        return outputs, _zeros(cell, inputs) if state is None else state


# Each step gets the state before the last one: what it is given is one step old.
class StateOneStepOld(StateNotPassedOn):
    def unroll(cell, inputs, state=None):
        before, states = state, []
        for step in inputs:
            new = cell(step, before)
            before = state if not states else states[-1]
            states.append(new)
        return _result(states)


class InitialStateIgnored:
    """A given initial state is not used.

    The first step starts from zeros, whatever the caller hands over. `state=None` means zeros; anything else is
    where the sequence begins, such as the state in which the piece before it ended.
    """

    hint = "Give it a state of large numbers: does the first output change?"

    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs, None))


# Of a pair only h is used.
class InitialCIgnored(InitialStateIgnored):
    def unroll(cell, inputs, state=None):
        if isinstance(cell, nn.LSTMCell) and state is not None:
            state = (state[0], torch.zeros_like(state[1]))
        return _result(_states(cell, inputs, state))


# Of a pair only c is used.
class InitialHIgnored(InitialStateIgnored):
    def unroll(cell, inputs, state=None):
        if isinstance(cell, nn.LSTMCell) and state is not None:
            state = (torch.zeros_like(state[0]), state[1])
        return _result(_states(cell, inputs, state))


class OnlyHPassed:
    """Of an LSTM's state only `h` is passed on.

    An LSTM cell's state is a pair. You hand `h` on and let `c` start from zeros at every step, so that the
    memory the LSTM is built for is lost; RNN and GRU cells come out right.
    """

    hint = "What does `nn.LSTMCell` take besides the inputs, and what does it return?"

    def unroll(cell, inputs, state=None):
        def between(new, given):
            return new if isinstance(new, Tensor) else (new[0], torch.zeros_like(new[1]))

        return _result(_states(cell, inputs, state, between))


# c keeps the value it had before the first step.
class CKeptFromTheStart(OnlyHPassed):
    def unroll(cell, inputs, state=None):
        start = _zeros(cell, inputs) if state is None else state

        def between(new, given):
            return new if isinstance(new, Tensor) else (new[0], start[1])

        return _result(_states(cell, inputs, start, between))


# Not even the first step gets the given c.
class GivenCNotUsed(OnlyHPassed):
    def unroll(cell, inputs, state=None):
        if isinstance(cell, nn.LSTMCell) and state is not None:
            state = (state[0], torch.zeros_like(state[1]))
        return OnlyHPassed.unroll(cell, inputs, state)


# And what is returned is h without c.
class OnlyHReturned(OnlyHPassed):
    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        return _outputs(states), _hidden(states[-1])


class CReplacedByH:
    """An LSTM's `c` is replaced by `h`.

    You hand the LSTM cell `(h, h)`. The shapes fit, because `h` and `c` have the same size, and nothing
    complains; but what the cell state held is overwritten at every step.
    """

    hint = "Write down the two names on the left and the two names in the call, in their order."

    def unroll(cell, inputs, state=None):
        def between(new, given):
            return new if isinstance(new, Tensor) else (new[0], new[0])

        return _result(_states(cell, inputs, state, between))


# The pair that is returned is (h, h), too.
class CReplacedAtTheEnd(CReplacedByH):
    def unroll(cell, inputs, state=None):
        outputs, final = CReplacedByH.unroll(cell, inputs, state)
        return outputs, final if isinstance(final, Tensor) else (final[0], final[0])


# Only the pair that is returned is (h, h).
class CReplacedInResult(CReplacedByH):
    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        h = _hidden(states[-1])
        return _outputs(states), h if isinstance(states[-1], Tensor) else (h, h)


# The given state's c is replaced as well.
class CReplacedFromTheStart(CReplacedByH):
    def unroll(cell, inputs, state=None):
        if isinstance(cell, nn.LSTMCell) and state is not None:
            state = (state[0], state[0])
        return CReplacedByH.unroll(cell, inputs, state)


class CAsOutput:
    """An LSTM's `c` is returned as its output.

    You collect the second part of an LSTM cell's answer. The output of an LSTM is the hidden state `h`;
    the cell state `c` is its memory and stays inside.
    """

    hint = "An output of an LSTM lies between -1 and 1. Do yours?"

    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        outputs = torch.stack([new if isinstance(new, Tensor) else new[1] for new in states])
        return outputs, states[-1]


# The names are the wrong way round, so that the returned pair is (c, h), too.
class CAndHNamedWrongly(CAsOutput):
    def unroll(cell, inputs, state=None):
        outputs, final = CAsOutput.unroll(cell, inputs, state)
        return outputs, final if isinstance(final, Tensor) else (final[1], final[0])


# And the cell is handed (c, h) at the next step.
class CAndHSwappedBetweenSteps(CAsOutput):
    def unroll(cell, inputs, state=None):
        def between(new, given):
            return new if isinstance(new, Tensor) else (new[1], new[0])

        states = _states(cell, inputs, state, between)
        outputs = torch.stack([new if isinstance(new, Tensor) else new[1] for new in states])
        return outputs, between(states[-1], None)


class PairSwapped:
    """The pair is handed back as `(c, h)`.

    Inside the loop all is right, but the state that you return has `c` first. Whoever goes on from it reads
    the memory as the hidden state, and the hidden state as the memory.
    """

    hint = "In which order does `nn.LSTMCell` return the two, and in which do you?"

    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        return _outputs(states), states[-1] if isinstance(states[-1], Tensor) else states[-1][::-1]


# The pair that is given is taken as (c, h), too.
class GivenPairSwappedToo(PairSwapped):
    def unroll(cell, inputs, state=None):
        if isinstance(cell, nn.LSTMCell) and state is not None:
            state = (state[1], state[0])
        return PairSwapped.unroll(cell, inputs, state)


class OutputsOneStepLate:
    """The outputs are the states before each step.

    `outputs[0]` is the initial state, so that it knows nothing of the first inputs, and every other output comes one
    step late. What the last step did is not among the outputs, only in the state.
    """

    hint = "Change the first step of the inputs: does `outputs[0]` change?"

    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        start = _zeros(cell, inputs) if state is None else state
        return _outputs([start, *states[:-1]]), states[-1]


class ReverseOrder:
    """The steps are read in reverse order.

    You begin with the last step of the inputs and end with the first. Time runs forward along the first
    axis: the state after step 0 is what step 1 starts from.
    """

    hint = "With three steps, on which inputs does your `outputs[0]` depend? And on which should it?"

    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs.flip(0), state)
        return _outputs(states[::-1]), states[-1]


# The outputs stay in the order in which they were made.
class ReverseOrderOfOutputs(ReverseOrder):
    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs.flip(0), state))


# Read forward, but the outputs are collected in front of each other.
class OutputsReversed(ReverseOrder):
    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        return _outputs(states[::-1]), states[-1]


class FirstStateReturned:
    """The state after the first step is returned instead of the last one.

    The outputs are right, but the state that you return belongs to the beginning of the sequence. Whoever
    goes on from it reads the next piece as if this one had not been.
    """

    hint = "Run a sequence in two pieces: from which moment must the second piece go on?"

    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        return _outputs(states), states[0]


# The state before the first step is returned.
class StateBeforeReturned(FirstStateReturned):
    def unroll(cell, inputs, state=None):
        outputs, _ = _result(_states(cell, inputs, state))
        return outputs, _zeros(cell, inputs) if state is None else state


# The state before the last step is returned.
class LastStepMissing(FirstStateReturned):
    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        start = _zeros(cell, inputs) if state is None else state
        return _outputs(states), [start, *states][-2]


# Only c is from the first step.
class FirstCReturned(FirstStateReturned):
    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        return _outputs(states), states[-1] if isinstance(states[-1], Tensor) else (states[-1][0], states[0][1])


class DetachedEachStep:
    """The state is cut from the graph at every step.

    The values are right, but no gradient goes from a step to the one before: the network can learn what to
    do with an input at once, and never what to remember of it. Detaching belongs between windows, not
    inside one.
    """

    hint = "Backpropagate from the last output alone and look at the gradient of the first input."

    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs, state, lambda new, given: _each(new, Tensor.detach)))


# The given state is cut, too.
class GivenStateDetachedToo(DetachedEachStep):
    def unroll(cell, inputs, state=None):
        return DetachedEachStep.unroll(cell, inputs, _each(state, Tensor.detach))


# The returned state is cut, and so is the state at every step.
class EverythingButOutputsDetached(DetachedEachStep):
    def unroll(cell, inputs, state=None):
        outputs, final = GivenStateDetachedToo.unroll(cell, inputs, state)
        return outputs, _each(final, Tensor.detach)


# The outputs are cut, one by one.
class OutputsDetached(DetachedEachStep):
    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        return outputs.detach(), final


# Only an LSTM's c is cut.
class OnlyCDetached(DetachedEachStep):
    def unroll(cell, inputs, state=None):
        def between(new, given):
            return new if isinstance(new, Tensor) else (new[0], new[1].detach())

        return _result(_states(cell, inputs, state, between))


# Only h is cut.
class OnlyHDetached(DetachedEachStep):
    def unroll(cell, inputs, state=None):
        def between(new, given):
            return new.detach() if isinstance(new, Tensor) else (new[0].detach(), new[1])

        return _result(_states(cell, inputs, state, between))


class InitialStateDetached:
    """The initial state is cut from the graph.

    The values are right, but no gradient reaches the state that the caller handed over, so that it can't be
    learned. `.detach()`, `.data` and a new tensor made of its numbers all cut it; `.clone()` does not.
    """

    hint = "Give it a state with `requires_grad=True` and backpropagate: what is the state's `.grad`?"

    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs, _each(state, Tensor.detach)))


# Of a pair only c is cut.
class InitialCDetached(InitialStateDetached):
    def unroll(cell, inputs, state=None):
        if isinstance(cell, nn.LSTMCell) and state is not None:
            state = (state[0], state[1].detach())
        return _result(_states(cell, inputs, state))


# Of a pair only h is cut.
class InitialHDetached(InitialStateDetached):
    def unroll(cell, inputs, state=None):
        if isinstance(cell, nn.LSTMCell) and state is not None:
            state = (state[0].detach(), state[1])
        return _result(_states(cell, inputs, state))


# A state of zeros is taken for none at all.
class ZerosDetached(InitialStateDetached):
    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs, _each(state, lambda part: part if part.any() else part.detach())))


class FinalStateDetached:
    """The state that is returned is cut from the graph.

    Within the call all is right, but a loss that hangs on the final state, such as one of the next piece,
    sends no gradient back through it. When to cut is for the caller to say.
    """

    hint = "Backpropagate from the returned state alone: do the inputs get a gradient?"

    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        return outputs, _each(final, Tensor.detach)


# Of a pair only c is cut.
class FinalCDetached(FinalStateDetached):
    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        return outputs, final if isinstance(final, Tensor) else (final[0], final[1].detach())


class NoGraph:
    """All results are without a graph, so that nothing gets a gradient.

    The values are right, but no gradient arrives anywhere: not at the inputs, not at the initial state, not at the
    weights. With `torch.no_grad()` around the loop no graph is recorded, and where each new state is detached before
    it is collected, all of it is thrown away. Nothing can be learned from such outputs.
    """

    hint = "What is the `grad_fn` of the outputs, and what should it be?"

    def unroll(cell, inputs, state=None):
        with torch.no_grad():
            return _result(_states(cell, inputs, state))


class WeightsCopied:
    """The cell's weights are copied, and the copies get the gradients.

    The values are right, but what computes them is a module of your own with copies of the numbers. The
    cell's parameters get no gradient, so that an optimizer leaves them as they are.
    """

    hint = "After a backward pass: which tensor has a `.grad`, the cell's weight or the one in your module?"

    def unroll(cell, inputs, state=None):
        copied = copy.deepcopy(cell)
        return _result(_states(copied, inputs, state))


class DefaultListShared:
    """A list as default argument is shared by all calls.

    `def unroll(..., outputs=[])` makes the list once, when the function is defined. Each call adds to what
    the calls before left in it, and returns their outputs, too.
    """

    hint = "Call it twice: how long is the list at the beginning of the second call?"

    def unroll(cell, inputs, state=None, outputs=[]):  # noqa: B006
        for step in inputs:
            state = cell(step, state)
            outputs.append(_hidden(state))
        return torch.stack(outputs), state


class StateChangedInPlace:
    """The caller's state is changed in place.

    You write the new state into the tensors (or the list) that the caller handed over. The caller may need
    the state again, for another run or another loss, and finds something else in its place.
    """

    hint = "Call it twice with the same state: is the second result that of the first call?"

    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        if state is not None:
            with torch.no_grad():
                _write(state, final)
        return outputs, final


def _write(state, final):
    if isinstance(state, Tensor):
        state.copy_(final)
    else:
        for old, new in zip(state, final, strict=True):
            old.copy_(new)


# Written around autograd, which then doesn't notice.
class StateChangedThroughData(StateChangedInPlace):
    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        if state is not None:
            _write(_each(state, lambda part: part.data), final)
        return outputs, final


# Written at every step, with the graph.
class StateChangedAtEachStep(StateChangedInPlace):
    def unroll(cell, inputs, state=None):
        outputs = []
        state = _zeros(cell, inputs) if state is None else state
        for step in inputs:
            new = cell(step, state)
            _write(state, new)
            outputs.append(_hidden(new))
        return torch.stack(outputs), state


# Written at every step, without the graph.
class DataChangedAtEachStep(StateChangedInPlace):
    def unroll(cell, inputs, state=None):
        outputs = []
        state = _zeros(cell, inputs) if state is None else state
        for step in inputs:
            new = cell(step, state)
            _write(_each(state, lambda part: part.data), new)
            outputs.append(_hidden(new))
        return torch.stack(outputs), new


# The items of the caller's list are replaced.
class ListChangedInPlace(StateChangedInPlace):
    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        if isinstance(state, list):
            state[:] = final
        return outputs, final


class TimeAndBatchSwapped:
    """Time and batch are swapped.

    You walk along the batch axis and take sequences for steps. Inputs are `(T, B, I)`: the first axis is
    time, and each step is a batch of B rows.
    """

    hint = "Print the shape of what you hand the cell. How many rows should it have, T or B?"

    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs.transpose(0, 1), state)
        return _outputs(states).transpose(0, 1), states[-1]


# The outputs are not turned back.
class BatchFirstThroughout(TimeAndBatchSwapped):
    def unroll(cell, inputs, state=None):
        return _result(_states(cell, inputs.transpose(0, 1), state))


# Read rightly, but the outputs come back as (B, T, H).
class BatchFirstOutputs(TimeAndBatchSwapped):
    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        return outputs.transpose(0, 1), final


# The shape is put right by reshaping, which moves no number.
class ReshapedForTransposed(TimeAndBatchSwapped):
    def unroll(cell, inputs, state=None):
        outputs, final = _result(_states(cell, inputs, state))
        steps, batch, features = outputs.shape
        return outputs.transpose(0, 1).reshape(steps, batch, features), final


class DefaultDtype:
    """The zero state has the default dtype.

    You make it with `torch.zeros` alone, which gives float32 on the CPU. A cell in another dtype refuses
    such a state, as does one on another device.
    """

    hint = "Try a cell with `dtype=torch.float64`, without an initial state."

    def unroll(cell, inputs, state=None):
        if state is None:
            zeros = torch.zeros(inputs.shape[1], cell.hidden_size)
            state = (zeros, zeros.clone()) if isinstance(cell, nn.LSTMCell) else zeros
        return _result(_states(cell, inputs, state))


# On the cell's device.
class DefaultDtypeOnDevice(DefaultDtype):
    def unroll(cell, inputs, state=None):
        if state is None:
            zeros = torch.zeros(inputs.shape[1], cell.hidden_size, device=inputs.device)
            state = (zeros, zeros.clone()) if isinstance(cell, nn.LSTMCell) else zeros
        return _result(_states(cell, inputs, state))


class OutputsOfDefaultDtype:
    """The outputs are gathered in a tensor of the default dtype.

    You write each step's output into a tensor that `torch.zeros` or `torch.empty` made without a dtype, and what is
    written there is rounded to float32. It is on the CPU, too, whatever the cell is on.
    """

    hint = "Which dtype have the outputs of a cell with `dtype=torch.float64`? What would `torch.stack` have given?"

    def unroll(cell, inputs, state=None):
        states = _states(cell, inputs, state)
        outputs = torch.zeros(len(states), inputs.shape[1], cell.hidden_size)
        for step, each in enumerate(states):
            outputs[step] = _hidden(each)
        return outputs, states[-1]
