# wrong: dimension 1 is taken for time, as with batch_first
# misconception: time_and_batch_swapped
import torch
import torch.nn as nn


def unroll(cell, inputs, state=None):
    outputs = []
    for t in range(inputs.size(1)):
        state = cell(inputs[:, t, :], state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs, dim=1), state
