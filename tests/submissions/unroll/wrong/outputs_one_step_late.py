# wrong: the output is stored before the update, so it is the state before the step
# misconception: outputs_one_step_late
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    is_lstm = isinstance(cell, nn.LSTMCell)
    if state is None:
        h = inputs.new_zeros(inputs.size(1), cell.hidden_size)
        state = (h, h.clone()) if is_lstm else h
    outputs = []
    for x in inputs:
        outputs.append(state[0] if is_lstm else state)
        state = cell(x, state)
    return torch.stack(outputs), state
