# wrong: whatever has length 2 is taken for an LSTM pair, also an RNN state with a batch of two
# misconception: none
import torch


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        if len(state) == 2:
            outputs.append(state[0])
        else:
            outputs.append(state)
    return torch.stack(outputs), state
