# wrong: all states are collected and the first is returned instead of the last
# misconception: first_state_returned
import torch


def unroll(cell, inputs, state=None):
    history = []
    for x in inputs:
        state = cell(x, state)
        history.append(state)
    outputs = [s[0] if isinstance(s, tuple) else s for s in history]
    return torch.stack(outputs), history[0]
