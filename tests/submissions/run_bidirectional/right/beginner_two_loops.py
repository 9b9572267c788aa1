# right: verbose beginner code, two loops, outputs of the backward one inserted at the front
import numpy as np
import torch
import torch.nn as nn


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T = inputs.shape[0]
    B = inputs.shape[1]
    H = forward_cell.hidden_size
    is_lstm = isinstance(forward_cell, nn.LSTMCell)
    # initial states
    if state is None:
        h_forward = torch.zeros(B, H, dtype=inputs.dtype, device=inputs.device)
        h_backward = torch.zeros(B, H, dtype=inputs.dtype, device=inputs.device)
        c_forward = torch.zeros(B, H, dtype=inputs.dtype, device=inputs.device)
        c_backward = torch.zeros(B, H, dtype=inputs.dtype, device=inputs.device)
    elif is_lstm:
        h_0, c_0 = state
        h_forward = h_0[0]
        h_backward = h_0[1]
        c_forward = c_0[0]
        c_backward = c_0[1]
    else:
        h_forward = state[0]
        h_backward = state[1]
    # forward in time
    forward_outputs = []
    for t in range(0, T):
        if is_lstm:
            h_forward, c_forward = forward_cell(inputs[t], (h_forward, c_forward))
        else:
            h_forward = forward_cell(inputs[t], h_forward)
        forward_outputs.append(h_forward)
    # backward in time
    backward_outputs = []
    for t in range(T - 1, -1, -1):
        if is_lstm:
            h_backward, c_backward = backward_cell(inputs[t], (h_backward, c_backward))
        else:
            h_backward = backward_cell(inputs[t], h_backward)
        backward_outputs.insert(0, h_backward)
    outputs = []
    for t in range(T):
        outputs.append(torch.cat((forward_outputs[t], backward_outputs[t]), dim=1))
    outputs = torch.stack(outputs)
    h_n = torch.stack((h_forward, h_backward))
    if is_lstm:
        c_n = torch.stack((c_forward, c_backward))
        return outputs, (h_n, c_n)
    return outputs, h_n
