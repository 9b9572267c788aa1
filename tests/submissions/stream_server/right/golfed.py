# right: golfed, as few lines as possible
import torch
from torch import *


class StreamServer:
    def __init__(s, rnn): s.r, s.d = rnn, {}

    @no_grad()
    def step(s, ids, x):
        r, n = s.r, len(ids)
        if len({*ids}) < n or x.shape != (n, r.input_size): raise ValueError("bad step")
        w = [r.proj_size or r.hidden_size, r.hidden_size][:1 + (r.mode == "LSTM")]
        z = [x.new_zeros(r.num_layers, k) for k in w]
        v = [stack(p, 1) for p in zip(*(s.d.get(i, z) for i in ids))]
        y, v = r(x.unsqueeze(d := +r.batch_first), v[0] if len(v) < 2 else (*v,))
        s.d |= {i: [p[:, k].clone() for p in (v if type(v) is tuple else [v])] for k, i in enumerate(ids)}
        return y.squeeze(d)

    def end(s, i): del s.d[i]

    def export(s): return {k: [t.clone() for t in v] for k, v in s.d.items()}

    @classmethod
    def restore(c, rnn, e):
        s = c(rnn)
        s.d = {k: [t.clone().to(rnn.weight_ih_l0.device) for t in v] for k, v in e.items()}
        return s
