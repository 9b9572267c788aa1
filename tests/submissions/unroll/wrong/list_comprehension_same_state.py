# wrong: a list comprehension, every step sees the same initial state
# misconception: state_not_passed_on
import torch
import torch.nn as nn


def unroll(cell, inputs, state=None):
    if state is None:
        state = inputs.new_zeros(inputs.size(1), cell.hidden_size)
        if isinstance(cell, nn.LSTMCell):
            state = (state, torch.zeros_like(state))
    results = [cell(x, state) for x in inputs.unbind(0)]
    if isinstance(cell, nn.LSTMCell):
        return torch.stack([h for h, _ in results]), results[-1]
    return torch.stack(results), results[-1]
