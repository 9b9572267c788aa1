# right: no loop at all, the fused torch.lstm / torch.gru / torch.rnn_* on the weights of the cell
import torch
from torch import nn


def unroll(cell, inputs, state=None):
    weights = [cell.weight_ih, cell.weight_hh]
    if cell.bias:
        weights += [cell.bias_ih, cell.bias_hh]
    options = (weights, cell.bias, 1, 0.0, True, False, False)
    zeros = inputs.new_zeros(1, inputs.size(1), cell.hidden_size)
    if isinstance(cell, nn.LSTMCell):
        hx = (zeros, zeros.clone()) if state is None else tuple(s.unsqueeze(0) for s in state)
        out, h, c = torch.lstm(inputs, hx, *options)
        return out, (h[0], c[0])
    hx = zeros if state is None else state.unsqueeze(0)
    if isinstance(cell, nn.GRUCell):
        out, h = torch.gru(inputs, hx, *options)
    elif cell.nonlinearity == "relu":
        out, h = torch.rnn_relu(inputs, hx, *options)
    else:
        out, h = torch.rnn_tanh(inputs, hx, *options)
    return out, h.squeeze(0)
