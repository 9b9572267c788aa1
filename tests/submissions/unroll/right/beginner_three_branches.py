# right: verbose beginner code, one branch for each kind of cell, zeros made by hand
import numpy as np
import torch
import torch.nn as nn


def unroll(cell, inputs, state=None):
    T = inputs.shape[0]
    B = inputs.shape[1]
    H = cell.hidden_size
    outputs = []
    if isinstance(cell, nn.LSTMCell):
        if state is None:
            h = torch.zeros(B, H, dtype=cell.weight_hh.dtype, device=cell.weight_hh.device)
            c = torch.zeros(B, H, dtype=cell.weight_hh.dtype, device=cell.weight_hh.device)
        else:
            h = state[0]
            c = state[1]
        for t in range(T):
            x_t = inputs[t, :, :]
            h, c = cell(x_t, (h, c))
            outputs.append(h)
        outputs = torch.stack(outputs, dim=0)
        return outputs, (h, c)
    elif isinstance(cell, nn.GRUCell):
        h = torch.zeros(B, H, dtype=cell.weight_hh.dtype, device=cell.weight_hh.device) if state is None else state
        for t in range(T):
            x_t = inputs[t, :, :]
            h = cell(x_t, h)
            outputs.append(h)
        outputs = torch.stack(outputs, dim=0)
        return outputs, h
    else:
        h = torch.zeros(B, H, dtype=cell.weight_hh.dtype, device=cell.weight_hh.device) if state is None else state
        for t in range(T):
            x_t = inputs[t, :, :]
            h = cell(x_t, h)
            outputs.append(h)
        outputs = torch.stack(outputs, dim=0)
        return outputs, h
