# right: star imports, prints, a warning, a call counter, a list for the pair, demo under main
import warnings
from math import *

import torch
from torch.nn import *

CALLS = 0


def unroll(cell, inputs, state=None):
    global CALLS
    CALLS += 1
    print("call", CALLS, "inputs", tuple(inputs.shape))
    if inputs.size(0) > 1000:
        warnings.warn("this is a long sequence")
    hs = []
    if type(cell).__name__ == "LSTMCell":
        h, c = state if state is not None else (None, None)
        for t in range(len(inputs)):
            h, c = cell(inputs[t]) if h is None else cell(inputs[t], (h, c))
            hs += [h]
        return torch.stack(hs), [h, c]
    h = state
    for t in range(len(inputs)):
        h = cell(inputs[t], h)
        hs += [h]
    return torch.stack(hs), h


if __name__ == "__main__":
    demo, last = unroll(GRUCell(3, 4), torch.randn(5, 2, 3))
    print(demo.shape, last.shape)
    print("same end:", torch.equal(demo[-1], last))
