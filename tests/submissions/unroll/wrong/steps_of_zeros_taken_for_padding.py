# (1) Mistake (an idea taken from masking layers): a step whose inputs are all zero is padding, so the state waits.
# (2) Breaks: "Feeds inputs (T, B, I) one step at a time" and "the hidden state after each step": zeros are inputs too,
#     and the state goes on.
# (3) Shows with: inputs in which one step is zero for all sequences (the handout's example has zeros, but never in
#     both sequences at once).
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    lstm = isinstance(cell, nn.LSTMCell)
    if state is None:
        state = [inputs.new_zeros(inputs.shape[1], cell.hidden_size) for _ in range(1 + lstm)]
    else:
        state = list(state) if lstm else [state]

    outputs = []
    for x in inputs:
        new = cell(x, (state[0], state[1])) if lstm else (cell(x, state[0]),)
        real = (x != 0).any()
        state = [torch.where(real, n, s) for n, s in zip(new, state)]
        outputs.append(state[0])
    return torch.stack(outputs), tuple(state) if lstm else state[0]
