# wrong: only the forward direction uses the given state, the backward one starts from zeros
# misconception: initial_state_ignored
import torch
import torch.nn as nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    fw, bw = None, None
    if state is not None:
        fw = (state[0][0], state[1][0]) if lstm else state[0]
    front, back = [], []
    for x in inputs:
        fw = forward_cell(x, fw)
        front.append(fw[0] if lstm else fw)
    for x in reversed(inputs.unbind(0)):
        bw = backward_cell(x, bw)
        back.append(bw[0] if lstm else bw)
    outputs = torch.cat([torch.stack(front), torch.stack(back[::-1])], dim=2)
    if lstm:
        return outputs, (torch.stack([fw[0], bw[0]]), torch.stack([fw[1], bw[1]]))
    return outputs, torch.stack([fw, bw])
