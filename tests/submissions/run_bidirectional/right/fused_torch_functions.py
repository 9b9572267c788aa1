# right: torch.lstm / torch.gru / torch.rnn_* with bidirectional=True on the weights of both cells
import torch
import torch.nn as nn


def weights_of(cell):
    return [cell.weight_ih, cell.weight_hh] + ([cell.bias_ih, cell.bias_hh] if cell.bias_ih is not None else [])


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    weights = weights_of(forward_cell) + weights_of(backward_cell)
    has_biases = forward_cell.bias_ih is not None
    num_layers, dropout, train, bidirectional, batch_first = 1, 0.0, True, True, False
    flags = (has_biases, num_layers, dropout, train, bidirectional, batch_first)
    if state is None:
        state = torch.zeros((2, inputs.size(1), forward_cell.hidden_size), dtype=inputs.dtype, device=inputs.device)
        if isinstance(forward_cell, nn.LSTMCell):
            state = (state, torch.zeros_like(state))
    if isinstance(forward_cell, nn.LSTMCell):
        outputs, h, c = torch.lstm(inputs, list(state), weights, *flags)
        return outputs, (h, c)
    if isinstance(forward_cell, nn.GRUCell):
        return torch.gru(inputs, state, weights, *flags)
    if forward_cell.nonlinearity == "tanh":
        return torch.rnn_tanh(inputs, state, weights, *flags)
    return torch.rnn_relu(inputs, state, weights, *flags)
