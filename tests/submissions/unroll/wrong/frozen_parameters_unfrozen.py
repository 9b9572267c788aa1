# wrong: parameters of a frozen cell are told to require gradients
# misconception: none
import torch
import torch.nn as nn


def unroll(cell, inputs, state=None):
    # make sure that gradients can flow to the weights
    for param in cell.parameters():
        param.requires_grad = True

    outputs = []
    for t in range(inputs.size(0)):
        if state is None:
            state = cell(inputs[t])
        elif isinstance(cell, nn.LSTMCell):
            h, c = state
            state = cell(inputs[t], (h, c))
        else:
            state = cell(inputs[t], state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return torch.stack(outputs, dim=0), state
