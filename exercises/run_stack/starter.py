"""run_stack: each layer has its own state. Fill in the body."""

from collections.abc import Sequence

from torch import Tensor, nn

Cell = nn.RNNCell | nn.GRUCell | nn.LSTMCell
State = Tensor | tuple[Tensor, Tensor]


def run_stack(cells: Sequence[Cell], inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
    """Run a stack of cells over a batch of sequences, as a module of L layers does.

    With T steps, B sequences, I input features, H hidden features and L layers:

    Args:
        cells: L cells of one kind, a list or a tuple. The first reads I features, each
            other reads the H features that the cell below it gives. L is at least 1.
        inputs: (T, B, I), of the dtype and on the device of the cells. T is at least 1.
        state: the state before the first step, (L, B, H), row l for layer l; for LSTM
            cells a pair (h, c) of such tensors, a tuple or a list. None means zeros.

    Returns:
        outputs: (T, B, H), the hidden state of the last layer after each step.
        state: the state of every layer after the last step, (L, B, H); for LSTM cells a
            pair (h, c).
        Both have the dtype and device of the cells.

    Raises:
        Nothing of its own: no wrong argument has to be caught here.
    """
    raise NotImplementedError
