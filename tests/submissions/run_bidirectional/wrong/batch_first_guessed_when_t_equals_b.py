# MISTAKE: "be helpful": with an initial state the batch size is known, and if axis 0 of the inputs has that size they
#   are taken for batch-first and transposed. With T == B that is wrong: time and batch are exchanged.
# BREAKS: "inputs is (T, B, I)"; "inputs are time-major".
# SHOWN BY: T = B = 3 with an initial state (any kind of cell). Without a state, or with T != B, it is right.
from typing import Optional

import torch
from torch import Tensor, nn


def _to_time_major(inputs: Tensor, hidden: Optional[Tensor]) -> Tensor:
    """Accept (B, T, I) as well as (T, B, I)."""
    if hidden is not None and inputs.shape[0] == hidden.shape[1]:
        return inputs.transpose(0, 1)
    return inputs


def run_bidirectional(forward_cell, backward_cell, inputs, state=None):
    lstm = isinstance(forward_cell, nn.LSTMCell)
    hidden = None if state is None else (state[0] if lstm else state)
    x = _to_time_major(inputs, hidden)
    T = x.shape[0]

    finals = []
    sides = []
    for d, cell in enumerate((forward_cell, backward_cell)):
        s = None
        if state is not None:
            s = (state[0][d], state[1][d]) if lstm else state[d]
        rows = [None] * T
        for t in range(T) if d == 0 else range(T - 1, -1, -1):
            s = cell(x[t], s)
            rows[t] = s[0] if lstm else s
        sides.append(torch.stack(rows))
        finals.append(s)
    outputs = torch.cat(sides, dim=-1)
    if lstm:
        return outputs, (
            torch.stack([s[0] for s in finals]),
            torch.stack([s[1] for s in finals]),
        )
    return outputs, torch.stack(finals)
