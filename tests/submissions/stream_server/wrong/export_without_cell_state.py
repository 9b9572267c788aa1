# wrong: the export holds h only, so an LSTM can't go on from it
# misconception: export_without_cell_state
import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn, self.live = rnn, {}

    def _new(self):
        r, w = self.rnn, self.rnn.weight_ih_l0
        sizes = [r.proj_size or r.hidden_size] + [r.hidden_size] * isinstance(r, nn.LSTM)
        return [w.new_zeros(r.num_layers, 1, size) for size in sizes]

    @torch.no_grad()
    def step(self, session_ids, inputs):
        if len(set(session_ids)) < len(session_ids) or inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError("every session once, and a row for each")
        old = [self.live.get(name) or self._new() for name in session_ids]
        state = [torch.cat(parts, dim=1) for parts in zip(*old)]
        out, state = self.rnn(inputs[None], tuple(state) if len(state) == 2 else state[0])
        state = state if isinstance(state, tuple) else (state,)
        for i, name in enumerate(session_ids):
            self.live[name] = [part[:, i : i + 1].clone() for part in state]
        return out[0]

    def end(self, session_id):
        del self.live[session_id]

    def export(self):
        return {"live": {name: [parts[0].clone()] for name, parts in self.live.items()}}

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        server.live = {name: [part.clone() for part in parts] for name, parts in exported["live"].items()}
        return server
