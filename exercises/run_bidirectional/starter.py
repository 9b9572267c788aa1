"""run_bidirectional: two directions, two states. Fill in the body."""

from torch import Tensor, nn

Cell = nn.RNNCell | nn.GRUCell | nn.LSTMCell
State = Tensor | tuple[Tensor, Tensor]


def run_bidirectional(
    forward_cell: Cell,
    backward_cell: Cell,
    inputs: Tensor,
    state: State | None = None,
) -> tuple[Tensor, State]:
    """Run one cell from the first step to the last, and another from the last to the first.

    With T steps, B sequences, I input features and H hidden features:

    Args:
        forward_cell, backward_cell: two cells of one kind and size, each reads I features.
        inputs: (T, B, I), of the dtype and on the device of the cells. T is at least 1.
        state: what both directions start from, (2, B, H), index 0 forward, 1 backward; for
            LSTM cells a pair (h, c) of such tensors, a tuple or a list. None means zeros.

    Returns:
        outputs: (T, B, 2H); row t holds what both directions say of step t of the inputs,
            the forward features first.
        state: the state in which each direction ends, (2, B, H); for LSTM cells a pair
            (h, c).
        Both have the dtype and device of the cells.

    Raises:
        Nothing of its own: no wrong argument has to be caught here.
    """
    raise NotImplementedError
