"""What students get wrong in run_stack, each as a small wrong solution."""

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


def _rows(cells, inputs, state):
    """The state of each layer before the first step, zeros where none is given."""
    if state is None:
        zeros = inputs.new_zeros(len(cells), inputs.shape[1], cells[0].hidden_size)
        state = (zeros, zeros) if isinstance(cells[0], nn.LSTMCell) else zeros
    return [_each(state, lambda part, layer=layer: part[layer]) for layer in range(len(cells))]


def _join(states):
    if isinstance(states[0], Tensor):
        return torch.stack(states)
    return tuple(torch.stack(part) for part in zip(*states, strict=True))


def _unroll(cell, inputs, state, between=lambda new: new):
    """One layer over all steps: outputs and last state; `between` says what the next step starts from."""
    outputs = []
    for step in inputs:
        new = cell(step, state)
        outputs.append(_hidden(new))
        state = between(new)
    return torch.stack(outputs), new


def _run(cells, inputs, rows, between=lambda new: new):
    """The outputs of every layer, and its last state, from the state of each layer before the first step."""
    sequences, finals = [], []
    for cell, row in zip(cells, rows, strict=True):
        inputs, final = _unroll(cell, inputs, row, between)
        sequences.append(inputs)
        finals.append(final)
    return sequences, finals


class OneStateForAllLayers:
    """All layers share one state.

    You hold a single state and hand it from cell to cell, up the stack and on to the next step. Each layer
    overwrites what the one below remembered. A stack of L cells has L states: at each step a cell gets its
    own from the step before.
    """

    hint = "How many states are alive at the end of a step? How many does `nn.RNN(num_layers=3)` return?"

    def run_stack(cells, inputs, state=None):
        shared = _rows(cells, inputs, state)[0]
        outputs = []
        for x in inputs:
            for cell in cells:
                shared = cell(x, shared)
                x = _hidden(shared)
            outputs.append(x)
        return torch.stack(outputs), _join([shared] * len(cells))


# What is returned is what the shared state was after each cell of the last step.
class OneStateSeenByEachLayer(OneStateForAllLayers):
    def run_stack(cells, inputs, state=None):
        shared = _rows(cells, inputs, state)[0]
        outputs = []
        for x in inputs:
            seen = []
            for cell in cells:
                shared = cell(x, shared)
                seen.append(shared)
                x = _hidden(shared)
            outputs.append(x)
        return torch.stack(outputs), _join(seen)


# What is returned has one layer only.
class OneStateOfOneLayer(OneStateForAllLayers):
    def run_stack(cells, inputs, state=None):
        outputs, final = OneStateForAllLayers.run_stack(cells, inputs, state)
        return outputs, _each(final, lambda part: part[:1])


# The given state has a row for each layer, and all layers start from the first one.
class FirstRowForAll(OneStateForAllLayers):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, [rows[0]] * len(cells))
        return sequences[-1], _join(finals)


# All layers start from the last row.
class LastRowForAll(OneStateForAllLayers):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, [rows[-1]] * len(cells))
        return sequences[-1], _join(finals)


# Each cell gets the shared state of the step before; the last one's is kept.
class LastLayersStateForAll(OneStateForAllLayers):
    def run_stack(cells, inputs, state=None):
        shared = _rows(cells, inputs, state)[-1]
        outputs = []
        for x in inputs:
            news = []
            for cell in cells:
                news.append(cell(x, shared))
                x = _hidden(news[-1])
            shared = news[-1]
            outputs.append(x)
        return torch.stack(outputs), _join(news)


# All layers step in turn with one h; each layer has a c of its own.
class OneHForAllLayers(OneStateForAllLayers):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        if not isinstance(cells[0], nn.LSTMCell):
            return OneStateForAllLayers.run_stack(cells, inputs, state)
        h, cs = rows[0][0], [c for _, c in rows]
        outputs = []
        for x in inputs:
            hs = []
            for layer, cell in enumerate(cells):
                h, cs[layer] = cell(x, (h, cs[layer]))
                hs.append(h)
                x = h
            outputs.append(x)
        return torch.stack(outputs), (torch.stack(hs), torch.stack(cs))


class StateOfLayerBelow:
    """A layer starts from the state of the layer below it.

    The state in which a layer ends is handed to the next layer up, as where that one begins. What goes up
    are the outputs. A layer's state goes on in time only, within its own layer.
    """

    hint = "Draw the stack as a grid, steps to the right and layers up. Along which lines do states go?"

    def run_stack(cells, inputs, state=None):
        current = _rows(cells, inputs, state)[0]
        finals = []
        for cell in cells:
            inputs, current = _unroll(cell, inputs, current)
            finals.append(current)
        return inputs, _join(finals)


# At every step, an upper layer gets the new state of the layer below.
class NewStateOfLayerBelow(StateOfLayerBelow):
    def run_stack(cells, inputs, state=None):
        states = _rows(cells, inputs, state)
        outputs = []
        for x in inputs:
            for layer, cell in enumerate(cells):
                states[layer] = cell(x, states[max(layer - 1, 0)])
                x = _hidden(states[layer])
            outputs.append(x)
        return torch.stack(outputs), _join(states)


# At every step, an upper layer gets the state that the layer below had before it.
class OldStateOfLayerBelow(StateOfLayerBelow):
    def run_stack(cells, inputs, state=None):
        states = _rows(cells, inputs, state)
        outputs = []
        for x in inputs:
            news = []
            for layer, cell in enumerate(cells):
                news.append(cell(x, states[max(layer - 1, 0)]))
                x = _hidden(news[-1])
            states = news
            outputs.append(x)
        return torch.stack(outputs), _join(states)


# The rows of the given state are taken one too low.
class InitialStateOfLayerBelow(StateOfLayerBelow):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, [rows[layer - 1] for layer in range(len(cells))])
        return sequences[-1], _join(finals)


# One too low, and the first layer takes its own.
class InitialStateOfLayerBelowOrOwn(StateOfLayerBelow):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, [rows[0], *rows[:-1]])
        return sequences[-1], _join(finals)


# A row too high.
class InitialStateOfLayerAbove(StateOfLayerBelow):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, [*rows[1:], rows[0]])
        return sequences[-1], _join(finals)


# A row too high, and the last layer takes its own.
class InitialStateOfLayerAboveOrOwn(StateOfLayerBelow):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, [*rows[1:], rows[-1]])
        return sequences[-1], _join(finals)


class RawInputsForEveryLayer:
    """Every layer reads the raw inputs.

    You hand `inputs` to every cell, so that the layers stand side by side instead of on top of each other.
    Only the first layer reads the inputs; each other reads the outputs of the one below.
    """

    hint = "The second cell has `input_size` H. Of what in your code is that the size?"

    def run_stack(cells, inputs, state=None):
        results = [_unroll(cell, inputs, row) for cell, row in zip(cells, _rows(cells, inputs, state), strict=True)]
        return results[-1][0], _join([final for _, final in results])


# Where the sizes allow it, and outputs from below where they don't.
class RawInputsWhereTheyFit(RawInputsForEveryLayer):
    def run_stack(cells, inputs, state=None):
        finals, below = [], inputs
        for cell, row in zip(cells, _rows(cells, inputs, state), strict=True):
            below, final = _unroll(cell, inputs if cell.input_size == inputs.shape[-1] else below, row)
            finals.append(final)
        return below, _join(finals)


class FirstLayersOutputsForEveryLayer:
    """Every upper layer reads the outputs of the first layer.

    The second layer is right, but the third reads what the second read, not what the second gave. With two
    layers nobody notices: what a layer reads are the outputs of the one just below it.
    """

    hint = "With three cells: which outputs does the last one get, and which should it?"

    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        first, final = _unroll(cells[0], inputs, rows[0])
        outputs, finals = first, [final]
        for cell, row in zip(cells[1:], rows[1:], strict=True):
            outputs, final = _unroll(cell, first, row)
            finals.append(final)
        return outputs, _join(finals)


class LayerBelowOneStepLate:
    """An upper layer reads the layer below as it was one step ago.

    At each step an upper cell gets what the layer below held before that step, its initial state at the first one.
    The layers are not updated all at once: within a step the inputs go up the whole stack, so that the last layer's
    first output knows of the first inputs.
    """

    hint = "With two cells, change the last step of the inputs: does the last output change?"

    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        finals, below = [], inputs
        for cell, row in zip(cells, rows, strict=True):
            outputs, final = _unroll(cell, below, row)
            finals.append(final)
            below = torch.stack([_hidden(row), *outputs[:-1]])
        return outputs, _join(finals)


# At the first step it reads zeros.
class LayerBelowLateFromZeros(LayerBelowOneStepLate):
    def run_stack(cells, inputs, state=None):
        finals, below = [], inputs
        for cell, row in zip(cells, _rows(cells, inputs, state), strict=True):
            outputs, final = _unroll(cell, below, row)
            finals.append(final)
            below = torch.stack([torch.zeros_like(outputs[0]), *outputs[:-1]])
        return outputs, _join(finals)


class LayersReversed:
    """The layers are taken in reverse order.

    You begin with the last cell, or give back the states with the last layer first. The first cell is the
    lowest layer: it reads the inputs, and its state is row 0.
    """

    hint = "Which cell has `input_size` I? Where in the list, and in the state, does it stand?"

    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells[::-1], inputs, rows)
        return sequences[-1], _join(finals)


# Each cell keeps its own row of the state.
class CellsReversed(LayersReversed):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells[::-1], inputs, rows[::-1])
        return sequences[-1], _join(finals[::-1])


# The state is returned with the last layer first.
class FinalStateReversed(LayersReversed):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals[::-1])


# The given state is taken with the last layer first.
class InitialStateReversed(LayersReversed):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state)[::-1])
        return sequences[-1], _join(finals)


# Both states have the last layer first.
class BothStatesReversed(LayersReversed):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state)[::-1])
        return sequences[-1], _join(finals[::-1])


class LastLayerStateOnly:
    """Only the last layer's state is returned.

    You return the state that the loop over the layers ended with. The lower layers have states of their
    own, and whoever goes on from yours would have to start them from zeros.
    """

    hint = "Go on from your final state with the next piece of the sequence: what does layer 0 start from?"

    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], finals[-1]


# With a layer axis of size 1.
class LastLayerAsRow(LastLayerStateOnly):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals[-1:])


# Repeated, so that the shape is right.
class LastLayerRepeated(LastLayerStateOnly):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals[-1:] * len(cells))


# The lower layers' rows are zeros.
class LowerLayersZero(LastLayerStateOnly):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        zeros = [_each(final, torch.zeros_like) for final in finals[:-1]]
        return sequences[-1], _join([*zeros, finals[-1]])


# The lower layers' rows are those of the given state.
class LowerLayersAsGiven(LastLayerStateOnly):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, rows)
        return sequences[-1], _join([*rows[:-1], finals[-1]])


class PairsPerLayerReturned:
    """For LSTM cells the state is returned as a list of pairs, one for each layer.

    You hand back what each cell gave, `(h, c)` layer by layer. A stack's state has the form of an `nn.LSTM`'s: one
    pair, whose `h` holds the rows of all layers, and whose `c` does too. Whoever unpacks yours, with two layers, takes
    the first layer's pair for `h`.
    """

    hint = "How many tensors does `nn.LSTM(num_layers=3)` return as its state, and how many do you?"

    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], finals if isinstance(cells[0], nn.LSTMCell) else _join(finals)


class UpperStateOneStepOnly:
    """An upper layer's state advances by one step only.

    An upper cell is called once, with the state it had at the start, where it should be called at every
    step. Its state then knows one step of the sequence, not all of them.
    """

    hint = "Count the calls of each cell for T steps: they should all be called equally often."

    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, rows)
        upper = [cell(x[-1], row) for cell, x, row in zip(cells[1:], sequences, rows[1:], strict=False)]
        return sequences[-1], _join([finals[0], *upper])


# Every output of an upper layer starts from the state at the start.
class UpperStateNotPassedOn(UpperStateOneStepOnly):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        inputs, final = _unroll(cells[0], inputs, rows[0])
        finals = [final]
        for cell, row in zip(cells[1:], rows[1:], strict=True):
            inputs, final = _unroll(cell, inputs, row, lambda new, row=row: row)
            finals.append(final)
        return inputs, _join(finals)


# The state after the first step is returned.
class UpperStateAfterFirstStep(UpperStateOneStepOnly):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, rows)
        upper = [cell(x[0], row) for cell, x, row in zip(cells[1:], sequences, rows[1:], strict=False)]
        return sequences[-1], _join([finals[0], *upper])


# Every layer's state is that after the first step.
class EveryStateAfterFirstStep(UpperStateOneStepOnly):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, _ = _run(cells, inputs, rows)
        _, finals = _run(cells, inputs[:1], rows)
        return sequences[-1], _join(finals)


# Upper layers read the last output of the layer below, and nothing else.
class UpperLayersReadTheLastOutput(UpperStateOneStepOnly):
    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        inputs, final = _unroll(cells[0], inputs, rows[0])
        finals = [final]
        for cell, row in zip(cells[1:], rows[1:], strict=True):
            inputs, final = _unroll(cell, inputs[-1:], row)
            finals.append(final)
        return inputs, _join(finals)


class InitialStateIgnored:
    """A given initial state is not used.

    Every layer starts from zeros, whatever the caller hands over. `state=None` means zeros; anything else
    is where the layers begin.
    """

    hint = "Give it a state of large numbers: does the first output change?"

    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, None))
        return sequences[-1], _join(finals)


# Of a pair only h is used.
class InitialCIgnored(InitialStateIgnored):
    def run_stack(cells, inputs, state=None):
        if state is not None and not isinstance(state, Tensor):
            state = (state[0], torch.zeros_like(state[1]))
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals)


class InitialStateForFirstLayerOnly:
    """Only the first layer gets its initial state.

    Row 0 of the given state is used, and the upper layers start from zeros. The state has a row for each
    layer, and each layer starts from its own.
    """

    hint = "Give it a state that is zero but for the last row: does the first output change?"

    def run_stack(cells, inputs, state=None):
        first, *_ = _rows(cells, inputs, state)
        _, *zeros = _rows(cells, inputs, None)
        sequences, finals = _run(cells, inputs, [first, *zeros])
        return sequences[-1], _join(finals)


class DetachedOnTheWay:
    """A state or a layer's outputs are cut from the graph.

    The values are right, but a gradient ends where you detach: at the step before, or at the layer below,
    which then never learns. Nothing in this exercise has to be cut.
    """

    hint = "Backpropagate from the last output: do the weights of the first cell get a gradient from every step?"

    def run_stack(cells, inputs, state=None):
        rows = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, rows, lambda new: _each(new, Tensor.detach))
        return sequences[-1], _join(finals)


# Between layers.
class DetachedBetweenLayers(DetachedOnTheWay):
    def run_stack(cells, inputs, state=None):
        finals = []
        for cell, row in zip(cells, _rows(cells, inputs, state), strict=True):
            outputs, final = _unroll(cell, inputs, row)
            finals.append(final)
            inputs = outputs.detach()
        return outputs, _join(finals)


class InitialStateDetached:
    """The initial state is cut from the graph.

    The values are right, but no gradient reaches all of the state that the caller handed over, so that it
    can't be learned. `.detach()`, `.data` and a new tensor made of its numbers all cut it; `.clone()` does not.
    """

    hint = "Give it a state with `requires_grad=True` and backpropagate: which rows of its `.grad` are zeros?"

    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, _each(state, Tensor.detach)))
        return sequences[-1], _join(finals)


# Only those of the upper layers.
class UpperInitialStatesDetached(InitialStateDetached):
    def run_stack(cells, inputs, state=None):
        first, *upper = _rows(cells, inputs, state)
        sequences, finals = _run(cells, inputs, [first, *(_each(row, Tensor.detach) for row in upper)])
        return sequences[-1], _join(finals)


# Of a pair only c is cut.
class InitialCDetached(InitialStateDetached):
    def run_stack(cells, inputs, state=None):
        if state is not None and not isinstance(state, Tensor):
            state = (state[0], state[1].detach())
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals)


class FinalStateDetached:
    """The state that is returned is cut from the graph.

    Within the call all is right, but a loss that hangs on the final state, such as one of the next piece,
    sends no gradient back through it. When to cut is for the caller to say.
    """

    hint = "Backpropagate from the returned state alone: do the inputs get a gradient?"

    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _each(_join(finals), Tensor.detach)


class NoGraph:
    """All results are without a graph, so that nothing gets a gradient.

    The values are right, but no gradient arrives anywhere: not at the inputs, not at the initial state, not at the
    weights. With `torch.no_grad()` around the loops no graph is recorded, and where each new state is detached before
    it is collected, all of it is thrown away. Nothing can be learned from such outputs.
    """

    hint = "What is the `grad_fn` of the outputs, and what should it be?"

    def run_stack(cells, inputs, state=None):
        with torch.no_grad():
            sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals)


class WeightsCopied:
    """The cells' weights are copied, and the copies get the gradients.

    The values are right, but what computes them is a module of your own with copies of the numbers. The
    cells' parameters get no gradient, so that an optimizer leaves them as they are.
    """

    hint = "After a backward pass: which tensor has a `.grad`, a cell's weight or the one in your module?"

    def run_stack(cells, inputs, state=None):
        sequences, finals = _run([copy.deepcopy(cell) for cell in cells], inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals)


class ArgumentsChangedInPlace:
    """The caller's state, or list of cells, is changed in place.

    You write the new states into the tensors or the list that the caller handed over, or take cells out of
    the list. The caller may need them again, and finds something else in their place.
    """

    hint = "Call it twice with the same arguments: is the second result that of the first call?"

    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        final = _join(finals)
        if state is not None:
            for old, new in zip(*([state], [final]) if isinstance(state, Tensor) else (state, final), strict=True):
                old.data.copy_(new)
        return sequences[-1], final


# With the graph, row by row.
class RowsChangedInPlace(ArgumentsChangedInPlace):
    def run_stack(cells, inputs, state=None):
        if state is None:
            return ArgumentsChangedInPlace.run_stack(cells, inputs, state)
        for layer, cell in enumerate(cells):
            row = _each(state, lambda part, layer=layer: part[layer].clone())
            inputs, final = _unroll(cell, inputs, row)
            if isinstance(state, Tensor):
                state[layer] = final
            else:
                state[0][layer], state[1][layer] = final
        return inputs, state


# The items of a list that holds a pair.
class ListOfStatesChanged(ArgumentsChangedInPlace):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        final = _join(finals)
        if isinstance(state, list):
            state[:] = final
        return sequences[-1], final


# The list of cells is used up.
class CellsUsedUp(ArgumentsChangedInPlace):
    def run_stack(cells, inputs, state=None):
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        if isinstance(cells, list):
            cells.clear()
        return sequences[-1], _join(finals)


class ZerosOfInputSize:
    """The zero state has as many features as the inputs.

    You make the zeros in the size of a step of the inputs. A cell reads I features and remembers H, so that its
    state has H of them; only where the two happen to be equal nothing complains.
    """

    hint = "Build `nn.RNNCell(3, 5)`, call it without a state, and print the shape of what it returns."

    def run_stack(cells, inputs, state=None):
        if state is None:
            zeros = inputs.new_zeros(len(cells), *inputs.shape[1:])
            state = (zeros, zeros) if isinstance(cells[0], nn.LSTMCell) else zeros
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals)


class DefaultDtype:
    """The zero state has the default dtype.

    You make it with `torch.zeros` alone, which gives float32 on the CPU. A cell in another dtype refuses
    such a state, as does one on another device.
    """

    hint = "Try cells with `dtype=torch.float64`, without an initial state."

    def run_stack(cells, inputs, state=None):
        if state is None:
            zeros = torch.zeros(len(cells), inputs.shape[1], cells[0].hidden_size)
            state = (zeros, zeros) if isinstance(cells[0], nn.LSTMCell) else zeros
        sequences, finals = _run(cells, inputs, _rows(cells, inputs, state))
        return sequences[-1], _join(finals)


# On the device of the cells.
class DefaultDtypeOnDevice(DefaultDtype):
    def run_stack(cells, inputs, state=None):
        if state is None:
            zeros = torch.zeros(len(cells), inputs.shape[1], cells[0].hidden_size, device=inputs.device)
            state = (zeros, zeros) if isinstance(cells[0], nn.LSTMCell) else zeros
        return DefaultDtype.run_stack(cells, inputs, state)
