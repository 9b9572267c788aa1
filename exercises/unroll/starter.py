"""unroll: passing the state from step to step. Fill in the body."""

from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


def unroll(
    cell: nn.RNNCell | nn.GRUCell | nn.LSTMCell,
    inputs: Tensor,
    state: State | None = None,
) -> tuple[Tensor, State]:
    """Feed a batch of sequences to a cell, one step at a time.

    With T steps, B sequences, I input features and H hidden features:

    Args:
        cell: a cell that reads I features and has H.
        inputs: (T, B, I), of the dtype and on the device of `cell`. T is at least 1.
        state: the state before the first step, (B, H); for an LSTM cell a pair (h, c) of
            such tensors, a tuple or a list. None means zeros.

    Returns:
        outputs: (T, B, H), the hidden state after each step (of an LSTM cell, h).
        state: the state after the last step, (B, H), or a pair (h, c).
        Both have the dtype and device of `cell`. Gradients reach every step of
        `inputs` and the initial state.

    Raises:
        Nothing of its own: no wrong argument has to be caught here.
    """
    raise NotImplementedError
