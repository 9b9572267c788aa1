# right: writes outputs and final state in place into its own fresh tensors, prints, demo under main
import torch
from torch.nn import *


def run_stack(cells, inputs, state=None):
    T, B, _ = inputs.shape
    L, H = len(cells), cells[0].weight_hh.size(1)
    like = cells[0].weight_hh.data
    outputs = torch.empty((T, B, H), dtype=like.dtype, device=like.device)
    h_n = like.new_zeros(L, B, H)
    c_n = like.new_zeros(L, B, H)
    pair = isinstance(cells[0], LSTMCell)
    if state is None:
        hs, cs = [like.new_zeros(B, H) for _ in cells], [like.new_zeros(B, H) for _ in cells]
    else:
        hs = list(state[0] if pair else state)
        cs = list(state[1]) if pair else None
    for t in range(T):
        x = inputs[t]
        for l in range(L):
            if pair:
                hs[l], cs[l] = cells[l](x, [hs[l], cs[l]])
            else:
                hs[l] = cells[l](x, hs[l])
            x = hs[l]
        outputs[t] = x
    for l in range(L):
        h_n[l] = hs[l]
        if pair:
            c_n[l].copy_(cs[l])
    print(f"stack of {L} layers done")
    return (outputs, [h_n, c_n]) if pair else (outputs, h_n)


if __name__ == "__main__":
    y, h = run_stack([GRUCell(2, 3), GRUCell(3, 3)], torch.randn(4, 1, 2))
    print(y.shape, h.shape)
