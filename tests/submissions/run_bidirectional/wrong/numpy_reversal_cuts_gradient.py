# wrong: the sequence is reversed with numpy, so the backward direction gives no gradient to the inputs
# misconception: backward_detached
import numpy as np
import torch
from torch import nn


def unroll(cell, inputs, state):
    outputs = []
    for x in inputs:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(cell, nn.LSTMCell) else state)
    return outputs, state


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    s_f = s_b = None
    if state is not None:
        s_f, s_b = zip(*state) if lstm else state
    turned = np.ascontiguousarray(inputs.detach().cpu().numpy()[::-1])
    turned = torch.from_numpy(turned).to(inputs.device)
    out_f, s_f = unroll(forward_cell, inputs, s_f)
    out_b, s_b = unroll(backward_cell, turned, s_b)
    outputs = torch.cat([torch.stack(out_f), torch.stack(out_b[::-1])], dim=-1)
    if lstm:
        return outputs, (torch.stack([s_f[0], s_b[0]]), torch.stack([s_f[1], s_b[1]]))
    return outputs, torch.stack([s_f, s_b])
