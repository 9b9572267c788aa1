# wrong: one session after the other, each stored at once; rnn may raise at the second
# misconception: partial_change_before_error
import torch
from torch import nn
class StreamServer:
    def __init__(self, rnn):
        self.rnn, self.s = rnn, {}
    def step(self, session_ids, inputs):
        r = self.rnn; B = len(session_ids); lstm = r.mode == "LSTM"
        if len(set(session_ids)) != B: raise ValueError("twice")
        if inputs.shape != (B, r.input_size): raise ValueError("shape")
        zero = [inputs.new_zeros(r.num_layers, r.proj_size or r.hidden_size)] + [inputs.new_zeros(r.num_layers, r.hidden_size)] * lstm
        outs = []
        for i, x in zip(session_ids, inputs.detach()):
            h = [p[:, None].contiguous() for p in self.s.get(i, zero)]
            with torch.no_grad():
                out, s = r(x[None, None], tuple(h) if lstm else h[0])
            self.s[i] = [p[:, 0].clone() for p in (s if lstm else (s,))]
            outs.append(out[0])
        return torch.cat(outs)
    def end(self, session_id):
        del self.s[session_id]
    def export(self):
        return {i: [p.clone() for p in v] for i, v in self.s.items()}
    @classmethod
    def restore(cls, rnn, exported):
        new = cls(rnn)
        new.s = {i: [p.clone() for p in v] for i, v in exported.items()}
        return new
