# wrong: NaN in the inputs becomes 0, and does not show
# misconception: none
import torch


def run_one(cell, steps, s):
    out = []
    for x in steps:
        s = cell(x, s)
        out.append(s if torch.is_tensor(s) else s[0])
    return out, s


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    inputs = torch.nan_to_num(inputs)
    if state is None:
        a = b = None
    elif torch.is_tensor(state):
        a, b = state
    else:
        (h_a, h_b), (c_a, c_b) = state
        a, b = (h_a, c_a), (h_b, c_b)
    steps = list(inputs)
    there, a = run_one(forward_cell, steps, a)
    back, b = run_one(backward_cell, steps[::-1], b)
    outputs = torch.cat([torch.stack(there), torch.stack(back[::-1])], dim=2)
    if torch.is_tensor(a):
        return outputs, torch.stack([a, b])
    return outputs, tuple(torch.stack([u, v]) for u, v in zip(a, b))
