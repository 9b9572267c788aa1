# wrong: the learned values go through tanh, invisible as long as they are zero
# misconception: squashed_values
from torch.nn import *


class LearnedInitialState(Module):
    def __init__(s, r):
        super().__init__()
        for n, k in zip(("h0", "c0"), [r.proj_size or r.hidden_size] + [r.hidden_size] * isinstance(r, LSTM)):
            setattr(s, n, Parameter(r.weight_ih_l0.new_zeros(r.num_layers << r.bidirectional, 1, k)))

    def forward(s, b):
        h, *c = (p.tanh().tile(1, b, 1) for p in s.parameters())
        return (h, *c) if c else h
