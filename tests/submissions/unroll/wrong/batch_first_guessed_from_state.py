# (1) Mistake: "helpfully" takes the inputs for batch-first when their first axis is as long as the state's batch.
# (2) Breaks: "inputs are time-major (T, B, I)".
# (3) Shows with: a state given and T == B (for example both 4).
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    batch_first = False
    if state is not None:
        h = state[0] if isinstance(cell, nn.LSTMCell) else state
        batch_first = inputs.shape[0] == h.shape[0]
        if isinstance(cell, nn.LSTMCell):
            state = tuple(state)
    if batch_first:
        inputs = inputs.transpose(0, 1)

    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)

    return torch.stack(outputs, dim=1 if batch_first else 0), state
