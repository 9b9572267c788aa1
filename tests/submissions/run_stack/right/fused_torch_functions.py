# right: torch.lstm / torch.gru / torch.rnn_* called directly with the flat list of weights
import torch
from torch import nn


def run_stack(cells, inputs, state=None):
    cells = list(cells)
    weights = []
    for cell in cells:
        weights.extend([cell.weight_ih, cell.weight_hh])
        if cell.bias:
            weights.extend([cell.bias_ih, cell.bias_hh])
    args = (weights, cells[0].bias, len(cells), 0.0, True, False, False)
    zeros = torch.zeros(len(cells), inputs.shape[1], cells[0].hidden_size, dtype=inputs.dtype, device=inputs.device)
    if isinstance(cells[0], nn.LSTMCell):
        h0, c0 = (zeros, zeros.clone()) if state is None else state
        out, h, c = torch.lstm(inputs, (h0, c0), *args)
        return out, (h, c)
    h0 = zeros if state is None else state
    if isinstance(cells[0], nn.GRUCell):
        return torch.gru(inputs, h0, *args)
    run = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}[cells[0].nonlinearity]
    return run(inputs, h0, *args)
