# wrong: tanh written with exponentials, inf / inf for large numbers
# misconception: none
import torch
from torch import nn
from torch.nn.functional import linear


def tanh(x):
    up, down = torch.exp(x), torch.exp(-x)
    return (up - down) / (up + down)


def step(cell, x, s):
    h = s[0]
    gi = linear(x, cell.weight_ih, cell.bias_ih)
    gh = linear(h, cell.weight_hh, cell.bias_hh)
    if isinstance(cell, nn.LSTMCell):
        i, f, g, o = (gi + gh).chunk(4, 1)
        c = f.sigmoid() * s[1] + i.sigmoid() * tanh(g)
        return [o.sigmoid() * tanh(c), c]
    if isinstance(cell, nn.GRUCell):
        i_r, i_z, i_n = gi.chunk(3, 1)
        h_r, h_z, h_n = gh.chunk(3, 1)
        z = (i_z + h_z).sigmoid()
        n = tanh(i_n + (i_r + h_r).sigmoid() * h_n)
        return [(1 - z) * n + z * h]
    return [torch.relu(gi + gh) if cell.nonlinearity == "relu" else tanh(gi + gh)]


def run_stack(cells, inputs, state=None):
    lstm = isinstance(cells[0], nn.LSTMCell)
    if state is None:
        zeros = cells[0].weight_hh.new_zeros(len(cells), inputs.shape[1], cells[0].hidden_size)
        parts = [zeros, zeros] if lstm else [zeros]
    else:
        parts = list(state) if lstm else [state]
    memory = [[part[l] for part in parts] for l in range(len(cells))]
    outputs = []
    for x in inputs:
        for l, cell in enumerate(cells):
            memory[l] = step(cell, x, memory[l])
            x = memory[l][0]
        outputs.append(x)
    final = [torch.stack(rows) for rows in zip(*memory)]
    return torch.stack(outputs), (tuple(final) if lstm else final[0])
