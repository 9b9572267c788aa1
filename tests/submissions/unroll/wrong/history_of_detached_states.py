# wrong: every hidden state is noted in a global list, detached
# misconception: none
import torch


history = []


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    history.extend(output.detach() for output in outputs)
    return torch.stack(outputs), state
