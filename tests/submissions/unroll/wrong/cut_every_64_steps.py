# wrong: the state is detached after every 64 steps, "to save memory"
# misconception: none
import torch
from torch import nn

WINDOW = 64


def unroll(cell, inputs, state=None):
    lstm = isinstance(cell, nn.LSTMCell)
    if lstm and state is not None:
        state = tuple(state)
    outputs = []
    for t, x in enumerate(inputs):
        if t > 0 and t % WINDOW == 0:
            state = tuple(s.detach() for s in state) if lstm else state.detach()
        state = cell(x, state)
        outputs.append(state[0] if lstm else state)
    return torch.stack(outputs), state
