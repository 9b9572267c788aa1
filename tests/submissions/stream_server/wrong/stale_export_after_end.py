# wrong: an export is remembered until the next step, also when a session ends
# misconception: none
import copy

import torch
from torch import nn


class StreamServer:
    def __init__(self, rnn):
        self.rnn = rnn
        self.sessions = {}
        self.exported = None

    def _zeros(self):
        w = next(self.rnn.parameters())
        sizes = [self.rnn.proj_size or self.rnn.hidden_size]
        if isinstance(self.rnn, nn.LSTM):
            sizes.append(self.rnn.hidden_size)
        return [torch.zeros(self.rnn.num_layers, size, dtype=w.dtype, device=w.device) for size in sizes]

    def step(self, session_ids, inputs):
        if len(set(session_ids)) != len(session_ids):
            raise ValueError("a session is named twice")
        if inputs.shape != (len(session_ids), self.rnn.input_size):
            raise ValueError("inputs must be (B, I)")
        with torch.no_grad():
            columns = [self.sessions[name] if name in self.sessions else self._zeros() for name in session_ids]
            state = tuple(torch.stack(parts, dim=1) for parts in zip(*columns))
            outputs, after = self.rnn(inputs.unsqueeze(0), state if len(state) == 2 else state[0])
        after = after if isinstance(after, tuple) else (after,)
        for i, name in enumerate(session_ids):
            self.sessions[name] = [part[:, i].clone() for part in after]
        self.exported = None
        return outputs[0]

    def end(self, session_id):
        del self.sessions[session_id]

    def export(self):
        if self.exported is None:
            self.exported = {name: [part.clone() for part in parts] for name, parts in self.sessions.items()}
        return copy.deepcopy(self.exported)

    @classmethod
    def restore(cls, rnn, exported):
        server = cls(rnn)
        for name, parts in exported.items():
            server.sessions[name] = [part.clone() for part in parts]
        return server
