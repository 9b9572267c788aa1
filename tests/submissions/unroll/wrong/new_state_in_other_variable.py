# wrong: the new state goes to another variable and the initial one is fed at every step
# misconception: state_not_passed_on
import torch


def unroll(cell, inputs, state=None):
    outputs = []
    for x in inputs:
        new_state = cell(x, state)
        outputs.append(new_state[0] if isinstance(new_state, tuple) else new_state)
    return torch.stack(outputs), new_state
