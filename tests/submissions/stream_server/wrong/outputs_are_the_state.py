# wrong: with one layer the state is a view of the outputs that the caller gets
# misconception: outputs_are_the_state
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
        cols = [self.s.get(i, zero) for i in session_ids]
        hx = tuple(torch.stack(p, 1) for p in zip(*cols))
        with torch.no_grad():
            out, s = r(inputs[None], hx if lstm else hx[0])
        s = s if lstm else (s,)
        for k, i in enumerate(session_ids):
            self.s[i] = [out[:, k]] if r.num_layers == 1 and not lstm else [p[:, k].clone() for p in s]
        return out[0]
    def end(self, session_id):
        del self.s[session_id]
    def export(self):
        return {i: [p.clone() for p in v] for i, v in self.s.items()}
    @classmethod
    def restore(cls, rnn, exported):
        new = cls(rnn)
        new.s = {i: [p.clone() for p in v] for i, v in exported.items()}
        return new
