# right: beginner code, time in the outer loop, lists h_list and c_list with one entry a layer
import numpy as np
import torch
import torch.nn as nn


def run_stack(cells, inputs, state=None):
    seq_len = inputs.size(0)
    batch_size = inputs.size(1)
    num_layers = len(cells)
    hidden_size = cells[0].hidden_size
    is_lstm = isinstance(cells[0], nn.LSTMCell)
    h_list = []
    c_list = []
    for layer in range(num_layers):
        if state is None:
            h_list.append(torch.zeros(batch_size, hidden_size, dtype=inputs.dtype, device=inputs.device))
            c_list.append(torch.zeros(batch_size, hidden_size, dtype=inputs.dtype, device=inputs.device))
        elif is_lstm:
            h_list.append(state[0][layer])
            c_list.append(state[1][layer])
        else:
            h_list.append(state[layer])
    outputs = []
    for t in range(seq_len):
        layer_input = inputs[t]
        for layer in range(num_layers):
            if is_lstm:
                h_list[layer], c_list[layer] = cells[layer](layer_input, (h_list[layer], c_list[layer]))
            else:
                h_list[layer] = cells[layer](layer_input, h_list[layer])
            layer_input = h_list[layer]
        outputs.append(layer_input)
    outputs = torch.stack(outputs, dim=0)
    h_n = torch.stack(h_list, dim=0)
    if is_lstm:
        c_n = torch.stack(c_list, dim=0)
        return outputs, (h_n, c_n)
    return outputs, h_n
