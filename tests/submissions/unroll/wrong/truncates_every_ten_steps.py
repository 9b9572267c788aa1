# wrong: the state is cut from the graph at every tenth step
# misconception: none
import torch


def unroll(cell, inputs, state=None):
    outputs = []
    for t, x in enumerate(inputs):
        if t > 0 and t % 10 == 0:
            state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs), state
