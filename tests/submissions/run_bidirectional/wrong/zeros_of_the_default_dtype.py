# wrong: the state of zeros is float32 and on the CPU, whatever the cells are
# misconception: default_dtype
import torch
from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


def unroll(cell: nn.RNNCellBase, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
    """Feed inputs (T, B, I) to one cell; return its hidden states (T, B, H) and its last state."""
    hidden_states = []
    for step in inputs:
        state = cell(step, state)
        hidden_state = state[0] if isinstance(cell, nn.LSTMCell) else state
        hidden_states.append(hidden_state)
    return torch.stack(hidden_states), state


def state_of_direction(state: State | None, direction: int) -> State | None:
    """Take row `direction` of a state (2, B, H), or of both tensors of a pair."""
    if state is None or isinstance(state, Tensor):
        return None if state is None else state[direction]
    hidden, cell = state
    return hidden[direction], cell[direction]


def join_directions(forward: State, backward: State) -> State:
    """Stack two states, each (B, H) or a pair of such, to (2, B, H)."""
    if isinstance(forward, Tensor):
        return torch.stack([forward, backward])
    return torch.stack([forward[0], backward[0]]), torch.stack([forward[1], backward[1]])


def run_bidirectional(
    forward_cell: nn.RNNCellBase,
    backward_cell: nn.RNNCellBase,
    inputs: Tensor,
    state: State | None = None,
) -> tuple[Tensor, State]:
    """Run one cell forward and one backward over inputs (T, B, I).

    Args:
        forward_cell, backward_cell: two cells of one kind and size.
        inputs: (T, B, I), T at least 1.
        state: (2, B, H), index 0 forward, for LSTM cells a pair (h, c) of such tensors;
            None means zeros.

    Returns:
        The outputs (T, B, 2H), and the final state, of the same form as `state`.
    """
    if state is None:
        state = torch.zeros(2, inputs.size(1), forward_cell.hidden_size)
        if isinstance(forward_cell, nn.LSTMCell):
            state = (state, torch.zeros(2, inputs.size(1), forward_cell.hidden_size))
    forward_outputs, forward_state = unroll(forward_cell, inputs, state_of_direction(state, 0))
    # The backward direction begins at the last step and ends at the first: its last state is that of step 0.
    reversed_outputs, backward_state = unroll(backward_cell, inputs.flip(0), state_of_direction(state, 1))
    backward_outputs = reversed_outputs.flip(0)  # so that row t speaks of step t again
    outputs = torch.cat([forward_outputs, backward_outputs], dim=-1)
    return outputs, join_directions(forward_state, backward_state)
