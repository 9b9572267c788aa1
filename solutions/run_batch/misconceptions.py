"""What students get wrong in run_batch, each as a small wrong solution."""

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence


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


def _join(finals, join):
    """Join the unbatched final states, one for each sequence, to one state."""
    if isinstance(finals[0], Tensor):
        return join(finals)
    return tuple(join(parts) for parts in zip(*finals, strict=True))


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


class BackwardOnPadding:
    """The backward direction starts on padding.

    Your final state is right, but the outputs are cut from a run over the padded
    batch. Cutting helps the forward direction only: the backward one begins at the
    end, where the padding lies, and carries what it read there into every real step.
    """

    hint = (
        "Look at the second half of the features of a short sequence: which step does "
        "the backward direction read first?"
    )

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        padded, _ = _run_padded(rnn, sequences, state)
        order = _longest_first(sequences)
        _, final = _run_sorted(rnn, sequences, order, _take_columns(state, order))
        outputs = _cut(padded, sequences, range(len(sequences)))
        return outputs, _take_columns(final, _places(order))


class LastPaddedStep:
    """The last padded step is taken for the last step of each sequence.

    You read the last layer's final state from `[-1]` of the padded outputs. That row
    is the end of the longest sequence only; a shorter one ended earlier and has only
    padding there, so that its state is zeros instead of what it has read.
    """

    hint = "Each sequence ends at an index of its own: which one, for a length of T_i?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        order = _longest_first(sequences)
        places = _places(order)
        padded, final = _run_sorted(rnn, sequences, order, _take_columns(state, order))

        h = final if isinstance(final, Tensor) else final[0]
        features = h.size(2)
        last = [padded[-1, :, :features]]
        if rnn.bidirectional:
            last.append(padded[0, :, features:])
        h = torch.cat([h[: -len(last)], torch.stack(last)])
        final = h if isinstance(final, Tensor) else (h, final[1])

        return _cut(padded, sequences, places), _take_columns(final, places)


class SortedOutputsNotRestored:
    """The outputs come back sorted by length.

    You sort the sequences to pack them and return the outputs in that sorted order.
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


class SortedStateNotRestored:
    """The final state comes back sorted by length.

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


class ViewForTranspose:
    """`view` is used where two axes should be swapped.

    You have one state per sequence, stacked to (B, L*D, H), and reshape that with
    `view` to (L*D, B, H). The shape is right, but `view` only cuts the same row of
    numbers anew: layers and sequences are mixed as soon as there are several of both.
    """

    hint = (
        "Fill a small tensor with `torch.arange` and compare `view` with `transpose`: which of the two moves numbers?"
    )

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, finals = [], []
        for i, sequence in enumerate(sequences):
            output, final = rnn(sequence, _column(state, i))
            outputs.append(output)
            finals.append(final)

        def join(parts):
            stacked = torch.stack(parts)  # (B, L*D, H)
            batch, layers, features = stacked.shape
            return stacked.view(layers, batch, features)

        return outputs, _join(finals, join)


class StateCarriedOver:
    """The state of one sequence is carried into the next.

    You run the sequences one after the other and, when no initial state is given, start
    each from the state in which the one before ended. The sequences of a batch are
    independent: what one of them reads must not change another.
    """

    hint = "Change a number in the first sequence: which outputs may move?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs, finals = [], []
        current = None
        for i, sequence in enumerate(sequences):
            if state is not None:
                current = _column(state, i)
            output, current = rnn(sequence, current)
            outputs.append(output)
            finals.append(current)
        return outputs, _join(finals, lambda parts: torch.stack(parts, dim=1))


class OneStateForAll:
    """One state is returned for the whole batch.

    You run the sequences one after the other and return the state in which the last one
    ended. Every sequence has a state of its own: the final state needs a column for
    each of them, or the caller can't go on with the others.
    """

    hint = "How long is the batch axis of the state that you return, and how long is B?"

    def run_batch(rnn, sequences, state=None):
        _require(sequences)
        outputs = []
        for i, sequence in enumerate(sequences):
            output, final = rnn(sequence, _column(state, i))
            outputs.append(output)
        return outputs, _join([final], lambda parts: torch.stack(parts, dim=1))


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
