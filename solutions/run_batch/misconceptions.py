"""What students get wrong in run_batch, each as a small wrong solution."""

import functools

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence, unpack_sequence


def _require(sequences):
    if not sequences:
        raise ValueError("expected at least one sequence, got an empty list")


def _take_columns(state, order):
    if state is None:
        return None
    if isinstance(state, Tensor):
        return state[:, order]
    h, c = state
    return h[:, order], c[:, order]


def _longest_first(sequences):
    return sorted(range(len(sequences)), key=lambda i: len(sequences[i]), reverse=True)


def _places(order):
    return [order.index(i) for i in range(len(order))]


def _run_sorted(rnn, sequences, order, sorted_state):
    """Outputs, padded, (T, B, D*H), and final state, both in sorted order."""
    packed = pack_sequence([sequences[i] for i in order])
    packed_outputs, final = rnn(packed, sorted_state)
    padded, _ = pad_packed_sequence(packed_outputs)
    return padded, final


def _run_padded(rnn, sequences, state):
    """The padded batch run as it is: padding is read as if it were data."""
    padded, final = rnn(pad_sequence(sequences, batch_first=rnn.batch_first), state)
    if rnn.batch_first:
        padded = padded.transpose(0, 1)
    return padded, final


def _cut(padded, sequences, places):
    return [padded[: len(s), k] for s, k in zip(sequences, places, strict=True)]


def _column(state, i):
    """The unbatched state (L*D, H) of sequence i."""
    return _take_columns(state, i)


def _run_right(rnn, sequences, state):
    """What run_batch should return."""
    order = _longest_first(sequences)
    padded, final = _run_sorted(rnn, sequences, order, _take_columns(state, order))
    return _cut(padded, sequences, _places(order)), _take_columns(final, _places(order))


def _run_each(rnn, sequences, starts):
    """Outputs and unbatched final states of the sequences, each run alone from its start."""
    results = [rnn(sequence, start) for sequence, start in zip(sequences, starts, strict=True)]
    return [output for output, _ in results], [final for _, final in results]


def _run_one_after_the_other(rnn, sequences, current):
    """Each sequence started from the state in which the one before ended."""
    outputs, finals = [], []
    for sequence in sequences:
        output, current = rnn(sequence, current)
        outputs.append(output)
        finals.append(current)
    return outputs, _join(finals)


def _with_c_of(other, state):
    """The state, but where it is a pair, with the c of the other one."""
    return state if state is None or isinstance(state, Tensor) else (state[0], other[1])


def _with_last_layer(final, rows):
    """The final state, with these rows as the last layer's h, one a direction."""
    if not isinstance(final, Tensor):
        return _with_last_layer(final[0], rows), final[1]
    return torch.cat([final[: -len(rows)], torch.stack(rows)])


def _join(finals, join=lambda parts: torch.stack(parts, dim=1)):
    """Join the unbatched final states, one for each sequence, to one state."""
    if isinstance(finals[0], Tensor):
        return join(finals)
    return tuple(join(parts) for parts in zip(*finals, strict=True))


def _zeros(make, rnn, sequences, features):
    """A zero state, with so many features in h."""
    layers = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = make(layers, len(sequences), features)
    return (h, make(layers, len(sequences), rnn.hidden_size)) if rnn.mode == "LSTM" else h


def _as_pair(state):
    return tuple(state) if isinstance(state, list) else state


class StateAfterPadding:
    """The final state is read after the padding.

    You pad the sequences, run the padded batch and return the state that comes out.
    A recurrent network doesn't know padding from data: for every sequence but the
    longest, that state has gone on through the padded steps, and in a bidirectional
    module the backward direction has read them before the sequence itself.
    """

    hint = (
        "Run a short sequence alone and next to a long one, and compare its two final "
        "states: what did the network read in between?"
    )

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        padded, final = _run_padded(rnn, sequences, state)
        return _cut(padded, sequences, range(len(sequences))), final


# Only c runs on over the padding; h is taken at the end of each sequence.
class OnlyCAfterPadding(StateAfterPadding):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        _, after_padding = _run_padded(rnn, sequences, state)
        return outputs, _with_c_of(after_padding, final)


# Run step by step, sequences that have ended keep their h, but not their c.
class OnlyHMasked(StateAfterPadding):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if rnn.bidirectional:
            return _run_right(rnn, sequences, state)
        time = 1 if rnn.batch_first else 0
        steps = []
        for t, inputs in enumerate(pad_sequence(sequences)):
            output, new = rnn(inputs.unsqueeze(time), state)
            steps.append(output.squeeze(time))
            ended = torch.tensor([t >= len(s) for s in sequences], device=inputs.device).unsqueeze(1)
            if t == 0:
                state = new
            elif isinstance(new, Tensor):
                state = torch.where(ended, state, new)
            else:
                state = torch.where(ended, state[0], new[0]), new[1]
        return _cut(torch.stack(steps), sequences, range(len(sequences))), state


class BackwardOnPadding:
    """The backward direction starts on padding.

    You cut the outputs from a run over the padded batch. Cutting helps the forward
    direction only: the backward one begins at the end, where the padding lies, and
    carries what it read there into every real step.
    """

    hint = (
        "Look at the second half of the features of a short sequence: which step does "
        "the backward direction read first?"
    )

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        padded, _ = _run_padded(rnn, sequences, state)
        _, final = _run_right(rnn, sequences, state)
        return _cut(padded, sequences, range(len(sequences))), final


# The backward direction's final state comes from the run over padding, too.
class BackwardStateOnPadding(BackwardOnPadding):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = BackwardOnPadding.run_batch(rnn, sequences, state)
        if not rnn.bidirectional:
            return outputs, final
        _, on_padding = _run_padded(rnn, sequences, state)

        def mix(right, wrong):
            mixed = right.clone()
            mixed[1::2] = wrong[1::2]  # the backward direction of every layer
            return mixed

        if isinstance(final, Tensor):
            return outputs, mix(final, on_padding)
        return outputs, tuple(map(mix, final, on_padding))


class LastPaddedStep:
    """The last padded step is taken for the last step of each sequence.

    You read the last layer's final state from `[-1]` of the padded outputs. That row
    is the end of the longest sequence only; a shorter one ended earlier and has only
    padding there, so that its state is zeros instead of what it has read.
    """

    hint = "Each sequence ends at an index of its own: which one, for a length of T_i?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        forward, *backward = pad_sequence(outputs).chunk(2 if rnn.bidirectional else 1, dim=2)
        return outputs, _with_last_layer(final, [forward[-1], *(part[0] for part in backward)])


# Both directions are read from the last padded step.
class BothDirectionsFromLastPaddedStep(LastPaddedStep):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        last = pad_sequence(outputs)[-1]
        return outputs, _with_last_layer(final, last.chunk(2 if rnn.bidirectional else 1, dim=1))


class SortedOutputsNotRestored:
    """The outputs come back in another order.

    You sort the sequences to pack them and don't put the outputs back in their order.
    The caller's i-th output then belongs to another sequence, and doesn't fit the i-th
    column of the state.
    """

    hint = "Give in a short sequence first: where in your list is its output?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        order = _longest_first(sequences)
        padded, final = _run_sorted(rnn, sequences, order, _take_columns(state, order))
        outputs = [padded[: len(sequences[i]), k] for k, i in enumerate(order)]
        return outputs, _take_columns(final, _places(order))


# The sorting order is applied to the outputs once more, where its inverse would put them back.
class OutputsSortedTwice(SortedOutputsNotRestored):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = SortedOutputsNotRestored.run_batch(rnn, sequences, state)
        return [outputs[i] for i in _longest_first(sequences)], final


class SortedStateNotRestored:
    """The columns of the final state come back in another order.

    You sort the sequences to pack them and put the outputs back in order, but not the
    columns of the final state. When the caller goes on from that state, each sequence
    continues with the memory of another.
    """

    hint = "Two things leave the sorted batch. Did both find their way back?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        order = _longest_first(sequences)
        padded, final = _run_sorted(rnn, sequences, order, _take_columns(state, order))
        return _cut(padded, sequences, _places(order)), final


# Only c stays sorted.
class OnlyCNotRestored(SortedStateNotRestored):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        _, still_sorted = SortedStateNotRestored.run_batch(rnn, sequences, state)
        return outputs, _with_c_of(still_sorted, final)


# The sorting order is applied to the state once more, where its inverse would put it back.
class StateSortedTwice(SortedStateNotRestored):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, still_sorted = SortedStateNotRestored.run_batch(rnn, sequences, state)
        return outputs, _take_columns(still_sorted, _longest_first(sequences))


class OrderTakenForInverse:
    """Outputs and state are put back with the sorting order, where its inverse is needed.

    You index both with the permutation that sorted the sequences. Where two sequences have changed places
    this is right, because a swap undoes itself; where three have moved round, each goes on to the next place
    instead of back to its own.
    """

    hint = "Sort three sequences of 1, 3 and 2 steps: where does each go, and which index brings each back?"

    def run_batch(rnn, sequences, state=None):
        outputs, _ = OutputsSortedTwice.run_batch(rnn, sequences, state)
        _, final = StateSortedTwice.run_batch(rnn, sequences, state)
        return outputs, final


class InitialStateNotSorted:
    """The initial state is not sorted along with the sequences.

    You sort the sequences by length and hand the initial state on as it came. Its
    columns are in the caller's order, so each sequence starts from the state of
    another; with no initial state nothing shows.
    """

    hint = (
        "After sorting, which sequence is in column 0 of the batch, and whose state is "
        "in column 0 of the initial state?"
    )

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        order = _longest_first(sequences)
        places = _places(order)
        padded, final = _run_sorted(rnn, sequences, order, state)
        return _cut(padded, sequences, places), _take_columns(final, places)


# Only c is handed on as it came.
class OnlyCNotSorted(InitialStateNotSorted):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        order = _longest_first(sequences)
        places = _places(order)
        initial = _with_c_of(state, _take_columns(state, order))
        padded, final = _run_sorted(rnn, sequences, order, initial)
        return _cut(padded, sequences, places), _take_columns(final, places)


class ViewForTranspose:
    """`view` is used where two axes should be swapped.

    You reshape a tensor where two of its axes should change places, (B, L*D, H) to
    (L*D, B, H) for example. The shape is right, but `view` and `reshape` only cut the
    same row of numbers anew: the sequences are mixed as soon as there are several.
    """

    hint = (
        "Fill a small tensor with `torch.arange` and compare `view` with `transpose`: which of the two moves numbers?"
    )

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        starts = [_column(state, i) for i in range(len(sequences))]
        outputs, finals = _run_each(rnn, sequences, starts)

        def join(parts):
            stacked = torch.stack(parts)  # (B, L*D, H)
            batch, layers, features = stacked.shape
            return stacked.view(layers, batch, features)

        return outputs, _join(finals, join)


# The given initial state is cut anew to (B, L*D, H), to take a row of it for each sequence.
class ViewOfInitialState(ViewForTranspose):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is None:
            return _run_right(rnn, sequences, state)

        def rows(part):
            layers, batch, features = part.shape
            return part.reshape(batch, layers, features)

        starts = rows(state) if isinstance(state, Tensor) else zip(*map(rows, state), strict=True)
        outputs, finals = _run_each(rnn, sequences, starts)
        return outputs, _join(finals)


# The padded outputs (T, B, F) are cut anew to (B, T, F).
class ViewOfOutputs(ViewForTranspose):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        padded = pad_sequence(outputs)
        steps, batch, features = padded.shape
        rows = padded.reshape(batch, steps, features)
        return [row[: len(sequence)] for row, sequence in zip(rows, sequences, strict=True)], final


class StateCarriedOver:
    """The state of one sequence is carried into the next.

    You run the sequences one after the other and, at least when no initial state is given,
    start each from the state in which the one before ended. The sequences of a batch are
    independent: what one of them reads must not change another.
    """

    hint = "Change a number in the first sequence: which outputs may move?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is not None:
            return _run_right(rnn, sequences, state)
        return _run_one_after_the_other(rnn, sequences, None)


# A given initial state is for the first sequence only.
class StateCarriedOverFromFirst(StateCarriedOver):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        return _run_one_after_the_other(rnn, sequences, _column(state, 0))


# The sequences are joined to one long one, and all end in its final state.
class JoinedToOneSequence(StateCarriedOver):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is not None:
            return _run_right(rnn, sequences, state)
        joined, final = rnn(torch.cat(sequences))
        return list(joined.split([len(s) for s in sequences])), _join([final] * len(sequences))


class OneStateForAll:
    """One sequence's state stands for the whole batch.

    You start every sequence from the state of one of them, or return only the state in
    which one of them ended. Every sequence has a state of its own, a column on the batch
    axis: each starts from its own, and the caller wants to go on with all of them.
    """

    hint = "There are B sequences: how many columns of the initial state do you read, and how many do you return?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        starts = [_column(state, i) for i in range(len(sequences))]
        outputs, finals = _run_each(rnn, sequences, starts)
        return outputs, _join(finals[-1:])


# Every sequence starts from the first column of the initial state.
class FirstStateForAll(OneStateForAll):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, finals = _run_each(rnn, sequences, [_column(state, 0)] * len(sequences))
        return outputs, _join(finals)


class InitialStateCut:
    """The initial state is cut from its graph.

    The values are used, but the gradient ends there, for the whole state or for one of a pair. Whoever
    made the state, a layer that learns it or a call before this one, gets no gradient, though the outputs depend
    on it. Where a graph should end is for the caller to say.
    """

    hint = "Give an initial state with `requires_grad=True`: has each tensor of it a `.grad` after a backward?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is not None:
            state = state.detach() if isinstance(state, Tensor) else tuple(part.detach() for part in state)
        return _run_right(rnn, sequences, state)


# Only in c.
class InitialCellCut(InitialStateCut):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is not None and not isinstance(state, Tensor):
            state = state[0], state[1].detach()
        return _run_right(rnn, sequences, state)


class InitialCellForgotten:
    """Of the initial pair only h is used.

    An LSTM starts from two tensors, and you start it from one of them; c begins with zeros, whatever
    the caller gave. An RNN and a GRU work, and so does an LSTM without an initial state.
    """

    hint = "Change a number in the initial `c`: do the outputs of an LSTM move?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is not None and not isinstance(state, Tensor):
            state = state[0], torch.zeros_like(state[1])
        return _run_right(rnn, sequences, state)


class LastLayerOnly:
    """Only the last layer's final state is returned.

    The last layer is the one whose outputs you see, but every layer has a state of its own, and the caller
    can't go on without those of the others. With one layer nothing shows.
    """

    hint = "How many layers of state does `rnn` take as its initial state, and how many do you return?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        rows = slice(-2 if rnn.bidirectional else -1, None)
        return outputs, final[rows] if isinstance(final, Tensor) else tuple(part[rows] for part in final)


# The last row, which of two directions is the backward one, as one of an axis less.
class LastRowOnly(LastLayerOnly):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return outputs, final[-1] if isinstance(final, Tensor) else tuple(part[-1] for part in final)


class StatesNotJoined:
    """The final states of the sequences are not joined to one.

    You return a list with the state of each sequence by itself. The state of a batch is one tensor, or a pair
    of them, with a column for each sequence: so it can be handed to `rnn`, or to this function again.
    """

    hint = "Hand the state that you return to a second call, with the next piece of each sequence: what happens?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        starts = [_column(state, i) for i in range(len(sequences))]
        return _run_each(rnn, sequences, starts)


# A pair of lists for an LSTM.
class PairOfLists(StatesNotJoined):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        starts = [_column(state, i) for i in range(len(sequences))]
        outputs, finals = _run_each(rnn, sequences, starts)
        return outputs, _join(finals, list)


class NoGradientToSequences:
    """No gradient reaches the sequences.

    On the way from the sequences to the outputs the graph is cut: all of it where gradients are switched off
    or the results are detached, or its first part where numbers are copied out of the sequences. The values are
    right, but what made the sequences, as an embedding does, can't learn; and where the results have no graph at
    all, neither can the network.
    """

    hint = "Give sequences with `requires_grad=True`: have the outputs a `grad_fn`, and the sequences a `.grad`?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        with torch.no_grad():
            return _run_right(rnn, sequences, state)


# Only the sequences are cut off.
class SequencesCut(NoGradientToSequences):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        return _run_right(rnn, [sequence.detach() for sequence in sequences], state)


# The outputs are cut, the final state is not.
class OutputsCut(NoGradientToSequences):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return [output.detach() for output in outputs], final


class PaddingLeftOn:
    """The outputs still hold the padding.

    All of them are as long as the longest sequence, and from its own end on each holds rows of zeros
    that no step has computed. The caller can't tell them from outputs, and a mean or a loss over them is wrong.
    """

    hint = "How many rows has each of your outputs, and how many steps has its sequence?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return list(pad_sequence(outputs, batch_first=True)), final


# As one tensor.
class PaddedTensorReturned(PaddingLeftOn):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return pad_sequence(outputs, batch_first=True), final


# As one tensor with the time in front.
class PaddedTimeMajorReturned(PaddingLeftOn):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return pad_sequence(outputs), final


class BatchEqualsHidden:
    """It works only when the batch is as large as the hidden state.

    You make the zero state as (L*D, H, B). A hidden state is (L*D, B, H), the batch
    before the features, so that `rnn` takes yours only when B happens to equal H and
    refuses it for any other batch.
    """

    hint = "Try a batch of three sequences on a module with `hidden_size=5`."

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        order = _longest_first(sequences)
        places = _places(order)
        if state is None:
            directions = 2 if rnn.bidirectional else 1
            layers = rnn.num_layers * directions
            h_size = rnn.proj_size or rnn.hidden_size
            like = next(rnn.parameters())
            initial = like.new_zeros(layers, h_size, len(sequences))
            if rnn.mode == "LSTM":
                c = like.new_zeros(layers, rnn.hidden_size, len(sequences))
                initial = (initial, c)
        else:
            initial = _take_columns(state, order)
        padded, final = _run_sorted(rnn, sequences, order, initial)
        return _cut(padded, sequences, places), _take_columns(final, places)


# The buffer that the final states are gathered in is (L*D, H, B).
class BufferEqualsHidden(BatchEqualsHidden):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        starts = [_column(state, i) for i in range(len(sequences))]
        outputs, finals = _run_each(rnn, sequences, starts)

        def gather(parts):
            layers, features = parts[0].shape
            buffer = parts[0].new_zeros(layers, features, len(parts))
            for i, part in enumerate(parts):
                buffer[:, i] = part
            return buffer

        return outputs, _join(finals, gather)


# The zero state has as many columns as the hidden state has features.
class HiddenSizeForBatchSize(BatchEqualsHidden):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is None:
            like = next(rnn.parameters())
            layers, columns = rnn.num_layers * (2 if rnn.bidirectional else 1), rnn.hidden_size
            state = like.new_zeros(layers, columns, rnn.proj_size or rnn.hidden_size)
            if rnn.mode == "LSTM":
                state = (state, like.new_zeros(layers, columns, rnn.hidden_size))
        packed, final = rnn(pack_sequence(sequences, enforce_sorted=False), state)
        padded, lengths = pad_packed_sequence(packed)
        return [padded[:length, k] for k, length in enumerate(lengths.tolist())], final


class DefaultDtype:
    """The zero state has the default dtype.

    You make it with `torch.zeros` alone, which gives float32 on the CPU. A module in
    another dtype refuses such a state, as does one on another device.
    """

    hint = "Try a module with `dtype=torch.float64`, without an initial state."

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is None:
            state = _zeros(torch.zeros, rnn, sequences, rnn.proj_size or rnn.hidden_size)
        packed, final = rnn(pack_sequence(sequences, enforce_sorted=False), _as_pair(state))
        return unpack_sequence(packed), final


# As above, but on the module's device.
class DefaultDtypeOnDevice(DefaultDtype):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is None:
            zeros = functools.partial(torch.zeros, device=rnn.weight_ih_l0.device)
            state = _zeros(zeros, rnn, sequences, rnn.proj_size or rnn.hidden_size)
        packed, final = rnn(pack_sequence(sequences, enforce_sorted=False), _as_pair(state))
        return unpack_sequence(packed), final


def _padded_by(make, parts):
    """The parts in a buffer (max T_i, B, F), each cut out of it again."""
    buffer = make(max(map(len, parts)), len(parts), parts[0].size(-1))
    for i, part in enumerate(parts):
        buffer[: len(part), i] = part
    return [buffer[: len(part), i] for i, part in enumerate(parts)]


class BufferInDefaultDtype:
    """A buffer has the default dtype.

    You copy sequences or outputs into a tensor that `torch.zeros` alone has made, which is in float32 on
    the CPU. Numbers of another dtype are rounded when they are written into it; what comes out has
    another dtype than the module, or the module refuses it.
    """

    hint = "Try a module and sequences with `dtype=torch.float64`: which tensors on the way are float32?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return _padded_by(torch.zeros, outputs), final


# As above, but on the module's device.
class BufferInDefaultDtypeOnDevice(BufferInDefaultDtype):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return _padded_by(functools.partial(torch.zeros, device=rnn.weight_ih_l0.device), outputs), final


# The sequences are padded in it.
class SequencesInDefaultDtype(BufferInDefaultDtype):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        return _run_right(rnn, _padded_by(torch.zeros, sequences), state)


# As above, but on the module's device.
class SequencesInDefaultDtypeOnDevice(BufferInDefaultDtype):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        zeros = functools.partial(torch.zeros, device=rnn.weight_ih_l0.device)
        return _run_right(rnn, _padded_by(zeros, sequences), state)


class ProjectionIgnored:
    """`h` has `hidden_size` features, where the module projects.

    You make a tensor for `h` with `hidden_size` features. An LSTM with a `proj_size`
    makes its `h` smaller than `c`: `h` then has `proj_size` features, `c` still
    `hidden_size`.
    """

    hint = "Look at the shapes of `h` and `c` that `nn.LSTM(3, 5, proj_size=2)` returns."

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        if state is None:
            state = _zeros(rnn.weight_ih_l0.new_zeros, rnn, sequences, rnn.hidden_size)
        packed, final = rnn(pack_sequence(sequences, enforce_sorted=False), _as_pair(state))
        return unpack_sequence(packed), final


# The buffer that the final states are gathered in.
class ProjectionIgnoredInBuffer(ProjectionIgnored):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        starts = [_column(state, i) for i in range(len(sequences))]
        outputs, finals = _run_each(rnn, sequences, starts)

        def gather(parts):
            buffer = parts[0].new_zeros(len(parts[0]), len(parts), rnn.hidden_size)
            for i, part in enumerate(parts):
                buffer[:, i] = part
            return buffer

        return outputs, _join(finals, gather)


class ZerosTakenForPadding:
    """Zeros are taken for padding.

    You find out where a sequence ends by looking for zeros. Zero is a number like any
    other: a step of the input may be all zeros, and so may an output, in the middle of a
    sequence as well as at its end. How long a sequence is, it says itself.
    """

    hint = "Which steps of `nn.RNN(1, 1, nonlinearity='relu')` are exactly zero? Are they missing in your outputs?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, final = _run_right(rnn, sequences, state)
        return [output[(output != 0).any(dim=-1)] for output in outputs], final


# The lengths are those of the padded inputs without rows of zeros.
class LengthsFromZeros(ZerosTakenForPadding):
    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        lengths = (pad_sequence(sequences) != 0).any(dim=-1).sum(dim=0).clamp(min=1).tolist()
        return _run_right(rnn, [sequence[:n] for sequence, n in zip(sequences, lengths, strict=True)], state)
