# right: both halves written in place into one fresh tensor, prints and demo under main
import torch
from torch.nn import *


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    T, B, _ = inputs.size()
    H = forward_cell.hidden_size
    weight = forward_cell.weight_hh
    outputs = torch.zeros(T, B, 2 * H, dtype=weight.dtype, device=weight.device)
    finals = []
    for d, (cell, times) in enumerate([(forward_cell, range(T)), (backward_cell, reversed(range(T)))]):
        if isinstance(cell, LSTMCell):
            s = None if state is None else (state[0][d], state[1][d])
        else:
            s = None if state is None else state[d]
        for t in times:
            s = cell(inputs[t], s)
            outputs[t, :, d * H:(d + 1) * H] = s[0] if isinstance(s, tuple) else s
        finals.append(s if isinstance(s, tuple) else (s,))
        print("direction", d, "done")
    joined = tuple(torch.stack(part, dim=0) for part in zip(*finals))
    return outputs, joined if len(joined) == 2 else joined[0]


if __name__ == "__main__":
    y, h = run_bidirectional(RNNCell(2, 3), RNNCell(2, 3), torch.randn(4, 1, 2))
    assert torch.equal(y[-1, :, :3], h[0]) and torch.equal(y[0, :, 3:], h[1])
